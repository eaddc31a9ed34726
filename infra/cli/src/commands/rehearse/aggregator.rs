//! The aggregator in the home region, and what it makes of a minute.

use std::collections::BTreeMap;

use ::aggregator::{Answer, NotificationAnswer, Status, TargetAnswer};
use alerting::Disposition;
use jiff::Timestamp;
use model::names::Region;
use serde_json::json;

use super::RehearsalError;
use super::cloud::{Cloud, understood};
use super::function::{Deployment, Function};
use super::local_aws::{Delivery, LocalAws};
use super::pages::{REPORT_BUCKET, report_bucket};
use super::plan::Plan;

/// The function's name.
pub(crate) const AGGREGATOR: &str = "aggregator";
/// The table of its state.
pub(crate) const TABLE: &str = "xs2a-monitor";

/// The aggregator, which gets what the run-result topics deliver.
pub(crate) struct Aggregator {
    function: Function,
    local_aws: LocalAws,
}

/// Its verdicts, and what it did about them.
pub(crate) struct Verdicts {
    /// What became of notifications, each once, in the order of their first try.
    pub(crate) notifications: Vec<NotificationAnswer>,
    /// Where every target stands.
    pub(crate) targets: Vec<TargetAnswer>,
}

impl Aggregator {
    /// Starts it and has the run-result topics deliver to it.
    pub(crate) async fn start(plan: &Plan, cloud: &Cloud) -> Result<Self, RehearsalError> {
        let function = start(plan, cloud)?;
        let local_aws = cloud.local_aws()?;
        local_aws.serve(AGGREGATOR, &function.url()).await?;
        Ok(Self { function, local_aws })
    }

    /// Waits until it has taken all results that were published, and returns
    /// what it sent for them.
    ///
    /// # Errors
    /// Also when a result does not count.
    pub(crate) async fn take_results(&mut self) -> Result<Vec<NotificationAnswer>, RehearsalError> {
        let deliveries = self.local_aws.settle().await?;
        let answers = deliveries.into_iter().map(delivered).collect::<Result<Vec<_>, _>>()?;
        Ok(together(answers.into_iter().flat_map(|answer| answer.notifications)))
    }

    /// Begins a minute: what is still open of the one before is decided.
    pub(crate) async fn tick(&mut self, minute: Timestamp) -> Result<Verdicts, RehearsalError> {
        self.local_aws.set_clock(minute).await?;
        let event = json!({ "scheduled_at": minute.to_string() });
        let answer: Answer = understood("the aggregator's answer", &self.function.invoke(&event).await?)?;
        let notifications = together(answer.notifications.into_iter());
        Ok(Verdicts { notifications, targets: answer.targets })
    }

    pub(crate) async fn stop(self) {
        self.function.stop().await;
    }
}

/// The function alone.
pub(crate) fn start(plan: &Plan, cloud: &Cloud) -> Result<Function, RehearsalError> {
    let topics: Vec<&str> = cloud.topic_arns().collect();
    let variables = [
        ("STATE_TABLE", TABLE.to_owned()),
        ("ALERT_TOPIC_ARN", cloud.alert_topic_arn().to_owned()),
        ("RUN_RESULT_TOPIC_ARNS", topics.join(",")),
        (REPORT_BUCKET, report_bucket(&plan.config.home_region)),
    ];
    let variables: BTreeMap<String, String> = variables.map(|(name, value)| (name.to_owned(), value)).into();
    let region: &Region = &plan.config.home_region;
    Function::start(Deployment { name: AGGREGATOR, region, variables }, plan, cloud)
}

/// The answer to a delivery whose results count.
fn delivered(delivery: Delivery) -> Result<Answer, RehearsalError> {
    let what = format!("delivering a run result to the {}", delivery.function);
    let failed = |reason: String| RehearsalError::Failed { name: what.clone(), reason };
    let answer = match (delivery.answer, delivery.error) {
        (Some(answer), None) => answer,
        (_, error) => return Err(failed(error.unwrap_or_else(|| "it answered nothing".to_owned()))),
    };
    let answer: Answer = serde_json::from_value(answer)
        .map_err(|error| RehearsalError::Unreadable { what: what.clone(), reason: error.to_string() })?;
    let counts = [Disposition::Taken, Disposition::Late, Disposition::Duplicate].map(Some);
    match answer.messages.iter().find(|message| !counts.contains(&message.disposition)) {
        Some(message) => {
            let reason = message.reason.clone();
            Err(failed(reason.unwrap_or_else(|| format!("it does not count: {:?}", message.disposition))))
        }
        None => Ok(answer),
    }
}

/// What several invocations did about the same notifications, each once.
fn together(all: impl Iterator<Item = NotificationAnswer>) -> Vec<NotificationAnswer> {
    let mut told = Vec::new();
    all.for_each(|one| note(&mut told, one));
    told
}

/// Keeps the last news of each notification; that it waits, or that somebody
/// else is at it, is none.
pub(crate) fn note(told: &mut Vec<NotificationAnswer>, one: NotificationAnswer) {
    match told.iter_mut().find(|known| known.notification_id == one.notification_id) {
        None => told.push(one),
        Some(known) if known.status != Status::Sent && one.status != Status::Waiting => *known = one,
        Some(_) => {}
    }
}
