//! The whole cloud on this machine: simulated banks in this process, a local
//! AWS, and functions under an emulator of the Lambda runtime. `rehearse` runs
//! the probe in every region and has the metrics read back by a client that is
//! not ours; `invoke` calls one function with any event.

mod canary;
mod cloud;
mod environment;
mod error;
mod function;
mod invoke;
mod kit;
mod leash;
mod plan;
mod probes;
mod readback;
mod show;
mod sockets;

use std::process::ExitCode;
use std::time::Duration;

use model::journey::Outcome;
use tokio::time::Instant;

pub(crate) use error::RehearsalError;
pub(crate) use invoke::run as invoke;

use crate::arguments::RehearseOptions;
use crate::error::CliError;
use crate::screen;
use crate::signals::Ending;
use crate::surroundings::Surroundings;
use cloud::Cloud;
use plan::{Place, Plan, Scene};
use probes::RegionRun;
use readback::RegionMetrics;

pub(crate) async fn run(options: RehearseOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    unless_ended(rehearse(options, surroundings)).await
}

/// Whichever ends first, the work or the patience of a person: dropping the
/// work ends every process that was started.
async fn unless_ended(work: impl Future<Output = Result<ExitCode, CliError>>) -> Result<ExitCode, CliError> {
    let mut ending = Ending::listen().map_err(CliError::Runtime)?;
    tokio::select! {
        result = work => result,
        code = ending.signalled() => {
            screen::complain("ended; everything that was started is stopped");
            Ok(ExitCode::from(code))
        }
    }
}

/// Every part has a limit of its own, and its error names the part.
async fn rehearse(options: RehearseOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let started = Instant::now();
    let scene = Scene { config: options.config.config, faults: options.faults, place: Place::EveryRegion };
    let plan = Plan::new(scene, surroundings).await?;
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
