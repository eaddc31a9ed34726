//! Why a command could not do its work. A failing bank is none of these.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use aggregator::OperatorError;
use aws::AwsError;
use model::UnreadableReport;
use model::config::ConfigError;
use model::names::TargetId;
use playground::FaultRule;
use probe::LoginError;
use system::SystemError;

use crate::BAD_USAGE;
use crate::commands::rehearse::RehearsalError;

/// Each message names the argument, variable, file or key that is at fault.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Environment(ConfigError),
    #[error(transparent)]
    SetUp(#[from] probe::StartError),
    #[error("--target: {0}")]
    UnknownTarget(ConfigError),
    #[error("--target is needed, the configuration has more than one: {0}")]
    WhichTarget(String),
    #[error("AWS_REGION is not set, and {0} needs it")]
    NoRegion(&'static str),
    #[error(transparent)]
    Secret(AwsError),
    #[error(transparent)]
    Login(#[from] LoginError),
    #[error("{}", .0.join("; "))]
    Publish(Vec<String>),
    #[error("{argument}{source}{}", reason(source))]
    Playground { argument: &'static str, source: playground::StartError },
    #[error("--fault: {0}: the configuration has no such region")]
    FaultRegion(FaultRule),
    #[error(transparent)]
    System(#[from] SystemError),
    #[error("the report cannot be written as JSON: {0}")]
    Json(serde_json::Error),
    #[error("{option} {}: {reason}", path.display())]
    File { option: &'static str, path: PathBuf, reason: SystemError },
    #[error("{}: {reason}", path.display())]
    Report { path: PathBuf, reason: UnreadableReport },
    #[error("--against {}: its run did not pass at once; name one that did", .0.display())]
    Against(PathBuf),
    #[error("no report stands in {}; `make run`, or `xs2a-monitor run` with REPORT_FOLDER set, leaves one", .0.display())]
    NoReport(PathBuf),
    #[error("--against: that run was of {0}, this one is of {1}")]
    AgainstOther(TargetId, TargetId),
    #[error("{}: one file for two things; name another (--html, --har, --junit)", .0.display())]
    OneFileForTwo(PathBuf),
    #[error("{0}: fetch it first: aws s3 cp {0} - | xs2a-monitor report -")]
    InS3(String),
    #[error("REPORT_FOLDER: {0}")]
    Kept(String),
    #[error("cannot read standard input: {0}")]
    Input(io::Error),
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
    #[error("cannot start the runtime: {0}")]
    Runtime(io::Error),
    #[error(
        "a region runs every {0} min, which does not divide the hour; \
         change `interval`, or the number of regions that take turns"
    )]
    Schedule(u64),
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error(transparent)]
    Rehearsal(#[from] RehearsalError),
}

impl CliError {
    /// 1 stands for a run that failed, so what kept a run from being done or
    /// told is [`BAD_USAGE`], whoever is to blame.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Rehearsal(error) if error.is_bad_usage() => BAD_USAGE,
            Self::Operator(OperatorError::UnknownTarget(..) | OperatorError::UnknownIncident { .. }) => BAD_USAGE,
            Self::Publish(_) | Self::Operator(_) | Self::Rehearsal(_) => 1,
            _ => BAD_USAGE,
        }
    }
}

/// What the system said; the error itself leaves that to its source.
fn reason(error: &playground::StartError) -> String {
    error.source().map(|source| format!(": {source}")).unwrap_or_default()
}
