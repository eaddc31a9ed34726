//! What reports may cost the run results: a link, never a run result. And what
//! they may not lose for it: a page that no run result waited for is kept later.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use futures_util::future::join_all;
use model::run_result::RunResult;
use probe::HandlerError;
use serde_json::{Value, json};

use crate::fleet::{configuration, fleet};
use crate::reports::{
    FAULT, LATEST, PAGE, REPORT, bucket_calls, healthy, refusal, run_at, run_result, scene, to_bucket, with_latest,
};
use crate::stub::{Answer, Call, SILENCE};
use crate::{MINUTE, Scene, all_well};

const FLEET: usize = 200;
/// A bank that answers no request.
const OUTAGE: &str = "1:status=503";
const EARLIER: &str = "2026-11-25T09:59:00Z";
const EARLIER_PAGE: &str = "reports/klarna-playground/us-east-1/20261125T095900Z.html";

/// The configuration of an invocation that has little time beside its runs.
fn in_haste(size: usize) -> String {
    format!("{}[timeouts]\nrun = \"7s\"\npublish = \"4s\"\ncleanup = \"1s\"\n", fleet(size))
}

/// A fleet at a bank with an optional fault, whose reports go to a bucket.
async fn fleet_at(
    (name, text, fault): (&str, &str, Option<&str>),
    bucket: impl Fn(&str, &str) -> Answer + Send + Sync + 'static,
) -> Scene {
    let aws = move |call: &Call| match to_bucket(call) {
        Some((method, key)) => bucket(method, key),
        None => all_well(call),
    };
    scene(fault, aws).await.with("MONITOR_CONFIG", &configuration(name, text))
}

fn silent(_method: &str, _key: &str) -> Answer {
    Answer { status: SILENCE, ..Answer::json(200, "") }
}

fn run_results(scene: &Scene) -> Vec<RunResult> {
    let calls = scene.aws.calls();
    let messages = calls.iter().filter(|call| call.operation() == "Publish").map(|call| call.form()["Message"].clone());
    messages.map(|message| serde_json::from_str(&message).expect("a run result")).collect()
}

/// The report of a healthy run whose answers are long.
async fn long_report() -> Value {
    let mut report: Value = serde_json::from_str(&healthy(EARLIER).await).expect("JSON");
    let body = format!("[{}1]", "{\"iban\":\"DE00\",\"holder\":null},".repeat(100));
    for step in report["steps"].as_array_mut().expect("steps") {
        for request in step["requests"].as_array_mut().expect("requests") {
            request["exchange"]["response"]["body"] = json!(body);
        }
    }
    report
}

#[tokio::test]
async fn a_fleet_that_fails_together_gets_all_run_results_out_and_its_pages_kept() {
    let latest = long_report().await;
    let bucket = move |method: &str, key: &str| match (method, key.split('/').nth(1)) {
        ("GET", Some(target)) => {
            let mut latest = latest.clone();
            latest["target"] = json!(target);
            Answer::json(200, &latest.to_string())
        }
        _ => Answer::xml(200, ""),
    };
    let scene = fleet_at(("fleet-outage.toml", &fleet(FLEET), Some(OUTAGE)), bucket).await;
    // On a busy machine S3 may be late for one of them.
    let _ = run_at(&scene.probe(), MINUTE).await;

    let results = run_results(&scene);
    let targets: BTreeSet<_> = results.iter().map(|result| result.target.clone()).collect();
    assert_eq!((results.len(), targets.len()), (FLEET, FLEET));
    let written = bucket_calls(&scene);
    let puts: BTreeSet<_> = written.iter().filter_map(|call| call.strip_prefix("PUT ")).collect();
    let kept = |name: &str| puts.iter().filter(|key| key.ends_with(name)).count();
    let (pages, jsons) = (kept("20261125T100000Z.html"), kept("20261125T100000Z.json"));
    assert!(pages.min(jsons) >= FLEET * 9 / 10, "{pages} pages and {jsons} JSON of {FLEET}, with a link or without");
    assert!(results.iter().any(|result| result.report.is_some()), "some have a link");
    let order = order(&scene);
    for result in results {
        if let Some(link) = result.report {
            assert!(order[link.key()] < order[result.target.as_str()], "{link:?} leads somewhere when it is told");
        }
    }
}

