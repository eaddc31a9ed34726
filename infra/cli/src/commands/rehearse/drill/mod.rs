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
    screen::tell(&format!(
        "drill: starting {} simulated banks, the local AWS and the Lambda runtime",
        plan.regions.len()
    ));
    let cloud = Cloud::start(&plan).await?;
    let mut stage = Stage::set(&plan, &cloud, paint).await?;
    screen::print(&opening(&plan, paint));
    let limits = Limits::of(&plan.config);
    let mut script = Script::new(limits);
    let (ending, outage) = play(&plan, &cloud, &mut script, &mut stage).await?;
    stage.reach_overview().await?;
    screen::print(&format!("\n{}\n{}", closing::table(&plan.config, &stage.entries, paint), show::folders(&plan)));
    let mut reasons: Vec<String> = closing::reason(ending, &limits, &stage.standing()).into_iter().collect();
    reasons.extend(stage.unsent());
    let overview = pages::overview(&plan, &cloud, "overview.html", &stage.at_hand).await?;
    let page = stage.page.take();
    stage.clear().await;
    cloud.stop().await;
    if let Some(note) = closing::reminder(script.reminder) {
        screen::print(&format!("{note}\n"));
    }
    let code = conclude(&reasons, started.elapsed().as_secs_f64());
    screen::print(&pages::line("Outage", outage.as_deref()));
    screen::print(&pages::line("Overview", overview.as_deref()));
    pages::tell(&plan, page.as_deref());
    Ok(code)
}

/// Plays minute after minute, as the script says. Brings the overview as it was
/// at the end of the outage, too, where a fifth minute was in it.
async fn play(
    plan: &Plan,
    cloud: &Cloud,
    script: &mut Script,
    stage: &mut Stage<'_>,
) -> Result<(Ending, Option<PathBuf>), CliError> {
    let (mut scene, mut outage, mut began) = (None, None, stage.next_minute());
    let mut since = Instant::now();
    loop {
        if scene != Some(script.scene) {
            scene = Some(script.scene);
            since = Instant::now();
            match script.scene {
                Scene::Healthy | Scene::Waiting => {}
                Scene::Outage => {
                    began = stage.next_minute();
                    plan.begin_faults();
                }
                Scene::Recovery => {
                    if stage.has_overview_since(began) {
                        outage = pages::overview(plan, cloud, "overview-outage.html", &stage.at_hand).await?;
                    }
                    plan.end_faults();
                }
            }
            stage.announce(script.scene);
        }
        let mut seen = stage.minute(script.scene == Scene::Waiting).await?;
        seen.waited = since.elapsed();
        if let Some(ending) = script.follow(&seen) {
            stage.end_quiet();
            return Ok((ending, outage));
        }
    }
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
