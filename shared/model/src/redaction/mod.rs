//! The one place that redacts.
//!
//! A [`Redactor`] knows three ways to find a secret: by the name that it
//! stands under (header, JSON key, query parameter), by its form (a JWT, an
//! IBAN), and by its value, once it was [learned](Redactor::learn) anywhere in
//! the run. What it takes out leaves a mark with a short fingerprint, so that
//! one can see that two are the same. The fingerprint is an HMAC under a key
//! made from the API token: the same in every run and region, and of no use
//! for trying out passwords or account numbers without that token.

mod names;
mod patterns;
mod text;

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use url::Url;

use crate::report::{AttemptReport, Exchange, Header, Message, RequestReport, RunReport, StepReport};
use crate::secret::Secret;

/// Takes the secrets of one run out of everything that is stored of it.
#[derive(Clone, Debug)]
pub struct Redactor {
    key: Secret,
    /// Longest first, so that a value inside another one is not taken out alone.
    known: Vec<Known>,
}

#[derive(Clone, Debug)]
struct Known {
    value: Secret,
    mark: String,
}

impl Redactor {
    /// The shortest value that is searched for everywhere. A shorter one (the
    /// test banks have an account `0`) is taken out only by its name.
    pub const SHORTEST: usize = 4;
    /// Below this length a value counts only where it stands alone as a word.
    const SHORTEST_INSIDE_WORDS: usize = 6;
    /// The most values that one run teaches: a hostile answer must not make us slow.
    const MOST_VALUES: usize = 500;

    /// A redactor that knows the API token.
    #[must_use]
    pub fn new(token: &Secret) -> Self {
        let mut redactor = Self { key: token.clone(), known: Vec::new() };
        redactor.learn("token", token.expose());
        redactor
    }

    /// From now on takes the value out wherever it stands; `kind` is one word
    /// for the mark. The spellings that a URL gives it count too.
    pub fn learn(&mut self, kind: &str, value: &str) {
        let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let mark = self.mark(kind, value);
        for spelling in [encoded.replace('+', "%20"), encoded, value.to_owned()] {
            self.remember(spelling, &mark);
        }
    }

    /// Learns a person's name: the whole and its parts.
    pub fn learn_name(&mut self, name: &str) {
        self.learn("name", name);
        name.split_whitespace().for_each(|part| self.learn("name", part));
    }

    /// Free text: an error message.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        text::redact(self, text)
    }

    /// A body, JSON or not, whole or cut short. Beside the known names the
    /// values of `more_names` are taken out.
    #[must_use]
    pub fn body(&self, body: &str, more_names: &[&str]) -> String {
        text::redact_json(self, body, more_names)
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str, value: &str) -> String {
        if names::is_secret_header(name) { self.mark("header", value) } else { self.text(value) }
    }

    /// A URL: user information, the parameters with secret names, and whatever
    /// is known.
    #[must_use]
    pub fn url(&self, url: &Url) -> String {
        let mut url = url.clone();
        let secret = |name: &str| names::is_secret(name, &[]);
        if url.query_pairs().any(|(name, _)| secret(&name)) {
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            let shown = pairs.into_iter().map(|(name, value)| {
                let hide = secret(&name) && !text::is_mark(&value);
                let value = if hide { self.mark("parameter", &value) } else { value };
                (name, value)
            });
            let query: Vec<String> = shown.map(|(name, value)| format!("{name}={value}")).collect();
            url.set_query(None);
            url.set_fragment(None);
            return self.text(&format!("{url}?{}", query.join("&")));
        }
        self.text(url.as_str())
    }

    /// Everything that was recorded before the last value was learned.
    pub fn report(&self, report: &mut RunReport) {
        self.steps(&mut report.steps);
        self.cleanup(&mut report.cleanup);
        self.error(report.error.as_mut().map(|error| &mut error.failure));
        for AttemptReport { error, steps, cleanup, .. } in &mut report.attempts {
            self.error(error.as_mut().map(|error| &mut error.failure));
            self.steps(steps);
            self.cleanup(cleanup);
        }
    }

    fn steps(&self, steps: &mut [StepReport]) {
        for RequestReport { exchange, polls, error, .. } in steps.iter_mut().flat_map(|step| &mut step.requests) {
            self.exchange(exchange);
            for poll in polls {
                self.exchange(poll);
            }
            self.error(error.as_mut());
        }
    }

    fn cleanup(&self, cleanup: &mut crate::report::CleanupReport) {
        if let Some(exchange) = &mut cleanup.request {
            self.exchange(exchange);
        }
        self.error(cleanup.error.as_mut());
    }

    fn error(&self, failure: Option<&mut crate::error::Failure>) {
        if let Some(failure) = failure {
            failure.message = self.text(&failure.message);
        }
    }

    fn exchange(&self, exchange: &mut Exchange) {
        exchange.url = self.text(&exchange.url);
        exchange.form = exchange.form.take().map(|form| self.body(&form, &[]));
        self.message(&mut exchange.request);
        if let Some(response) = &mut exchange.response {
            self.message(response);
        }
    }

    fn message(&self, message: &mut Message) {
        message.body = message.body.take().map(|body| self.body(&body, &[]));
        for Header { value, .. } in &mut message.headers {
            *value = self.text(value);
        }
    }

    /// The mark that stands for a value, where the caller knows it is secret.
    #[must_use]
    pub fn mark(&self, kind: &str, value: &str) -> String {
        let digest = Hmac::<Sha256>::new_from_slice(self.key.expose().as_bytes())
            .map(|mac| mac.chain_update(value.as_bytes()).finalize().into_bytes());
        let mut mark = format!("[{kind} ");
        for byte in digest.iter().flatten().take(4) {
            let _ = write!(mark, "{byte:02x}");
        }
        mark + "]"
    }

    fn remember(&mut self, value: String, mark: &str) {
        let long_enough = value.chars().count() >= Self::SHORTEST;
        let new = self.known.iter().all(|known| known.value.expose() != value);
        if !long_enough || !new || self.known.len() >= Self::MOST_VALUES {
            return;
        }
        let place = self.known.partition_point(|known| known.value.expose().len() > value.len());
        if let Some(value) = Secret::new(value) {
            self.known.insert(place, Known { value, mark: mark.to_owned() });
        }
    }
}

#[cfg(test)]
mod tests;
