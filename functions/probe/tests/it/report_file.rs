//! Which run a page is compared with, in a folder that several drills share.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use model::report::RunReport;
use playground::Settings;
use probe::report_file::passed_before;
use serde_json::{Value, json};

use crate::{Scene, all_well, run_all};

/// A report in the folder: its simulated minute, its real start, when it was
/// written, and what sets it apart from a run that passed at once.
type Kept = (&'static str, &'static str, &'static str, Option<(&'static str, &'static str)>);

const PASSED: Option<(&str, &str)> = None;
const FAILED: Option<(&str, &str)> = Some(("outcome", "failed"));
const OF_OTHERS: Option<(&str, &str)> = Some(("target", "other-bank"));
const ELSEWHERE: Option<(&str, &str)> = Some(("region", "us-west-1"));

/// The drill before, which played minutes that this one plays again.
const BEFORE: [Kept; 3] = [
    ("19:20:00", "19:10:01", "19:10:02", PASSED),
    ("19:21:00", "19:10:02", "19:10:03", PASSED),
    ("19:22:00", "19:10:03", "19:10:04", PASSED),
];

fn at(time: &str) -> Timestamp {
    format!("2026-11-25T{time}Z").parse().expect("a time")
}

fn with(healthy: &Value, minute: &str, start: &str) -> Value {
    let mut report = healthy.clone();
    report["scheduled_at"] = json!(at(minute));
    report["started_at"] = json!(at(start));
    report
}

#[expect(clippy::disallowed_methods, reason = "a file's time is set by its handle")]
fn keep(folder: &Path, healthy: &Value, (minute, start, written, apart): Kept) {
    let mut report = with(healthy, minute, start);
    if let Some((field, value)) = apart {
        report[field] = json!(value);
    }
    let path = file(folder, minute, start, "json");
    system::write_file(&path, report.to_string().as_bytes()).expect("a file");
    let written = SystemTime::UNIX_EPOCH + Duration::try_from(at(written).as_duration()).expect("a time after 1970");
    std::fs::File::open(&path).and_then(|file| file.set_modified(written)).expect("its time");
}

/// As the probe names them, with the start in place of the run's id.
fn file(folder: &Path, minute: &str, start: &str, extension: &str) -> PathBuf {
    let plain = |time: &str| time.replace(':', "");
    folder.join(format!("20261125T{}Z-{}.{extension}", plain(minute), plain(start)))
}

#[tokio::test]
async fn a_run_is_compared_with_the_one_that_was_started_last_before_it() {
    let healthy = run_all(&Scene::new(Settings::default(), all_well).await.probe()).await.remove(0);
    let report = RunReport::read(with(&healthy, "19:21:00", "19:19:32").to_string().as_bytes()).unwrap();
    let this: Kept = ("19:20:00", "19:19:31", "19:19:32", PASSED);
    let between: Kept = ("19:15:00", "19:15:10", "19:15:11", PASSED);
    let first: Kept = ("19:19:00", "19:19:30", "19:19:31", PASSED);
    let but = |apart| (this.0, this.1, this.2, apart);
    for (what, drill, expected) in [
        ("the drill before had the same minute", vec![first, this], this),
        ("it is all there is", vec![], BEFORE[1]),
        ("a run of real minutes came between", vec![between], between),
        ("the last one failed", vec![first, but(FAILED)], first),
        ("the last one was of another target", vec![first, but(OF_OTHERS)], first),
        ("the last one was elsewhere", vec![first, but(ELSEWHERE)], first),
        ("one of a later minute", vec![this, ("19:22:00", "19:19:31", "19:19:33", PASSED)], this),
        ("one that was started later", vec![this, ("19:20:00", "19:40:00", "19:40:01", PASSED)], this),
        ("one that took longer", vec![this, ("19:19:00", "19:19:20", "19:19:50", PASSED)], this),
        (
            "copied in another order",
            vec![(this.0, this.1, "20:00:00", PASSED), (first.0, first.1, "20:00:01", PASSED)],
            this,
        ),
    ] {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report-file");
        let _ = std::fs::remove_dir_all(&folder);
        BEFORE.iter().chain(&drill).for_each(|kept| keep(&folder, &healthy, *kept));
        let link = file(Path::new(""), expected.0, expected.1, "html").display().to_string();
        assert_eq!(passed_before(&folder, &report).map(|(link, _)| link), Some(link), "{what}");
    }
}
