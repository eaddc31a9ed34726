use std::path::Path;

use model::run_result::RunResult;
use playground::Settings;
use probe::HandlerError;
use serde_json::json;

use crate::stub::{Answer, Call};
use crate::{ACCESS_KEY, MINUTE, Scene, TOPIC, all_well, handle, run_all};

#[tokio::test]
async fn a_healthy_bank_gives_a_report_metrics_and_a_run_result() {
    let scene = Scene::new(Settings::default(), all_well).await;
    let reports = run_all(&scene.probe()).await;

    assert_eq!(reports.len(), 1);
    let report = &reports[0];
    assert_eq!((&report["outcome"], &report["error"]), (&json!("passed"), &json!(null)));
    assert_eq!((&report["region"], &report["scheduled_at"]), (&json!("us-east-1"), &json!(MINUTE)));
    let steps = report["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 8);
    assert!(steps.iter().all(|step| step["outcome"] == "passed"));
    let requests = steps.iter().flat_map(|step| step["requests"].as_array().unwrap());
    assert!(requests.clone().all(|request| request["request"]["body"].is_null()), "contents stay out of the answer");
    assert_eq!(requests.count(), 11);
    assert_eq!(scene.bank.open_sessions(), 0);

    assert_eq!(scene.operations(), ["Publish", "PutMetricData"]);
    let calls = scene.aws.calls();
    let metrics = calls.iter().find(|call| call.operation() == "PutMetricData").unwrap();
    assert_eq!((metrics.count("RunSuccess"), metrics.count("RunDuration"), metrics.count("StepDuration")), (1, 1, 8));
    let publish = calls.iter().find(|call| call.operation() == "Publish").unwrap().form();
    assert_eq!(publish["TopicArn"], TOPIC);
    let result: RunResult = serde_json::from_str(&publish["Message"]).unwrap();
    assert_eq!(json!(result.run_id), report["run_id"]);
}

#[tokio::test]
async fn a_failing_bank_is_a_value_not_an_error() {
    let faults = vec!["5:status=503".parse().unwrap()];
    let scene = Scene::new(Settings { faults, ..Settings::default() }, all_well).await;
    let reports = run_all(&scene.probe()).await;

    let report = &reports[0];
    assert_eq!(report["outcome"], "failed");
    assert_eq!(report["error"]["type"], "http_status");
    assert_eq!((&report["error"]["step"], &report["error"]["request"]), (&json!("encrypted_responses"), &json!(5)));
    assert_eq!(report["attempts"].as_array().unwrap().len(), 1, "confirmed once");
    assert_eq!(scene.operations(), ["Publish", "PutMetricData"]);
    assert_eq!(scene.bank.open_sessions(), 0);
}

#[tokio::test]
async fn a_bank_that_does_not_answer_ends_with_our_own_deadline_and_is_published() {
    let config = Path::new(env!("CARGO_TARGET_TMPDIR")).join("short.toml");
    let short = b"home_region = \"us-east-1\"\nregions = [\"us-east-1\"]\n[timeouts]\nrun = \"2s\"\npublish = \"1500ms\"\ncleanup = \"100ms\"\n[[target]]\nid = \"slow\"\n";
    system::write_file(&config, short).unwrap();
    let faults = vec!["2:delay=30s".parse().unwrap()];
    let scene = Scene::new(Settings { faults, ..Settings::default() }, all_well)
        .await
        .with("MONITOR_CONFIG", config.to_str().unwrap());
    let reports = run_all(&scene.probe()).await;
    assert_eq!((&reports[0]["error"]["type"], &reports[0]["error"]["request"]), (&json!("deadline"), &json!(2)));
    assert_eq!(scene.operations(), ["Publish", "PutMetricData"]);
}

#[tokio::test]
async fn publish_none_leaves_no_trace_in_aws() {
    let scene = Scene::new(Settings::default(), all_well).await;
    let answer = handle(&scene.probe(), json!({"targets": "all", "publish": "none"})).await;
    assert!(answer.is_ok());
    assert!(scene.operations().is_empty());
}

#[tokio::test]
async fn without_a_topic_no_run_result_is_sent() {
    let scene = Scene::new(Settings::default(), all_well).await.without("RUN_RESULT_TOPIC_ARN");
    run_all(&scene.probe()).await;
    assert_eq!(scene.operations(), ["PutMetricData"]);
}

#[tokio::test]
async fn a_failed_publication_is_an_error_after_everything_else_was_tried() {
    let refuse_topic = |call: &Call| match call.operation().as_str() {
        "Publish" => Answer::xml(
            403,
            "<ErrorResponse><Error><Code>AuthorizationError</Code><Message>no</Message></Error></ErrorResponse>",
        ),
        _ => all_well(call),
    };
    let scene = Scene::new(Settings::default(), refuse_topic).await;
    let error = handle(&scene.probe(), json!({"targets": "all"})).await.unwrap_err();

    assert!(matches!(error, HandlerError::Publish(_)));
    let text = error.to_string();
    assert!(text.starts_with("run result of klarna-playground: SNS Publish: AuthorizationError"), "{text}");
    assert!(text.contains("sns:Publish"), "{text}");
    assert_eq!(scene.operations(), ["Publish", "PutMetricData"]);
}

#[tokio::test]
async fn the_full_report_goes_to_the_folder_and_no_secret_goes_anywhere() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports");
    let _ = std::fs::remove_dir_all(&folder);
    let token = "canary-token-5f1c";
    let scene = Scene::new(Settings { token: token.to_owned(), ..Settings::default() }, all_well)
        .await
        .with("REPORT_FOLDER", folder.to_str().unwrap());
    let reports = run_all(&scene.probe()).await;

    let name = format!("20261125T100000Z-{}.json", reports[0]["run_id"].as_str().unwrap());
    let file = system::read_text(&folder.join("klarna-playground/us-east-1").join(name)).unwrap();
    let report: serde_json::Value = serde_json::from_str(&file).unwrap();
    assert!(report["steps"][0]["requests"][0]["request"]["body"].is_string(), "the file has the contents");
    let sent = scene.aws.calls();
    let sent = sent.iter().map(|call| String::from_utf8_lossy(&call.body).into_owned());
    for output in sent.chain([file, json!(reports).to_string()]) {
        assert!(!output.contains(token) && !output.contains(ACCESS_KEY), "{output}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn the_page_stands_beside_the_report_and_names_the_run_that_passed_before() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    let _ = std::fs::remove_dir_all(&folder);
    let scene = Scene::new(Settings::default(), all_well).await.with("REPORT_FOLDER", folder.to_str().unwrap());
    let probe = scene.probe();
    let place = folder.join("klarna-playground/us-east-1");
    for (minute, faults) in [("00", vec![]), ("01", vec!["5:status=503".parse().unwrap()]), ("02", vec![])] {
        scene.bank.set_faults(faults);
        let event = json!({"targets": "all", "scheduled_at": format!("2026-11-25T10:{minute}:00Z"), "publish": "none"});
        handle(&probe, event).await.unwrap();
        // Neither is a report, and nothing is lost over them.
        system::write_file(&place.join("20261125T100130Z-cut.json"), b"{\"schema_version\": 1").unwrap();
        system::write_file(&place.join("20261125T100131Z-new.json"), b"{\"schema_version\": 99}").unwrap();
    }
    let pages = system::newest_first(&place, "html").unwrap().into_iter();
    let mut names: Vec<_> = pages.map(|file| format!("{}.html", file.stem)).collect();
    names.sort();
    assert_eq!(names.len(), 3);
    let page = |name: &str| system::read_text(&place.join(name)).unwrap();
    assert!(!page(&names[0]).contains(".html\""), "the first has nothing to compare with");
    for later in &names[1..] {
        assert!(page(later).contains(&format!("href=\"{}\"", names[0])), "not with the one that failed");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
