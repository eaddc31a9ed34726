//! Why a command could not do its work. A failing bank is none of these.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use aws::AwsError;
use model::config::ConfigError;
use playground::{FaultRule, StartError};
use runner::HttpError;
use system::SystemError;

use crate::BAD_USAGE;
use crate::commands::rehearse::RehearsalError;

/// Each message names the argument, variable, file or key that is at fault.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Environment(ConfigError),
    #[error("{origin}: {source}")]
    UnreadableFile { origin: &'static str, source: SystemError },
    #[error("{}: {source}", path.display())]
    Config { path: PathBuf, source: ConfigError },
    #[error(transparent)]
    DefaultConfig(ConfigError),
    #[error("--target: {0}")]
    UnknownTarget(ConfigError),
    #[error("--target is needed, the configuration has more than one: {0}")]
    WhichTarget(String),
    #[error("XS2A_EXTRA_CA_FILE: {path} {source}")]
    ExtraRoot { path: String, source: HttpError },
    #[error("AWS_REGION is not set, and {0} needs it")]
    NoRegion(&'static str),
    #[error(transparent)]
    Aws(AwsError),
    #[error("{argument}{source}{}", reason(source))]
    Playground { argument: &'static str, source: StartError },
    #[error("--fault: {0}: the configuration has no such region")]
    FaultRegion(FaultRule),
    #[error(transparent)]
    System(#[from] SystemError),
    #[error("the report cannot be written as JSON: {0}")]
    Json(serde_json::Error),
    #[error("cannot start the runtime: {0}")]
    Runtime(io::Error),
    #[error(transparent)]
    Rehearsal(#[from] RehearsalError),
}

impl CliError {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Rehearsal(RehearsalError::NotSetUp(_)) => BAD_USAGE,
            Self::Aws(_) | Self::System(_) | Self::Json(_) | Self::Runtime(_) | Self::Rehearsal(_) => 1,
            _ => BAD_USAGE,
        }
    }
}

/// What the system said; the error itself leaves that to its source.
fn reason(error: &StartError) -> String {
    error.source().map(|source| format!(": {source}")).unwrap_or_default()
}
