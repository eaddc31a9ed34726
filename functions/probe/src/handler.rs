use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use model::config::Target;
use model::error::ErrorType;
use model::event::{ProbeEvent, Publish};
use model::names::TargetId;
use model::report::RunReport;
use report::{Datum, LogContext, log_line};
use runner::{Order, Progress, Stop};
use serde_json::Value;
use system::{Entropy, log};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use crate::secrets::SecretError;
use crate::watch::{PANICKED, Watched, watch};
use crate::{Answer, HandlerError, Probe, budget, own_failure, report_file};

/// How much longer than its budget a run may take before it is given up: the
/// runner keeps the budget itself, this is for a runner that does not.
const OVERRUN: Duration = Duration::from_millis(500);

/// One invocation, as Lambda describes it.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// Its id.
    pub id: String,
    /// When Lambda ends it, in milliseconds since 1970.
    pub deadline: u64,
    /// The function's name.
    pub function_name: String,
}

/// What the runs of one invocation share.
struct Round<'a> {
    invocation: &'a Invocation,
    cold_start: bool,
    scheduled: bool,
    scheduled_at: Timestamp,
    end: Timestamp,
    publish: Publish,
}

/// A run that ended: its report without contents, and what we failed to do with it.
struct Ended {
    report: RunReport,
    faults: Vec<String>,
}

impl Probe {
    /// One invocation: runs the event's targets at the same time, each on its
    /// own, and publishes each run as it ends.
    ///
    /// # Errors
    /// When the event is not ours, and when something could not be published,
    /// after everything else was tried. Never because a bank failed.
    pub async fn handle(&self, event: Value, invocation: &Invocation) -> Result<Answer, HandlerError> {
        let event = parse(event).map_err(HandlerError::Event)?;
        let targets = self.config.select(&event.targets).map_err(HandlerError::Target)?;
        let now = system::now();
        let round = Round {
            invocation,
            cold_start: !self.started_before.swap(true, Ordering::Relaxed),
            scheduled: event.scheduled_at.is_some(),
            scheduled_at: budget::minute(event.scheduled_at.unwrap_or(now)),
            end: budget::end_of_runs(invocation.deadline, now, &self.config.timeouts),
            publish: event.publish,
        };
        let (send, arriving) = unbounded_channel();
        let mut runs = Vec::with_capacity(targets.len());
        for target in targets {
            let entropy = Entropy::from_system().map_err(HandlerError::System)?;
            runs.push(self.run_and_publish(target, &round, entropy, send.clone()));
        }
        // Only the runs hold senders now: when the last has ended, so do the metrics.
        drop(send);
        let (ended, faults) = tokio::join!(join_all(runs), self.publisher.metrics(arriving));
        conclude(ended, faults)
    }

    async fn run_and_publish(
        &self,
        target: &Target,
        round: &Round<'_>,
        entropy: Entropy,
        metrics: UnboundedSender<Vec<Datum>>,
    ) -> Ended {
        // On the heap: what a journey holds is large.
        let report = Box::pin(self.run(target, round, entropy)).await;
        // Its calls end a little earlier by themselves (`Probe::start`). What a run
        // leaves of its time is there for keeping reports.
        let limit = budget::left(round.end, system::now()) + self.config.timeouts.publish * 9 / 10;
        let faults = guarded(limit, &target.id, self.publish(&report, target, round, metrics)).await;
        Ended { report: report.without_contents(), faults }
    }

    async fn publish(
        &self,
        report: &RunReport,
        target: &Target,
        round: &Round<'_>,
        metrics: UnboundedSender<Vec<Datum>>,
    ) -> Vec<String> {
        log::line(&log_line(report, &round.log_context()));
        let mut faults = Vec::new();
        faults.extend(self.report_folder.as_ref().and_then(|folder| report_file::write(folder, report).err()));
        if round.publish == Publish::All {
            if metrics.send(self.publisher.data(report, target.metrics)).is_err() {
                faults.push(format!("metrics of {}: nobody takes them", target.id));
            }
            drop(metrics);
            faults.extend(self.tell(report, round).await);
        }
        faults
    }

