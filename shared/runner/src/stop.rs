//! The wish to end a run early.

use std::sync::Arc;

use tokio::sync::watch;

/// Ends a run early when somebody says so: the request under way is given up,
/// what was opened is still closed. Clones are one and the same.
#[derive(Clone, Debug)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Stop {
    /// A run that nobody has ended yet.
    #[must_use]
    pub fn never() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Ends the run.
    pub fn now(&self) {
        self.0.send_replace(true);
    }

    /// Whether the run was ended.
    pub(crate) fn is_now(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the run is ended.
    pub(crate) async fn wait(&self) {
        let mut wish = self.0.subscribe();
        if wish.wait_for(|stop| *stop).await.is_err() {
            // The sender lives as long as `self`; without one nobody can ask.
            std::future::pending::<()>().await;
        }
    }
}
