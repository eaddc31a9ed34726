//! A run that we could not do. The one bank's report says so; the others go on.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use model::SCHEMA_VERSION;
use model::error::{ErrorType, Failure, RunError};
use model::journey::Step;
use model::names::TargetId;
use model::report::{CleanupReport, RunReport, StepReport};
use runner::Order;

/// What became of a run that is watched.
pub(crate) enum Watched<T> {
    /// It ended by itself.
    Ended(T),
    /// It panicked; the panic hook told where.
    Panicked,
    /// It did not end in time.
    Overran,
}

/// Awaits a run, at most for `limit`, and catches its panic.
pub(crate) async fn watch<T>(limit: Duration, run: impl Future<Output = T>) -> Watched<T> {
    // After a panic nothing of the run is used again.
    match AssertUnwindSafe(tokio::time::timeout(limit, run)).catch_unwind().await {
        Ok(Ok(value)) => Watched::Ended(value),
        Ok(Err(_elapsed)) => Watched::Overran,
        Err(_payload) => Watched::Panicked,
    }
}

/// The report of a run that we could not do.
pub(crate) fn report(target: &TargetId, order: Order, message: impl Into<String>) -> RunReport {
    let error = RunError::new(Failure::new(ErrorType::Internal, message), None, None);
    RunReport {
        schema_version: SCHEMA_VERSION,
        run_id: order.run_id,
        target: target.clone(),
        region: order.region,
        scheduled_at: order.scheduled_at,
        started_at: order.started_at,
        duration_ms: Duration::ZERO.into(),
        outcome: error.failure.verdict().outcome,
        recovered: false,
        error: Some(error),
        attempt: 1,
        steps: Step::ALL.into_iter().map(StepReport::not_run).collect(),
        cleanup: CleanupReport::default(),
        certificates: Vec::new(),
        attempts: Vec::new(),
        monitor_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn a_panic_or_an_endless_run_ends_alone() {
        let panics = watch(LONG, async { panic!("a bug") });
        let hangs = watch(Duration::ZERO, pending::<()>());
        let ends = watch(LONG, ready("report"));
        let (panics, hangs, ends): (Watched<()>, _, _) = tokio::join!(panics, hangs, ends);
        assert!(matches!(panics, Watched::Panicked));
        assert!(matches!(hangs, Watched::Overran));
        assert!(matches!(ends, Watched::Ended("report")));
    }
}
