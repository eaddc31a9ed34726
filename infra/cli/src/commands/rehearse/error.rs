use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a rehearsal could not be played to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RehearsalError {
    #[error("{} is missing: call this at the top of the checkout, after `make run` or `infra/local/setup` has set up", .0.display())]
    NotSetUp(PathBuf),
    #[error("cannot find the own folders: {0}")]
    OwnFolder(io::Error),
    #[error("no free port on loopback: {0}")]
    NoPort(io::Error),
    #[error("cannot start {name}: {source}")]
    NotStarted { name: String, source: io::Error },
    #[error("{name} ended before it should (see {})", log.display())]
    Ended { name: String, log: PathBuf },
    #[error("{name} did not listen within {} s (see {})", limit.as_secs(), log.display())]
    NotReady { name: String, limit: Duration, log: PathBuf },
    #[error("{call}: {reason}")]
    Call { call: String, reason: String },
    #[error("{call} answered {status}: {body}")]
    Refused { call: String, status: u16, body: String },
    #[error("{what} cannot be understood: {reason}")]
    Unreadable { what: String, reason: String },
    #[error("the rehearsal took longer than {} s", .0.as_secs())]
    TooLong(Duration),
}
