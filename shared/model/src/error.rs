//! What went wrong, whose fault it looks like, and what follows from it.
//!
//! A failing bank is a value: [`Failure`]. `Err` elsewhere means that we failed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::journey::{Outcome, Request, Step};

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

/// An error category of the API, dotted, with one of six roots
/// (Klarna Open Banking docs, XS2A, Error handling). Sub-codes may grow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Category(String);

/// The part of a [`Category`] before its first dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CategoryRoot {
    /// What the consumer did or who they are.
    User,
    /// The bank.
    Bank,
    /// The API itself.
    Technical,
    /// The bank does not offer it.
    NotSupported,
    /// An announced outage.
    Maintenance,
    /// The consent does not cover it.
    Consent,
}

impl Category {
    /// The longest category that is believed.
    const LONGEST: usize = 80;

    /// A category, when the text is one: a known root, then upper-case words
    /// joined by dots. Anything else the API calls a `code` is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_' || c == '.';
        let known = text.len() <= Self::LONGEST && text.chars().all(plain);
        (known && Self::root_of(text).is_some()).then(|| Self(text.to_owned()))
    }

    /// The category's root.
    #[must_use]
    pub fn root(&self) -> CategoryRoot {
        Self::root_of(&self.0).unwrap_or(CategoryRoot::Technical)
    }

    /// The whole category.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn root_of(text: &str) -> Option<CategoryRoot> {
        Some(match text.split('.').next()? {
            "USER" => CategoryRoot::User,
            "BANK" => CategoryRoot::Bank,
            "TECHNICAL" => CategoryRoot::Technical,
            "NOT_SUPPORTED" => CategoryRoot::NotSupported,
            "MAINTENANCE" => CategoryRoot::Maintenance,
            "CONSENT" => CategoryRoot::Consent,
            _ => return None,
        })
    }
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
        Self { error_type, message: cut(message.into()), category: None, http_status: None }
    }

    /// The same failure with the status of the answer that showed it.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.http_status = Some(status);
        self
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
        advice(self.error_type, self.category.as_ref().map(Category::root))
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

/// What follows from an error: the run's outcome, the blame, the notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The run's outcome.
    pub outcome: Outcome,
    /// Whose fault it looks like.
    pub blame: Blame,
    /// How it is told.
    pub told_as: ToldAs,
}

impl Verdict {
    /// The table of error types; `root` counts for [`ErrorType::ApiError`] only.
    #[must_use]
    pub fn of(error_type: ErrorType, root: Option<CategoryRoot>) -> Self {
        use ErrorType as E;
        let (outcome, blame, told_as) = match error_type {
            E::Dns | E::Connect | E::Tls | E::Timeout | E::Connection | E::Deadline => {
                (Outcome::Failed, Blame::Network, ToldAs::Failure)
            }
            E::Credentials | E::FormRejected | E::Internal => (Outcome::Failed, Blame::Us, ToldAs::MonitorError),
            E::RateLimited => (Outcome::Degraded, Blame::Us, ToldAs::Degraded),
            E::Slow => (Outcome::Degraded, Blame::Provider, ToldAs::Degraded),
            E::ApiError => return Self::of_category(root.unwrap_or(CategoryRoot::Technical)),
            E::HttpStatus | E::Contract | E::Envelope | E::BlockedUrl | E::FlowAborted | E::Assertion => {
                (Outcome::Failed, Blame::Provider, ToldAs::Failure)
            }
        };
        Self { outcome, blame, told_as }
    }

    fn of_category(root: CategoryRoot) -> Self {
        let (outcome, blame, told_as) = match root {
            CategoryRoot::Technical => (Outcome::Failed, Blame::Provider, ToldAs::Failure),
            CategoryRoot::Bank => (Outcome::Failed, Blame::Bank, ToldAs::Failure),
            CategoryRoot::Maintenance => (Outcome::Degraded, Blame::Bank, ToldAs::Degraded),
            CategoryRoot::User | CategoryRoot::NotSupported | CategoryRoot::Consent => {
                (Outcome::Failed, Blame::Us, ToldAs::MonitorError)
            }
        };
        Self { outcome, blame, told_as }
    }
}

fn advice(error_type: ErrorType, root: Option<CategoryRoot>) -> &'static str {
    use ErrorType as E;
    match error_type {
        E::Dns => "check the host name in the target's base URLs, then the provider's DNS",
        E::Connect => "check that the host and port are right and reachable from here, then the provider's status",
        E::Tls => "look at the certificate dates and names in the report; for a private CA set XS2A_EXTRA_CA_FILE",
        E::Timeout => "see in the report which phase took the time, then ask the provider",
        E::Connection => "see in the report how far the answer got; a load balancer in between is a usual cause",
        E::Credentials => "renew the token (it lives 180 days) in KOSMA_AUTH_TOKEN or its SSM parameter",
        E::RateLimited => "wait for the time the API named, or run less often",
        E::ApiError => category_advice(root.unwrap_or(CategoryRoot::Technical)),
        E::FormRejected => "check user_name, password and interface of the target against what the form asks",
        E::HttpStatus => "look at the answer in the report, then ask the provider",
        E::Contract => {
            "compare the answer in the report with the API's documentation; the provider may have changed it"
        }
        E::Envelope => "the form's key is broken or too weak; ask the provider, and send nothing until it is right",
        E::BlockedUrl => {
            "if the host is right, add its origin to allowed_origins of the target; if not, ask the provider"
        }
        E::FlowAborted => "the API gave no reason; ask the provider with the session id of the report",
        E::Assertion => "look at the account and balance in the report; min_available is the target's threshold",
        E::Slow => "see in the report which step took the time; degraded_after is the target's threshold",
        E::Deadline => "see in the report where the time went; many polls or many slow requests add up",
        E::Internal => "this is a fault of the monitor: please report it with the log line of the run",
    }
}

fn category_advice(root: CategoryRoot) -> &'static str {
    match root {
        CategoryRoot::Bank => {
            "the bank behind the API fails; wait, or ask the provider with the session id of the report"
        }
        CategoryRoot::Maintenance => "the bank announced maintenance; nothing to do but wait",
        CategoryRoot::User => "check user_name and password of the target; do not retry by hand, it may lock the login",
        CategoryRoot::NotSupported => "check bank_code, country_code and interface of the target",
        CategoryRoot::Consent => "check what the consent covers, then start a new run",
        CategoryRoot::Technical => "the API fails; ask the provider with the session id of the report",
    }
}

/// Cuts a message to its longest length at a character boundary.
fn cut(message: String) -> String {
    match message.char_indices().nth(Failure::LONGEST_MESSAGE) {
        None => message,
        Some(_) => message.chars().take(Failure::LONGEST_MESSAGE - 1).chain(['…']).collect(),
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
    Internal => "internal",
});
words!(Blame { Provider => "provider", Bank => "bank", Network => "network", Us => "us" });
words!(ToldAs { Failure => "failure", Degraded => "degraded", MonitorError => "monitor_error" });

#[cfg(test)]
mod tests {
    use super::*;

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
        let failure = Failure::new(ErrorType::Contract, "ä".repeat(1000));
        assert_eq!(failure.message.chars().count(), Failure::LONGEST_MESSAGE);
        assert_eq!(Failure::new(ErrorType::Contract, "short").message, "short");
    }

    #[test]
    fn the_word_is_the_json() {
        for kind in [ErrorType::Dns, ErrorType::RateLimited, ErrorType::BlockedUrl, ErrorType::Slow] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
