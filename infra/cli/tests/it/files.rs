//! The files that a run writes beside its answer.

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use playground::Playground;
use serde_json::Value;

use crate::secrets::assert_no_secret;
use crate::support::{At, Told, bank, command, told};

const HAR_SCHEMA: &str = include_str!("../../../../shared/report/tests/it/har-1.2.schema.json");

/// What shows in an archive in a different way: failures with and without an
/// answer, polls, second attempts, bodies that are cut.
const FAULTS: [&str; 12] = [
    "1:delay=1ms",
    "1:status=401",
    "accept:reset",
    "3:reset*1",
    "4:truncate",
    "5:status=503",
    "6:not-json",
    "7:state=PROCESSING*2",
    "8:state=EXCEPTION",
    "9:huge",
    "10:empty",
    "cleanup:reset",
];

#[tokio::test]
async fn the_archives_of_real_runs_are_valid_and_hold_every_exchange_in_order() {
    let schema = har_schema();
    let (mut polls, mut cut, mut unanswered, mut pages) = (0, 0, 0, 0);
    for fault in FAULTS {
        let (told, files) = (run(&bank(&[fault]).await, "archive", &["--json"]), files("archive"));
        let har: Value = serde_json::from_str(&text(&files.har)).unwrap();
        let errors: Vec<String> = schema.iter_errors(&har).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{fault}: {errors:#?}");
        assert_no_secret(&format!("the archive, {fault}"), &har.to_string());

        let entries = har["log"]["entries"].as_array().unwrap();
        let report: Value = serde_json::from_str(&told.out).unwrap();
        assert_eq!(entries.len(), exchanges(&report), "{fault}");
        assert!(
            entries.is_sorted_by_key(|entry| entry["startedDateTime"]
                .as_str()
                .unwrap()
                .parse::<jiff::Timestamp>()
                .unwrap()),
            "{fault}"
        );
        let count = |wanted: fn(&Value) -> bool| entries.iter().filter(|entry| wanted(entry)).count();
        polls += count(|entry| entry["comment"].as_str().unwrap().contains(", poll "));
        cut += count(|entry| entry["response"]["content"]["comment"].is_string());
        unanswered += count(|entry| entry["response"]["status"] == 0 && entry["response"]["_error"].is_string());
        pages = pages.max(har["log"]["pages"].as_array().unwrap().len());
    }
    assert!(polls >= 2 && cut >= 1 && unanswered >= 3 && pages == 2, "{polls} {cut} {unanswered} {pages}");
}

#[tokio::test]
async fn the_page_tells_every_exchange_is_small_and_holds_no_secret() {
    for fault in FAULTS {
        let (told, files) = (run(&bank(&[fault]).await, "page", &["--json"]), files("page"));
        let page = text(&files.html);
        let report: Value = serde_json::from_str(&told.out).unwrap();
        assert_eq!(page.matches("curl --include").count(), exchanges(&report), "{fault}");
        assert!(page.len() < 150_000, "{fault}: {} bytes", page.len());
        assert_no_secret(&format!("the page, {fault}"), &page);
    }
}

#[tokio::test]
async fn build_servers_are_told_a_failure_exactly_when_the_exit_code_is_1() {
    for fault in FAULTS {
        let (told, files) = (run(&bank(&[fault]).await, "junit", &[]), files("junit"));
        let junit = text(&files.junit);
        let fails = ["<failure ", "<error "].iter().any(|element| junit.contains(element));
        assert_eq!(fails, told.code == Some(1), "{fault}: {junit}");
        assert!(junit.matches("<testcase ").count() >= 9, "{fault}: {junit}");
        assert_no_secret(&format!("the JUnit file, {fault}"), &junit);
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_exit_code_2_and_named_and_the_rest_is_told() {
    let bank = bank(&[]).await;
    let files = files("refused");
    let junit = files.junit.to_str().unwrap();
    let told = told(command(&["run", "--har", "/proc/nowhere/run.har", "--junit", junit]).at(&bank));
    assert_eq!(told.code, Some(2), "{told:?}");
    assert!(told.err.starts_with("xs2a-monitor: --har /proc/nowhere/run.har: cannot write /proc/nowhere"), "{told:?}");
    assert!(told.out.starts_with("klarna-playground: passed in "), "{told:?}");
    assert!(text(&files.junit).contains("failures=\"0\""));
}

/// The files of one test.
pub(crate) struct Files {
    pub(crate) html: PathBuf,
    pub(crate) har: PathBuf,
    pub(crate) junit: PathBuf,
}

pub(crate) fn files(name: &str) -> Files {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("files").join(name);
    Files { html: folder.join("run.html"), har: folder.join("run.har"), junit: folder.join("junit.xml") }
}

#[expect(clippy::disallowed_methods, reason = "a file that the command wrote")]
pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// A run that writes all files, new ones.
fn run(bank: &Playground, name: &str, more: &[&str]) -> Told {
    let files = files(name);
    let mut run = command(&["run"]);
    for (option, file) in [("--html", &files.html), ("--har", &files.har), ("--junit", &files.junit)] {
        std::fs::remove_file(file).ok();
        run.arg(option).arg(file);
    }
    told(run.args(more).at(bank))
}

fn har_schema() -> Validator {
    let schema: Value = serde_json::from_str(HAR_SCHEMA).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

/// How many requests, polls and clean-ups a report holds.
fn exchanges(report: &Value) -> usize {
    let attempts = report["attempts"].as_array().unwrap().iter().chain([report]);
    let of = |attempt: &Value| {
        let steps = attempt["steps"].as_array().unwrap().iter();
        let requests = steps.flat_map(|step| step["requests"].as_array().unwrap());
        let journey: usize = requests.map(|request| 1 + request["polls"].as_array().unwrap().len()).sum();
        journey + usize::from(attempt["cleanup"]["request"].is_object())
    };
    attempts.map(of).sum()
}
