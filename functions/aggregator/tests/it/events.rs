//! Events for the aggregator, and the configuration that they are about.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use model::SCHEMA_VERSION;
use model::error::{Category, ErrorType, Failure, RunError};
use model::journey::{Outcome, Request, Step};
use model::names::{ReportUri, keys};
use model::run_result::RunResult;
use serde_json::{Value, json};

use crate::cloud::Cloud;

/// Every kind of channel; the addresses are those of the local AWS.
pub(crate) fn config(cloud: &Cloud, name: &str, targets: usize, more: &str) -> PathBuf {
    let targets: Vec<String> =
        (0..targets).map(|n| format!("[[target]]\nid = \"bank-{n}\"\nname = \"Bank {n}\"\n")).collect();
    let targets = targets.concat();
    let providers = format!("{}/providers", cloud.aws_url());
    let text = format!(
        r#"
regions = ["us-east-1", "us-east-2", "us-west-1"]
{targets}
[policy]
reminders = {{ interval_minutes = 3, amount = 1 }}
{more}
[[channel]]
id = "email"
type = "email"
address = "team@example.com"
send_degraded = true
[[channel]]
id = "sms"
type = "sms"
number = "+31201234567"
[[channel]]
id = "phone"
type = "phone"
number = "+31201234567"
origination = "+31207654321"
[[channel]]
id = "slack"
type = "slack"
secret_parameter = "/channels/slack"
send_degraded = true
[[channel]]
id = "teams"
type = "teams"
secret_parameter = "/channels/teams"
[[channel]]
id = "pagerduty"
type = "pagerduty"
url = "{providers}/pagerduty/v2/enqueue"
secret_parameter = "/channels/pagerduty"
[[channel]]
id = "opsgenie"
type = "opsgenie"
url = "{providers}/opsgenie/v2/alerts"
secret_parameter = "/channels/opsgenie"
[[channel]]
id = "webhook"
type = "webhook"
url = "{providers}/webhook/hook"
secret_parameter = "/channels/webhook"
"#
    );
    written(name, &text)
}

#[expect(clippy::disallowed_methods, reason = "a test's own file")]
pub(crate) fn written(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// 10:00, and so many minutes.
pub(crate) fn at(minute: i64) -> Timestamp {
    "2026-11-25T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

pub(crate) fn tick(minute: i64) -> Value {
    json!({"scheduled_at": at(minute).to_string()})
}

/// P passed, D degraded, F failed, M told as monitor error.
pub(crate) fn error(letter: char) -> Option<RunError> {
    match letter {
        'P' => None,
        'D' => {
            let failure = Failure::api_error(Category::parse("MAINTENANCE").unwrap(), "the API reports an error");
            Some(RunError::new(failure, Some(Step::GetConsent), Some(Request::GetConsent)))
        }
        'F' => {
            let failure = Failure::new(ErrorType::HttpStatus, "the API answered with status 503").with_status(503);
            Some(RunError::new(failure, Some(Step::EncryptedResponses), Some(Request::ChooseInterface)))
        }
        'M' => {
            let failure = Failure::new(ErrorType::Credentials, "the API refused the token").with_status(401);
            Some(RunError::new(failure, Some(Step::StartSession), Some(Request::StartSession)))
        }
        other => panic!("no run is called {other}"),
    }
}

pub(crate) fn run(target: usize, region: &str, minute: i64, letter: char) -> RunResult {
    let error = error(letter);
    let verdict = error.as_ref().map(|error| error.failure.verdict());
    RunResult {
        schema_version: SCHEMA_VERSION,
        target: format!("bank-{target}").parse().unwrap(),
        region: Some(region.parse().unwrap()),
        scheduled_at: at(minute),
        run_id: format!("{target:08x}{minute:08x}{region}"),
        started_at: at(minute),
        duration_ms: Duration::from_millis(900).into(),
        outcome: verdict.map_or(Outcome::Passed, |verdict| verdict.outcome),
        told_as: verdict.map(|verdict| verdict.told_as),
        recovered: false,
        error,
        steps: Vec::new(),
        certificates: Vec::new(),
        session_left_open: false,
        report: (letter != 'P').then(|| report(target, region, minute)),
    }
}

/// Where the page of a run stands that did not pass.
fn report(target: usize, region: &str, minute: i64) -> ReportUri {
    let (target, region) = (format!("bank-{target}").parse().unwrap(), region.parse().unwrap());
    let bucket = format!("xs2a-monitor-reports-{region}").parse().unwrap();
    ReportUri::new(&bucket, &keys::report_page(&target, &region, at(minute))).unwrap()
}

/// A run result as SNS brings it, some seconds into its minute.
pub(crate) fn result(cloud: &Cloud, target: usize, region: &str, minute: i64, letter: char) -> Value {
    let message = serde_json::to_string(&run(target, region, minute, letter)).unwrap();
    let id = format!("{target}-{region}-{minute}");
    sns(&cloud.topics[region], &id, at(minute) + SignedDuration::from_secs(7), &message)
}

pub(crate) fn sns(topic: &str, id: &str, timestamp: Timestamp, message: &str) -> Value {
    json!({"Records": [{
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": format!("{topic}:6d1a7b1e-0000-4000-8000-000000000000"),
        "Sns": {
            "Type": "Notification",
            "MessageId": id,
            "TopicArn": topic,
            "Subject": null,
            "Message": message,
            "Timestamp": timestamp.to_string(),
            "SignatureVersion": "1",
            "Signature": "",
            "SigningCertUrl": "",
            "UnsubscribeUrl": "",
            "MessageAttributes": {},
        },
    }]})
}
