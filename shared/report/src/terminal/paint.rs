//! Colours, and what may reach a terminal.

use model::journey::{Outcome, StepOutcome};

/// A text from outside, safe to print: control characters and the marks that
/// turn the reading direction become `�`, so that a bank cannot move the
/// cursor, recolour the screen or reorder a line.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if model::text::is_unsafe(c) { '\u{fffd}' } else { c }).collect()
}

/// Wraps texts in colour codes, or leaves them as they are.
#[derive(Clone, Copy)]
pub(super) struct Paint {
    pub(super) color: bool,
}

impl Paint {
    pub(super) fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    pub(super) fn outcome(self, outcome: Outcome, text: &str) -> String {
        self.step(outcome.into(), text)
    }

    pub(super) fn step(self, outcome: StepOutcome, text: &str) -> String {
        match outcome {
            StepOutcome::Passed => self.wrap("32", text),
            StepOutcome::Degraded => self.wrap("33", text),
            StepOutcome::Failed => self.wrap("1;31", text),
            StepOutcome::NotRun => self.dim(text),
        }
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