    /// The page of a run and its run result, which waits for the page only, and
    /// not for long: what went wrong, one sentence each.
    async fn tell(&self, report: &RunReport, round: &Round<'_>) -> Vec<String> {
        let Some(reports) = &self.reports else {
            return self.publisher.run_result(report, None).await.into_iter().collect();
        };
        let end_of_runs = Instant::now() + budget::left(round.end, system::now());
        let mut page = reports.page(report).await;
        let uri = page.as_mut().and_then(|page| page.uri.take());
        let lost = self.publisher.run_result(report, uri).await;
        let mut faults = reports.rest(report, page, end_of_runs).await;
        faults.extend(lost);
        faults
    }

    /// One run, whatever happens in it.
    async fn run(&self, target: &Target, round: &Round<'_>, mut entropy: Entropy) -> RunReport {
        let started = Instant::now();
        let started_at = system::now();
        let order = Order {
            run_id: entropy.new_run_id(),
            region: Some(self.region.clone()),
            scheduled_at: round.scheduled_at,
            started_at,
            budget: budget::left(round.end, started_at),
            timeouts: self.config.timeouts,
            stop: Stop::never(),
            progress: Progress::untold(),
        };
        let limit = order.budget + OVERRUN;
        match watch(limit, self.journey(target, round, order.clone(), entropy)).await {
            Watched::Ended(Ok(report)) => report,
            Watched::Ended(Err(error)) => {
                own_failure::not_begun(&target.id, order, started.elapsed(), error.to_string())
            }
            Watched::Panicked => own_failure::lost(&target.id, order, started.elapsed(), PANICKED),
            Watched::Overran => {
                own_failure::lost(&target.id, order, started.elapsed(), "the monitor did not end the run in its time")
            }
        }
    }

    /// # Errors
    /// When the target has no login: the run did not begin.
    async fn journey(
        &self,
        target: &Target,
        round: &Round<'_>,
        mut order: Order,
        mut entropy: Entropy,
    ) -> Result<RunReport, SecretError> {
        let login = self.secrets.login(&self.aws, target).await?;
        // Reading a secret takes time of the run, but is not part of it.
        order.started_at = system::now();
        order.budget = budget::left(round.end, order.started_at);
        let report = xs2a::run(&self.http, target, &login, order, &mut entropy).await;
        let refused = |error: &model::error::RunError| error.failure.error_type == ErrorType::Credentials;
        if report.error.as_ref().is_some_and(refused) {
            self.secrets.refused(target).await;
        }
        Ok(report)
    }
}

/// The publication of one run, whatever happens in it: what went wrong, one
/// sentence each.
async fn guarded(limit: Duration, target: &TargetId, work: impl Future<Output = Vec<String>>) -> Vec<String> {
    match watch(limit, work).await {
        Watched::Ended(faults) => faults,
        Watched::Panicked => vec![format!("publishing {target}: {PANICKED}")],
        Watched::Overran => vec![format!("publishing {target}: not all of it could be done in time")],
    }
}

/// The derived parser would take a list for an object without names.
fn parse(event: Value) -> serde_json::Result<ProbeEvent> {
    if !event.is_object() {
        return Err(serde::de::Error::custom("it is no JSON object"));
    }
    serde_json::from_value(event)
}

impl Round<'_> {
    fn log_context(&self) -> LogContext<'_> {
        LogContext {
            function_name: Some(&self.invocation.function_name),
            invocation_id: Some(&self.invocation.id),
            cold_start: Some(self.cold_start),
            scheduled: self.scheduled,
        }
    }
}

fn conclude(ended: Vec<Ended>, metrics_faults: Vec<String>) -> Result<Answer, HandlerError> {
    let mut faults = metrics_faults;
    let mut reports = Vec::with_capacity(ended.len());
    for run in ended {
        faults.extend(run.faults);
        reports.push(run.report);
    }
    if faults.is_empty() { Ok(Answer::new(reports)) } else { Err(HandlerError::Publish(faults)) }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn a_publication_that_panics_or_hangs_is_a_fault_of_its_target_only() {
        let target = |id: &str| id.parse::<TargetId>().unwrap();
        let long = Duration::from_mins(1);
        let (panics, hangs, ends) = (target("panics"), target("hangs"), target("ends"));
        let all = tokio::join!(
            guarded(long, &panics, async { panic!("a bug") }),
            guarded(Duration::ZERO, &hangs, pending()),
            guarded(long, &ends, ready(vec!["a fault".to_owned()])),
        );
        assert_eq!(all.0, ["publishing panics: the monitor panicked, its log tells where"]);
        assert_eq!(all.1, ["publishing hangs: not all of it could be done in time"]);
        assert_eq!(all.2, ["a fault"]);
    }
}
