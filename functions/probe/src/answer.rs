use model::report::RunReport;
use model::run_result::RunResult;
use serde::Serialize;

/// What an invocation answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The reports without headers and bodies, in the order of the event's targets.
    Reports(Vec<RunReport>),
    /// Only the run results, because the reports would take more than
    /// [`Answer::LARGEST`] bytes.
    RunResults(Vec<RunResult>),
}

impl Answer {
    /// The most bytes that the reports may take as JSON.
    pub const LARGEST: usize = 1024 * 1024;

    pub(crate) fn new(reports: Vec<RunReport>) -> Self {
        let size: usize = reports.iter().map(json_size).sum();
        let around = "{\"reports\":[]}".len() + reports.len();
        if size + around <= Self::LARGEST {
            Self::Reports(reports)
        } else {
            Self::RunResults(reports.iter().map(RunResult::from).collect())
        }
    }
}

/// A report that does not become JSON counts as too large.
fn json_size(report: &RunReport) -> usize {
    serde_json::to_string(report).map_or(Answer::LARGEST, |json| json.len())
}
