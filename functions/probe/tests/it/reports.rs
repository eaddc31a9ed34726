//! What a run leaves in S3, and what the next one makes of it.

use std::sync::atomic::{AtomicUsize, Ordering};

use model::report::RunReport;
use model::run_result::RunResult;
use playground::Settings;
use probe::{HandlerError, Probe};
use serde_json::{Value, json};

use crate::stub::{Answer, Call};
use crate::{ACCESS_KEY, MINUTE, Scene, all_well, handle};

pub(crate) const BUCKET: &str = "reports-1";
pub(crate) const LATEST: &str = "latest/klarna-playground/us-east-1.json";
pub(crate) const PAGE: &str = "reports/klarna-playground/us-east-1/20261125T100000Z.html";
pub(crate) const REPORT: &str = "reports/klarna-playground/us-east-1/20261125T100000Z.json";
pub(crate) const FAULT: &str = "5:status=503";

/// What a call does to the bucket: method and key; none for a call to another service.
pub(crate) fn to_bucket(call: &Call) -> Option<(&str, &str)> {
    Some((call.method.as_str(), call.path.strip_prefix("/reports-1/")?))
}

pub(crate) fn refusal(status: u16, code: &str) -> Answer {
    Answer::xml(status, &format!("<Error><Code>{code}</Code><Message>no</Message></Error>"))
}

/// An AWS with a bucket that has at most the last report that passed.
pub(crate) fn with_latest(latest: Option<String>) -> impl Fn(&Call) -> Answer + Send + Sync + 'static {
    move |call| match to_bucket(call) {
        None => all_well(call),
        Some(("GET", LATEST)) => latest.as_ref().map_or(refusal(403, "AccessDenied"), |json| Answer::json(200, json)),
        Some(_) => Answer::xml(200, ""),
    }
}

