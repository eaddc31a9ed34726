//! The run as JUnit XML, for the test reports of build servers (the elements
//! that the `junit` task of Apache Ant writes).

use model::error::{Failure, RunError, ToldAs};
use model::journey::{Outcome, StepOutcome};
use model::report::{AttemptReport, CleanupReport, Milliseconds, RunReport, StepReport};

use crate::wording::{blame, what_happened};

/// The run as one test suite: the eight steps and the clean-up are its test
/// cases. It holds one failure or one error exactly when the run failed, as the
/// exit code of `run` is 0 exactly when it did not: an error where the monitor
/// itself needs attention, which says nothing of the API, else a failure. A
/// degraded run has neither, though the steps that did not run are skipped: what
/// degraded it, an earlier attempt and a session left open are notes. Times are
/// in seconds.
#[must_use]
pub fn junit(report: &RunReport) -> String {
    let mut cases: Vec<Case> = report.steps.iter().map(|step| step_case(report, step)).collect();
    cases.push(cleanup_case(&report.cleanup));
    // An error outside the steps must not look like a run of which all was skipped.
    if let Some(error) = &report.error
        && !report.steps.iter().any(|step| tells(error, step))
    {
        cases.push(run_case(report, told(report.outcome, error)));
    }
    // Nor may one that failed and does not say why, or CI would be green.
    if report.outcome == Outcome::Failed && !cases.iter().any(|case| matches!(case.result, CaseResult::Failed(_))) {
        cases.push(run_case(report, untold()));
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
    Failed(Problem),
    Skipped(&'static str),
}

/// Why a test case did not pass.
struct Problem {
    element: Element,
    kind: &'static str,
    message: String,
    details: String,
}

/// How JUnit tells what was tested from what tests it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Failure,
    Error,
}

impl Element {
    /// Our own faults say nothing of what was tested.
    fn of(failure: &Failure) -> Self {
        match failure.verdict().told_as {
            ToldAs::MonitorError => Self::Error,
            ToldAs::Failure | ToldAs::Degraded => Self::Failure,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Error => "error",
        }
    }
}

impl Case {
    fn xml(&self, suite: &str) -> String {
        let (suite, name, time) = (escaped(suite), escaped(&self.name), seconds(self.duration));
        let head = format!("    <testcase classname=\"{suite}\" name=\"{name}\" time=\"{time}\"");
        let result = match &self.result {
            CaseResult::Passed => return format!("{head}/>\n"),
            CaseResult::Noted(text) => output(&[escaped(text)]),
            CaseResult::Skipped(reason) => format!("<skipped message=\"{reason}\"/>"),
            CaseResult::Failed(problem) => problem.xml(),
        };
        format!("{head}>{result}</testcase>\n")
    }
}

impl Problem {
    fn xml(&self) -> String {
        let (name, kind) = (self.element.name(), self.kind);
        let (message, details) = (escaped(&self.message), escaped(&self.details));
        format!("<{name} type=\"{kind}\" message=\"{message}\">{details}</{name}>")
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

/// The run as a whole, for what no step tells.
fn run_case(report: &RunReport, result: CaseResult) -> Case {
    Case { name: "Run".to_owned(), duration: report.duration_ms, result }
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
    let failure = &error.failure;
    CaseResult::Failed(Problem {
        element: Element::of(failure),
        kind: failure.error_type.name(),
        message: failure.message.clone(),
        details: format!("{details} {} What to do: {}.", blame(error), failure.advice()),
    })
}

/// The failure of a report that names no error.
fn untold() -> CaseResult {
    CaseResult::Failed(Problem {
        element: Element::Failure,
        kind: "unknown",
        message: "the run failed, and its report names no error".to_owned(),
        details: "The report may have been made by another version, or changed since. \
                  What to do: look at the requests in the report."
            .to_owned(),
    })
}

fn counts(report: &RunReport, cases: &[Case]) -> String {
    let problems = |element: Element| {
        let of = |case: &&Case| matches!(&case.result, CaseResult::Failed(problem) if problem.element == element);
        cases.iter().filter(of).count()
    };
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"",
        cases.len(),
        problems(Element::Failure),
        problems(Element::Error),
        cases.iter().filter(|case| matches!(case.result, CaseResult::Skipped(_))).count(),
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
