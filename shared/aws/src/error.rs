use std::error::Error;

use aws_sdk_cloudwatch::error::{ProvideErrorMetadata, SdkError};

/// The longest text of a service or library that a message repeats, in characters.
const LONGEST_REASON: usize = 300;

/// What AWS refused or did not do. It never holds a secret or a message body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AwsError {
    /// A call failed for good, after its retries.
    #[error("{operation}: {code}: {reason}{}", advice(*operation, code))]
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

/// The calls that are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `CloudWatch`.
    PutMetricData,
    /// SNS.
    Publish,
    /// SSM.
    GetParameter,
}

impl Operation {
    const fn permission(self) -> &'static str {
        match self {
            Self::PutMetricData => "cloudwatch:PutMetricData",
            Self::Publish => "sns:Publish, and kms:GenerateDataKey and kms:Decrypt for an encrypted topic,",
            Self::GetParameter => "ssm:GetParameter, and kms:Decrypt for its key,",
        }
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::PutMetricData => "CloudWatch PutMetricData",
            Self::Publish => "SNS Publish",
            Self::GetParameter => "SSM GetParameter",
        })
    }
}

impl AwsError {
    pub(crate) fn call<E, R>(operation: Operation, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: std::fmt::Debug,
    {
        let (code, reason) = match error {
            SdkError::ServiceError(refusal) => {
                let refusal = refusal.err();
                (
                    refusal.code().unwrap_or("UnknownError").to_owned(),
                    refusal.message().unwrap_or("no reason given").to_owned(),
                )
            }
            SdkError::TimeoutError(_) => (TIMEOUT.to_owned(), "no answer in time".to_owned()),
            SdkError::DispatchFailure(_) => (NOT_SENT.to_owned(), chain(error)),
            SdkError::ConstructionFailure(_) => ("not built".to_owned(), chain(error)),
            _ => ("unreadable answer".to_owned(), chain(error)),
        };
        Self::Call { operation, code, reason: reason.chars().take(LONGEST_REASON).collect() }
    }
}

const TIMEOUT: &str = "timeout";
const NOT_SENT: &str = "not sent";

/// The error with its sources.
fn chain<E, R>(error: &SdkError<E, R>) -> String
where
    E: Error + 'static,
    R: std::fmt::Debug,
{
    let mut text = String::new();
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(error) = next {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        next = error.source();
    }
    text
}

/// What to do about the codes that are met in practice.
fn advice(operation: Operation, code: &str) -> String {
    let text = match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "AuthorizationError"
        | "AuthorizationErrorException"
        | "KMSAccessDenied" => {
            return format!("; allow {} to this role", operation.permission());
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch" => "the AWS credentials are wrong or expired",
        "NotFound" | "NotFoundException" => "the topic must exist in this region; check RUN_RESULT_TOPIC_ARN",
        "ParameterNotFound" => "create it as a SecureString in this region",
        "Throttling" | "ThrottlingException" | "ThrottledException" => "the account's request rate is used up",
        TIMEOUT | NOT_SENT => "check credentials and the way to AWS, locally AWS_ENDPOINT_URL",
        _ => return String::new(),
    };
    format!("; {text}")
}
