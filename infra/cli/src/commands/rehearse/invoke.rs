//! `invoke`: a function once, with any event, on the same local cloud.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::de::IgnoredAny;

use super::cloud::Cloud;
use super::function::{Event, Function};
use super::plan::{Place, Plan, Scene};
use super::{RehearsalError, unless_ended};
use crate::arguments::InvokeOptions;
use crate::error::CliError;
use crate::screen;
use crate::surroundings::Surroundings;

pub(crate) async fn run(options: InvokeOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    unless_ended(invoke(options, surroundings)).await
}

/// Standard output gets the function's answer and nothing else.
async fn invoke(options: InvokeOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let event = Event::File(json_file(&options.event)?);
    let scene = Scene { config: options.config.config, faults: Vec::new(), place: Place::HomeRegion };
    let plan = Plan::new(scene, surroundings).await?;
    let name = options.function.name();
    screen::tell(&format!("invoke: starting a simulated bank, the local AWS and {name} in {}", plan.region_list()));
    let cloud = Cloud::start(&plan).await?;
    let Some(function) = Function::in_every_region(name, &plan, &cloud)?.pop() else {
        return Err(RehearsalError::Failed { name: name.to_owned(), reason: "no region".to_owned() }.into());
    };
    let (call, log) = function.invoke(event).await?;
    cloud.stop().await;
    log.lines().chain(call.log.lines()).for_each(screen::tell);
    screen::answer(&call.output)?;
    let code = call.status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The absolute path of a file with JSON in it.
fn json_file(file: &Path) -> Result<PathBuf, RehearsalError> {
    let text = system::read_text(file).map_err(RehearsalError::Event)?;
    serde_json::from_str::<IgnoredAny>(&text)
        .map_err(|reason| RehearsalError::NoEvent { path: file.to_owned(), reason: reason.to_string() })?;
    std::path::absolute(file).map_err(RehearsalError::OwnFolder)
}
