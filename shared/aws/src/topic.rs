use aws_sdk_sns::types::MessageAttributeValue;
use model::names::Region;
use model::run_result::RunResult;
use serde_json::Value;

use crate::{AwsError, Clients, Operation};

/// An alert for the subscribers of a topic.
#[derive(Clone, Copy, Debug)]
pub struct Alert<'a> {
    /// The subject of e-mails, less than 100 characters.
    pub subject: &'a str,
    /// A JSON object with a text per protocol and `default` (Amazon SNS API
    /// Reference, `Publish`, `MessageStructure`).
    pub message: &'a str,
    /// What subscriptions filter by: texts, and lists of texts. Others are left out.
    pub attributes: &'a [(&'static str, Value)],
}

impl Clients {
    /// Publishes a run result with the attributes `target`, `region` and
    /// `outcome`, by which subscriptions filter.
    ///
    /// # Errors
    /// When it is larger than [`RunResult::LARGEST`], or SNS refuses it.
    pub async fn publish_run_result(&self, topic_arn: &str, result: &RunResult) -> Result<(), AwsError> {
        let message = serde_json::to_string(result).map_err(|error| AwsError::RunResultJson(error.to_string()))?;
        if message.len() > RunResult::LARGEST {
            return Err(AwsError::RunResultTooLarge { bytes: message.len(), most: RunResult::LARGEST });
        }
        let mut request = self.sns.publish().topic_arn(topic_arn).message(message);
        let region = result.region.as_ref().map(Region::as_str);
        for (name, value) in
            [("target", Some(result.target.as_str())), ("region", region), ("outcome", Some(result.outcome.name()))]
        {
            if let Some(attribute) = value.and_then(text_attribute) {
                request = request.message_attributes(name, attribute);
            }
        }
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(AwsError::call(Operation::Publish, &error)),
        }
    }
}

impl Clients {
    /// Publishes an alert. Returns the message's id.
    ///
    /// # Errors
    /// When SNS refuses it or does not answer.
    pub async fn publish_alert(&self, topic_arn: &str, alert: &Alert<'_>) -> Result<String, AwsError> {
        let mut request = self.sns.publish().topic_arn(topic_arn).subject(alert.subject).message(alert.message);
        for (name, value) in alert.attributes {
            if let Some(attribute) = json_attribute(value) {
                request = request.message_attributes(*name, attribute);
            }
        }
        match request.message_structure("json").send().await {
            Ok(answer) => {
                answer.message_id.ok_or_else(|| AwsError::unreadable(Operation::PublishAlert, "no message id"))
            }
            Err(error) => Err(AwsError::call(Operation::PublishAlert, &error)),
        }
    }
}

/// SNS refuses an attribute with an empty text.
fn json_attribute(value: &Value) -> Option<MessageAttributeValue> {
    match value {
        Value::String(text) if !text.is_empty() => text_attribute(text),
        Value::Array(_) => {
            MessageAttributeValue::builder().data_type("String.Array").string_value(value.to_string()).build().ok()
        }
        _ => None,
    }
}

fn text_attribute(value: &str) -> Option<MessageAttributeValue> {
    MessageAttributeValue::builder().data_type("String").string_value(value).build().ok()
}
