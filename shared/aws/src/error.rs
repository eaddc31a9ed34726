use std::error::Error;

use aws_sdk_cloudwatch::error::{BuildError, ProvideErrorMetadata, SdkError};

use crate::Operation;

/// The longest text of a service or library that a message repeats, in characters.
const LONGEST_REASON: usize = 300;

/// What AWS refused or did not do. It never holds a secret or a message body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AwsError {
    /// A call failed for good, after its retries.
    #[error("{operation}: {code}: {reason}{}", operation.advice(code))]
    Call {
        /// What was called.
        operation: Operation,
        /// The service's error code, or a word for how far the call got.
        code: String,
        /// What the service or the SDK says.
        reason: String,
    },
    /// Data that did not arrive, with the reason that they share.
    #[error("metric data lost: {count}, the first is {first}: {cause}")]
    DataLost {
        /// How many.
        count: usize,
        /// Name and dimensions of the first.
        first: String,
        /// Why.
        cause: Box<AwsError>,
    },
    /// A run result that is larger than its contract allows.
    #[error("the run result takes {bytes} bytes, at most {most} are allowed")]
    RunResultTooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// A run result that does not become JSON.
    #[error("the run result cannot be written as JSON: {0}")]
    RunResultJson(String),
    /// A parameter that is there but holds no secret.
    #[error("SSM parameter {name} {reason}")]
    Parameter {
        /// The parameter's name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl AwsError {
    /// Whether S3 does not let us, or would not say that there is nothing.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Call { code, .. } if code == "AccessDenied")
    }

    pub(crate) fn call<E, R>(operation: Operation, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        let (code, reason) = match error {
            SdkError::ServiceError(refusal) => {
                let refusal = refusal.err();
                (
                    refusal.code().unwrap_or("UnknownError").to_owned(),
                    refusal.message().unwrap_or("no reason given").to_owned(),
                )
            }
            SdkError::TimeoutError(_) => (TIMEOUT.to_owned(), NO_ANSWER.to_owned()),
            SdkError::DispatchFailure(_) if chain(error).contains("credentials") => {
                (ANONYMOUS.to_owned(), NO_CREDENTIALS.to_owned())
            }
            SdkError::DispatchFailure(_) => (NOT_SENT.to_owned(), chain(error)),
            SdkError::ConstructionFailure(_) => (NOT_BUILT.to_owned(), chain(error)),
            _ => (UNREADABLE.to_owned(), chain(error)),
        };
        Self::Call { operation, code, reason: reason.chars().take(LONGEST_REASON).collect() }
    }

    /// The call cannot be put together.
    pub(crate) fn not_built(operation: Operation, error: &BuildError) -> Self {
        Self::unsendable(operation, error.to_string())
    }

    /// The call cannot be put together.
    pub(crate) fn unsendable(operation: Operation, reason: String) -> Self {
        Self::Call { operation, code: NOT_BUILT.to_owned(), reason }
    }

    /// Nobody says who calls.
    pub(crate) fn no_credentials(operation: Operation) -> Self {
        Self::Call { operation, code: ANONYMOUS.to_owned(), reason: NO_CREDENTIALS.to_owned() }
    }

    /// No answer in time.
    pub(crate) fn too_late(operation: Operation) -> Self {
        Self::Call { operation, code: TIMEOUT.to_owned(), reason: NO_ANSWER.to_owned() }
    }

    /// The same with the thing that the call is about.
    pub(crate) fn about(self, subject: &str) -> Self {
        match self {
            Self::Call { operation, code, reason } => {
                Self::Call { operation, code, reason: format!("{reason} ({subject})") }
            }
            other => other,
        }
    }

    /// The answer lacks something.
    pub(crate) fn unreadable(operation: Operation, reason: &str) -> Self {
        Self::Call { operation, code: UNREADABLE.to_owned(), reason: reason.to_owned() }
    }

    /// The service leaves items out again and again, as it does when it throttles.
    pub(crate) fn held_back(operation: Operation, items: usize) -> Self {
        Self::Call { operation, code: "Throttling".to_owned(), reason: format!("{items} items were held back") }
    }
}

const NO_CREDENTIALS: &str =
    "there are no AWS credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
const ANONYMOUS: &str = "no credentials";
const NO_ANSWER: &str = "no answer in time";
/// The code of a call without an answer in time.
pub(crate) const TIMEOUT: &str = "timeout";
/// The code of a call that did not get through.
pub(crate) const NOT_SENT: &str = "not sent";
const NOT_BUILT: &str = "not built";
const UNREADABLE: &str = "unreadable answer";

/// The error and its sources.
pub(crate) fn sources<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

fn chain(error: &(dyn Error + 'static)) -> String {
    sources(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