/// When each object was first written, and the run result of each target sent.
fn order(scene: &Scene) -> BTreeMap<String, usize> {
    let what = |call: &Call| {
        if let Some((_, key)) = to_bucket(call) {
            return Some(key.to_owned());
        }
        let message = call.form().remove("Message")?;
        Some(serde_json::from_str::<RunResult>(&message).expect("a run result").target.to_string())
    };
    let calls = scene.aws.calls();
    let places = calls.iter().enumerate().filter_map(|(place, call)| Some((what(call)?, place)));
    places.rev().collect()
}

#[tokio::test]
async fn a_bucket_that_hangs_is_asked_by_a_few_at_a_time() {
    let scene = fleet_at(("fleet-silence.toml", &in_haste(FLEET), Some(OUTAGE)), silent).await;
    let Err(HandlerError::Publish(faults)) = run_at(&scene.probe(), MINUTE).await else { panic!("no fault is told") };

    assert_eq!(run_results(&scene).len(), FLEET);
    let asked = bucket_calls(&scene).iter().filter(|call| call.starts_with("GET ")).count();
    assert!((1..FLEET / 4).contains(&asked), "{asked} of {FLEET} asked");
    // Whoever did not ask has nothing to complain of.
    assert!(faults.len() < FLEET * 3 / 4, "{faults:?}");
}

#[tokio::test]
async fn runs_that_pass_together_ask_a_few_at_a_time_and_lose_no_run_result() {
    let scene = fleet_at(("fleet-passes.toml", &fleet(12), None), silent).await;
    run_at(&scene.probe(), MINUTE).await.unwrap_err();
    assert_eq!(run_results(&scene).len(), 12);
    let asked = bucket_calls(&scene).len();
    assert!((1..12).contains(&asked), "{asked} of 12 asked");
}

#[tokio::test]
async fn a_page_that_was_kept_is_the_link_whatever_else_hangs() {
    let latest = &healthy(EARLIER).await;
    let cases = [
        (("PUT", REPORT), "take the JSON", [PAGE, REPORT, EARLIER_PAGE].as_slice()),
        (("PUT", EARLIER_PAGE), "take the page compared with", &[PAGE, REPORT, EARLIER_PAGE]),
        (("GET", LATEST), "send the last run that passed", &[PAGE, REPORT]),
    ];
    let all = cases.map(|(hanging, told, expected)| async move {
        let usual = with_latest(Some(latest.clone()));
        let aws = move |call: &Call| match to_bucket(call) {
            Some(called) if called == hanging => silent("", ""),
            _ => usual(call),
        };
        let scene = scene(Some(FAULT), aws).await;
        let error = run_at(&scene.probe(), MINUTE).await.unwrap_err().to_string();
        assert_eq!(error, format!("report of klarna-playground: S3 did not {told} in time"));
        assert_eq!(run_result(&scene).report.expect(told).key(), PAGE);
        let calls = bucket_calls(&scene);
        let tried: BTreeSet<_> = calls.iter().filter_map(|call| call.strip_prefix("PUT ")).collect();
        assert_eq!(tried, expected.iter().copied().collect(), "{told}");
    });
    join_all(all).await;
}

#[tokio::test]
async fn a_page_that_is_refused_costs_the_link_only() {
    let aws = |call: &Call| match to_bucket(call) {
        Some(("PUT", PAGE)) => refusal(403, "AccessDenied"),
        _ => with_latest(None)(call),
    };
    let scene = scene(Some(FAULT), aws).await;
    run_at(&scene.probe(), MINUTE).await.unwrap_err();
    assert_eq!(run_result(&scene).report, None);
    assert!(bucket_calls(&scene).contains(&format!("PUT {REPORT}")), "the JSON is kept");
}

#[tokio::test]
async fn a_bucket_that_does_not_answer_costs_the_link_only() {
    let config = Path::new(env!("CARGO_TARGET_TMPDIR")).join("short-publish.toml");
    let short = b"home_region = \"us-east-1\"\nregions = [\"us-east-1\"]\n[timeouts]\npublish = \"1s\"\n[[target]]\nid = \"klarna-playground\"\n";
    system::write_file(&config, short).unwrap();
    let aws = |call: &Call| to_bucket(call).map_or_else(|| all_well(call), |(method, key)| silent(method, key));
    let scene = scene(Some(FAULT), aws).await.with("MONITOR_CONFIG", config.to_str().unwrap());
    let error = run_at(&scene.probe(), MINUTE).await.unwrap_err().to_string();
    let told = ["send the last run that passed", "take the page", "take the JSON"];
    let told = told.map(|what| format!("report of klarna-playground: S3 did not {what} in time"));
    assert_eq!(error, told.join("; "));
    assert_eq!(run_result(&scene).report, None);
}
