//! The report for a person at a terminal.

pub(crate) mod paint;
mod table;
mod text;

use model::error::{Blame, RunError};
use model::journey::{Outcome, Request};
use model::report::RunReport;

use paint::{Paint, printable};
use text::{capitalised, milliseconds, sentence, wrapped};

/// How the text is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether colour codes may be used; without them the text holds none.
    pub color: bool,
    /// The longest line of a sentence, in characters, at least 60. The rows of
    /// the table may be longer.
    pub width: usize,
}

/// The width of the labels below the table.
const LABEL: usize = 13;

/// The run as text, with a line break at its end. Texts from the bank are made
/// safe to print.
#[must_use]
pub fn render(report: &RunReport, style: &Style) -> String {
    let paint = Paint { color: style.color };
    let width = style.width.max(60);
    let mut out = title(report, paint);
    out += "\n";
    out += &table::table(report, paint, width);
    let notes = notes(report);
    if !notes.is_empty() {
        out += "\n";
    }
    for (label, text) in notes {
        out += &note(label, &text, paint, width);
    }
    out
}

fn title(report: &RunReport, paint: Paint) -> String {
    let place = match &report.region {
        Some(region) => format!("{} in {region}", report.target),
        None => report.target.to_string(),
    };
    let again = if report.recovered { " on the second attempt" } else { "" };
    let outcome = format!("{}{again} in {}", report.outcome, milliseconds(report.duration_ms));
    let origin = format!("minute {}, run {}", report.scheduled_at, printable(&report.run_id));
    format!("{}: {}\n{}\n", paint.bold(&place), paint.outcome(report.outcome, &outcome), paint.dim(&origin))
}

/// What stands below the table, label and sentence.
fn notes(report: &RunReport) -> Vec<(&'static str, String)> {
    let mut notes = Vec::new();
    if let Some(error) = &report.error {
        let label = match report.outcome {
            Outcome::Degraded => "Degraded",
            Outcome::Passed | Outcome::Failed => "Error",
        };
        notes.push((label, error_text(error)));
        notes.push(("What to do", sentence(&capitalised(error.failure.advice()))));
    }
    notes.extend(retry(report).map(|text| ("Retry", text)));
    if let Some(failure) = &report.cleanup.error {
        let text = format!("may still be open at the bank: {}", failure.message);
        notes.push(("Session", sentence(&capitalised(&text))));
    }
    for certificate in &report.certificates {
        let days = certificate.not_after.duration_since(report.started_at).as_hours() / 24;
        let until = certificate.not_after.strftime("%Y-%m-%d");
        let text = format!("{}: {days} days left (until {until})", certificate.host);
        notes.push(("Certificate", text));
    }
    notes
}

fn error_text(error: &RunError) -> String {
    let blame = match error.blame {
        Blame::Provider => "It looks like the provider's fault.",
        Blame::Bank => "It looks like the fault of the bank behind the API.",
        Blame::Network => "It looks like a fault of the network on the way.",
        Blame::Us => "The fault is on our side.",
    };
    format!("{} {blame}", what_happened(error))
}

/// Place, message and kind of an error, as one sentence.
pub(crate) fn what_happened(error: &RunError) -> String {
    let kind = match &error.failure.category {
        Some(category) => format!("{} {}", error.failure.error_type, category.as_str()),
        None => error.failure.error_type.to_string(),
    };
    format!("{} {} ({kind}).", place(error), error.failure.message)
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

fn retry(report: &RunReport) -> Option<String> {
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

fn note(label: &str, text: &str, paint: Paint, width: usize) -> String {
    let label = paint.bold(&format!("{label:<LABEL$}"));
    let indent = format!("\n{:LABEL$}", "");
    let lines = wrapped(&printable(text), width - LABEL).join(&indent);
    format!("{label}{lines}\n")
}
