//! Work that may not take the rest of the process with it.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;

/// How a panic is told; the hook of the log has told where.
pub(crate) const PANICKED: &str = "the monitor panicked, its log tells where";

/// What became of work that is watched.
pub(crate) enum Watched<T> {
    /// It ended by itself.
    Ended(T),
    /// It panicked; the panic hook told where.
    Panicked,
    /// It did not end in time.
    Overran,
}

/// Awaits work, at most for `limit`, and catches its panic.
pub(crate) async fn watch<T>(limit: Duration, work: impl Future<Output = T>) -> Watched<T> {
    // After a panic nothing of the work is used again.
    match AssertUnwindSafe(tokio::time::timeout(limit, work)).catch_unwind().await {
        Ok(Ok(value)) => Watched::Ended(value),
        Ok(Err(_elapsed)) => Watched::Overran,
        Err(_payload) => Watched::Panicked,
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn a_panic_or_endless_work_ends_alone() {
        let panics = watch(LONG, async { panic!("a bug") });
        let hangs = watch(Duration::ZERO, pending::<()>());
        let ends = watch(LONG, ready("report"));
        let (panics, hangs, ends): (Watched<()>, _, _) = tokio::join!(panics, hangs, ends);
        assert!(matches!(panics, Watched::Panicked));
        assert!(matches!(hangs, Watched::Overran));
        assert!(matches!(ends, Watched::Ended("report")));
    }
}
