//! The run as an HTTP archive that browsers' developer tools open (HAR 1.2,
//! Jan Odvarka, W3C Web Performance Working Group draft).
//!
//! Fields of our own begin with an underscore, as section "Custom Fields" asks.

mod entry;

use std::time::Duration;

use jiff::Timestamp;
use model::error::Failure;
use model::journey::{Outcome, Step};
use model::report::{AttemptReport, CleanupReport, Exchange, Milliseconds, RunReport, StepReport};
use serde_json::{Value, json};

use entry::entry;

/// The run as HAR 1.2: one page per attempt, and every request, poll and
/// clean-up in the order in which it was sent. Headers and bodies are those of
/// the report, redacted and cut; a cut body says so in its `comment`.
#[must_use]
pub fn har(report: &RunReport) -> Value {
    let attempts = attempts(report);
    let pages: Vec<Value> = attempts.iter().map(|attempt| page(report, attempt)).collect();
    let entries: Vec<Value> = attempts.iter().flat_map(entries).collect();
    json!({
        "log": {
            "version": "1.2",
            "creator": { "name": "xs2a-monitor", "version": report.monitor_version },
            "pages": pages,
            "entries": entries,
            "comment": format!("run {} for the minute {}: {}", report.run_id, report.scheduled_at, report.outcome),
        }
    })
}

/// One attempt, whether it decided or not.
struct Attempt<'a> {
    number: u8,
    started_at: Timestamp,
    outcome: Outcome,
    steps: &'a [StepReport],
    cleanup: &'a CleanupReport,
}

/// One exchange and its place in the attempt.
struct Sent<'a> {
    exchange: &'a Exchange,
    /// For a person, as `step 4 (Encrypted responses), request 6 (log in), poll 1`.
    place: String,
    step: Option<Step>,
    error: Option<&'a Failure>,
}

/// All attempts in the order in which they were made.
fn attempts(report: &RunReport) -> Vec<Attempt<'_>> {
    let mut attempts: Vec<Attempt<'_>> = report.attempts.iter().map(Attempt::from).collect();
    let before = attempts.iter().rfind(|other| other.number < report.attempt);
    attempts.push(Attempt {
        number: report.attempt,
        // The report holds no start of a second attempt that decided: it followed the first at once.
        started_at: before.map_or(report.started_at, Attempt::ended_at),
        outcome: report.outcome,
        steps: &report.steps,
        cleanup: &report.cleanup,
    });
    attempts.sort_by_key(|attempt| attempt.number);
    attempts
}

impl<'a> From<&'a AttemptReport> for Attempt<'a> {
    fn from(attempt: &'a AttemptReport) -> Self {
        Self {
            number: attempt.attempt,
            started_at: attempt.started_at,
            outcome: attempt.outcome,
            steps: &attempt.steps,
            cleanup: &attempt.cleanup,
        }
    }
}

impl<'a> Attempt<'a> {
    fn id(&self) -> String {
        format!("attempt_{}", self.number)
    }

    fn ended_at(&self) -> Timestamp {
        self.at(self.journey().chain(self.clean_up()).map(|sent| end(sent.exchange)).fold(0.0, f64::max))
    }

    /// The moment so many milliseconds after the start.
    fn at(&self, milliseconds: f64) -> Timestamp {
        let after = Duration::try_from_secs_f64(milliseconds / 1e3).unwrap_or_default();
        self.started_at.checked_add(after).unwrap_or(self.started_at)
    }

    fn journey(&self) -> impl Iterator<Item = Sent<'a>> {
        let requests = self.steps.iter().flat_map(|step| step.requests.iter().map(move |request| (step, request)));
        requests.flat_map(|(step, request)| {
            let (number, title) = (request.number, request.name.title());
            let place = format!("step {} ({}), request {number} ({title})", step.number, step.name.title());
            let exchanges = std::iter::once(&request.exchange).chain(&request.polls);
            exchanges.enumerate().map(move |(poll, exchange)| Sent {
                exchange,
                place: if poll == 0 { place.clone() } else { format!("{place}, poll {poll}") },
                step: Some(step.name),
                // It was the last answer that showed the error.
                error: request.error.as_ref().filter(|_| poll == request.polls.len()),
            })
        })
    }

    fn clean_up(&self) -> impl Iterator<Item = Sent<'a>> {
        self.cleanup.request.iter().map(|exchange| Sent {
            exchange,
            place: "clean-up".to_owned(),
            step: None,
            error: self.cleanup.error.as_ref(),
        })
    }
}

fn page(report: &RunReport, attempt: &Attempt<'_>) -> Value {
    let place = report.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
    let title = format!("{}{place}, attempt {}: {}", report.target, attempt.number, attempt.outcome);
    let loaded = attempt.journey().map(|sent| end(sent.exchange)).fold(0.0, f64::max);
    json!({
        "startedDateTime": attempt.started_at,
        "id": attempt.id(),
        "title": title,
        "pageTimings": { "onContentLoad": -1, "onLoad": whole_microseconds(loaded) },
    })
}

fn entries(attempt: &Attempt<'_>) -> Vec<Value> {
    attempt.journey().chain(attempt.clean_up()).map(|sent| entry(attempt, &sent)).collect()
}

/// Milliseconds from the attempt's start to the exchange's end.
fn end(exchange: &Exchange) -> f64 {
    exchange.started_ms.get() + exchange.duration_ms.get()
}

/// Milliseconds without what adding them up left behind the third digit.
fn whole_microseconds(milliseconds: f64) -> f64 {
    Duration::try_from_secs_f64(milliseconds / 1e3).map_or(0.0, |time| Milliseconds::from(time).get())
}
