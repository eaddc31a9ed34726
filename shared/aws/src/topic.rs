use aws_sdk_sns::types::MessageAttributeValue;
use model::names::Region;
use model::run_result::RunResult;

use crate::{AwsError, Clients, Operation};

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

fn text_attribute(value: &str) -> Option<MessageAttributeValue> {
    MessageAttributeValue::builder().data_type("String").string_value(value).build().ok()
}
