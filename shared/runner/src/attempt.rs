//! One attempt at a journey: its clock, its connections, its record.

use std::collections::BTreeMap;
use std::time::Duration;

use model::config::Timeouts;
use model::error::{ErrorType, Failure, RunError};
use model::journey::{Outcome, Request, Step, StepOutcome};
use model::redaction::Redactor;
use model::report::{Assertion, CertificateReport, CleanupReport, Exchange, RequestReport, StepReport};
use tokio::time::Instant;

use crate::call::{Answer, Call};
use crate::http::{Client, Limit};
use crate::progress::{Moment, Progress};
use crate::stop::Stop;

/// One attempt under way. A journey sends its requests through it, inside
/// [`step`](Attempt::step)s.
pub struct Attempt {
    pub(crate) client: Client,
    pub(crate) redactor: Redactor,
    pub(crate) certificates: BTreeMap<String, CertificateReport>,
    timeouts: Timeouts,
    started: Instant,
    deadline: Instant,
    stop: Stop,
    progress: Progress,
    steps: Vec<StepReport>,
    error: Option<RunError>,
}

/// What an attempt gets from its run.
pub(crate) struct Setting {
    pub(crate) client: Client,
    pub(crate) redactor: Redactor,
    pub(crate) timeouts: Timeouts,
    /// For the journey; the clean-up has its own.
    pub(crate) time: Duration,
    pub(crate) stop: Stop,
    pub(crate) progress: Progress,
}

/// The clean-up after an attempt: the same connections, a time of its own.
pub struct CleanUp<'a> {
    attempt: &'a mut Attempt,
    report: CleanupReport,
}

/// What an attempt came to.
pub(crate) struct Ended {
    pub(crate) duration: Duration,
    pub(crate) outcome: Outcome,
    pub(crate) error: Option<RunError>,
    pub(crate) steps: Vec<StepReport>,
}

impl Attempt {
    pub(crate) fn new(setting: Setting) -> Self {
        let Setting { client, redactor, timeouts, time, stop, progress } = setting;
        let started = Instant::now();
        Self {
            client,
            redactor,
            certificates: BTreeMap::new(),
            timeouts,
            started,
            deadline: started + time,
            stop,
            progress,
            steps: Vec::new(),
            error: None,
        }
    }

    /// Does one step; a failure is put down to its last request.
    ///
    /// # Errors
    /// The step's failure, as `work` gave it.
    pub async fn step<T>(
        &mut self,
        step: Step,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let started = Instant::now();
        self.progress.tell(Moment::StepBegan(step));
        self.steps.push(StepReport::not_run(step));
        let result = work(self).await;
        let mut request = None;
        if let Some(report) = self.steps.last_mut() {
            report.duration_ms = Some(started.elapsed().into());
            report.outcome = match &result {
                Ok(_) => StepOutcome::Passed,
                Err(failure) => failure.verdict().outcome.into(),
            };
            if let (Err(failure), Some(last)) = (&result, report.requests.last_mut()) {
                last.error = Some(failure.clone());
                request = Some(last.name);
            }
            self.progress.tell(Moment::StepEnded(step, report.outcome));
        }
        if let Err(failure) = &result {
            self.error = Some(RunError::new(failure.clone(), Some(step), request));
        }
        result
    }

    /// Sends one of the eleven requests.
    ///
    /// # Errors
    /// When no complete answer came. An answer of any HTTP status is `Ok`.
    pub async fn call(&mut self, request: Request, call: Call) -> Result<Answer, Failure> {
        self.progress.tell(Moment::RequestBegan(request));
        let (exchange, result) = self.send(&call).await?;
        let report = RequestReport {
            number: request.number(),
            name: request,
            exchange,
            polls: Vec::new(),
            assertions: Vec::new(),
            error: None,
        };
        if let Some(step) = self.steps.last_mut() {
            step.requests.push(report);
        }
        result
    }

    /// Sends a repeat of the last request, or a question that belongs to it.
    ///
    /// # Errors
    /// When no complete answer came.
    pub async fn poll(&mut self, call: Call) -> Result<Answer, Failure> {
        let (exchange, result) = self.send(&call).await?;
        if let Some(request) = self.last_request() {
            request.polls.push(exchange);
        }
        result
    }

