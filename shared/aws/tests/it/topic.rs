use std::collections::BTreeMap;

use aws::AwsError;
use model::run_result::RunResult;
use serde_json::json;

use super::clients;
use crate::stub::{Answer, Stub};

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:run-results";
const PUBLISHED: &str = r#"<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"#;

fn run_result() -> RunResult {
    let value = json!({
        "schema_version": 1, "target": "a-bank", "region": "eu-west-1", "scheduled_at": "2026-11-25T10:00:00Z",
        "run_id": "00000000000000000000000000000001", "started_at": "2026-11-25T10:00:01Z", "duration_ms": 12.5,
        "outcome": "passed", "told_as": null, "recovered": false, "error": null, "steps": [], "certificates": [],
        "session_left_open": false,
    });
    serde_json::from_value(value).expect("a run result")
}

#[tokio::test]
async fn a_run_result_goes_out_with_the_attributes_to_filter_by() {
    let stub = Stub::start(|_| Answer::xml(200, PUBLISHED)).await.unwrap();
    clients(&stub).await.publish_run_result(TOPIC, &run_result()).await.unwrap();

    let form = stub.calls()[0].form();
    assert_eq!((form["Action"].as_str(), form["TopicArn"].as_str()), ("Publish", TOPIC));
    let message: RunResult = serde_json::from_str(&form["Message"]).unwrap();
    assert_eq!(message, run_result());
    let attributes: BTreeMap<_, _> = (1..=3)
        .map(|n| {
            let part = |part: &str| form[&format!("MessageAttributes.entry.{n}.{part}")].as_str();
            (part("Name"), part("Value.StringValue"))
        })
        .collect();
    let expected = [("outcome", "passed"), ("region", "eu-west-1"), ("target", "a-bank")];
    assert_eq!(attributes, BTreeMap::from(expected));
}

#[tokio::test]
async fn a_run_result_above_its_limit_is_not_sent() {
    let stub = Stub::start(|_| Answer::xml(200, PUBLISHED)).await.unwrap();
    let mut result = run_result();
    result.run_id = "0".repeat(RunResult::LARGEST);
    let error = clients(&stub).await.publish_run_result(TOPIC, &result).await.unwrap_err();
    assert!(matches!(error, AwsError::RunResultTooLarge { most: 8192, .. }), "{error}");
    assert!(stub.calls().is_empty());
}

#[tokio::test]
async fn a_missing_topic_is_told_with_what_to_check() {
    let refusal = r#"<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error><RequestId>1</RequestId></ErrorResponse>"#;
    let stub = Stub::start(move |_| Answer::xml(404, refusal)).await.unwrap();
    let error = clients(&stub).await.publish_run_result(TOPIC, &run_result()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "SNS Publish: NotFound: Topic does not exist; the topic must exist in this region; check RUN_RESULT_TOPIC_ARN"
    );
}
