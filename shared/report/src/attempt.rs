//! The attempts of a run, the one that decided among the others.

use std::time::Duration;

use jiff::Timestamp;
use model::error::RunError;
use model::journey::Outcome;
use model::report::{AttemptReport, CleanupReport, Exchange, RunReport, StepReport};

/// One attempt, whether it decided or not.
pub(crate) struct Attempt<'a> {
    pub(crate) number: u8,
    pub(crate) started_at: Timestamp,
    pub(crate) outcome: Outcome,
    pub(crate) error: Option<&'a RunError>,
    pub(crate) steps: &'a [StepReport],
    pub(crate) cleanup: &'a CleanupReport,
}

/// All attempts in the order in which they were made.
pub(crate) fn attempts(report: &RunReport) -> Vec<Attempt<'_>> {
    let mut attempts: Vec<Attempt<'_>> = report.attempts.iter().map(Attempt::from).collect();
    let before = attempts.iter().rfind(|other| other.number < report.attempt);
    attempts.push(Attempt {
        number: report.attempt,
        // The report holds no start of a second attempt that decided: it followed the first at once.
        started_at: before.map_or(report.started_at, Attempt::ended_at),
        outcome: report.outcome,
        error: report.error.as_ref(),
        steps: &report.steps,
        cleanup: &report.cleanup,
    });
    attempts.sort_by_key(|attempt| attempt.number);
    attempts
}

impl<'a> From<&'a AttemptReport> for Attempt<'a> {
    fn from(attempt: &'a AttemptReport) -> Self {
        Self {
            number: attempt.attempt,
            started_at: attempt.started_at,
            outcome: attempt.outcome,
            error: attempt.error.as_ref(),
            steps: &attempt.steps,
            cleanup: &attempt.cleanup,
        }
    }
}

impl<'a> Attempt<'a> {
    /// Everything that was sent, polls and clean-up too, in order.
    pub(crate) fn exchanges(&self) -> impl Iterator<Item = &'a Exchange> {
        let requests = self.steps.iter().flat_map(|step| &step.requests);
        requests
            .flat_map(|request| std::iter::once(&request.exchange).chain(&request.polls))
            .chain(&self.cleanup.request)
    }

    /// Milliseconds from the start to the end of the last exchange.
    pub(crate) fn length(&self) -> f64 {
        self.exchanges().map(end).fold(0.0, f64::max)
    }

    /// The moment so many milliseconds after the start.
    pub(crate) fn at(&self, milliseconds: f64) -> Timestamp {
        let after = Duration::try_from_secs_f64(milliseconds / 1e3).unwrap_or_default();
        self.started_at.checked_add(after).unwrap_or(self.started_at)
    }

    fn ended_at(&self) -> Timestamp {
        self.at(self.length())
    }
}

/// Milliseconds from the attempt's start to the exchange's end.
pub(crate) fn end(exchange: &Exchange) -> f64 {
    exchange.started_ms.get() + exchange.duration_ms.get()
}