    /// Waits between two polls.
    ///
    /// # Errors
    /// [`ErrorType::Deadline`] at once, when the wait would outlast the attempt;
    /// [`ErrorType::Stopped`] when the run is stopped.
    pub async fn wait(&mut self, time: Duration) -> Result<(), Failure> {
        if Instant::now() + time >= self.deadline {
            return Err(Failure::new(
                ErrorType::Deadline,
                "the attempt's time ended while the API was still processing",
            ));
        }
        tokio::select! {
            () = self.stop.wait() => Err(Failure::new(ErrorType::Stopped, "the run was stopped between two polls")),
            () = tokio::time::sleep(time) => Ok(()),
        }
    }

    /// The time limit for all polls of one request.
    #[must_use]
    pub fn poll_budget(&self) -> Duration {
        self.timeouts.poll
    }

    /// Notes one thing that was checked of the last answer.
    ///
    /// # Errors
    /// A failure of `error_type` when it did not hold.
    pub fn check(&mut self, passed: bool, error_type: ErrorType, expected: &str) -> Result<(), Failure> {
        if let Some(request) = self.last_request() {
            request.assertions.push(Assertion { expected: expected.to_owned(), passed });
        }
        if passed { Ok(()) } else { Err(Failure::new(error_type, format!("expected {expected}"))) }
    }

    /// The run's redactor, to teach it the secrets that answers bring.
    pub fn redactor(&mut self) -> &mut Redactor {
        &mut self.redactor
    }

    /// Begins the clean-up with its own time.
    pub(crate) fn clean_up(&mut self) -> CleanUp<'_> {
        self.deadline = Instant::now() + self.timeouts.cleanup;
        // Also a run that is stopped leaves nothing open.
        self.stop = Stop::never();
        self.progress.tell(Moment::CleanUpBegan);
        CleanUp { attempt: self, report: CleanupReport::default() }
    }

    /// Closes the record of the journey; steps that were not reached are added.
    pub(crate) fn end(&mut self, walked: Result<(), Failure>) -> Ended {
        let duration = self.started.elapsed();
        let mut steps = std::mem::take(&mut self.steps);
        let missing = Step::ALL.into_iter().skip(steps.len());
        steps.extend(missing.map(StepReport::not_run));
        let error = match walked {
            Ok(()) => None,
            // A failure outside of any step has no place.
            Err(failure) => Some(self.error.take().unwrap_or_else(|| RunError::new(failure, None, None))),
        };
        let outcome = error.as_ref().map_or(Outcome::Passed, |error| error.failure.verdict().outcome);
        Ended { duration, outcome, error, steps }
    }

    fn last_request(&mut self) -> Option<&mut RequestReport> {
        self.steps.last_mut()?.requests.last_mut()
    }

    /// Sends within the request's own limit or what is left of the attempt.
    ///
    /// # Errors
    /// [`ErrorType::Deadline`] when nothing is left and nothing was sent.
    async fn send(&mut self, call: &Call) -> Result<(Exchange, Result<Answer, Failure>), Failure> {
        let now = Instant::now();
        let left = self.deadline.saturating_duration_since(now);
        if left.is_zero() {
            return Err(Failure::new(ErrorType::Deadline, "the attempt's time ended before this request"));
        }
        let limit = Limit {
            time: left.min(self.timeouts.request),
            is_attempts: left < self.timeouts.request,
            stop: &self.stop,
        };
        let mut sent = self.client.send(call, &limit, &self.redactor).await;
        sent.exchange.started_ms = now.duration_since(self.started).into();
        if let Some(certificate) = sent.certificate {
            self.certificates.insert(certificate.host.clone(), certificate);
        }
        Ok((sent.exchange, sent.result))
    }
}

impl CleanUp<'_> {
    /// Sends the request that closes what the journey opened.
    ///
    /// # Errors
    /// When no complete answer came.
    pub async fn call(&mut self, call: Call) -> Result<Answer, Failure> {
        let (exchange, result) = self.attempt.send(&call).await?;
        self.report.request = Some(exchange);
        result
    }

    pub(crate) fn end(self, result: Result<(), Failure>) -> CleanupReport {
        CleanupReport { error: result.err(), ..self.report }
    }
}
