//! The run report: the full record of one run. HAR, JUnit, HTML, metrics and
//! the log line are made from it.
//!
//! All durations are milliseconds with a resolution of one microsecond; all
//! texts are redacted before they are stored here.

mod certificate;

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Failure, RunError, ToldAs};
use crate::journey::{Outcome, Request, Step, StepOutcome};
use crate::names::{Region, TargetId};
pub use certificate::{CertificateReport, PresentedCertificate};

/// The record of one run: the attempt that decided, and the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub struct RunReport {
    /// [`SCHEMA_VERSION`](crate::SCHEMA_VERSION).
    pub schema_version: u32,
    /// The run's own id, 32 hex digits.
    pub run_id: String,
    /// The target's id.
    pub target: TargetId,
    /// The region that ran it; `local` runs name the region they were given.
    pub region: Option<Region>,
    /// The minute the run stands for (RFC 3339, UTC).
    #[cfg_attr(any(test, feature = "schema"), schemars(with = "String"))]
    pub scheduled_at: Timestamp,
    /// When the first attempt began (RFC 3339, UTC).
    #[cfg_attr(any(test, feature = "schema"), schemars(with = "String"))]
    pub started_at: Timestamp,
    /// All attempts and their clean-up.
    pub duration_ms: Milliseconds,
    /// The run's outcome.
    pub outcome: Outcome,
    /// Whether a second attempt passed after the first had failed.
    pub recovered: bool,
    /// The error that decided the outcome; none when it passed.
    pub error: Option<RunError>,
    /// Which attempt decided: 1 or 2.
    pub attempt: u8,
    /// The eight steps of the attempt that decided.
    pub steps: Vec<StepReport>,
    /// The clean-up after the attempt that decided.
    pub cleanup: CleanupReport,
    /// The certificates of the hosts spoken to, by host.
    pub certificates: Vec<CertificateReport>,
    /// The other attempts, in order: the one before, or one after that told nothing.
    pub attempts: Vec<AttemptReport>,
    /// The version of this program.
    pub monitor_version: String,
}

/// One attempt at the journey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub struct AttemptReport {
    /// 1 for the first attempt, 2 for its confirmation.
    pub attempt: u8,
    /// When the attempt began (RFC 3339, UTC).
    #[cfg_attr(any(test, feature = "schema"), schemars(with = "String"))]
    pub started_at: Timestamp,
    /// The journey without its clean-up.
    pub duration_ms: Milliseconds,
    /// The attempt's outcome.
    pub outcome: Outcome,
    /// What went wrong; none when it passed.
    pub error: Option<RunError>,
    /// The eight steps.
    pub steps: Vec<StepReport>,
    /// The clean-up after it.
    pub cleanup: CleanupReport,
}

/// One of the eight steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub struct StepReport {
    /// 1 to 8.
    pub number: u8,
    /// The step's name.
    pub name: Step,
    /// How it ended.
    pub outcome: StepOutcome,
    /// Its whole time, polls and our own work included; none when it did not run.
    pub duration_ms: Option<Milliseconds>,
    /// Its requests, in order.
    pub requests: Vec<RequestReport>,
}

/// One of the eleven requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub struct RequestReport {
    /// 1 to 11.
    pub number: u8,
    /// The request's name.
    pub name: Request,
    /// What was sent and what came back.
    #[serde(flatten)]
    pub exchange: Exchange,
    /// The repeats while the API answered PROCESSING, and the question for the
    /// reason after it gave up, in order.
    pub polls: Vec<Exchange>,
    /// What was checked of the answer.
    pub assertions: Vec<Assertion>,
    /// What went wrong; none when all was well.
    pub error: Option<Failure>,
}

/// One HTTP request and its answer, recorded also when it failed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub struct Exchange {
    /// The HTTP method.
    pub method: String,
    /// The URL, redacted.
    pub url: String,
    /// The URL with its changing parts named (OpenTelemetry `url.template`).
    pub url_template: String,
    /// The HTTP status; none when no answer came.
    pub status: Option<u16>,
    /// The start, after the start of the attempt.
    pub started_ms: Milliseconds,
    /// From the start to the last byte of the answer, or to the failure.
    pub duration_ms: Milliseconds,
    /// Where the time went.
    pub timings: Timings,
    /// The address that answered.
    pub remote_address: Option<String>,
    /// The TLS version, as `TLSv1.3`.
    pub tls_version: Option<String>,
    /// What the server presented when this exchange opened its connection, the
    /// leaf first, at most [`PresentedCertificate::MOST`]; empty on a connection
    /// that was kept, and without TLS.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificate_chain: Vec<PresentedCertificate>,
    /// What was sent.
    pub request: Message,
    /// What came back; none when no answer came.
    pub response: Option<Message>,
    /// The form before its encryption, redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
}

