use std::collections::BTreeMap;

use aws::{Alert, AwsError};
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
    let expected = [("outcome", "passed"), ("region", "eu-west-1"), ("target", "a-bank")];
    let expected = expected.map(|(name, value)| (name.to_owned(), ("String".to_owned(), value.to_owned())));
    assert_eq!(attributes(&form), BTreeMap::from(expected));
}

/// Name, and type and value, of the message's attributes.
fn attributes(form: &BTreeMap<String, String>) -> BTreeMap<String, (String, String)> {
    let entry = |n| {
        let part = |part: &str| form.get(&format!("MessageAttributes.entry.{n}.{part}")).cloned();
        Some((part("Name")?, (part("Value.DataType")?, part("Value.StringValue")?)))
    };
    (1..).map_while(entry).collect()
}

#[tokio::test]
async fn an_alert_goes_out_with_a_text_for_each_protocol_and_its_attributes() {
    let stub = Stub::start(|_| Answer::xml(200, PUBLISHED)).await.unwrap();
    let told = [
        ("event", json!("failure")),
        ("tags", json!(["prod", "de"])),
        ("target", json!("")),
        ("severity", json!(null)),
    ];
    let alert = Alert { subject: "Bank is down", message: r#"{"default":"down"}"#, attributes: &told };
    assert_eq!(clients(&stub).await.publish_alert(TOPIC, &alert).await, Ok("1".to_owned()));

    let form = stub.calls()[0].form();
    let field = |name: &str| form[name].as_str();
    assert_eq!((field("TopicArn"), field("Subject")), (TOPIC, "Bank is down"));
    assert_eq!((field("MessageStructure"), field("Message")), ("json", r#"{"default":"down"}"#));
    let expected = [("event", "String", "failure"), ("tags", "String.Array", r#"["prod","de"]"#)];
    let expected = expected.map(|(name, kind, value)| (name.to_owned(), (kind.to_owned(), value.to_owned())));
    assert_eq!(attributes(&form), BTreeMap::from(expected), "SNS refuses empty ones");
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
    let clients = clients(&stub).await;
    let told = |variable| {
        format!("SNS Publish: NotFound: Topic does not exist; the topic must exist in this region; check {variable}")
    };
    let error = clients.publish_run_result(TOPIC, &run_result()).await.unwrap_err();
    assert_eq!(error.to_string(), told("RUN_RESULT_TOPIC_ARN"));
    let alert = Alert { subject: "", message: "{}", attributes: &[] };
    let error = clients.publish_alert(TOPIC, &alert).await.unwrap_err();
    assert_eq!(error.to_string(), told("ALERT_TOPIC_ARN"));
}
