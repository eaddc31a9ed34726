//! `drill`: an outage from its first minute to its end, in simulated minutes.
//! The banks of the regions get the faults, the probes run, and the terminal
//! shows what each channel would get.

mod closing;
mod ledger;
mod letters;
mod lines;
mod script;
mod stage;

use std::path::PathBuf;
use std::process::ExitCode;

use tokio::time::Instant;

use super::cloud::Cloud;
use super::monitor_file::EXAMPLE_CHANNELS;
use super::paint::Paint;
use super::plan::{Place, Plan, Scene as Asked};
use super::{pages, show, unless_ended};
use crate::arguments::DrillOptions;
use crate::error::CliError;
use crate::screen;
use crate::surroundings::Surroundings;
use script::{Ending, Limits, Scene, Script};
use stage::Stage;

pub(crate) async fn run(options: DrillOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    unless_ended(drill(options, surroundings)).await
}

async fn drill(options: DrillOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let started = Instant::now();
    let (config, faults) = (options.config, options.faults);
    let plan =
        Plan::new(Asked { config, faults, place: Place::EveryRegion, needs_channels: true }, surroundings).await?;
    let paint = Paint { style: screen::style(surroundings) };
    pages::forget_overviews(&plan);
    screen::tell(&format!(
        "drill: starting {} simulated banks, the local AWS and the Lambda runtime",
        plan.regions.len()
    ));
    let cloud = Cloud::start(&plan).await?;
    let mut stage = Stage::set(&plan, &cloud, paint).await?;
    screen::print(&opening(&plan, paint));
    let mut script = Script::new(Limits::of(&plan.config));
    let (ending, outage) = play(&plan, &cloud, &mut script, &mut stage).await?;
    stage.reach_overview().await?;
    let overview = pages::overview(&plan, &cloud, pages::OVERVIEW, &stage.at_hand).await;
    let reasons = close(&plan, &script, ending, &stage);
    let page = stage.page.take();
    stage.clear().await;
    cloud.stop().await;
    let code = conclude(&reasons, started.elapsed().as_secs_f64());
    screen::print(&pages::line("Outage", outage.as_deref()));
    screen::print(&pages::line("Overview", overview.as_deref()));
    pages::tell(&plan, page.as_deref());
    Ok(code)
}

/// Plays minute after minute, as the script says. Brings the overview as it was
/// in the outage, too, where it showed that.
async fn play(
    plan: &Plan,
    cloud: &Cloud,
    script: &mut Script,
    stage: &mut Stage<'_>,
) -> Result<(Ending, Option<PathBuf>), CliError> {
    let (mut scene, mut outage) = (None, None);
    let mut since = Instant::now();
    loop {
        if scene != Some(script.scene) {
            scene = Some(script.scene);
            since = Instant::now();
            outage = enter(script.scene, plan, cloud, stage).await;
            stage.announce(script.scene);
        }
        let mut seen = stage.minute(matches!(script.scene, Scene::Waiting | Scene::Overview)).await?;
        seen.waited = since.elapsed();
        if let Some(ending) = script.follow(&seen) {
            stage.end_quiet();
            // A fault that ended by itself.
            if script.scene != Scene::Recovery {
                outage = of_outage(plan, cloud, stage).await;
            }
            return Ok((ending, outage));
        }
    }
}

/// Begins or ends the faults as a scene needs it; their end brings the overview of the outage.
async fn enter(scene: Scene, plan: &Plan, cloud: &Cloud, stage: &Stage<'_>) -> Option<PathBuf> {
    match scene {
        Scene::Healthy | Scene::Waiting | Scene::Overview => None,
        Scene::Outage => {
            plan.begin_faults();
            None
        }
        Scene::Recovery => {
            let outage = of_outage(plan, cloud, stage).await;
            plan.end_faults();
            outage
        }
    }
}

/// The overview of an outage; none when the last one that was made does not show it.
async fn of_outage(plan: &Plan, cloud: &Cloud, stage: &Stage<'_>) -> Option<PathBuf> {
    if !stage.shows_open {
        return None;
    }
    pages::overview(plan, cloud, pages::OUTAGE, &stage.at_hand).await
}

/// Shows who was told what, and what a reader should know; why the drill is not
/// a success, in sentences.
fn close(plan: &Plan, script: &Script, ending: Ending, stage: &Stage<'_>) -> Vec<String> {
    let table = closing::table(&plan.config, &stage.entries, stage.paint);
    screen::print(&format!("\n{table}\n{}{}\n", show::folders(plan), closing::MINUTES));
    if let Some(note) = closing::reminder(script.reminder) {
        screen::print(&format!("{note}\n"));
    }
    if ending != Ending::EarlyNews {
        for sentence in closing::without_effect(&plan.faults, &stage.hit) {
            screen::complain(&sentence);
        }
    }
    let reason = closing::reason(ending, &script.limits, &stage.standing());
    reason.into_iter().chain(stage.unsent()).collect()
}

fn opening(plan: &Plan, paint: Paint) -> String {
    let title = paint.bold(&format!("Drill of {}", report::printable(&stage::fault_list(plan))));
    let channels: Vec<&str> = plan.config.channels.iter().map(|channel| channel.id.as_str()).collect();
    let channels = if plan.example_channels {
        format!("those of {EXAMPLE_CHANNELS}, for the configuration has none")
    } else {
        channels.join(", ")
    };
    format!(
        "{title}\n\nConfiguration  {}\nChannels       {channels}\n",
        report::printable(&plan.config_file.display().to_string())
    )
}

fn conclude(reasons: &[String], seconds: f64) -> ExitCode {
    if reasons.is_empty() {
        screen::print(&format!("Drill passed in {seconds:.1} s: what had to be told was told.\n"));
        return ExitCode::SUCCESS;
    }
    screen::print(&format!("Drill failed in {seconds:.1} s:\n"));
    for reason in reasons {
        screen::print(&format!("  {}\n", report::printable(reason)));
    }
    ExitCode::FAILURE
}
