//! The whole cloud on this machine: simulated banks in this process, a local
//! AWS, and functions under an emulator of the Lambda runtime. `rehearse` runs
//! the probe in every region, has the metrics read back by a client that is not
//! ours, and asks the aggregator for its verdict; `drill` plays an outage from
//! its first minute to its end; `invoke` calls one function with any event.

mod aggregator;
mod canary;
mod cloud;
mod drill;
mod environment;
mod error;
mod function;
mod invoke;
mod kit;
mod leash;
mod local_aws;
mod loopback;
mod monitor_file;
mod pages;
mod paint;
mod plan;
mod prepare;
mod probes;
mod readback;
mod show;
mod sockets;
mod verdict;

use std::process::ExitCode;
use std::time::Duration;

use model::journey::Outcome;
use tokio::time::Instant;

pub(crate) use drill::run as drill;
pub(crate) use error::RehearsalError;
pub(crate) use invoke::run as invoke;

use crate::arguments::RehearseOptions;
use crate::error::CliError;
use crate::screen;
use crate::signals::Ending;
use crate::surroundings::Surroundings;
use aggregator::Aggregator;
use cloud::Cloud;
use plan::{Place, Plan, Scene};
use probes::Probes;
use show::Shown;
use verdict::INTO_THE_MINUTE;

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
    let (config, faults) = (options.config.config, options.faults);
    let scene = Scene { config, faults, place: Place::EveryRegion, needs_channels: false };
    let plan = Plan::new(scene, surroundings).await?;
    plan.begin_faults();
    screen::tell(&format!(
        "rehearsal: starting {} simulated banks, the local AWS and the Lambda runtime",
        plan.regions.len()
    ));
    let cloud = Cloud::start(&plan).await?;
    let mut aggregator = Aggregator::start(&plan, &cloud).await?;
    let mut probes = Probes::start(&plan, &cloud)?;
    screen::tell(&format!("rehearsal: running the probe in {}", plan.region_list()));
    cloud.local_aws()?.set_clock(plan.minute + INTO_THE_MINUTE).await?;
    let runs = probes.run(plan.minute, |_| true).await?;
    let told = aggregator.take_results().await?;
    let mut verdicts = aggregator.tick(plan.next_minute()).await?;
    verdicts.notifications.splice(0..0, told);
    screen::tell("rehearsal: reading the metrics back from CloudWatch");
    let metrics = readback::read(&plan, &cloud).await?;
    probes.stop().await;
    aggregator.stop().await;
    cloud.stop().await;
    let shown = Shown { runs: &runs, metrics: &metrics, verdicts: &verdicts };
    screen::print(&show::everything(&plan, &shown, screen::style(surroundings)));
    let code = conclude(&faults_of(&plan, &shown), started.elapsed());
    let page = pages::most_interesting(&plan, &runs);
    pages::tell(&plan, page.as_deref());
    Ok(code)
}

/// Why the rehearsal is not a success, in sentences.
fn faults_of(plan: &Plan, shown: &Shown<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for run in shown.runs {
        for target in &plan.config.targets {
            match run.reports.iter().find(|report| report.target == target.id).map(|report| report.outcome) {
                None => faults.push(format!("{} was not run in {}", target.id, run.region)),
                Some(Outcome::Failed) => faults.push(format!("{} failed in {}", target.id, run.region)),
                Some(Outcome::Passed | Outcome::Degraded) => {}
            }
        }
    }
    faults.extend(readback::differences(plan, shown.runs, shown.metrics));
    faults.extend(verdict::differences(&plan.config, plan.minute, shown.runs, shown.verdicts));
    faults
}

fn conclude(faults: &[String], elapsed: Duration) -> ExitCode {
    let seconds = elapsed.as_secs_f64();
    if faults.is_empty() {
        screen::print(&format!(
            "Rehearsal passed in {seconds:.1} s: every run ended well, every metric arrived, the verdict fits.\n"
        ));
        return ExitCode::SUCCESS;
    }
    screen::print(&format!("Rehearsal failed in {seconds:.1} s:\n"));
    for fault in faults {
        screen::print(&format!("  {}\n", report::printable(fault)));
    }
    ExitCode::FAILURE
}
