//! The probe against a simulated bank and a stand-in for AWS, both on loopback.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a broken set-up fails the test that it is for")]

mod events;
mod fleet;
mod lambda;
mod outage;
mod report_file;
mod reports;
mod runs;
mod secrets;
mod start;
#[path = "../../../../shared/aws/tests/it/stub.rs"]
mod stub;

use std::collections::BTreeMap;

use playground::{Playground, Settings};
use probe::{Answer, HandlerError, Invocation, Probe};
use serde_json::{Value, json};
use stub::{Call, Stub};

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:run-results";
const MINUTE: &str = "2026-11-25T10:00:00Z";
const ACCESS_KEY: &str = "canary-aws-secret-access-key";

/// A probe, the bank that it runs against, and the AWS that it publishes to.
struct Scene {
    bank: Playground,
    aws: Stub,
    variables: BTreeMap<String, String>,
}

impl Scene {
    async fn new(settings: Settings, aws: impl Fn(&Call) -> stub::Answer + Send + Sync + 'static) -> Self {
        let bank = Playground::start(settings).await.expect("a bank");
        let aws = Stub::start(aws).await.expect("an AWS");
        let variables = [
            ("XS2A_API_BASE_URL", bank.api_base_url()),
            ("XS2A_AUTH_BASE_URL", bank.auth_base_url()),
            ("KOSMA_AUTH_TOKEN", bank.token()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL", aws.url.as_str()),
            ("AWS_ACCESS_KEY_ID", "testing"),
            ("AWS_SECRET_ACCESS_KEY", ACCESS_KEY),
            ("RUN_RESULT_TOPIC_ARN", TOPIC),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { variables: BTreeMap::from(variables), bank, aws }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    fn probe(&self) -> Probe {
        Probe::start(&self.variables).expect("a probe")
    }

    /// The operations that AWS was asked for, in alphabetical order.
    fn operations(&self) -> Vec<String> {
        let mut operations: Vec<_> = self.aws.calls().iter().map(Call::operation).collect();
        operations.sort();
        operations
    }
}

/// An AWS where all goes well; its one secret is the playground's token.
fn all_well(call: &Call) -> stub::Answer {
    match call.operation().as_str() {
        "PutMetricData" => stub::Answer::cbor_ok(),
        "Publish" => stub::Answer::xml(
            200,
            r#"<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"#,
        ),
        _ => stub::Answer::json(200, r#"{"Parameter":{"Type":"SecureString","Value":"playground-token\n"}}"#),
    }
}

async fn handle(probe: &Probe, event: Value) -> Result<Answer, HandlerError> {
    probe.handle(event, &Invocation { id: "id-1".to_owned(), deadline: 0, function_name: "probe".to_owned() }).await
}

/// Runs all targets and answers the reports as their JSON.
async fn run_all(probe: &Probe) -> Vec<Value> {
    let answer = handle(probe, json!({"targets": "all", "scheduled_at": MINUTE})).await.expect("an answer");
    let answer = serde_json::to_value(answer).expect("JSON");
    answer["reports"].as_array().expect("reports").clone()
}
