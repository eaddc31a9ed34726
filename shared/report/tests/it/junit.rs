use std::io::Write;
use std::process::{Command, Stdio};

use model::error::{Category, ErrorType, Failure, RunError};
use model::journey::{Outcome, Request, Step, StepOutcome};
use model::report::{RunReport, StepReport};
use report::junit;
use serde_json::{Value, json};

use crate::sample::{after_first_attempt, failed, http_503, passed};

/// Reads XML from standard input with Python's parser and tells it as JSON.
const READ: &str = "
import json, sys, xml.etree.ElementTree as tree
def told(e):
    return {'tag': e.tag, 'text': (e.text or '').strip(), 'children': [told(c) for c in e], **e.attrib}
print(json.dumps(told(tree.fromstring(sys.stdin.buffer.read()))))
";

/// The one suite of the document, as a parser that is not ours reads it.
fn suite(report: &RunReport) -> Value {
    let mut python =
        Command::new("python3").args(["-c", READ]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(junit(report).as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", junit(report));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&document["tag"], document["children"].as_array().unwrap().len()), (&json!("testsuites"), 1));
    document["children"][0].clone()
}

fn cases(suite: &Value) -> Vec<Value> {
    suite["children"].as_array().unwrap().iter().filter(|child| child["tag"] == "testcase").cloned().collect()
}

fn counts(suite: &Value) -> [&str; 4] {
    ["tests", "failures", "errors", "skipped"].map(|name| suite[name].as_str().unwrap())
}

#[test]
fn a_passed_run_is_a_suite_of_eight_steps_and_the_clean_up() {
    let suite = suite(&passed());
    assert_eq!(suite["name"], "klarna-playground.us-east-1");
    assert_eq!(suite["timestamp"], "2026-11-25T10:01:01");
    assert_eq!(suite["time"], "0.843");
    assert_eq!(counts(&suite), ["9", "0", "0", "0"]);
    let cases = cases(&suite);
    assert_eq!((&cases[0]["name"], &cases[0]["time"]), (&json!("1 Start session"), &json!("0.100")));
    assert_eq!(cases[0]["classname"], "klarna-playground.us-east-1");
    assert_eq!((&cases[8]["name"], &cases[8]["time"]), (&json!("Clean-up"), &json!("0.009")));
    let properties = suite["children"][0]["children"].as_array().unwrap();
    let value = |name: &str| &properties.iter().find(|property| property["name"] == name).unwrap()["value"];
    assert_eq!(value("run_id"), "0123456789abcdef0123456789abcdef");
    assert_eq!(value("region"), "us-east-1");
}

#[test]
fn a_failed_run_is_one_failure_with_its_type_and_the_steps_after_it_are_skipped() {
    let suite = suite(&failed(http_503(), Request::SelectBank));
    assert_eq!(counts(&suite), ["9", "1", "0", "5"]);
    let cases = cases(&suite);
    let failure = &cases[2]["children"][0];
    assert_eq!((&failure["tag"], &failure["type"]), (&json!("failure"), &json!("http_status")));
    assert_eq!(failure["message"], "the API answered with status 503");
    let text = failure["text"].as_str().unwrap();
    assert!(text.starts_with("Step 3 (Select test bank), request 3 (select bank): "), "{text}");
    assert!(text.contains(" It looks like the provider's fault. What to do: "), "{text}");
    assert_eq!(cases[3]["children"][0]["tag"], "skipped");
}

#[test]
fn what_is_our_own_fault_is_an_error_and_the_rest_is_a_failure() {
    let of = |error_type| Failure::new(error_type, "it did not work");
    let category = |text| Failure::api_error(Category::parse(text).unwrap(), "it did not work");
    for (failure, tag, blame) in [
        (of(ErrorType::Credentials), "error", "The fault is on our side."),
        (of(ErrorType::Stopped), "error", "The fault is on our side."),
        (of(ErrorType::FormRejected), "error", "The fault is on our side."),
        (category("USER.LOGIN"), "error", "The fault is on our side."),
        (category("BANK.DOWN"), "failure", "It looks like the fault of the bank behind the API."),
        (of(ErrorType::Contract), "failure", "It looks like the provider's fault."),
        (of(ErrorType::Tls), "failure", "the network on the way, seen from this region alone."),
    ] {
        let suite = suite(&failed(failure.clone(), Request::SelectBank));
        let told = &cases(&suite)[2]["children"][0];
        assert_eq!((&told["tag"], &told["type"]), (&json!(tag), &json!(failure.error_type.name())));
        let expected = if tag == "error" { ["9", "0", "1", "5"] } else { ["9", "1", "0", "5"] };
        assert_eq!(counts(&suite), expected, "{failure:?}");
        assert!(told["text"].as_str().unwrap().contains(&format!("{blame} What to do: ")), "{told}");
    }
}

#[test]
fn a_run_that_failed_before_its_first_step_is_told_too() {
    let mut report = passed();
    report.outcome = Outcome::Failed;
    report.steps = Step::ALL.into_iter().map(StepReport::not_run).collect();
    report.error = Some(RunError::new(Failure::new(ErrorType::Internal, "no client"), None, None));
    let suite = suite(&report);
    assert_eq!(counts(&suite), ["10", "0", "1", "8"]);
    let error = &cases(&suite)[9]["children"][0];
    assert_eq!((&error["tag"], &error["type"]), (&json!("error"), &json!("internal")));
}

#[test]
fn a_run_that_failed_and_names_no_error_is_a_failure_and_no_other_run_is() {
    let step_failed = |mut report: RunReport| {
        report.steps[2].outcome = StepOutcome::Failed;
        report
    };
    let not_run = RunReport { steps: Step::ALL.into_iter().map(StepReport::not_run).collect(), ..passed() };
    for report in [passed(), not_run.clone(), RunReport { steps: Vec::new(), ..passed() }, step_failed(passed())] {
        for (outcome, failures) in [(Outcome::Failed, 1), (Outcome::Degraded, 0), (Outcome::Passed, 0)] {
            let suite = suite(&RunReport { outcome, error: None, ..report.clone() });
            let cases = cases(&suite);
            let failed: Vec<&Value> =
                cases.iter().filter_map(|case| Some(&case["children"].as_array()?.first()?["tag"])).collect();
            assert_eq!(failed.iter().filter(|tag| **tag == "failure").count(), failures, "{suite}");
            assert_eq!(suite["failures"], failures.to_string());
        }
    }
    let told = &cases(&suite(&RunReport { outcome: Outcome::Failed, ..not_run }))[9];
    assert_eq!(told["name"], "Run");
    assert_eq!(told["children"][0]["message"], "the run failed, and its report names no error");
}

#[test]
fn what_only_degrades_the_run_or_leaves_its_session_open_is_a_note() {
    let limited = Failure::new(ErrorType::RateLimited, "too many requests");
    let mut report = failed(limited, Request::SelectBank);
    report.cleanup.error = Some(http_503());
    let suite = suite(&report);
    assert_eq!(counts(&suite), ["9", "0", "0", "5"]);
    let cases = cases(&suite);
    let note = |case: &Value| case["children"][0]["text"].as_str().unwrap().to_owned();
    assert!(note(&cases[2]).starts_with("degraded: Step 3 "), "{}", note(&cases[2]));
    assert!(note(&cases[8]).starts_with("the session may still be open"), "{}", note(&cases[8]));
}

#[test]
fn an_earlier_attempt_is_told_beside_the_one_that_passed() {
    let suite = suite(&after_first_attempt(passed(), http_503(), Request::SelectBank));
    assert_eq!(counts(&suite), ["9", "0", "0", "0"]);
    let note = suite["children"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&note["tag"], &note["text"]),
        (
            &json!("system-out"),
            &json!(
                "attempt 1 failed. Step 3 (Select test bank), request 3 (select bank): \
                 the API answered with status 503 (http_status).\nattempt 2 decided: recovered"
            )
        )
    );
}

#[test]
fn hostile_texts_stay_texts() {
    let all: String = (0..=0x10_ffff).step_by(7).chain(0..0x300).filter_map(char::from_u32).collect();
    let hostile = format!("]]></failure><!-- &amp; \" ' \n\r\t\u{0}\u{1b}[2J\u{ffff}\u{202e} {all}");
    let suite = suite(&failed(Failure::new(ErrorType::Contract, hostile), Request::SelectBank));
    assert_eq!(counts(&suite), ["9", "1", "0", "5"]);
    let message = cases(&suite)[2]["children"][0]["message"].as_str().unwrap().to_owned();
    let start = "]]></failure><!-- &amp; \" ' \u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}[2J\u{fffd}\u{fffd} ";
    assert!(message.starts_with(start), "{:?}", message.chars().take(60).collect::<String>());
}
