use std::io;
use std::path::PathBuf;
use std::time::Duration;

use system::SystemError;

/// Why a rehearsal could not be played to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RehearsalError {
    #[error("{} is missing: call this at the top of the checkout, after `make run` or `infra/local/setup` has set up", .0.display())]
    NotSetUp(PathBuf),
    #[error("--event: {0}")]
    Event(SystemError),
    #[error("--event: {} is not JSON: {reason}", path.display())]
    NoEvent { path: PathBuf, reason: String },
    #[error(transparent)]
    Settings(SystemError),
    #[error("cannot find the own folders: {0}")]
    OwnFolder(io::Error),
    #[error("no free port on loopback: {0}")]
    NoPort(io::Error),
    #[error("cannot start {name}: {source}")]
    NotStarted { name: String, source: io::Error },
    #[error("{name} ended before it should (see {})", log.display())]
    Ended { name: String, log: PathBuf },
    #[error("{name} was not ready within {} s (see {})", limit.as_secs(), log.display())]
    NotReady { name: String, limit: Duration, log: PathBuf },
    #[error("{name} took longer than {} s (see {})", limit.as_secs(), log.display())]
    TooSlow { name: String, limit: Duration, log: PathBuf },
    #[error("{name} failed: {reason}")]
    Failed { name: String, reason: String },
    #[error("{what} cannot be understood: {reason}")]
    Unreadable { what: String, reason: String },
}

impl RehearsalError {
    /// Whether the one who called can mend it: nothing was started.
    pub(crate) fn is_bad_usage(&self) -> bool {
        matches!(self, Self::NotSetUp(_) | Self::Event(_) | Self::NoEvent { .. })
    }
}
