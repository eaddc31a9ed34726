//! The pauses between the repeats of a request while the API is processing.

use std::time::Duration;

use model::error::{ErrorType, Failure};
use runner::Attempt;
use tokio::time::Instant;

/// The pause before the first repeat; each further one is half as long again.
const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(2);

/// The repeats of one request.
pub(crate) struct Polls {
    started: Instant,
    pause: Duration,
}

impl Polls {
    pub(crate) fn begin() -> Self {
        Self { started: Instant::now(), pause: FIRST }
    }

    /// Waits for the next repeat.
    ///
    /// # Errors
    /// `deadline` when it would come after the time for polls, or for the attempt.
    pub(crate) async fn wait(&mut self, attempt: &mut Attempt) -> Result<(), Failure> {
        let budget = attempt.poll_budget();
        if self.started.elapsed() + self.pause > budget {
            let message = format!("the API was still processing after {:.1} s of polling", budget.as_secs_f64());
            return Err(Failure::new(ErrorType::Deadline, message));
        }
        attempt.wait(self.pause).await?;
        self.pause = (self.pause * 3 / 2).min(LONGEST);
        Ok(())
    }
}
