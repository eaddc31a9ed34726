use playground::Settings;
use serde_json::json;

use crate::stub::{Answer, Call};
use crate::{Scene, all_well, handle, run_all};

const PARAMETER: &str = "KOSMA_AUTH_TOKEN_PARAMETER";

async fn scene(aws: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> Scene {
    Scene::new(Settings::default(), aws).await.without("KOSMA_AUTH_TOKEN").with(PARAMETER, "/monitor/token")
}

/// Without publishing, so that only reads are counted.
async fn run_quietly(probe: &probe::Probe) -> serde_json::Value {
    let answer = handle(probe, json!({"targets": "all", "publish": "none"})).await.expect("an answer");
    serde_json::to_value(answer).expect("JSON")["reports"][0].take()
}

#[tokio::test]
async fn a_token_out_of_ssm_is_read_once_for_many_invocations() {
    let scene = scene(all_well).await;
    let probe = scene.probe();
    for _ in 0..2 {
        assert_eq!(run_quietly(&probe).await["outcome"], "passed");
    }
    assert_eq!(scene.operations(), ["GetParameter"]);
}

#[tokio::test]
async fn a_token_that_the_api_refuses_is_read_again_before_the_next_run() {
    let reads = std::sync::atomic::AtomicUsize::new(0);
    let rotated = move |call: &Call| match reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0 => Answer::json(200, r#"{"Parameter":{"Type":"SecureString","Value":"old-token"}}"#),
        _ => all_well(call),
    };
    let scene = scene(rotated).await;
    let probe = scene.probe();
    let refused = run_quietly(&probe).await;
    assert_eq!((&refused["outcome"], &refused["error"]["type"]), (&json!("failed"), &json!("credentials")));
    assert_eq!(run_quietly(&probe).await["outcome"], "passed");
    assert_eq!(scene.operations(), ["GetParameter"; 2]);
}

#[tokio::test]
async fn a_token_that_cannot_be_read_fails_the_run_as_our_own_fault() {
    let refuse = |call: &Call| match call.operation().as_str() {
        "GetParameter" => Answer::json(400, r#"{"__type":"AccessDeniedException","message":"not authorized"}"#),
        _ => all_well(call),
    };
    let scene = scene(refuse).await;
    let reports = run_all(&scene.probe()).await;
    let error = &reports[0]["error"];
    assert_eq!((&error["type"], &error["blame"]), (&json!("internal"), &json!("us")));
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("SSM GetParameter: AccessDeniedException: not authorized; allow ssm:GetParameter"),
        "{message}"
    );
    assert!(scene.bank.requests().is_empty());
    assert_eq!(scene.operations(), ["GetParameter", "Publish", "PutMetricData"]);
}
