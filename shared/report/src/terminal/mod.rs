//! The report for a person at a terminal.

pub(crate) mod paint;
mod table;
mod text;

use model::journey::Outcome;
use model::report::RunReport;

use paint::{Paint, printable};
use text::wrapped;

use crate::wording::{blame, capitalised, days_left, milliseconds, retry, sentence, what_happened};

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
        notes.push((label, format!("{} {}", what_happened(error), blame(error))));
        notes.push(("What to do", sentence(&capitalised(error.failure.advice()))));
    }
    notes.extend(retry(report).map(|text| ("Retry", text)));
    if let Some(failure) = &report.cleanup.error {
        let text = format!("may still be open at the bank: {}", failure.message);
        notes.push(("Session", sentence(&capitalised(&text))));
    }
    for certificate in &report.certificates {
        let days = days_left(report, certificate);
        let until = certificate.not_after.strftime("%Y-%m-%d");
        let text = format!("{}: {days} days left (until {until})", certificate.host);
        notes.push(("Certificate", text));
    }
    notes
}

fn note(label: &str, text: &str, paint: Paint, width: usize) -> String {
    let label = paint.bold(&format!("{label:<LABEL$}"));
    let indent = format!("\n{:LABEL$}", "");
    let lines = wrapped(&printable(text), width - LABEL).join(&indent);
    format!("{label}{lines}\n")
}
