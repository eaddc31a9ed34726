use std::path::PathBuf;

use lambda_runtime::Diagnostic;
use model::config::ConfigError;
use runner::HttpError;
use system::{SystemError, log};

/// Why the probe, or a run of the command line, does not start. One line each, naming the variable or key.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A variable is malformed.
    #[error("{0}")]
    Environment(ConfigError),
    /// A variable that Lambda sets is missing.
    #[error("{0}: is not set; this program runs under AWS Lambda or an emulator of it (for one run: xs2a-monitor run)")]
    NotLambda(&'static str),
    /// A variable is not text.
    #[error("{0}")]
    System(SystemError),
    /// A file that a variable or an argument names cannot be read.
    #[error("{named_by}: {reason}")]
    File {
        /// The variable or argument.
        named_by: &'static str,
        /// The path and the reason.
        reason: SystemError,
    },
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
    /// The extra root certificate cannot be used.
    #[error("XS2A_EXTRA_CA_FILE: {path} {reason}")]
    ExtraRoot {
        /// The file.
        path: String,
        /// The reason.
        reason: HttpError,
    },
    /// HTTP cannot be set up.
    #[error("{0}")]
    Http(HttpError),
    /// The Lambda runtime API cannot be reached, or was lost.
    #[error("the Lambda runtime stopped: {0}")]
    Runtime(String),
}

/// Why an invocation fails: we failed, not a bank.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// The event is not one of ours.
    #[error("this event is not for the probe: {0}")]
    Event(serde_json::Error),
    /// The event names a target that the configuration does not have.
    #[error("targets: {0}")]
    Target(ConfigError),
    /// The operating system refused something without which no run starts.
    #[error("{0}")]
    System(SystemError),
    /// Every run was done; something about them could not be published.
    #[error("{}", log::summary(.0))]
    Publish(Vec<String>),
}

impl From<HandlerError> for Diagnostic {
    fn from(error: HandlerError) -> Self {
        let kind = match error {
            HandlerError::Event(_) => "InvalidEvent",
            HandlerError::Target(_) => "UnknownTarget",
            HandlerError::System(_) => "SystemFailed",
            HandlerError::Publish(_) => "PublishFailed",
        };
        Self { error_type: kind.to_owned(), error_message: error.to_string() }
    }
}
