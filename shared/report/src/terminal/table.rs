//! The table: one line per step, and the requests of a step that went wrong.

use model::journey::StepOutcome;
use model::report::{Exchange, RequestReport, RunReport, StepReport, Timings};

use super::paint::{Paint, printable};
use super::text::fitted;
use crate::wording::milliseconds;

/// The widths of the columns; numbers stand before the title.
const NUMBER: usize = 3;
const TITLE: usize = 28;
const RESULT: usize = 9;
const TIME: usize = 9;
/// How far the requests stand to the right of their step.
const INDENT: usize = 2;

pub(super) fn table(report: &RunReport, paint: Paint, width: usize) -> String {
    let head = format!("{:NUMBER$}  {:<TITLE$}  {:<RESULT$}  {:>TIME$}  Requests", "", "Step", "Result", "Time");
    let mut out = format!("{}\n", paint.dim(&head));
    for step in &report.steps {
        out += &step_row(step).line(paint);
        if matches!(step.outcome, StepOutcome::Failed | StepOutcome::Degraded) {
            for request in &step.requests {
                out += &request_lines(request, paint, width);
            }
        }
    }
    out + &cleanup_row(report).line(paint)
}

struct Row {
    number: String,
    title: String,
    outcome: StepOutcome,
    word: String,
    time: String,
    rest: String,
}

impl Row {
    fn line(&self, paint: Paint) -> String {
        let rest = format!("  {:>TIME$}  {}", self.time, self.rest);
        let rest = rest.trim_end();
        let word = if rest.is_empty() {
            paint.step(self.outcome, &self.word)
        } else {
            paint.step(self.outcome, &format!("{:<RESULT$}", self.word))
        };
        format!("{:>NUMBER$}  {:<TITLE$}  {word}{rest}\n", self.number, self.title)
    }
}

fn step_row(step: &StepReport) -> Row {
    Row {
        number: step.number.to_string(),
        title: step.name.title().to_owned(),
        outcome: step.outcome,
        word: match step.outcome {
            StepOutcome::NotRun => "not run".to_owned(),
            outcome => outcome.to_string(),
        },
        time: step.duration_ms.map(milliseconds).unwrap_or_default(),
        rest: how_many(&step.requests),
    }
}

fn how_many(requests: &[RequestReport]) -> String {
    let polls: usize = requests.iter().map(|request| request.polls.len()).sum();
    match (requests.len(), polls) {
        (0, _) => String::new(),
        (requests, 0) => requests.to_string(),
        (requests, 1) => format!("{requests} + 1 poll"),
        (requests, polls) => format!("{requests} + {polls} polls"),
    }
}

fn request_lines(request: &RequestReport, paint: Paint, width: usize) -> String {
    let exchange = request.polls.last().unwrap_or(&request.exchange);
    let outcome = match &request.error {
        Some(failure) => failure.verdict().outcome.into(),
        None => StepOutcome::Passed,
    };
    let row = Row {
        number: String::new(),
        title: format!("{:INDENT$}{} {}", "", request.number, request.name.title()),
        outcome,
        word: exchange.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string()),
        time: milliseconds(exchange.duration_ms),
        rest: phases(&exchange.timings),
    };
    let address = request.error.as_ref().map(|_| address_line(exchange, paint, width));
    row.line(paint) + &address.unwrap_or_default()
}

fn address_line(exchange: &Exchange, paint: Paint, width: usize) -> String {
    let indent = NUMBER + 2 + INDENT + 2;
    let address = printable(&format!("{} {}", exchange.method, exchange.url));
    format!("{:indent$}{}\n", "", paint.dim(&fitted(&address, width - indent)))
}

fn phases(timings: &Timings) -> String {
    let phases = [
        ("dns", timings.dns_ms),
        ("connect", timings.connect_ms),
        ("tls", timings.tls_ms),
        ("first byte", timings.first_byte_ms),
        ("download", timings.download_ms),
    ];
    let told: Vec<String> =
        phases.into_iter().filter_map(|(name, time)| Some(format!("{name} {:.0}", time?.get()))).collect();
    if told.is_empty() { String::new() } else { format!("{} ms", told.join(", ")) }
}

fn cleanup_row(report: &RunReport) -> Row {
    let cleanup = &report.cleanup;
    let (outcome, word) = match (&cleanup.request, &cleanup.error) {
        (_, Some(_)) => (StepOutcome::Degraded, "failed"),
        (Some(_), None) => (StepOutcome::Passed, "done"),
        (None, None) => (StepOutcome::NotRun, "no need"),
    };
    let request = cleanup.request.as_ref();
    Row {
        number: String::new(),
        title: "Clean-up".to_owned(),
        outcome,
        word: word.to_owned(),
        time: request.map(|request| milliseconds(request.duration_ms)).unwrap_or_default(),
        rest: request.map(|_| "1".to_owned()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use model::journey::Step;

    use super::TITLE;

    #[test]
    fn every_name_fits_its_column() {
        assert!(Step::ALL.iter().all(|step| step.title().len() <= TITLE));
    }
}
