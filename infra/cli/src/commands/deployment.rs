//! `deployment`: what a deployment needs to know of the configuration, as JSON.

use std::process::ExitCode;
use std::time::Duration;

use alerting::text::filter_policy;
use model::config::{Channel, ChannelKind, Config, MetricDetail, Schedule, Target, Token};
use model::names::Region;
use serde_json::{Map, Value, json};

use crate::arguments::DeployedConfig;
use crate::error::CliError;
use crate::screen;
use crate::surroundings::Surroundings;

pub(crate) fn run(options: &DeployedConfig, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let (config, _) = surroundings.deployed_config(options.config.as_deref())?;
    screen::answer(&format!("{:#}\n", document(&config)?))?;
    Ok(ExitCode::SUCCESS)
}

fn document(config: &Config) -> Result<Value, CliError> {
    let region_interval = region_interval(config);
    Ok(json!({
        "home_region": config.home_region,
        "watch_region": config.watch_region(),
        "regions": config.regions,
        "schedule": schedules(config)?,
        "region_interval_minutes": region_interval.as_secs() / 60,
        "run_seconds": config.timeouts.run.as_secs(),
        "targets": config.targets.iter().map(target).collect::<Vec<_>>(),
        "channels": config.channels.iter().map(channel).collect::<Vec<_>>(),
        "slow_seconds": config.targets.iter().filter_map(|target| target.degraded_after.run).min().map(seconds),
        "certificate_days": config.policy.certificate_days.iter().max(),
    }))
}

/// How often one region runs.
fn region_interval(config: &Config) -> Duration {
    let turns = match config.schedule {
        Schedule::Parallel => 1,
        Schedule::RoundRobin => config.regions.len(),
    };
    config.interval.saturating_mul(u32::try_from(turns).unwrap_or(u32::MAX))
}

/// EventBridge Scheduler's expression by region. A cron expression counts within
/// the hour, so the interval has to divide it; a rate would start at any second.
fn schedules(config: &Config) -> Result<Map<String, Value>, CliError> {
    let (every, interval) = (region_interval(config).as_secs() / 60, config.interval.as_secs() / 60);
    if every == 0 || 60 % every != 0 {
        return Err(CliError::Schedule(every));
    }
    let minutes = |place: u64| match (config.schedule, every) {
        (_, 1) => "*".to_owned(),
        (Schedule::Parallel, _) => format!("0/{every}"),
        (Schedule::RoundRobin, _) => format!("{}/{every}", place * interval),
    };
    let schedule =
        |(place, region): (u64, &Region)| (region.to_string(), format!("cron({} * * * ? *)", minutes(place)).into());
    Ok((0..).zip(&config.regions).map(schedule).collect())
}

fn target(target: &Target) -> Value {
    let token = match &target.token {
        Some(Token::Parameter(name)) => Some(name),
        // That of a developer's own environment is not deployed.
        Some(Token::Value(_)) | None => None,
    };
    let hosts = [&target.api_base_url, &target.auth_base_url].map(|url| url.as_url().host_str().unwrap_or_default());
    json!({
        "id": target.id,
        "name": target.name,
        "metrics": match target.metrics { MetricDetail::Full => "full", MetricDetail::Run => "run" },
        "hosts": hosts,
        "token_parameter": token,
        "password_parameter": target.password_parameter,
        "slow_seconds": target.degraded_after.run.map(seconds),
    })
}

fn channel(channel: &Channel) -> Value {
    let endpoint = channel.kind.endpoint();
    let phone = match &channel.kind {
        ChannelKind::Phone { number, origination } => Some(json!({"number": number, "origination": origination})),
        _ => None,
    };
    json!({
        "id": channel.id,
        "type": channel.kind.name(),
        "protocol": endpoint.map(|_| channel.kind.name()),
        "endpoint": endpoint,
        "filter_policy": endpoint.map(|_| filter_policy(&channel.id)),
        "secret_parameter": channel.kind.secret_parameter(),
        "phone": phone,
    })
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
