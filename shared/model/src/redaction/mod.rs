//! The one place that redacts.
//!
//! A [`Redactor`] knows three ways to find a secret: by the name that it
//! stands under (header, JSON key, query parameter), by its form (a JWT, an
//! IBAN), and by its value, once it was [learned](Redactor::learn) anywhere in
//! the run. What it takes out leaves a mark with a short fingerprint, so that
//! one can see that two are the same. The fingerprint is an HMAC under a key
//! made from the API token: the same in every run and region, and of no use
//! for trying out passwords or account numbers without that token.

mod json;
mod known;
mod names;
mod patterns;
mod spelling;
mod text;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use url::Url;

use self::known::KnownValues;
use crate::error::{Category, Failure};
use crate::report::{AttemptReport, CleanupReport, Exchange, Header, Message, RequestReport, RunReport, StepReport};
use crate::secret::Secret;

/// The longest mark, in bytes: one word of at most 20 characters and the fingerprint in brackets.
const LONGEST_MARK: usize = 32;
/// The most marks that are remembered. What is marked beyond them is marked once
/// more when it is seen again, which shows nothing.
const MOST_MARKS: usize = 20_000;

/// Takes the secrets of one run out of everything that is stored of it.
#[derive(Clone, Debug)]
pub struct Redactor {
    key: Secret,
    known: KnownValues,
    /// Every mark given out, by clones too: what merely looks like one may be
    /// a bank's, around a value that it should not show.
    marks: Arc<Mutex<BTreeSet<String>>>,
}

impl Redactor {
    /// The longest header value that is shown.
    const LONGEST_HEADER: usize = 1024;

    /// A redactor that knows the API token.
    #[must_use]
    pub fn new(token: &Secret) -> Self {
        let mut redactor = Self { key: token.clone(), known: KnownValues::default(), marks: Arc::default() };
        redactor.learn("token", token.expose());
        redactor
    }

    /// From now on takes the value out wherever it stands, in any spelling;
    /// `kind` is one word for the mark. A value of fewer than 4 characters is
    /// taken out only by its name.
    pub fn learn(&mut self, kind: &str, value: &str) {
        let mark = self.mark(kind, value);
        self.known.add(value, &mark);
    }

    /// Learns a person's name: the whole and its parts.
    pub fn learn_name(&mut self, name: &str) {
        self.learn("name", name);
        for part in name.split(|c: char| !c.is_alphanumeric() && c != '-') {
            self.learn("name", part);
        }
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
        json::redact_body(self, body, more_names)
    }

    /// A header's value; one that is too long to show is told by its length.
    #[must_use]
    pub fn header(&self, name: &str, value: &str) -> String {
        if names::is_secret_header(name) && !self.is_mark(value) {
            self.mark("header", value)
        } else if value.len() > Self::LONGEST_HEADER {
            format!("[{} bytes]", value.len())
        } else {
            self.text(value)
        }
    }

    /// A URL: user information, the parameters with secret names, and whatever
    /// is known.
    #[must_use]
    pub fn url(&self, url: &Url) -> String {
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

    fn cleanup(&self, cleanup: &mut CleanupReport) {
        if let Some(exchange) = &mut cleanup.request {
            self.exchange(exchange);
        }
        self.error(cleanup.error.as_mut());
    }

    /// The message is cut only now, so that no secret is cut in two before.
    fn error(&self, failure: Option<&mut Failure>) {
        let Some(failure) = failure else { return };
        failure.message = Failure::cut(self.text(&failure.message));
        let known = |category: &&mut Category| self.text(category.as_str()) != category.as_str();
        if let Some(category) = failure.category.as_mut().filter(known) {
            category.keep_root();
        }
    }

    fn exchange(&self, exchange: &mut Exchange) {
        exchange.url = self.text(&exchange.url);
        exchange.form = exchange.form.take().map(|form| self.body(&form, &[]));
        for certificate in &mut exchange.certificate_chain {
            certificate.subject = certificate.subject.take().map(|name| self.text(&name));
        }
        self.message(&mut exchange.request);
        if let Some(response) = &mut exchange.response {
            self.message(response);
        }
    }

    fn message(&self, message: &mut Message) {
        message.body = message.body.take().map(|body| self.body(&body, &[]));
        for Header { name, value } in &mut message.headers {
            *value = self.header(name, value);
            *name = self.text(name);
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
        mark.push(']');
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        if marks.len() < MOST_MARKS {
            marks.insert(mark.clone());
        }
        mark
    }

    /// Whether a text is a mark of ours already, so that it is not marked again.
    fn is_mark(&self, text: &str) -> bool {
        self.mark_at(text, 0) == Some(text.len())
    }

    /// Where a mark of ours ends that begins at `at`.
    fn mark_at(&self, text: &str, at: usize) -> Option<usize> {
        let rest = text.as_bytes().get(at..).filter(|rest| rest.starts_with(b"["))?;
        let end = at + rest.iter().take(LONGEST_MARK).position(|byte| *byte == b']')? + 1;
        let marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        marks.contains(text.get(at..end)?).then_some(end)
    }
}

#[cfg(test)]
mod tests;
