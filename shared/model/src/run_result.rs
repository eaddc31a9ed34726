//! The run result: the small message about a run that the probe publishes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::SCHEMA_VERSION;
use crate::error::{RunError, ToldAs};
use crate::journey::{Outcome, Step, StepOutcome};
use crate::names::{Region, ReportUri, TargetId};
use crate::report::{CertificateReport, Milliseconds, RunReport};

/// What the aggregator needs to know of a run; at most
/// [`RunResult::LARGEST`] bytes of JSON. Target, region and `scheduled_at` are
/// its key: the first result for a key wins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunResult {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The target's id.
    pub target: TargetId,
    /// The region that ran it.
    pub region: Option<Region>,
    /// The minute the run stands for.
    pub scheduled_at: Timestamp,
    /// The run's own id.
    pub run_id: String,
    /// When it began.
    pub started_at: Timestamp,
    /// All attempts and their clean-up.
    pub duration_ms: Milliseconds,
    /// The run's outcome.
    pub outcome: Outcome,
    /// How it is told; none when it passed.
    pub told_as: Option<ToldAs>,
    /// Whether only the second attempt passed.
    pub recovered: bool,
    /// What decided the outcome.
    pub error: Option<RunError>,
    /// The steps that ran.
    pub steps: Vec<StepResult>,
    /// The certificates of the hosts spoken to.
    pub certificates: Vec<CertificateReport>,
    /// Whether a session of the run may still be open at the bank.
    pub session_left_open: bool,
    /// The page of its report; none when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportUri>,
}

/// A step's outcome and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepResult {
    /// The step's name.
    pub name: Step,
    /// How it ended.
    pub outcome: StepOutcome,
    /// Its time.
    pub duration_ms: Milliseconds,
}

impl RunResult {
    /// The most bytes that its JSON may take.
    pub const LARGEST: usize = 8 * 1024;
    /// The most hosts whose certificates are told: the API has two.
    const MOST_CERTIFICATES: usize = 8;

    /// The same with the page of its report.
    #[must_use]
    pub fn with_report(self, page: Option<ReportUri>) -> Self {
        Self { report: page, ..self }
    }
}

impl From<&RunReport> for RunResult {
    fn from(report: &RunReport) -> Self {
        let ran = |step: &crate::report::StepReport| {
            step.duration_ms.map(|duration_ms| StepResult { name: step.name, outcome: step.outcome, duration_ms })
        };
        Self {
            schema_version: SCHEMA_VERSION,
            target: report.target.clone(),
            region: report.region.clone(),
            scheduled_at: report.scheduled_at,
            run_id: report.run_id.clone(),
            started_at: report.started_at,
            duration_ms: report.duration_ms,
            outcome: report.outcome,
            told_as: report.told_as(),
            recovered: report.recovered,
            error: report.error.clone(),
            steps: report.steps.iter().filter_map(ran).collect(),
            certificates: report.certificates.iter().take(Self::MOST_CERTIFICATES).cloned().collect(),
            session_left_open: report.session_left_open(),
            report: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_result_without_a_report_reads_and_writes_as_before() {
        let bare = json!({
            "schema_version": 1, "target": "a", "region": null, "scheduled_at": "2026-11-25T10:00:00Z",
            "run_id": "1", "started_at": "2026-11-25T10:00:01Z", "duration_ms": 1.5, "outcome": "failed",
            "told_as": "failure", "recovered": false, "error": null, "steps": [], "certificates": [],
            "session_left_open": false,
        });
        let result: RunResult = serde_json::from_value(bare.clone()).unwrap();
        assert_eq!(serde_json::to_value(&result).unwrap(), bare);
        let page = "s3://reports-1/reports/a/us-east-1/20261125T100000Z.html";
        let result = result.with_report(page.parse().ok());
        assert_eq!(serde_json::to_value(&result).unwrap()["report"], page);
    }
}
