//! `invoke`: a function once, with any event, on the same local cloud.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::de::IgnoredAny;

use super::aggregator;
use super::cloud::{Cloud, program};
use super::function::Function;
use super::leash::{Output, Program};
use super::plan::{Place, Plan, Scene};
use super::{RehearsalError, probes, unless_ended};
use crate::arguments::{self, InvokeOptions};
use crate::error::CliError;
use crate::screen;
use crate::surroundings::Surroundings;

pub(crate) async fn run(options: InvokeOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    unless_ended(invoke(options, surroundings)).await
}

/// Standard output gets the function's answer and nothing else.
async fn invoke(options: InvokeOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let event = json_file(&options.event)?;
    let config = options.config.config;
    let scene = Scene { config, faults: Vec::new(), place: Place::HomeRegion, needs_channels: false };
    let plan = Plan::new(scene, surroundings).await?;
    let name = options.function.name();
    screen::tell(&format!("invoke: starting a simulated bank, the local AWS and {name} in {}", plan.region_list()));
    let cloud = Cloud::start(&plan).await?;
    let mut function = start(options.function, &plan, &cloud)?;
    let call = function.invoke_by(caller(&plan, &function, &event)).await?;
    let log = function.stop().await;
    cloud.stop().await;
    log.lines().chain(call.log.lines()).for_each(screen::tell);
    screen::answer(&call.output)?;
    let code = call.status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn start(function: arguments::Function, plan: &Plan, cloud: &Cloud) -> Result<Function, RehearsalError> {
    match function {
        arguments::Function::Probe => match plan.regions.first() {
            Some(home) => probes::start(home, plan, cloud),
            None => Err(RehearsalError::Failed { name: "invoke".to_owned(), reason: "no region".to_owned() }),
        },
        arguments::Function::Aggregator => aggregator::start(plan, cloud),
    }
}

/// cargo-lambda, as a developer would call it.
fn caller(plan: &Plan, function: &Function, event: &Path) -> Program {
    let (port, event) = (function.port().to_string(), event.display().to_string());
    let mut command = plan.kit.cargo_lambda();
    let arguments = ["invoke", "--invoke-address", "127.0.0.1", "--invoke-port", &port, &function.name];
    command.extend(arguments.into_iter().chain(["--data-file", &event]).map(str::to_owned));
    program(plan, &format!("invoke-{}-{}", function.name, function.region), command, Output::Ours)
}

/// The absolute path of a file with JSON in it.
fn json_file(file: &Path) -> Result<PathBuf, RehearsalError> {
    let text = system::read_text(file).map_err(RehearsalError::Event)?;
    serde_json::from_str::<IgnoredAny>(&text)
        .map_err(|reason| RehearsalError::NoEvent { path: file.to_owned(), reason: reason.to_string() })?;
    std::path::absolute(file).map_err(RehearsalError::OwnFolder)
}
