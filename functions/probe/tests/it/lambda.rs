//! The executable under a stand-in for Lambda's runtime API (AWS Lambda
//! Developer Guide, Using the Lambda runtime API for custom runtimes).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use playground::Settings;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::stub::{Answer, Call, Stub};
use crate::{ACCESS_KEY, MINUTE, Scene, all_well};

const INVOCATION: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

/// The probe's process; it ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A runtime API with one event; the probe's verdict on it arrives in the channel.
async fn runtime_api(event: Value) -> (Stub, mpsc::UnboundedReceiver<Call>) {
    let (send, verdict) = mpsc::unbounded_channel();
    let taken = AtomicBool::new(false);
    let answer = move |call: &Call| {
        if !call.path.ends_with("/invocation/next") {
            send.send(call.clone()).expect("a test that waits");
            return Answer::json(202, "");
        }
        if taken.swap(true, Ordering::Relaxed) {
            return Answer::json(204, "");
        }
        let mut answer = Answer::json(200, &event.to_string());
        answer.headers.push(("lambda-runtime-aws-request-id", INVOCATION.to_owned()));
        answer.headers.push(("lambda-runtime-deadline-ms", "600000".to_owned()));
        answer
    };
    (Stub::start(answer).await.expect("a runtime API"), verdict)
}

/// One event through the executable: the path and JSON of its verdict, and its log.
async fn invoke(scene: &Scene, event: Value) -> (String, Value, Vec<Value>) {
    let (api, mut verdict) = runtime_api(event).await;
    let address = api.url.authority();
    let lambda = [
        ("AWS_LAMBDA_RUNTIME_API", address),
        ("AWS_LAMBDA_FUNCTION_NAME", "probe-of-the-test"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
    ];
    let child = Command::new(env!("CARGO_BIN_EXE_probe"))
        .env_clear()
        .envs(&scene.variables)
        .envs(BTreeMap::from(lambda))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the executable");
    let mut process = Process(child);
    let verdict = verdict.recv().await.expect("a verdict");
    process.0.kill().expect("a process");
    let output = process.0.stdout.take().expect("its output");
    let lines = BufReader::new(output).lines();
    let log = lines.map(|line| serde_json::from_str(&line.expect("text")).expect("JSON")).collect();
    (verdict.path, serde_json::from_slice(&verdict.body).expect("JSON"), log)
}

#[tokio::test]
async fn a_run_is_answered_and_logged_in_one_line_without_secrets() {
    let token = "canary-token-77aa";
    let scene = Scene::new(Settings { token: token.to_owned(), ..Settings::default() }, all_well).await;
    let (path, answer, log) = invoke(&scene, json!({"targets": "all", "scheduled_at": MINUTE})).await;

    assert!(path.ends_with(&format!("/{INVOCATION}/response")), "{path}");
    assert_eq!(answer["reports"][0]["outcome"], "passed");
    let [line] = log.as_slice() else {
        panic!("one line expected: {log:?}");
    };
    assert_eq!((&line["target"], &line["run.outcome"]), (&json!("klarna-playground"), &json!("passed")));
    assert_eq!((&line["faas.invocation_id"], &line["faas.coldstart"]), (&json!(INVOCATION), &json!(true)));
    assert_eq!((&line["faas.name"], &line["faas.trigger"]), (&json!("probe-of-the-test"), &json!("timer")));
    for output in [line.to_string(), answer.to_string()] {
        assert!(!output.contains(token) && !output.contains(ACCESS_KEY), "{output}");
    }
}

#[tokio::test]
async fn an_event_of_others_is_an_error_with_a_fixed_type_and_a_log_line() {
    let scene = Scene::new(Settings::default(), all_well).await;
    let (path, answer, log) = invoke(&scene, json!({"Records": [{"secret": "canary-payload"}]})).await;

    assert!(path.ends_with(&format!("/{INVOCATION}/error")), "{path}");
    assert_eq!(answer["errorType"], "InvalidEvent");
    let message = "this event is not for the probe: unknown field `Records`";
    assert!(answer["errorMessage"].as_str().unwrap().starts_with(message), "{answer}");
    assert_eq!(log.len(), 1);
    assert_eq!((&log[0]["severity"], &log[0]["message"]), (&json!("ERROR"), &answer["errorMessage"]));
    assert!(!format!("{answer}{log:?}").contains("canary-payload"));
}
