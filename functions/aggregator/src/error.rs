use std::path::PathBuf;

use aws::AwsError;
use lambda_runtime::Diagnostic;
use model::config::ConfigError;
use model::names::TargetId;
use runner::HttpError;
use system::{SystemError, log};

use crate::StoreError;

/// Why the aggregator does not start. One line each, naming the variable or key.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A variable is malformed.
    #[error("{0}")]
    Environment(ConfigError),
    /// A variable is missing.
    #[error("{name}: is not set; {advice}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// A variable is not text, or a file cannot be read.
    #[error("{0}")]
    System(SystemError),
    /// The configuration file cannot be read.
    #[error("MONITOR_CONFIG: {0}")]
    File(SystemError),
    /// The configuration file is wrong.
    #[error("{}: {reason}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// The place and the reason.
        reason: ConfigError,
    },
    /// There is no configuration file, and without one something is missing.
    #[error("{0}")]
    DefaultConfig(ConfigError),
    /// HTTP cannot be set up.
    #[error("{0}")]
    Http(HttpError),
    /// The Lambda runtime API cannot be reached, or was lost.
    #[error("the Lambda runtime stopped: {0}")]
    Runtime(String),
}

/// Why an invocation fails, and is to be repeated: something of ours did not
/// work. A message that is not understood, or a channel that fails, is no reason.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// The state cannot be read or written.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// Others kept changing an item first.
    #[error("the state of {0} was changed by others again and again")]
    Contended(String),
    /// The operating system refused something.
    #[error("{0}")]
    System(SystemError),
    /// The overview cannot be written.
    #[error("{0}")]
    Overview(AwsError),
    /// All that could be done was done; these things could not.
    #[error("{}", log::summary(.0))]
    Several(Vec<String>),
}

impl HandlerError {
    pub(crate) fn contended(target: &TargetId) -> Self {
        Self::Contended(target.to_string())
    }
}

impl From<HandlerError> for Diagnostic {
    fn from(error: HandlerError) -> Self {
        let kind = match error {
            HandlerError::Store(_) => "StateFailed",
            HandlerError::Contended(_) => "StateContended",
            HandlerError::System(_) => "SystemFailed",
            HandlerError::Overview(_) => "OverviewFailed",
            HandlerError::Several(_) => "NotAllDone",
        };
        Self { error_type: kind.to_owned(), error_message: error.to_string() }
    }
}
