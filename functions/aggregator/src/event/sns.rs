//! A message of an SNS topic (Amazon SNS Developer Guide, Fanout to Lambda functions).

use jiff::Timestamp;
use model::SCHEMA_VERSION;
use model::names::{Region, TopicArn};
use model::run_result::RunResult;
use serde::Deserialize;
use serde_json::Value;

use super::alarm::{self, Alarm};

/// A record of an event, whatever is in it.
#[derive(Debug)]
pub(crate) struct Message {
    /// SNS's id of it; none when the record is no message.
    pub(crate) id: Option<String>,
    /// The topic that it names.
    pub(crate) topic: Option<String>,
    /// When SNS got it; the `now` of what is decided about it.
    pub(crate) at: Option<Timestamp>,
    /// The text as it came, for keeping.
    pub(crate) text: String,
    pub(crate) content: Content,
}

/// What a message says.
#[derive(Debug)]
pub(crate) enum Content {
    /// A run ended.
    Run(Timestamp, Box<RunResult>),
    /// The alarm of a region's missing runs changed.
    MissingRuns { at: Timestamp, region: Region, firing: bool },
    /// Nothing for us; the reason.
    Aside(String),
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "EventSource", alias = "eventSource")]
    source: String,
    #[serde(rename = "Sns")]
    sns: Sns,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sns {
    message_id: String,
    topic_arn: String,
    timestamp: Timestamp,
    message: String,
}

impl Message {
    pub(super) fn read(record: &Value, topics: &[TopicArn]) -> Self {
        match Record::deserialize(record) {
            Ok(record) if record.source == "aws:sns" => Self::of(record.sns, topics),
            Ok(record) => Self::unreadable(record.sns.message, "its source is not aws:sns"),
            Err(error) => Self::unreadable(record.to_string(), &format!("it is no record of SNS: {error}")),
        }
    }

    fn of(sns: Sns, topics: &[TopicArn]) -> Self {
        let content = match topics.iter().find(|topic| topic.as_str() == sns.topic_arn) {
            Some(topic) => content(&sns, topic).unwrap_or_else(Content::Aside),
            None => Content::Aside("its topic is not one of RUN_RESULT_TOPIC_ARNS".to_owned()),
        };
        Self {
            id: Some(sns.message_id).filter(|id| !id.is_empty()),
            topic: Some(sns.topic_arn),
            at: Some(sns.timestamp),
            text: sns.message,
            content,
        }
    }

    fn unreadable(text: String, reason: &str) -> Self {
        Self { id: None, topic: None, at: None, text, content: Content::Aside(reason.to_owned()) }
    }
}

fn content(sns: &Sns, topic: &TopicArn) -> Result<Content, String> {
    let value: Value = serde_json::from_str(&sns.message).map_err(|error| format!("it is no JSON: {error}"))?;
    if value.get("AlarmName").is_some() {
        let Alarm { region, firing } = alarm::read(&value, topic)?;
        return Ok(Content::MissingRuns { at: sns.timestamp, region, firing });
    }
    // Before the shape: that of another version may be another one.
    match value.get("schema_version").and_then(Value::as_u64) {
        Some(version) if version == u64::from(SCHEMA_VERSION) => {}
        Some(version) => return Err(format!("schema_version {version} is not known, only {SCHEMA_VERSION}")),
        None => return Err("it is neither a run result nor an alarm".to_owned()),
    }
    if sns.message.len() > RunResult::LARGEST {
        return Err(format!("it takes {} bytes, a run result at most {}", sns.message.len(), RunResult::LARGEST));
    }
    let result = RunResult::deserialize(&value).map_err(|error| format!("it is no run result: {error}"))?;
    Ok(Content::Run(sns.timestamp, Box::new(result)))
}
