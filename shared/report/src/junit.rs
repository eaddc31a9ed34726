//! The run as JUnit XML, for the test reports of build servers (the elements
//! that the `junit` task of Apache Ant writes).

use model::error::{Failure, RunError};
use model::journey::{Outcome, StepOutcome};
use model::report::{AttemptReport, CleanupReport, Milliseconds, RunReport, StepReport};

use crate::wording::what_happened;

/// The run as one test suite: the eight steps and the clean-up are its test
/// cases. It holds a failure exactly when the run failed: what degraded it, an
/// earlier attempt and a session left open are notes. Times are in seconds.
#[must_use]
pub fn junit(report: &RunReport) -> String {
    let mut cases: Vec<Case> = report.steps.iter().map(|step| step_case(report, step)).collect();
    cases.push(cleanup_case(&report.cleanup));
    // An error outside the steps must not look like a run of which all was skipped.
    if let Some(error) = &report.error
        && !report.steps.iter().any(|step| tells(error, step))
    {
        cases.push(Case { name: "Run".to_owned(), duration: report.duration_ms, result: told(report.outcome, error) });
    }
    let suite = format!("{}.{}", report.target, region(report));
    let cases_xml: String = cases.iter().map(|case| case.xml(&suite)).collect();
    let (counts, started) = (counts(report, &cases), report.started_at.strftime("%Y-%m-%dT%H:%M:%S"));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"xs2a-monitor\" {counts}>\n  \
           <testsuite name=\"{suite}\" timestamp=\"{started}\" {counts}>\n\
             {properties}{cases_xml}{notes}  \
           </testsuite>\n\
         </testsuites>\n",
        suite = escaped(&suite),
        properties = properties(report),
        notes = notes(report),
    )
}

/// One test case.
struct Case {
    name: String,
    duration: Milliseconds,
    result: CaseResult,
}

enum CaseResult {
    Passed,
    /// Passed, and something is to be said about it.
    Noted(String),
    Failed {
        kind: &'static str,
        message: String,
        details: String,
    },
    Skipped(&'static str),
}

impl Case {
    fn xml(&self, suite: &str) -> String {
        let (suite, name, time) = (escaped(suite), escaped(&self.name), seconds(self.duration));
        let head = format!("    <testcase classname=\"{suite}\" name=\"{name}\" time=\"{time}\"");
        let result = match &self.result {
            CaseResult::Passed => return format!("{head}/>\n"),
            CaseResult::Noted(text) => output(&[escaped(text)]),
            CaseResult::Skipped(reason) => format!("<skipped message=\"{reason}\"/>"),
            CaseResult::Failed { kind, message, details } => {
                format!("<failure type=\"{kind}\" message=\"{}\">{}</failure>", escaped(message), escaped(details))
            }
        };
        format!("{head}>{result}</testcase>\n")
    }
}

fn step_case(report: &RunReport, step: &StepReport) -> Case {
    let error = report.error.as_ref().filter(|error| tells(error, step));
    let result = match (step.outcome, error) {
        (_, Some(error)) => told(report.outcome, error),
        (StepOutcome::NotRun, None) => CaseResult::Skipped("an earlier step ended the journey"),
        (StepOutcome::Passed, None) => CaseResult::Passed,
        (outcome, None) => CaseResult::Noted(outcome.to_string()),
    };
    let name = format!("{} {}", step.number, step.name.title());
    Case { name, duration: step.duration_ms.unwrap_or_default(), result }
}

fn cleanup_case(cleanup: &CleanupReport) -> Case {
    let left_open = |failure: &Failure| format!("the session may still be open at the bank: {}", failure.message);
    let result = match (&cleanup.error, &cleanup.request) {
        (Some(failure), _) => CaseResult::Noted(left_open(failure)),
        (None, Some(_)) => CaseResult::Passed,
        (None, None) => CaseResult::Skipped("no session was opened"),
    };
    let duration = cleanup.request.as_ref().map(|request| request.duration_ms).unwrap_or_default();
    Case { name: "Clean-up".to_owned(), duration, result }
}

/// Whether the run's error belongs to the step.
fn tells(error: &RunError, step: &StepReport) -> bool {
    error.step == Some(step.name)
}

fn told(outcome: Outcome, error: &RunError) -> CaseResult {
    let details = what_happened(error);
    if outcome != Outcome::Failed {
        return CaseResult::Noted(format!("{outcome}: {details}"));
    }
    let details = format!("{details} What to do: {}.", error.failure.advice());
    CaseResult::Failed { kind: error.failure.error_type.name(), message: error.failure.message.clone(), details }
}

fn counts(report: &RunReport, cases: &[Case]) -> String {
    let count = |wanted: fn(&CaseResult) -> bool| cases.iter().filter(|case| wanted(&case.result)).count();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{}\"",
        cases.len(),
        count(|result| matches!(result, CaseResult::Failed { .. })),
        count(|result| matches!(result, CaseResult::Skipped(_))),
        seconds(report.duration_ms),
    )
}

fn properties(report: &RunReport) -> String {
    let scheduled_at = report.scheduled_at.to_string();
    let properties = [
        ("run_id", report.run_id.as_str()),
        ("region", region(report)),
        ("scheduled_at", &scheduled_at),
        ("outcome", report.outcome.name()),
        ("monitor_version", &report.monitor_version),
    ];
    let property =
        |(name, value): (&str, &str)| format!("      <property name=\"{name}\" value=\"{}\"/>\n", escaped(value));
    let properties: String = properties.into_iter().map(property).collect();
    format!("    <properties>\n{properties}    </properties>\n")
}

/// What the other attempts came to; nothing when there was only one.
fn notes(report: &RunReport) -> String {
    let line = |attempt: &AttemptReport| {
        let error = attempt.error.as_ref().map(what_happened).unwrap_or_default();
        escaped(format!("attempt {} {}. {error}", attempt.attempt, attempt.outcome).trim_end())
    };
    let mut lines: Vec<String> = report.attempts.iter().map(line).collect();
    if lines.is_empty() {
        return String::new();
    }
    lines.push(format!("attempt {} decided{}", report.attempt, if report.recovered { ": recovered" } else { "" }));
    format!("    {}\n", output(&lines))
}

/// Lines that are escaped already.
fn output(lines: &[String]) -> String {
    format!("<system-out>{}</system-out>", lines.join("\n"))
}

fn region(report: &RunReport) -> &str {
    report.region.as_ref().map_or("local", |region| region.as_str())
}

fn seconds(milliseconds: Milliseconds) -> String {
    format!("{:.3}", milliseconds.get() / 1e3)
}

/// A text from outside, for an element or an attribute. What XML 1.0 (section
/// 2.2) does not allow at all becomes `�`, and so does what would change how
/// other characters are shown.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&apos;",
            c if model::text::is_unsafe(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
