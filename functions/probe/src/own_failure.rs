//! A run that we could not do. The one bank's report says so; the others go on.

use std::time::Duration;

use model::SCHEMA_VERSION;
use model::error::{ErrorType, Failure, RunError};
use model::journey::Step;
use model::names::TargetId;
use model::report::{CleanupReport, RunReport, StepReport};
use runner::Order;

/// The report of a run that never began; `took` is what was spent on trying.
pub(crate) fn not_begun(target: &TargetId, order: Order, took: Duration, message: impl Into<String>) -> RunReport {
    let error = RunError::new(Failure::new(ErrorType::Internal, message), None, None);
    RunReport {
        schema_version: SCHEMA_VERSION,
        run_id: order.run_id,
        target: target.clone(),
        region: order.region,
        scheduled_at: order.scheduled_at,
        started_at: order.started_at,
        duration_ms: took.into(),
        outcome: error.failure.verdict().outcome,
        recovered: false,
        attempt: 1,
        error: Some(error),
        steps: Step::ALL.into_iter().map(StepReport::not_run).collect(),
        cleanup: CleanupReport::default(),
        certificates: Vec::new(),
        attempts: Vec::new(),
        monitor_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// The report of a run that was lost on its way, and its record with it. It may
/// have opened a session, and nobody closed that.
pub(crate) fn lost(target: &TargetId, order: Order, took: Duration, message: impl Into<String>) -> RunReport {
    let mut report = not_begun(target, order, took, message);
    let unknown = "the run was lost before its clean-up; its session may still be open at the bank";
    report.cleanup.error = Some(Failure::new(ErrorType::Internal, unknown));
    report
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use model::config::Timeouts;
    use model::error::ToldAs;
    use model::run_result::RunResult;
    use runner::{Progress, Stop};

    use super::*;

    const TOOK: Duration = Duration::from_millis(250);

    fn order() -> Order {
        Order {
            run_id: "id".to_owned(),
            region: None,
            scheduled_at: Timestamp::UNIX_EPOCH,
            started_at: Timestamp::UNIX_EPOCH,
            budget: Duration::ZERO,
            timeouts: Timeouts::default(),
            stop: Stop::never(),
            progress: Progress::untold(),
        }
    }

    #[test]
    fn only_a_lost_run_may_have_left_its_session_open_and_both_took_their_time() {
        let target: TargetId = "bank".parse().unwrap();
        for (report, left_open) in
            [(not_begun(&target, order(), TOOK, "no token"), false), (lost(&target, order(), TOOK, "a panic"), true)]
        {
            let result = RunResult::from(&report);
            assert_eq!(result.session_left_open, left_open);
            assert_eq!((result.told_as, result.duration_ms), (Some(ToldAs::MonitorError), TOOK.into()));
        }
    }
}
