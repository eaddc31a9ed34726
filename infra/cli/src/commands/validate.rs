//! `validate`: what would be monitored.

use std::fmt::Write;
use std::process::ExitCode;

use model::config::{Config, Schedule, Target, Token};
use model::names::Region;

use crate::arguments::ConfigOption;
use crate::error::CliError;
use crate::screen;
use crate::surroundings::Surroundings;

pub(crate) fn run(options: &ConfigOption, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let config = surroundings.config(options.config.as_deref())?;
    surroundings.http()?;
    screen::answer(&summary(&config))?;
    Ok(ExitCode::SUCCESS)
}

fn summary(config: &Config) -> String {
    let how = match config.schedule {
        Schedule::Parallel => "all regions at once",
        Schedule::RoundRobin => "one region after the other",
    };
    let regions: Vec<&str> = config.regions.iter().map(Region::as_str).collect();
    let mut text = format!(
        "{}, every {} min, {how}; results come together in {}\n",
        regions.join(", "),
        config.interval.as_secs() / 60,
        config.home_region
    );
    for target in &config.targets {
        text.push_str(&describe(target));
    }
    text.push_str(&alerts(config));
    text
}

/// Who is told, and from when on.
fn alerts(config: &Config) -> String {
    let rules = &config.policy;
    let quorum = rules.min_regions.of(config.regions.len());
    let mut text = format!(
        "\nfailing when {quorum} of {} regions fail, each after {} failed run(s); well after {} good run(s)\n",
        config.regions.len(),
        rules.failed_runs,
        rules.recovery_runs
    );
    for channel in &config.channels {
        let what = [
            ("failure", channel.send_failure),
            ("recovery", channel.send_recovery),
            ("degraded", channel.send_degraded),
            ("certificate", channel.send_certificate),
        ];
        let what: Vec<&str> = what.into_iter().filter(|(_, sent)| *sent).map(|(name, _)| name).collect();
        // Writing to a string does not fail.
        writeln!(text, "  {:<20} {:<10} {}", channel.id.as_str(), channel.kind.name(), what.join(", ")).ok();
    }
    if config.channels.is_empty() {
        text.push_str("  no channel: alerts go to the SNS topic, to which nobody is subscribed by this file\n");
    }
    writeln!(text, "  {} maintenance window(s)", config.maintenances.len()).ok();
    text
}

fn describe(target: &Target) -> String {
    let mut text = format!("\n{}: {}\n", target.id, target.name);
    let token = match target.require_token() {
        Ok(Token::Value(_)) => "from KOSMA_AUTH_TOKEN (not shown)".to_owned(),
        Ok(Token::Parameter(name)) => format!("from SSM parameter {name}"),
        // Only a run needs one, so this is no mistake yet.
        Err(missing) => missing.to_string(),
    };
    let lines = [
        ("API", target.api_base_url.as_url().to_string()),
        ("wizard", target.auth_base_url.as_url().to_string()),
        ("bank", format!("{} {}, {}", target.country_code, target.bank_code, target.interface)),
        ("login", target.user_name.clone()),
        ("token", token),
    ];
    for (label, value) in lines {
        // Writing to a string does not fail.
        writeln!(text, "  {label:<8}{}", report::printable(&value)).ok();
    }
    if target.muted {
        text.push_str("  muted   runs go on, notifications do not\n");
    }
    text
}
