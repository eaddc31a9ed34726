//! `run` with secrets out of SSM and results to CloudWatch and SNS, all played by a stand-in.

use std::process::Command;

use model::run_result::RunResult;
use playground::Playground;
use serde_json::json;

use crate::stub::{Answer, Call, Stub};
use crate::support::{At, Told, bank, command, config_file, told};

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:run-results";

/// The run of a command beside the stand-in, which lives on this thread.
async fn run(bank: &Playground, aws: &Stub, arguments: &[&str], adjust: impl FnOnce(&mut Command)) -> Told {
    let mut run = command(&[&["run"], arguments].concat());
    run.at(bank)
        .env("AWS_ENDPOINT_URL", aws.url.as_str())
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing");
    adjust(&mut run);
    tokio::task::spawn_blocking(move || told(&mut run)).await.unwrap()
}

fn with_parameters(run: &mut Command) {
    let config = config_file("ssm.toml", "[[target]]\nid = \"ssm\"\npassword_parameter = \"/monitor/password\"\n");
    run.env_remove("KOSMA_AUTH_TOKEN")
        .env("KOSMA_AUTH_TOKEN_PARAMETER", "/monitor/token")
        .env("MONITOR_CONFIG", config);
}

fn with_topic(run: &mut Command) {
    run.env("RUN_RESULT_TOPIC_ARN", TOPIC);
}

fn parameter(value: &str) -> Answer {
    Answer::json(200, &json!({"Parameter": {"Type": "SecureString", "Value": value}}).to_string())
}

fn published() -> Answer {
    Answer::xml(
        200,
        r#"<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"#,
    )
}

#[tokio::test]
async fn a_token_and_a_password_out_of_ssm_lose_their_last_line_break() {
    let bank = bank(&[]).await;
    let answer =
        |call: &Call| parameter(if call.count("/monitor/password") > 0 { "123456\r\n" } else { "playground-token\n" });
    let aws = Stub::start(answer).await.unwrap();
    let told = run(&bank, &aws, &[], with_parameters).await;
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
    assert_eq!(aws.calls().len(), 2);
}

#[tokio::test]
async fn a_secret_that_cannot_be_had_is_no_verdict_on_the_bank() {
    let bank = bank(&[]).await;
    for (answer, says) in [
        (Answer::json(400, r#"{"__type":"ParameterNotFound"}"#), "SSM GetParameter: ParameterNotFound"),
        (parameter("two canaries"), "SSM parameter /monitor/token holds white space"),
        (parameter("\n"), "SSM parameter /monitor/token is empty"),
    ] {
        let aws = Stub::start(move |_| answer.clone()).await.unwrap();
        let told = run(&bank, &aws, &[], with_parameters).await;
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{told:?}");
        assert!(told.err.starts_with(&format!("xs2a-monitor: {says}")), "{}", told.err);
        assert!(!told.err.contains("canaries"), "{}", told.err);
    }
    assert!(bank.requests().is_empty());
}

#[tokio::test]
async fn the_run_result_goes_to_the_topic_beside_the_metrics() {
    let bank = bank(&[]).await;
    let answer = |call: &Call| if call.operation() == "Publish" { published() } else { Answer::cbor_ok() };
    let aws = Stub::start(answer).await.unwrap();
    let told = run(&bank, &aws, &["--publish", "aws", "--json"], with_topic).await;
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
    let calls = aws.calls();
    let publish = calls.iter().find(|call| call.operation() == "Publish").unwrap().form();
    assert_eq!(publish["TopicArn"], TOPIC);
    let result: RunResult = serde_json::from_str(&publish["Message"]).unwrap();
    assert!(told.out.contains(&result.run_id));
    assert_eq!(calls.iter().filter(|call| call.operation() == "PutMetricData").count(), 1);
}

#[tokio::test]
async fn both_refusals_are_told_after_the_report() {
    let bank = bank(&[]).await;
    let answer = |call: &Call| match call.operation().as_str() {
        "Publish" => Answer::xml(
            403,
            "<ErrorResponse><Error><Code>AuthorizationError</Code><Message>no</Message></Error></ErrorResponse>",
        ),
        _ => Answer::json(403, r#"{"__type":"AccessDenied"}"#),
    };
    let aws = Stub::start(answer).await.unwrap();
    let told = run(&bank, &aws, &["--publish", "aws"], with_topic).await;
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.out.contains(": passed in "), "{}", told.out);
    assert!(told.err.contains("CloudWatch PutMetricData: "), "{}", told.err);
    assert!(told.err.contains("run result of klarna-playground: SNS Publish: AuthorizationError"), "{}", told.err);
    assert_eq!(told.err.lines().count(), 1, "{}", told.err);
}
