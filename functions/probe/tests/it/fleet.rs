use std::fmt::Write;
use std::path::Path;

use playground::Settings;
use serde_json::{Value, json};

use crate::stub::{Answer, Call};
use crate::{Scene, all_well, handle, run_all};

/// A configuration file of its own for a test.
pub(crate) fn configuration(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    system::write_file(&path, text.as_bytes()).expect("a file");
    path.to_str().expect("UTF-8").to_owned()
}

pub(crate) fn fleet(size: usize) -> String {
    let mut text = "home_region = \"us-east-1\"\nregions = [\"us-east-1\"]\n".to_owned();
    for number in 0..size {
        write!(text, "[[target]]\nid = \"bank-{number}\"\n").expect("text");
    }
    text
}

#[tokio::test]
async fn many_targets_share_one_call_for_metrics_and_answer_in_order() {
    let config = configuration("twelve.toml", &fleet(12));
    let scene = Scene::new(Settings::default(), all_well).await.with("MONITOR_CONFIG", &config);
    let reports = run_all(&scene.probe()).await;

    let ids: Vec<_> = reports.iter().map(|report| report["target"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, (0..12).map(|number| format!("bank-{number}")).collect::<Vec<_>>());
    assert!(reports.iter().all(|report| report["outcome"] == "passed"));
    let operations = scene.operations();
    let count = |name: &str| operations.iter().filter(|operation| *operation == name).count();
    assert_eq!((count("PutMetricData"), count("Publish")), (1, 12));
}

#[tokio::test]
async fn a_target_without_a_login_does_not_touch_the_others() {
    let lost = "[[target]]\nid = \"lost\"\npassword_parameter = \"/none\"\n";
    let config = configuration("lost.toml", &format!("{}{lost}", fleet(1)));
    let no_parameters = |call: &Call| match call.operation().as_str() {
        "GetParameter" => Answer::json(400, r#"{"__type":"ParameterNotFound"}"#),
        _ => all_well(call),
    };
    let scene = Scene::new(Settings::default(), no_parameters).await.with("MONITOR_CONFIG", &config);
    let reports = run_all(&scene.probe()).await;
    assert_eq!(reports[0]["outcome"], "passed");
    assert_eq!((&reports[1]["outcome"], &reports[1]["error"]["type"]), (&json!("failed"), &json!("internal")));
    // It never began: no session to be left open, no duration to be drawn.
    assert_eq!(reports[1]["cleanup"]["error"], json!(null));
    let calls = scene.aws.calls();
    let metrics = calls.iter().find(|call| call.operation() == "PutMetricData").unwrap();
    assert_eq!((metrics.count("MonitorError"), metrics.count("RunDuration")), (1, 1), "the duration is the other's");
}

#[tokio::test]
async fn an_answer_above_a_mebibyte_holds_run_results_only() {
    let config = configuration("many.toml", &fleet(300));
    let faults = vec!["1:status=503".parse().unwrap()];
    let scene = Scene::new(Settings { faults, ..Settings::default() }, all_well).await.with("MONITOR_CONFIG", &config);
    let answer = handle(&scene.probe(), json!({"targets": "all", "publish": "none"})).await.unwrap();
    let answer = serde_json::to_string(&answer).unwrap();
    assert!(answer.len() <= probe::Answer::LARGEST, "{} bytes", answer.len());
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["run_results"].as_array().unwrap().len(), 300);
}
