//! What a person does at night: silence, acknowledgement, and a test of the
//! channels. All of it is written to the state table of a deployment and holds
//! from the aggregator's next event on.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use aggregator::{Operator, Trail};
use alerting::{Mute, Policy};
use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use crate::arguments::{AcknowledgeOptions, MuteOptions, Subject, TestAlertOptions, UnmuteOptions};
use crate::error::CliError;
use crate::screen;
use crate::surroundings::{AWS_TIMEOUT, Surroundings};

/// The table's name when `STATE_TABLE` does not say.
const TABLE: &str = "xs2a-monitor";
/// How often the trail is read again.
const PAUSE: Duration = Duration::from_secs(2);
/// The aggregator ticks every minute; one more for a slow channel.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) async fn mute(options: MuteOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let now = system::now();
    let until = now.checked_add(options.span).unwrap_or(Timestamp::MAX);
    let mute = Mute { until, reason: options.reason };
    let operator = operator(options.config.config.as_deref(), surroundings).await?;
    operator.mute(options.target.id(), &mute, now).await?;
    let until = until.strftime("%Y-%m-%d %H:%M UTC");
    screen::answer(&format!("Muted {} until {until}. Runs go on, notifications do not.\n", options.target))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn unmute(options: UnmuteOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let operator = operator(options.config.config.as_deref(), surroundings).await?;
    operator.unmute(options.target.id(), system::now()).await?;
    screen::answer(&format!("Unmuted {}. What is still wrong is told within a minute.\n", options.target))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn acknowledge(
    options: AcknowledgeOptions,
    surroundings: &Surroundings,
) -> Result<ExitCode, CliError> {
    let operator = operator(options.config.config.as_deref(), surroundings).await?;
    operator.acknowledge(&options.incident, system::now()).await?;
    screen::answer(&format!(
        "Acknowledged {}: no more reminders, no more calls. Its end will be told.\n",
        options.incident
    ))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn test_alert(options: TestAlertOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let operator = operator(options.config.config.as_deref(), surroundings).await?;
    let (key, ids) = operator.test(system::now()).await?;
    screen::tell(&format!("test-alert: {} on their way with the aggregator's next tick, within a minute", ids.len()));
    let trail = wait(&operator, &key, &ids).await?;
    let mut missing = 0;
    for (channel, id) in &ids {
        let told = trail.iter().find(|told| told.notification_id == *id);
        let line = told.map_or_else(|| "waits; a phone rests for 15 minutes after a call".to_owned(), last_answer);
        missing += usize::from(told.is_none_or(|told| told.status != "sent"));
        screen::answer(&format!("{channel:<32}  {}\n", report::printable(&line)))?;
    }
    if trail.is_empty() {
        screen::complain("the aggregator has not taken them up: is it deployed, and does its schedule run?");
    }
    Ok(if missing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads the trail until every notification was tried.
async fn wait(operator: &Operator, key: &str, ids: &BTreeMap<String, String>) -> Result<Vec<Trail>, CliError> {
    let end = Instant::now() + PATIENCE;
    let mut told = 0;
    loop {
        let trail = operator.trail(key).await?;
        if trail.len() != told {
            told = trail.len();
            screen::tell(&format!("test-alert: {told} of {} tried", ids.len()));
        }
        if trail.len() >= ids.len() || Instant::now() >= end {
            return Ok(trail);
        }
        sleep(PAUSE).await;
    }
}

fn last_answer(trail: &Trail) -> String {
    let answer = trail.attempts.last().map(|attempt| attempt.answer.as_str()).unwrap_or_default();
    format!("{}: {answer}", trail.status)
}

async fn operator(config: Option<&Path>, surroundings: &Surroundings) -> Result<Operator, CliError> {
    let (config, file) = surroundings.deployed_config(config)?;
    let region = config.home_region.clone();
    let environment = &surroundings.environment;
    let aws = probe::setup::clients(region.clone(), environment, &surroundings.variables, AWS_TIMEOUT).await;
    let table = environment.state_table.as_deref().unwrap_or(TABLE);
    screen::tell(&format!("table {table} in {region}, configuration {file}"));
    Ok(Operator::new(Policy::from(&config), &aws, table))
}

impl Subject {
    fn id(&self) -> Option<&model::names::TargetId> {
        match self {
            Self::All => None,
            Self::Target(id) => Some(id),
        }
    }
}
