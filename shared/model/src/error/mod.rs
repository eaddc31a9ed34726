//! What went wrong, whose fault it looks like, and what follows from it.
//!
//! A failing bank is a value: [`Failure`]. `Err` elsewhere means that we failed.

mod category;
mod verdict;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use category::{Category, CategoryRoot};
pub use verdict::Verdict;

use crate::journey::{Request, Step};

/// `error.type`: closed and of low cardinality, as OpenTelemetry asks of it
/// (semantic conventions, attribute `error.type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorType {
    /// The host name was not found.
    Dns,
    /// No TCP connection.
    Connect,
    /// No TLS session: certificate, protocol or a handshake cut short.
    Tls,
    /// One request took longer than its own limit.
    Timeout,
    /// A connection was reset, closed early, cut short, or spoke broken HTTP.
    Connection,
    /// HTTP 401 or 403.
    Credentials,
    /// HTTP 429.
    RateLimited,
    /// The API named an error category.
    ApiError,
    /// The same form came back after it was answered.
    FormRejected,
    /// Any other answer that is not 2xx.
    HttpStatus,
    /// The answer does not have the shape that the API documents.
    Contract,
    /// The form's key could not be used, or the form not be encrypted.
    Envelope,
    /// The bank named a URL that the target does not allow.
    BlockedUrl,
    /// The flow ended in EXCEPTION or ABORTED and named no category.
    FlowAborted,
    /// The answer is well formed and says something that it must not.
    Assertion,
    /// Slower than the target's `degraded_after`.
    Slow,
    /// Our own time budget ended first.
    Deadline,
    /// Somebody stopped the run.
    Stopped,
    /// We failed.
    Internal,
}

/// Whose fault it looks like, as one region sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// The API's operator.
    Provider,
    /// The bank behind the API.
    Bank,
    /// The way between the region and the API.
    Network,
    /// This monitor: its login, token, configuration or code.
    Us,
}

/// The kind of notice that a run's error leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToldAs {
    /// Somebody may be woken.
    Failure,
    /// Quieter, never by phone.
    Degraded,
    /// The monitor itself needs attention.
    MonitorError,
}

/// One failure of a journey, as the place where it was seen knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub struct Failure {
    /// `error.type`.
    #[serde(rename = "type")]
    pub error_type: ErrorType,
    /// One plain sentence, without a full stop, redacted, at most
    /// [`Failure::LONGEST_MESSAGE`] characters. Never matched on.
    pub message: String,
    /// The API's own category, with [`ErrorType::ApiError`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// The HTTP status of the answer, when there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
}

impl Failure {
    /// The longest message kept, in characters.
    pub const LONGEST_MESSAGE: usize = 400;

    /// A failure without category and status.
    #[must_use]
    pub fn new(error_type: ErrorType, message: impl Into<String>) -> Self {
        Self { error_type, message: message.into(), category: None, http_status: None }
    }

    /// The same failure with the status of the answer that showed it.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.http_status = Some(status);
        self
    }

    /// A message cut to the longest that is kept, between two characters.
    pub(crate) fn cut(message: String) -> String {
        match message.char_indices().nth(Self::LONGEST_MESSAGE) {
            None => message,
            Some(_) => message.chars().take(Self::LONGEST_MESSAGE - 1).chain(['…']).collect(),
        }
    }

    /// The API's own error category.
    #[must_use]
    pub fn api_error(category: Category, message: impl Into<String>) -> Self {
        Self { category: Some(category), ..Self::new(ErrorType::ApiError, message) }
    }

    /// What follows from the failure.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Verdict::of(self.error_type, self.category.as_ref().map(Category::root))
    }

    /// What the person who reads the failure does next.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        verdict::advice(self.error_type, self.category.as_ref().map(Category::root))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The failure that decided a run, with the place where it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub struct RunError {
    /// What failed.
    #[serde(flatten)]
    pub failure: Failure,
    /// Whose fault it looks like from this region.
    pub blame: Blame,
    /// The step it happened in; none when it was before the first.
    pub step: Option<Step>,
    /// The number of the request it happened in, 1 to 11.
    pub request: Option<u8>,
}

impl RunError {
    /// The failure at its place.
    #[must_use]
    pub fn new(failure: Failure, step: Option<Step>, request: Option<Request>) -> Self {
        let blame = failure.verdict().blame;
        Self { failure, blame, step, request: request.map(Request::number) }
    }
}

words!(ErrorType {
    Dns => "dns",
    Connect => "connect",
    Tls => "tls",
    Timeout => "timeout",
    Connection => "connection",
    Credentials => "credentials",
    RateLimited => "rate_limited",
    ApiError => "api_error",
    FormRejected => "form_rejected",
    HttpStatus => "http_status",
    Contract => "contract",
    Envelope => "envelope",
    BlockedUrl => "blocked_url",
    FlowAborted => "flow_aborted",
    Assertion => "assertion",
    Slow => "slow",
    Deadline => "deadline",
    Stopped => "stopped",
    Internal => "internal",
});
words!(Blame { Provider => "provider", Bank => "bank", Network => "network", Us => "us" });
words!(ToldAs { Failure => "failure", Degraded => "degraded", MonitorError => "monitor_error" });

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::Outcome;

    #[test]
    fn categories_are_told_by_their_root() {
        let cases = [
            ("TECHNICAL", Some((Outcome::Failed, Blame::Provider, ToldAs::Failure))),
            ("BANK.DOWN", Some((Outcome::Failed, Blame::Bank, ToldAs::Failure))),
            ("MAINTENANCE", Some((Outcome::Degraded, Blame::Bank, ToldAs::Degraded))),
            ("USER.ACCESS_DENIED.CREDENTIALS", Some((Outcome::Failed, Blame::Us, ToldAs::MonitorError))),
            ("NOT_SUPPORTED", Some((Outcome::Failed, Blame::Us, ToldAs::MonitorError))),
            ("CONSENT.RESOURCE_NOT_GRANTED", Some((Outcome::Failed, Blame::Us, ToldAs::MonitorError))),
            ("badRequest", None),
            ("CONSUMER.ABORTED", None),
            ("USERS", None),
            ("USER.<script>", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let verdict = Category::parse(text).map(|category| Failure::api_error(category, "").verdict());
            assert_eq!(verdict.map(|v| (v.outcome, v.blame, v.told_as)), expected, "{text}");
        }
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        assert_eq!(Failure::cut("ä".repeat(1000)).chars().count(), Failure::LONGEST_MESSAGE);
        assert_eq!(Failure::cut("short".to_owned()), "short");
    }

    #[test]
    fn the_word_is_the_json() {
        for kind in [ErrorType::Dns, ErrorType::RateLimited, ErrorType::BlockedUrl, ErrorType::Slow] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
