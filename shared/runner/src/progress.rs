//! How far a run is, for whoever watches it.

use model::journey::{Request, Step, StepOutcome};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Something that has just begun or ended in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// An attempt: 1, or 2 for its confirmation.
    AttemptBegan(u8),
    /// A step of the attempt.
    StepBegan(Step),
    /// A request of the step; its polls are not told.
    RequestBegan(Request),
    /// The step, and how.
    StepEnded(Step, StepOutcome),
    /// The clean-up of the attempt.
    CleanUpBegan,
}

/// Where a run tells its moments. Nobody has to listen.
#[derive(Clone, Debug)]
pub struct Progress(Option<UnboundedSender<Moment>>);

impl Progress {
    /// For a run that nobody watches.
    #[must_use]
    pub const fn untold() -> Self {
        Self(None)
    }

    /// For a run that is watched: the moments arrive in their order, and end with the run.
    #[must_use]
    pub fn told() -> (Self, UnboundedReceiver<Moment>) {
        let (send, arriving) = unbounded_channel();
        (Self(Some(send)), arriving)
    }

    pub(crate) fn tell(&self, moment: Moment) {
        // A watcher that has gone is none.
        self.0.as_ref().and_then(|send| send.send(moment).ok());
    }
}
