//! What an attempt leaves open at the bank.

use model::error::{ErrorType, Failure};
use runner::Answer;
use url::Url;

/// The session at the bank, as far as it is known.
#[derive(Debug, Default)]
pub(crate) enum Opened {
    /// None was asked for, or none was given.
    #[default]
    Nothing,
    /// One was asked for, and the answer did not tell its address.
    Unknown,
    /// One stands at this URL.
    Session(Url),
}

impl Opened {
    /// What is known right after the request: nothing was opened where the bank
    /// was not reached or said no.
    pub(crate) fn after(answer: &Result<Answer, Failure>) -> Self {
        match answer {
            Ok(answer) if (200..300).contains(&answer.status) => Self::Unknown,
            Err(failure) if !matches!(failure.error_type, ErrorType::Dns | ErrorType::Connect | ErrorType::Tls) => {
                Self::Unknown
            }
            _ => Self::Nothing,
        }
    }
}
