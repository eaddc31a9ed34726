//! One run: an attempt, its clean-up, and the confirmation of a failure.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use model::SCHEMA_VERSION;
use model::config::{Target, Timeouts};
use model::error::{Blame, ErrorType, Failure, RunError, ToldAs};
use model::journey::{Outcome, StepOutcome};
use model::names::Region;
use model::redaction::Redactor;
use model::report::{AttemptReport, CertificateReport, CleanupReport, Milliseconds, RunReport, StepReport};
use tokio::time::Instant;

use crate::attempt::{Attempt, CleanUp, Ended, Setting};
use crate::http::Http;
use crate::progress::{Moment, Progress};
use crate::stop::Stop;

/// A failed attempt is confirmed only while this much of the run is left.
const CONFIRM_WITHIN: Duration = Duration::from_secs(20);

/// What is walked: the requests of one API, in order.
#[expect(async_fn_in_trait, reason = "a run stays on the thread that started it; no Send is promised")]
pub trait Journey {
    /// What an attempt leaves open at the other side.
    type Opened: Default;

    /// Walks the journey once, noting in `opened` what must be closed again.
    ///
    /// # Errors
    /// What ended the journey early.
    async fn walk(&mut self, attempt: &mut Attempt, opened: &mut Self::Opened) -> Result<(), Failure>;

    /// Closes what was opened.
    ///
    /// # Errors
    /// Why it may still be open.
    async fn clean_up(&mut self, clean_up: &mut CleanUp<'_>, opened: Self::Opened) -> Result<(), Failure>;
}

/// One run to do.
#[derive(Clone, Debug)]
pub struct Order {
    /// The run's own id, 32 hex digits.
    pub run_id: String,
    /// The region it runs in.
    pub region: Option<Region>,
    /// The minute it stands for.
    pub scheduled_at: Timestamp,
    /// Now.
    pub started_at: Timestamp,
    /// The time for all attempts and their clean-up; publishing is not in it.
    pub budget: Duration,
    /// The limits inside it.
    pub timeouts: Timeouts,
    /// Ends it early.
    pub stop: Stop,
    /// Tells how far it is.
    pub progress: Progress,
}

/// Runs a journey for a target: an attempt, its clean-up, and a second one if
/// the first failed, the fault is not ours, and time is left.
pub async fn run(
    http: &Http,
    target: &Target,
    order: Order,
    redactor: Redactor,
    journey: &mut impl Journey,
) -> RunReport {
    let started = Instant::now();
    let mut run = Run { http, target, order, redactor, certificates: BTreeMap::new(), started };
    let first = run.attempt(1, journey).await;
    let time = run.left() >= CONFIRM_WITHIN && !run.order.stop.is_now();
    let confirm = target.confirm && time && is_worth_confirming(&first);
    let second = if confirm { Some(run.attempt(2, journey).await) } else { None };
    run.report(first, second)
}

struct Run<'a> {
    http: &'a Http,
    target: &'a Target,
    order: Order,
    redactor: Redactor,
    certificates: BTreeMap<String, CertificateReport>,
    started: Instant,
}

