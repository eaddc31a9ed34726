//! The edge of the process: environment, files, wall clock, randomness and the
//! standard streams. Everything below takes these as arguments.

mod entropy;
mod files;
pub mod log;
mod streams;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

pub use entropy::Entropy;
pub use files::{WrittenFile, newest_first, read_file, read_text, real_path, write_file};
pub use streams::{stderr_line, stdout_line};

/// What the operating system refused.
#[derive(Debug, thiserror::Error)]
pub enum SystemError {
    /// A file cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// A file, or the folder for it, cannot be written.
    #[error("cannot write {}: {reason}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// A standard stream is closed or full.
    #[error("cannot write to {stream}: {reason}")]
    Stream {
        /// The stream, for a person.
        stream: &'static str,
        /// What the system says.
        reason: io::Error,
    },
    /// A variable that must be text is not.
    #[error("{0}: is not UTF-8 text")]
    Variable(String),
    /// The system has no randomness to give.
    #[error("no randomness from the operating system: {0}")]
    Entropy(getrandom::Error),
}

/// The environment variables of the process. One that is not UTF-8 is left
/// out: other programs may have such.
///
/// # Errors
/// [`SystemError::Variable`] for one of them that is `ours`, so that it is not
/// taken for unset.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn variables(ours: impl Fn(&str) -> bool) -> Result<BTreeMap<String, String>, SystemError> {
    let mut variables = BTreeMap::new();
    for (name, value) in std::env::vars_os() {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => {
                variables.insert(name, value);
            }
            (Ok(name), Err(_)) if ours(&name) => return Err(SystemError::Variable(name)),
            _ => {}
        }
    }
    Ok(variables)
}

/// What the Lambda runtime's library reads by itself, and panics without (AWS
/// Lambda Developer Guide, Defined runtime environment variables).
const RUNTIME_VARIABLES: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

/// The first variable that a function of Lambda cannot do without and that is
/// not set.
#[must_use]
pub fn missing_runtime_variable(variables: &BTreeMap<String, String>) -> Option<&'static str> {
    RUNTIME_VARIABLES.into_iter().find(|name| !variables.contains_key(*name))
}

/// The wall clock.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
