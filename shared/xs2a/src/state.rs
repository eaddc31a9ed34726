//! The state of a flow.

use model::error::Failure;

use crate::field::Field;

/// The state of a flow (Klarna docs, Flow).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Working; ask again.
    Processing,
    /// Waiting for an answer of ours.
    InputNeeded,
    /// Done.
    Finished,
    /// Ended without success.
    Ended,
}

impl State {
    /// The state that a field names.
    pub(crate) fn read(field: &Field<'_>) -> Result<Self, Failure> {
        match field.text()? {
            "PROCESSING" => Ok(Self::Processing),
            // Older versions of the API use the last two.
            "CONSUMER_INPUT_NEEDED" | "INITIALIZED" | "INTERRUPTED" => Ok(Self::InputNeeded),
            "FINISHED" => Ok(Self::Finished),
            "EXCEPTION" | "ABORTED" => Ok(Self::Ended),
            _ => Err(field.failure("names a state that is not documented")),
        }
    }
}
