//! `run`: one run, now.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use model::config::{Config, Target, Token};
use model::journey::Outcome;
use model::names::TargetId;
use model::report::RunReport;
use model::run_result::RunResult;
use model::secret::Secret;
use runner::Order;
use system::Entropy;
use tokio::time::{Instant, interval_at};
use xs2a::Login;

use crate::arguments::{Publish, RunOptions};
use crate::error::CliError;
use crate::screen;
use crate::surroundings::Surroundings;

/// A person starts to wonder after this long.
const QUIET: Duration = Duration::from_secs(2);

pub(crate) async fn run(options: RunOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let config = surroundings.config(options.config.config.as_deref())?;
    let target = choose(&config, options.target.as_ref())?;
    if options.publish == Publish::Aws {
        surroundings.region("--publish aws")?;
    }
    let report = with_progress(target, Box::pin(journey(target, &config, surroundings))).await?;
    if options.json {
        let json = serde_json::to_string_pretty(&report).map_err(CliError::Json)?;
        screen::print(&format!("{json}\n"));
    } else {
        screen::print(&report::render(&report, &screen::style(surroundings)));
    }
    if options.publish == Publish::Aws {
        publish(&report, target, &config, surroundings).await?;
    }
    Ok(match report.outcome {
        Outcome::Passed | Outcome::Degraded => ExitCode::SUCCESS,
        Outcome::Failed => ExitCode::FAILURE,
    })
}

fn choose<'a>(config: &'a Config, id: Option<&TargetId>) -> Result<&'a Target, CliError> {
    match (id, config.targets.as_slice()) {
        (Some(id), _) => config.target(id).map_err(CliError::UnknownTarget),
        (None, [only]) => Ok(only),
        (None, targets) => {
            let ids: Vec<&str> = targets.iter().map(|target| target.id.as_str()).collect();
            Err(CliError::WhichTarget(ids.join(", ")))
        }
    }
}

async fn journey(target: &Target, config: &Config, surroundings: &Surroundings) -> Result<RunReport, CliError> {
    let http = surroundings.http()?;
    let login = login(target, surroundings).await?;
    let mut entropy = Entropy::from_system()?;
    let now = system::now();
    let order = Order {
        run_id: entropy.new_run_id(),
        region: surroundings.environment.region.clone(),
        scheduled_at: minute(now),
        started_at: now,
        budget: config.timeouts.run.saturating_sub(config.timeouts.publish),
        timeouts: config.timeouts,
    };
    Ok(xs2a::run(&http, target, &login, order, &mut entropy).await)
}

/// The minute that a run begun now stands for.
pub(crate) fn minute(now: Timestamp) -> Timestamp {
    now.round(TimestampRound::new().smallest(Unit::Minute).mode(RoundMode::Trunc)).unwrap_or(now)
}

/// AWS is asked only for what the environment does not hold.
async fn login(target: &Target, surroundings: &Surroundings) -> Result<Login, CliError> {
    let token = match &target.token {
        Token::Value(token) => token.clone(),
        Token::Parameter(name) => parameter(name, surroundings).await?,
    };
    let password = match &target.password_parameter {
        Some(name) => Some(parameter(name, surroundings).await?),
        None => None,
    };
    Ok(Login { token, password })
}

async fn parameter(name: &str, surroundings: &Surroundings) -> Result<Secret, CliError> {
    let clients = surroundings.aws("a token or password in SSM").await?;
    clients.secure_string(name).await.map_err(CliError::Aws)
}

async fn publish(
    report: &RunReport,
    target: &Target,
    config: &Config,
    surroundings: &Surroundings,
) -> Result<(), CliError> {
    let clients = surroundings.aws("--publish aws").await?;
    let is_home_region = report.region.as_ref() == Some(&config.home_region);
    let sent = clients.put_metrics(&report::metrics(report, target.metrics, is_home_region)).await;
    if let Some(error) = sent.errors.into_iter().next() {
        return Err(CliError::Aws(error));
    }
    if let Some(topic) = &surroundings.environment.run_result_topic_arn {
        let result = RunResult::from(report);
        clients.publish_run_result(topic, &result).await.map_err(CliError::Aws)?;
    }
    Ok(())
}

/// Shows on a terminal that the work goes on once it takes longer.
async fn with_progress<T>(target: &Target, work: impl Future<Output = T>) -> T {
    if !io::stderr().is_terminal() {
        return work.await;
    }
    let started = Instant::now();
    let mut tick = interval_at(started + QUIET, Duration::from_secs(1));
    let mut shown = 0;
    tokio::pin!(work);
    loop {
        tokio::select! {
            result = &mut work => {
                show(&format!("\r{:shown$}\r", ""));
                return result;
            }
            _ = tick.tick() => {
                let line = format!("\rrunning {} for {} s", target.id, started.elapsed().as_secs());
                shown = line.len();
                show(&line);
            }
        }
    }
}

fn show(text: &str) {
    let mut terminal = io::stderr().lock();
    terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush()).ok();
}