impl Run<'_> {
    async fn attempt(&mut self, number: u8, journey: &mut impl Journey) -> AttemptReport {
        let started_at = self.now();
        let timeouts = self.order.timeouts;
        let client = match self.http.client(timeouts.connect) {
            Ok(client) => client,
            Err(error) => return not_begun(number, started_at, &error),
        };
        let time = timeouts.attempt.min(self.left().saturating_sub(timeouts.cleanup));
        self.order.progress.tell(Moment::AttemptBegan(number));
        let (stop, progress) = (self.order.stop.clone(), self.order.progress.clone());
        let mut attempt =
            Attempt::new(Setting { client, redactor: self.redactor.clone(), timeouts, time, stop, progress });
        let mut opened = Default::default();
        let walked = journey.walk(&mut attempt, &mut opened).await;
        let ended = attempt.end(walked);
        let mut closing = attempt.clean_up();
        let closed = journey.clean_up(&mut closing, opened).await;
        let cleanup = closing.end(closed);
        self.redactor = attempt.redactor;
        self.certificates.append(&mut attempt.certificates);
        self.judge(number, started_at, ended, cleanup)
    }

    /// Puts the attempt together; one that passed may still have been slow.
    fn judge(&self, attempt: u8, started_at: Timestamp, ended: Ended, cleanup: CleanupReport) -> AttemptReport {
        let Ended { duration, mut outcome, mut error, mut steps } = ended;
        if error.is_none() {
            error = self.slowness(duration.into(), &mut steps);
            outcome = if error.is_some() { Outcome::Degraded } else { Outcome::Passed };
        }
        AttemptReport { attempt, started_at, duration_ms: duration.into(), outcome, error, steps, cleanup }
    }

    fn slowness(&self, duration: Milliseconds, steps: &mut [StepReport]) -> Option<RunError> {
        let limits = &self.target.degraded_after;
        let mut slow = None;
        for step in steps {
            let limit: Option<Milliseconds> = limits.steps.get(step.name).map(Milliseconds::from);
            if let (Some(took), Some(limit)) = (step.duration_ms, limit)
                && took > limit
            {
                step.outcome = StepOutcome::Degraded;
                let message = format!("took {:.0} ms, more than {:.0} ms", took.get(), limit.get());
                let title = step.name.title();
                let failure = Failure::new(ErrorType::Slow, format!("step {} ({title}) {message}", step.number));
                slow.get_or_insert(RunError::new(failure, Some(step.name), None));
            }
        }
        let limit: Option<Milliseconds> = limits.run.map(Milliseconds::from);
        let run = limit.filter(|limit| duration > *limit).map(|limit| {
            let message = format!("the run took {:.0} ms, more than {:.0} ms", duration.get(), limit.get());
            RunError::new(Failure::new(ErrorType::Slow, message), None, None)
        });
        slow.or(run)
    }

    fn report(self, first: AttemptReport, second: Option<AttemptReport>) -> RunReport {
        let (decided, attempts, recovered) = match second {
            None => (first, Vec::new(), false),
            Some(second) if has_recovered(&second) => (second, vec![first], true),
            // A second attempt that did not get to the fault does not undo it.
            Some(second) if !is_worth_confirming(&second) => (first, vec![second], false),
            Some(second) => (second, vec![first], false),
        };
        let started_at = self.order.started_at;
        let duration_ms = self.started.elapsed().into();
        let mut report = RunReport {
            schema_version: SCHEMA_VERSION,
            run_id: self.order.run_id,
            target: self.target.id.clone(),
            region: self.order.region,
            scheduled_at: self.order.scheduled_at,
            started_at,
            duration_ms,
            outcome: decided.outcome,
            recovered,
            error: decided.error,
            attempt: decided.attempt,
            steps: decided.steps,
            cleanup: decided.cleanup,
            certificates: self.certificates.into_values().collect(),
            attempts,
            monitor_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        self.redactor.report(&mut report);
        report
    }

    fn left(&self) -> Duration {
        self.order.budget.saturating_sub(self.started.elapsed())
    }

    fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.started.elapsed()).unwrap_or_default();
        self.order.started_at.checked_add(elapsed).unwrap_or(self.order.started_at)
    }
}

/// Whether an attempt failed by a fault that a second one may not meet again.
fn is_worth_confirming(attempt: &AttemptReport) -> bool {
    attempt.error.as_ref().is_some_and(|error| {
        let told = error.failure.verdict().told_as == ToldAs::Failure;
        told && error.blame != Blame::Us && error.failure.error_type != ErrorType::BlockedUrl
    })
}

fn has_recovered(second: &AttemptReport) -> bool {
    second.error.as_ref().is_none_or(|error| error.failure.error_type == ErrorType::Slow)
}

/// An attempt for which not even a client could be made.
fn not_begun(attempt: u8, started_at: Timestamp, error: &crate::http::HttpError) -> AttemptReport {
    let failure = Failure::new(ErrorType::Internal, error.to_string());
    AttemptReport {
        attempt,
        started_at,
        duration_ms: Milliseconds::default(),
        outcome: Outcome::Failed,
        error: Some(RunError::new(failure, None, None)),
        steps: model::journey::Step::ALL.into_iter().map(StepReport::not_run).collect(),
        cleanup: CleanupReport::default(),
    }
}
