//! What the regions of an incident say together.

use model::error::{Blame, ErrorType, RunError};

use crate::incident::{Incident, Voter};
use crate::vote::Vote;

/// What an incident looks like over all its regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement<'a> {
    /// The error that stands for all: the most frequent kind and place, then
    /// the first; of the regions that vote failing, else of all that took part.
    pub error: &'a RunError,
    /// Whose fault it looks like.
    pub blame: Blame,
}

impl Incident {
    /// What its regions say together; none when no run of it names an error.
    #[must_use]
    pub fn judgement(&self) -> Option<Judgement<'_>> {
        let errors = |chosen: fn(&Voter) -> bool| -> Vec<&RunError> {
            self.voters.values().filter(|voter| chosen(voter)).filter_map(Voter::error).collect()
        };
        let is_failing = |voter: &Voter| voter.vote == Vote::Failing;
        let error = leading(&errors(is_failing)).or_else(|| leading(&errors(|_| true)))?;
        let failing = self.voters.values().filter(|voter| is_failing(voter)).count();
        Some(Judgement { error, blame: blame(error, failing) })
    }
}

impl Voter {
    /// The error of its last bad run.
    #[must_use]
    pub fn error(&self) -> Option<&RunError> {
        self.last.as_ref()?.error.as_ref()
    }
}

fn leading<'a>(errors: &[&'a RunError]) -> Option<&'a RunError> {
    let kind = |error: &RunError| -> (ErrorType, Option<u8>) { (error.failure.error_type, error.request) };
    let frequency = |error: &RunError| errors.iter().filter(|other| kind(other) == kind(error)).count();
    // `max_by_key` takes the last of equals.
    errors.iter().rev().max_by_key(|error| frequency(error)).copied()
}

/// Whose fault it looks like when so many regions vote failing: what one
/// region takes for its network, two regions do not share.
fn blame(error: &RunError, failing: usize) -> Blame {
    if error.blame == Blame::Network && failing > 1 { Blame::Provider } else { error.blame }
}
