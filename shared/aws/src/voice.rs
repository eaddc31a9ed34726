use aws_sdk_pinpointsmsvoicev2::Client;
use aws_sdk_pinpointsmsvoicev2::config::Builder;
use aws_sdk_pinpointsmsvoicev2::config::http::HttpResponse;
use aws_sdk_pinpointsmsvoicev2::config::retry::RetryConfig;
use aws_sdk_pinpointsmsvoicev2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_pinpointsmsvoicev2::operation::send_voice_message::SendVoiceMessageError;
use aws_sdk_pinpointsmsvoicev2::types::VoiceMessageBodyTextType;
use hyper_util::client::legacy::Error as ConnectionError;

use crate::error::sources;
use crate::{AwsError, Clients, Operation, https};

/// How long AWS may take to place a call, in seconds. Its own default is three
/// days; by then an alert is none.
const TIME_TO_LIVE: i32 = 15 * 60;

/// Who calls people: AWS End User Messaging. Made for one call.
#[derive(Clone, Debug)]
pub struct Voice {
    client: Client,
}

/// A phone call.
#[derive(Clone, Copy, Debug)]
pub struct VoiceCall<'a> {
    /// Who is called, in E.164 format: `+4989123456`.
    pub number: &'a str,
    /// Who calls: a number of this account that can speak, or the id or ARN of
    /// one or of a pool.
    pub origination: &'a str,
    /// What is said, at most 3,000 characters of plain text.
    pub text: &'a str,
}

/// Why a call was not made, as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It was certainly not made: AWS refused it, or was not reached.
    #[error("{0}")]
    NotMade(AwsError),
    /// Whether the phone rang is not known.
    #[error("{0}")]
    Unknown(AwsError),
}

impl Clients {
    /// The caller of this region, with a connection of its own. Nothing is sent yet.
    #[must_use]
    pub fn voice(&self) -> Voice {
        // A call has no request token: a second try might ring twice. And calls
        // are far between: on a connection that died since the last one nobody
        // could tell whether the phone rings.
        let config = Builder::from(&self.config).retry_config(RetryConfig::disabled()).http_client(https()).build();
        Voice { client: Client::from_conf(config) }
    }
}

impl Voice {
    /// Asks for a call, once. Returns the message's id; the phone rings later.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn call(&self, call: &VoiceCall<'_>) -> Result<String, CallError> {
        let request = self
            .client
            .send_voice_message()
            .destination_phone_number(call.number)
            .origination_identity(call.origination)
            .message_body(call.text)
            .message_body_text_type(VoiceMessageBodyTextType::Text)
            .time_to_live(TIME_TO_LIVE);
        let unreadable = || CallError::Unknown(AwsError::unreadable(Operation::SendVoiceMessage, "no message id"));
        match request.send().await {
            Ok(answer) => answer.message_id.ok_or_else(unreadable),
            Err(error) if was_not_made(&error) => Err(CallError::NotMade(told(&error))),
            Err(error) => Err(CallError::Unknown(told(&error))),
        }
    }
}

fn told(error: &SdkError<SendVoiceMessageError, HttpResponse>) -> AwsError {
    AwsError::call(Operation::SendVoiceMessage, error)
}

/// Whether an error proves that no call was made.
fn was_not_made(error: &SdkError<SendVoiceMessageError, HttpResponse>) -> bool {
    match error {
        SdkError::ConstructionFailure(_) => true,
        // Without a code it is not the service that refuses.
        SdkError::ServiceError(refusal) => refusal.raw().status().is_client_error() && refusal.err().code().is_some(),
        SdkError::DispatchFailure(_) => sources(error)
            .filter_map(|source| source.downcast_ref::<ConnectionError>())
            .any(ConnectionError::is_connect),
        _ => false,
    }
}