pub(crate) async fn scene(fault: Option<&str>, aws: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> Scene {
    let faults = fault.into_iter().map(|fault| fault.parse().expect("a fault")).collect();
    Scene::new(Settings { faults, ..Settings::default() }, aws).await.with("REPORT_BUCKET", BUCKET)
}

pub(crate) async fn run_at(probe: &Probe, minute: &str) -> Result<(), HandlerError> {
    handle(probe, json!({"targets": "all", "scheduled_at": minute})).await.map(|_answer| ())
}

/// The calls to the bucket, as `METHOD key`.
pub(crate) fn bucket_calls(scene: &Scene) -> Vec<String> {
    let calls = scene.aws.calls();
    calls.iter().filter_map(to_bucket).map(|(method, key)| format!("{method} {key}")).collect()
}

fn written(scene: &Scene, key: &str) -> Call {
    let calls = scene.aws.calls();
    calls.into_iter().find(|call| to_bucket(call) == Some(("PUT", key))).expect(key)
}

pub(crate) fn run_result(scene: &Scene) -> RunResult {
    let calls = scene.aws.calls();
    let publish = calls.iter().find(|call| call.operation() == "Publish").expect("a run result").form();
    serde_json::from_str(&publish["Message"]).expect("a run result")
}

/// The report of a healthy run of an earlier minute, as `latest` has it.
pub(crate) async fn healthy(minute: &str) -> String {
    let scene = scene(None, with_latest(None)).await;
    run_at(&scene.probe(), minute).await.expect("a run");
    String::from_utf8(written(&scene, LATEST).body).expect("text")
}

#[tokio::test]
async fn a_failed_run_leaves_its_report_and_its_page_before_its_result_is_sent() {
    let scene = scene(Some(FAULT), with_latest(None)).await;
    run_at(&scene.probe(), MINUTE).await.unwrap();

    let page = written(&scene, PAGE);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(String::from_utf8(page.body).unwrap().to_lowercase().starts_with("<!doctype html>"));
    let report = written(&scene, REPORT);
    assert_eq!(report.headers["content-type"], "application/json");
    let report = RunReport::read(&report.body).unwrap();
    assert!(report.steps[0].requests[0].exchange.request.body.is_some(), "the report has the contents");
    for key in [PAGE, REPORT] {
        assert_eq!(written(&scene, key).headers["if-none-match"], "*", "the first report of a minute stays");
    }
    assert_eq!(run_result(&scene).report.unwrap().as_str(), format!("s3://{BUCKET}/{PAGE}"));
    let calls = scene.aws.calls();
    let place = |found: &dyn Fn(&Call) -> bool| calls.iter().position(found).unwrap();
    let sent = place(&|call| call.operation() == "Publish");
    assert!(place(&|call| to_bucket(call) == Some(("PUT", PAGE))) < sent, "the link leads somewhere when it is told");
}

#[tokio::test]
async fn a_recovered_run_leaves_its_page_too_and_is_nothing_to_compare_with() {
    let scene = scene(Some("5:status=503*1"), with_latest(None)).await;
    run_at(&scene.probe(), MINUTE).await.unwrap();
    assert_eq!(run_result(&scene).report.unwrap().key(), PAGE);
    assert!(!bucket_calls(&scene).contains(&format!("PUT {LATEST}")));
}

#[tokio::test]
async fn the_page_names_the_last_run_that_passed_and_links_to_its_page_which_is_kept() {
    let earlier = "reports/klarna-playground/us-east-1/20261125T095900Z.html";
    let latest = healthy("2026-11-25T09:59:00Z").await;
    let scene = scene(Some(FAULT), with_latest(Some(latest))).await;
    let probe = scene.probe();
    run_at(&probe, MINUTE).await.unwrap();

    let page = String::from_utf8(written(&scene, PAGE).body).unwrap();
    let key = earlier.replace('/', "%2F");
    assert!(page.contains(&format!("console.aws.amazon.com/s3/object/{BUCKET}?region=us-east-1&amp;prefix={key}")));
    let kept = written(&scene, earlier);
    assert!(String::from_utf8(kept.body).unwrap().contains("2026-11-25T09:59:00Z"));
    assert_eq!(kept.headers["if-none-match"], "*");

    run_at(&probe, "2026-11-25T10:01:00Z").await.unwrap();
    let times = bucket_calls(&scene).iter().filter(|call| call.ends_with(earlier)).count();
    assert_eq!(times, 1, "once for all runs that are compared with it");
}

#[tokio::test]
async fn what_is_no_earlier_report_of_this_version_is_nothing_to_compare_with() {
    let healthy: Value = serde_json::from_str(&healthy("2026-11-25T09:59:00Z").await).unwrap();
    let with = |name: &str, value: Value| {
        let mut changed = healthy.clone();
        changed[name] = value;
        changed.to_string()
    };
    let whole = healthy.to_string();
    for (what, latest) in [
        ("truncated", whole[..whole.len() / 2].to_owned()),
        ("of another version", with("schema_version", json!(99))),
        ("of another target", with("target", json!("other-bank"))),
        ("of another region", with("region", json!("us-west-1"))),
        ("of the same minute, which ran twice", with("scheduled_at", json!(MINUTE))),
        ("of a later minute", with("scheduled_at", json!("2026-11-25T10:01:00Z"))),
        ("one that did not pass", with("outcome", json!("failed"))),
        ("no JSON", "<html>".to_owned()),
        ("empty", String::new()),
    ] {
        let scene = scene(Some(FAULT), with_latest(Some(latest))).await;
        run_at(&scene.probe(), MINUTE).await.unwrap();
        let mut calls = bucket_calls(&scene);
        calls.sort();
        let expected = [format!("GET {LATEST}"), format!("PUT {PAGE}"), format!("PUT {REPORT}")];
        assert_eq!(calls, expected, "{what}");
    }
}

#[tokio::test]
async fn passed_runs_leave_one_report_in_fifteen_minutes_and_one_after_a_failure() {
    let scene = scene(None, with_latest(None)).await;
    let probe = scene.probe();
    let mut told = Vec::new();
    for (minute, fault) in [
        ("10:00", None),
        ("10:01", None),
        ("10:14", None),
        ("10:15", None),
        ("10:16", Some(FAULT)),
        ("10:17", None),
        ("10:18", None),
    ] {
        scene.bank.set_faults(fault.into_iter().map(|fault| fault.parse().unwrap()).collect());
        let before = bucket_calls(&scene).len();
        run_at(&probe, &format!("2026-11-25T{minute}:00Z")).await.unwrap();
        let wrote_latest = bucket_calls(&scene)[before..].contains(&format!("PUT {LATEST}"));
        told.extend(wrote_latest.then_some(minute));
    }
    assert_eq!(told, ["10:00", "10:15", "10:17"]);
    let latest = written(&scene, LATEST);
    assert!(!latest.headers.contains_key("if-none-match"), "it takes the place of the one before");
    assert!(RunReport::read(&latest.body).is_ok());
}

#[tokio::test]
async fn a_report_that_could_not_be_written_is_written_by_the_next_run_that_passes() {
    let tries = AtomicUsize::new(0);
    let refuse_first = move |call: &Call| match to_bucket(call) {
        Some(_) if tries.fetch_add(1, Ordering::Relaxed) == 0 => refusal(403, "AccessDenied"),
        _ => with_latest(None)(call),
    };
    let scene = scene(None, refuse_first).await;
    let probe = scene.probe();
    assert!(run_at(&probe, MINUTE).await.is_err());
    run_at(&probe, "2026-11-25T10:01:00Z").await.unwrap();
    assert_eq!(bucket_calls(&scene).len(), 2);
}

#[tokio::test]
async fn without_publishing_or_without_a_bucket_nothing_is_written() {
    let quiet = scene(Some(FAULT), with_latest(None)).await;
    handle(&quiet.probe(), json!({"targets": "all", "publish": "none"})).await.unwrap();
    assert!(quiet.operations().is_empty());
    let bare = scene(Some(FAULT), with_latest(None)).await.without("REPORT_BUCKET");
    run_at(&bare.probe(), MINUTE).await.unwrap();
    assert_eq!((bucket_calls(&bare).len(), run_result(&bare).report), (0, None));
}

#[tokio::test]
async fn a_bucket_that_refuses_costs_the_link_only_and_is_told() {
    let refuse = |call: &Call| if to_bucket(call).is_some() { refusal(403, "AccessDenied") } else { all_well(call) };
    let scene = scene(Some(FAULT), refuse).await;
    let error = run_at(&scene.probe(), MINUTE).await.unwrap_err().to_string();
    let told = "report of klarna-playground: S3 PutObject: AccessDenied: no (s3://reports-1/";
    assert!(error.starts_with(told) && error.contains("allow s3:PutObject to this role"), "{error}");
    assert_eq!(run_result(&scene).report, None);
}

#[tokio::test]
async fn the_first_report_of_a_minute_stays_and_is_the_link() {
    let taken = |call: &Call| match to_bucket(call) {
        Some(("PUT", _)) => refusal(412, "PreconditionFailed"),
        _ => with_latest(None)(call),
    };
    let scene = scene(Some(FAULT), taken).await;
    run_at(&scene.probe(), MINUTE).await.unwrap();
    assert_eq!(run_result(&scene).report.unwrap().key(), PAGE);
}

#[tokio::test]
async fn no_secret_is_written() {
    let token = "canary-token-93bd";
    let faults = vec![FAULT.parse().unwrap()];
    let settings = Settings { token: token.to_owned(), faults, ..Settings::default() };
    let latest = healthy("2026-11-25T09:59:00Z").await;
    let scene = Scene::new(settings, with_latest(Some(latest))).await.with("REPORT_BUCKET", BUCKET);
    run_at(&scene.probe(), MINUTE).await.unwrap();
    let calls = scene.aws.calls();
    let bodies = calls.iter().filter(|call| to_bucket(call).is_some());
    let bodies: Vec<_> = bodies.map(|call| String::from_utf8_lossy(&call.body).into_owned()).collect();
    assert_eq!(bodies.iter().filter(|body| !body.is_empty()).count(), 3);
    for body in bodies {
        assert!(!body.contains(token) && !body.contains(ACCESS_KEY), "{body}");
    }
}
