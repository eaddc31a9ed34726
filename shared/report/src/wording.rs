//! The sentences that the terminal, the page and JUnit have in common.

use model::error::{Blame, ErrorType, RunError};
use model::journey::{Outcome, Request};
use model::report::{CertificateReport, Milliseconds, RunReport};

/// Place, message and kind of an error, as one sentence.
pub(crate) fn what_happened(error: &RunError) -> String {
    let kind = match &error.failure.category {
        Some(category) => format!("{} {}", error.failure.error_type, category.as_str()),
        None => error.failure.error_type.to_string(),
    };
    format!("{} {} ({kind}).", place(error), error.failure.message)
}

/// Whose fault the error of a run looks like, as a sentence. A run knows its own
/// region only: where others fail too, alerts do not blame the network.
pub(crate) const fn blame(error: &RunError) -> &'static str {
    match error.blame {
        Blame::Network if takes_time(error.failure.error_type) => {
            "It looks like a fault of the network on the way or of an API that is too slow, seen from this region alone."
        }
        Blame::Network => "It looks like a fault of the network on the way, seen from this region alone.",
        Blame::Provider | Blame::Bank | Blame::Us => fault(error.blame, error.failure.error_type),
    }
}

/// Whose fault it looks like over all regions, as a sentence.
pub(crate) const fn fault(blame: Blame, error_type: ErrorType) -> &'static str {
    match blame {
        Blame::Provider => "It looks like the provider's fault.",
        Blame::Bank => "It looks like the fault of the bank behind the API.",
        Blame::Network if takes_time(error_type) => {
            "It looks like a fault of the network on the way, or of an API that is too slow."
        }
        Blame::Network => "It looks like a fault of the network on the way.",
        Blame::Us => "The fault is on our side.",
    }
}

/// Whether time ran out: that alone does not tell the network from the API.
const fn takes_time(error_type: ErrorType) -> bool {
    matches!(error_type, ErrorType::Timeout | ErrorType::Deadline)
}

/// What the other attempt came to, in sentences; none when there was only one.
pub(crate) fn retry(report: &RunReport) -> Option<String> {
    let other = report.attempts.first()?;
    let failure = |error: &RunError| (error.step, error.request, error.failure.clone());
    if other.attempt > report.attempt {
        let text = "A second attempt did not confirm or undo it.";
        return Some(
            other.error.as_ref().map_or_else(|| text.to_owned(), |error| format!("{text} {}", what_happened(error))),
        );
    }
    let ended = match report.outcome {
        Outcome::Passed => "Passed on the second attempt.",
        Outcome::Degraded => "The second attempt was degraded.",
        Outcome::Failed if report.error.as_ref().map(failure) == other.error.as_ref().map(failure) => {
            return Some("A second attempt failed in the same way.".to_owned());
        }
        Outcome::Failed => "The second attempt failed as well.",
    };
    Some(match &other.error {
        Some(error) => format!("{ended} The first one: {}", what_happened(error)),
        None => ended.to_owned(),
    })
}

/// Whole days from the run to the end of a certificate's chain; negative after it.
pub(crate) fn days_left(report: &RunReport, certificate: &CertificateReport) -> i64 {
    certificate.not_after.duration_since(report.started_at).as_hours() / 24
}

/// A duration as a person reads it.
pub(crate) fn milliseconds(duration: Milliseconds) -> String {
    let number = duration.get();
    if number < 1.0 {
        "<1 ms".to_owned()
    } else if number < 10_000.0 {
        format!("{number:.0} ms")
    } else {
        format!("{:.1} s", number / 1_000.0)
    }
}

/// The text with a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let stop = if text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{text}{stop}")
}

/// The text with its first letter in upper case.
pub(crate) fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        Some(first) => first.to_uppercase().chain(rest).collect(),
        None => String::new(),
    }
}

/// Where an error happened, as the beginning of a sentence.
fn place(error: &RunError) -> String {
    let request = error.request.and_then(Request::from_number);
    match (error.step, request) {
        (Some(step), Some(request)) => {
            format!("Step {} ({}), request {} ({}):", step.number(), step.title(), request.number(), request.title())
        }
        (Some(step), None) => format!("Step {} ({}):", step.number(), step.title()),
        (None, _) => "The run:".to_owned(),
    }
}
