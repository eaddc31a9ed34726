//! The command `xs2a-monitor`: one run, a simulated bank, a rehearsal of the
//! whole cloud and of an outage on this machine.

mod arguments;
mod commands;
mod error;
mod files;
mod live;
mod screen;
mod signals;
mod surroundings;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use error::CliError;
use surroundings::Surroundings;

/// Exit code of bad usage or configuration.
const BAD_USAGE: u8 = 2;

fn main() -> ExitCode {
    let done = match Arguments::try_parse() {
        Ok(arguments) => dispatch(arguments.command),
        Err(answer) => told_by_clap(&answer),
    };
    done.unwrap_or_else(|error| {
        screen::complain(&error.to_string());
        ExitCode::from(error.exit_code())
    })
}

/// Help and version are answers too. A closed pipe is no reason to complain.
fn told_by_clap(answer: &clap::Error) -> Result<ExitCode, CliError> {
    screen::unless_reader_left(answer.print())?;
    Ok(if answer.use_stderr() { ExitCode::from(BAD_USAGE) } else { ExitCode::SUCCESS })
}

fn dispatch(command: Command) -> Result<ExitCode, CliError> {
    let surroundings = Surroundings::of_process()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(CliError::Runtime)?;
    let done = runtime.block_on(async {
        match command {
            Command::Run(options) => Box::pin(commands::run::run(options, &surroundings)).await,
            Command::Report(options) => commands::report::run(&options, &surroundings),
            Command::Playground(options) => commands::playground::run(options).await,
            Command::Validate(options) => commands::validate::run(&options, &surroundings),
            Command::Deployment(options) => commands::deployment::run(&options, &surroundings),
            Command::Rehearse(options) => Box::pin(commands::rehearse::run(options, &surroundings)).await,
            Command::Drill(options) => Box::pin(commands::rehearse::drill(options, &surroundings)).await,
            Command::Mute(options) => Box::pin(commands::operate::mute(options, &surroundings)).await,
            Command::Unmute(options) => Box::pin(commands::operate::unmute(options, &surroundings)).await,
            Command::Ack(options) => Box::pin(commands::operate::acknowledge(options, &surroundings)).await,
            Command::TestAlert(options) => Box::pin(commands::operate::test_alert(options, &surroundings)).await,
            Command::Invoke(options) => Box::pin(commands::rehearse::invoke(options, &surroundings)).await,
        }
    });
    // Not waiting for a name lookup or a blocked reader that nobody needs any more.
    runtime.shutdown_background();
    done
}