/// The phases of an exchange. A phase that was not reached, or that a reused
/// connection does not have, is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub struct Timings {
    /// Looking up the host's name.
    pub dns_ms: Option<Milliseconds>,
    /// The TCP connection.
    pub connect_ms: Option<Milliseconds>,
    /// The TLS handshake.
    pub tls_ms: Option<Milliseconds>,
    /// From the request's start on the connection to the complete answer head.
    pub first_byte_ms: Option<Milliseconds>,
    /// The answer's body.
    pub download_ms: Option<Milliseconds>,
}

/// Headers and body of a request or an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub struct Message {
    /// Names and values, in order, redacted.
    pub headers: Vec<Header>,
    /// The body as text, redacted and cut; none when there is none.
    pub body: Option<String>,
    /// The body's size on the wire, in bytes, as far as it was read.
    pub body_bytes: u64,
    /// How many bytes of the body are not shown.
    pub body_omitted_bytes: u64,
}

/// One header line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub struct Header {
    /// The name, in lower case.
    pub name: String,
    /// The value, redacted.
    pub value: String,
}

/// One thing that was checked of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub struct Assertion {
    /// What was expected, in plain words without values of the answer.
    pub expected: String,
    /// Whether it held.
    pub passed: bool,
}

/// How the clean-up went. It stands beside the steps: no cause for a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub struct CleanupReport {
    /// The DELETE of the session; none when no session was opened.
    pub request: Option<Exchange>,
    /// Why the session may still be open; none when it is closed.
    pub error: Option<Failure>,
}

/// A duration in milliseconds, whole microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Milliseconds(f64);

impl Milliseconds {
    /// The number of milliseconds.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl From<Duration> for Milliseconds {
    fn from(duration: Duration) -> Self {
        Self((duration.as_secs_f64() * 1e6).round() / 1e3)
    }
}

impl RunReport {
    /// How the run is told; none when it passed.
    #[must_use]
    pub fn told_as(&self) -> Option<ToldAs> {
        self.error.as_ref().map(|error| error.failure.verdict().told_as)
    }

    /// Whether the run is one to compare others with, and not one to look into.
    #[must_use]
    pub fn passed_at_once(&self) -> bool {
        self.outcome == Outcome::Passed && !self.recovered
    }

    /// Whether a session of the run may still be open at the bank.
    #[must_use]
    pub fn session_left_open(&self) -> bool {
        let cleanups = self.attempts.iter().map(|attempt| &attempt.cleanup).chain([&self.cleanup]);
        cleanups.into_iter().any(|cleanup| cleanup.error.is_some())
    }

    /// The same report with all headers, bodies and forms left out.
    #[must_use]
    pub fn without_contents(mut self) -> Self {
        for steps in self.attempts.iter_mut().map(|attempt| &mut attempt.steps).chain([&mut self.steps]) {
            for request in steps.iter_mut().flat_map(|step| &mut step.requests) {
                request.exchange.leave_out_contents();
                request.polls.iter_mut().for_each(Exchange::leave_out_contents);
            }
        }
        let cleanups = self.attempts.iter_mut().map(|attempt| &mut attempt.cleanup).chain([&mut self.cleanup]);
        cleanups.filter_map(|cleanup| cleanup.request.as_mut()).for_each(Exchange::leave_out_contents);
        self
    }
}

impl StepReport {
    /// A step that was not reached.
    #[must_use]
    pub fn not_run(step: Step) -> Self {
        Self {
            number: step.number(),
            name: step,
            outcome: StepOutcome::NotRun,
            duration_ms: None,
            requests: Vec::new(),
        }
    }
}

impl Exchange {
    fn leave_out_contents(&mut self) {
        self.form = None;
        for message in [Some(&mut self.request), self.response.as_mut()].into_iter().flatten() {
            message.headers.clear();
            message.body = None;
            message.body_omitted_bytes = message.body_bytes;
        }
    }
}
