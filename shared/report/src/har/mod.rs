//! The run as an HTTP archive that browsers' developer tools open (HAR 1.2,
//! Jan Odvarka, W3C Web Performance Working Group draft).
//!
//! Fields of our own begin with an underscore, as section "Custom Fields" asks.

mod entry;
mod uri;

use std::time::Duration;

use model::error::Failure;
use model::journey::Step;
use model::report::{Exchange, Milliseconds, RunReport};
use serde_json::{Value, json};

use entry::entry;

use crate::attempt::{Attempt, attempts, end};

/// The run as HAR 1.2: one page per attempt, and every request, poll and
/// clean-up in the order in which it was sent. Headers and bodies are those of
/// the report, redacted and cut; a cut body says so in its `comment`. A URL is
/// one for strict readers too: its marks are percent-encoded, and a text that is
/// none stands behind `about:invalid#`.
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

/// One exchange and its place in the attempt.
struct Sent<'a> {
    exchange: &'a Exchange,
    /// For a person, as `step 4 (Encrypted responses), request 6 (log in), poll 1`.
    place: String,
    step: Option<Step>,
    error: Option<&'a Failure>,
}

fn journey<'a>(attempt: &Attempt<'a>) -> impl Iterator<Item = Sent<'a>> {
    let requests = attempt.steps.iter().flat_map(|step| step.requests.iter().map(move |request| (step, request)));
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

fn clean_up<'a>(attempt: &Attempt<'a>) -> impl Iterator<Item = Sent<'a>> {
    attempt.cleanup.request.iter().map(|exchange| Sent {
        exchange,
        place: "clean-up".to_owned(),
        step: None,
        error: attempt.cleanup.error.as_ref(),
    })
}

fn page(report: &RunReport, attempt: &Attempt<'_>) -> Value {
    let place = report.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
    let title = format!("{}{place}, attempt {}: {}", report.target, attempt.number, attempt.outcome);
    let loaded = journey(attempt).map(|sent| end(sent.exchange)).fold(0.0, f64::max);
    json!({
        "startedDateTime": attempt.started_at,
        "id": page_id(attempt),
        "title": title,
        "pageTimings": { "onContentLoad": -1, "onLoad": whole_microseconds(loaded) },
    })
}

fn page_id(attempt: &Attempt<'_>) -> String {
    format!("attempt_{}", attempt.number)
}

fn entries(attempt: &Attempt<'_>) -> Vec<Value> {
    journey(attempt).chain(clean_up(attempt)).map(|sent| entry(attempt, &sent)).collect()
}

/// Milliseconds without what adding them up left behind the third digit.
fn whole_microseconds(milliseconds: f64) -> f64 {
    Duration::try_from_secs_f64(milliseconds / 1e3).map_or(0.0, |time| Milliseconds::from(time).get())
}
