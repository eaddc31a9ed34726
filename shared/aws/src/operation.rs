use crate::error::{NOT_SENT, TIMEOUT};

/// The calls that are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `CloudWatch`.
    PutMetricData,
    /// SNS, a run result.
    Publish,
    /// SNS, an alert.
    PublishAlert,
    /// SSM.
    GetParameter,
    /// `DynamoDB`, one item.
    GetItem,
    /// `DynamoDB`, many items.
    BatchGetItem,
    /// `DynamoDB`, the items of a partition.
    Query,
    /// `DynamoDB`, a whole item.
    PutItem,
    /// `DynamoDB`, parts of an item.
    UpdateItem,
    /// `DynamoDB`, an item's end.
    DeleteItem,
    /// `DynamoDB`, all or nothing.
    TransactWriteItems,
    /// AWS End User Messaging, a phone call.
    SendVoiceMessage,
    /// S3, one object.
    GetObject,
    /// S3, one object.
    PutObject,
}

impl Operation {
    const fn permission(self) -> &'static str {
        match self {
            Self::PutMetricData => "cloudwatch:PutMetricData",
            Self::Publish | Self::PublishAlert => {
                "sns:Publish, and kms:GenerateDataKey and kms:Decrypt for an encrypted topic,"
            }
            Self::GetParameter => "ssm:GetParameter, and kms:Decrypt for its key,",
            Self::GetItem => "dynamodb:GetItem",
            Self::BatchGetItem => "dynamodb:BatchGetItem",
            Self::Query => "dynamodb:Query",
            Self::PutItem => "dynamodb:PutItem",
            Self::UpdateItem => "dynamodb:UpdateItem",
            Self::DeleteItem => "dynamodb:DeleteItem",
            Self::TransactWriteItems => "dynamodb:PutItem, dynamodb:UpdateItem and dynamodb:DeleteItem",
            Self::SendVoiceMessage => "sms-voice:SendVoiceMessage",
            Self::GetObject => "s3:GetObject",
            Self::PutObject => "s3:PutObject",
        }
    }

    /// What to do about the codes that are met in practice, for the end of a sentence.
    pub(crate) fn advice(self, code: &str) -> String {
        let text = match code {
            "AccessDenied"
            | "AccessDeniedException"
            | "AuthorizationError"
            | "AuthorizationErrorException"
            | "KMSAccessDenied" => {
                return format!("; allow {} to this role", self.permission());
            }
            "InvalidAccessKeyId"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch" => "the AWS credentials are wrong or expired",
            "NoSuchBucket" | "PermanentRedirect" | "AuthorizationHeaderMalformed" => {
                "the bucket must exist in this region; check REPORT_BUCKET"
            }
            "NotFound" | "NotFoundException" | "ResourceNotFoundException" => self.missing(),
            "ParameterNotFound" => "create it as a SecureString in this region",
            "SlowDown"
            | "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestLimitExceeded"
            | "ProvisionedThroughputExceededException" => "the account's request rate is used up",
            "ServiceQuotaExceededException" if self == Self::SendVoiceMessage => {
                "an account in the sandbox may make 20 calls in 24 hours, 5 to the same number"
            }
            TIMEOUT | NOT_SENT => "check credentials and the way to AWS, locally AWS_ENDPOINT_URL",
            _ => "",
        };
        if text.is_empty() { String::new() } else { format!("; {text}") }
    }

    /// What to do when the thing that is called for does not exist.
    const fn missing(self) -> &'static str {
        match self {
            Self::Publish => "the topic must exist in this region; check RUN_RESULT_TOPIC_ARN",
            Self::PublishAlert => "the topic must exist in this region; check ALERT_TOPIC_ARN",
            Self::GetItem
            | Self::BatchGetItem
            | Self::Query
            | Self::PutItem
            | Self::UpdateItem
            | Self::DeleteItem
            | Self::TransactWriteItems => "the home stack creates the table, in the home region; check STATE_TABLE",
            Self::SendVoiceMessage => "the number that calls must be leased in this region and able to speak",
            Self::PutMetricData | Self::GetParameter | Self::GetObject | Self::PutObject => "",
        }
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::PutMetricData => "CloudWatch PutMetricData",
            Self::Publish | Self::PublishAlert => "SNS Publish",
            Self::GetParameter => "SSM GetParameter",
            Self::GetItem => "DynamoDB GetItem",
            Self::BatchGetItem => "DynamoDB BatchGetItem",
            Self::Query => "DynamoDB Query",
            Self::PutItem => "DynamoDB PutItem",
            Self::UpdateItem => "DynamoDB UpdateItem",
            Self::DeleteItem => "DynamoDB DeleteItem",
            Self::TransactWriteItems => "DynamoDB TransactWriteItems",
            Self::SendVoiceMessage => "End User Messaging SendVoiceMessage",
            Self::GetObject => "S3 GetObject",
            Self::PutObject => "S3 PutObject",
        })
    }
}
