//! `rehearse`: the whole cloud on this machine, once. Simulated banks in this
//! process, a local AWS, the probe under an emulator of the Lambda runtime in
//! every region, and the metrics read back by a client that is not ours.

mod cloud;
mod error;
mod http;
mod leash;
mod plan;
mod probes;
mod readback;
mod show;

use std::process::ExitCode;
use std::time::Duration;

use model::journey::Outcome;
use tokio::time::Instant;

pub(crate) use error::RehearsalError;

use crate::arguments::RehearseOptions;
use crate::error::CliError;
use crate::screen;
use crate::signals::Ending;
use crate::surroundings::Surroundings;
use cloud::Cloud;
use plan::Plan;
use probes::RegionRun;
use readback::RegionMetrics;

/// All that a rehearsal may take; every part has its own, shorter limit.
const LONGEST: Duration = Duration::from_mins(3);

pub(crate) async fn run(options: RehearseOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let mut ending = Ending::listen().map_err(CliError::Runtime)?;
    // Whichever ends first, dropping the other ends every process that was started.
    tokio::select! {
        result = tokio::time::timeout(LONGEST, rehearse(options, surroundings)) => {
            result.unwrap_or(Err(RehearsalError::TooLong(LONGEST).into()))
        }
        code = ending.signalled() => {
            screen::tell("rehearsal: ended, everything that it started is stopped");
            Ok(ExitCode::from(code))
        }
    }
}

async fn rehearse(options: RehearseOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let started = Instant::now();
    let plan = Plan::new(options, surroundings).await?;
    screen::tell(&format!(
        "rehearsal: starting {} simulated banks, the local AWS and the Lambda runtime",
        plan.regions.len()
    ));
    let cloud = Cloud::start(&plan).await?;
    screen::tell(&format!("rehearsal: running the probe in {}", plan.region_list()));
    let runs = probes::run_all(&plan, &cloud).await?;
    screen::tell("rehearsal: reading the metrics back from CloudWatch");
    let metrics = readback::read(&plan, &cloud).await?;
    cloud.stop().await;
    screen::print(&show::everything(&plan, &runs, &metrics, screen::style(surroundings)));
    Ok(conclude(&faults(&plan, &runs, &metrics), started.elapsed()))
}

/// Why the rehearsal is not a success, in sentences.
fn faults(plan: &Plan, runs: &[RegionRun], metrics: &[RegionMetrics]) -> Vec<String> {
    let mut faults = Vec::new();
    for run in runs {
        for target in &plan.config.targets {
            match run.reports.iter().find(|report| report.target == target.id).map(|report| report.outcome) {
                None => faults.push(format!("{} was not run in {}", target.id, run.region)),
                Some(Outcome::Failed) => faults.push(format!("{} failed in {}", target.id, run.region)),
                Some(Outcome::Passed | Outcome::Degraded) => {}
            }
        }
    }
    faults.extend(readback::differences(plan, runs, metrics));
    faults
}

fn conclude(faults: &[String], elapsed: Duration) -> ExitCode {
    let seconds = elapsed.as_secs_f64();
    if faults.is_empty() {
        screen::print(&format!("Rehearsal passed in {seconds:.1} s: every run ended well, every metric arrived.\n"));
        return ExitCode::SUCCESS;
    }
    screen::print(&format!("Rehearsal failed in {seconds:.1} s:\n"));
    for fault in faults {
        screen::print(&format!("  {}\n", report::printable(fault)));
    }
    ExitCode::FAILURE
}
