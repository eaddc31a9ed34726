//! What can be wrong with a configuration.

use crate::names::TargetId;

/// The first thing that is wrong, naming its place and the reason. It never
/// holds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// An environment variable is set and malformed.
    #[error("{variable}: {reason}")]
    Variable {
        /// The variable's name.
        variable: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The file does not parse, or a value in it is malformed.
    #[error("line {line}, column {column}: {reason}")]
    File {
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// Two values of the file do not go together, or one is missing.
    #[error("{key}: {reason}")]
    Key {
        /// The key, with the target it belongs to.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No target with this id.
    #[error("unknown target `{id}`; the configuration has: {known}")]
    UnknownTarget {
        /// The id that was asked for.
        id: TargetId,
        /// The ids that there are.
        known: String,
    },
    /// A run is to be made, and there is no token for it anywhere.
    #[error(
        "target `{0}` has no API token: set KOSMA_AUTH_TOKEN, or KOSMA_AUTH_TOKEN_PARAMETER or token_parameter to the \
         name of an SSM SecureString"
    )]
    NoToken(TargetId),
}
