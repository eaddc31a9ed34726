//! The run as a page: what a reader notices.

mod certificates;
mod hostile;
pub(crate) mod markup;

use std::collections::BTreeSet;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use model::error::{ErrorType, Failure};
use model::journey::Request;
use model::report::{Assertion, Header, RunReport};
use report::{Baseline, html};
use sha2::{Digest, Sha256};

use crate::sample::{after_first_attempt, failed, http_503, ms, passed};
use markup::{Tag, tags, text};

/// A run in which every kind of thing happened: two attempts, polls, a form,
/// checks, headers, bodies, a session left open.
fn eventful() -> RunReport {
    let mut report = after_first_attempt(failed(http_503(), Request::GetConsent), http_503(), Request::LogIn);
    let request = report.steps.iter_mut().flat_map(|step| &mut step.requests).find(|r| r.number == 8).unwrap();
    request.polls = vec![request.exchange.clone(), request.exchange.clone()];
    request.assertions = vec![
        Assertion { expected: "the flow is finished".to_owned(), passed: true },
        Assertion { expected: "one currency".to_owned(), passed: false },
    ];
    request.exchange.tls_version = Some("TLSv1.3".to_owned());
    request.exchange.certificate_chain = vec![certificates::leaf()];
    request.exchange.form = Some(r#"{"data":[{"key":"account","value":"[answer 97f5973e]"}]}"#.to_owned());
    request.exchange.request.body = Some(r#"{"ct":"b3BlbiBzZXNhbWU="}"#.to_owned());
    request.exchange.request.headers.push(Header { name: "authorization".to_owned(), value: "[header 1]".to_owned() });
    report.cleanup.error = Some(Failure::new(ErrorType::Timeout, "no answer within 2 s"));
    report
}

fn details(page: &str, id: &str) -> Tag {
    tags(page).into_iter().find(|tag| tag.name == "details" && tag.get("id") == Some(id)).unwrap()
}

#[test]
fn a_failed_run_begins_with_what_happened_whose_fault_it_looks_like_and_what_to_do() {
    let page = text(&html(&failed(http_503(), Request::GetConsent), None));
    let head = page.split("What changed").next().unwrap();
    for told in [
        "failed klarna-playground in us-east-1",
        "Step 7 (Get consent), request 9 (get consent): the API answered with status 503 (http_status).",
        "It looks like the provider's fault. What to do: Look at the answer in the report",
        "Go to request 9",
        "Minute 2026-11-25 10:01 UTC",
        "Duration 843 ms",
        "Attempts 1",
        "Run 0123456789abcdef0123456789abcdef",
        "Monitor 0.1.0",
    ] {
        assert!(head.contains(told), "{told}\n{head}");
    }
    assert!(page.contains("8 Account details and balance not run"), "{page}");
}

#[test]
fn the_failing_request_is_open_and_the_link_leads_to_it() {
    let page = html(&eventful(), None);
    assert!(tags(&page).iter().any(|tag| tag.name == "a" && tag.get("href") == Some("#r9")));
    assert!(details(&page, "r9").get("open").is_some());
    assert!(details(&page, "r8").get("open").is_none());
    let passed = html(&passed(), None);
    assert!(!tags(&passed).iter().any(|tag| tag.name == "details" && tag.get("open").is_some()));
    assert!(text(&passed).contains("The whole journey worked."));
}

#[test]
fn where_polls_ended_in_an_error_the_last_one_is_open_with_it() {
    let mut report = eventful();
    let request = report.steps.iter_mut().flat_map(|step| &mut step.requests).find(|r| r.number == 9).unwrap();
    request.polls = vec![request.exchange.clone(); 2];
    let page = html(&report, None);
    assert!(details(&page, "r9-p2").get("open").is_some() && details(&page, "r9-p1").get("open").is_none());
    let last = page.split("id=\"r9-p2\"").nth(1).unwrap();
    assert!(text(&format!("<x {last}")).contains("http_status: the API answered with status 503."));
}

#[test]
fn a_request_shows_all_that_is_known_of_it() {
    let page = text(&html(&eventful(), None));
    for told in [
        "8 select account POST",
        "https://bank.example:8443/wizard/flow-1",
        "Template https://bank.example:8443/wizard/{flow_id}",
        "Address 192.0.2.9:8443",
        "TLS TLSv1.3",
        "held: the flow is finished",
        "did not hold: one currency",
        "Connect 1.5 ms TLS 4.0 ms First byte 6.0 ms Download 0.2 ms Other 0.7 ms Total 12.4 ms",
        "x-canary canary",
        "Form as sent, before encryption { \"data\": [ { \"key\": \"account\", \"value\": \"[answer 97f5973e]\" } ] }",
        "-H \"authorization: Token $KOSMA_AUTH_TOKEN\" \\ --data-raw '{\"ct\":\"b3BlbiBzZXNhbWU=\"}'",
        "8.2 asked again",
    ] {
        assert!(page.contains(told), "{told}\n{page}");
    }
}

#[test]
fn both_attempts_are_there_and_the_one_that_decided_comes_first() {
    let page = html(&eventful(), None);
    let read = text(&page);
    let (second, first) = (read.find("Attempt 2: ✗ failed").unwrap(), read.find("Attempt 1: ✗ failed").unwrap());
    assert!(second < first, "{read}");
    assert!(details(&page, "a1-r6").get("open").is_some());
    let recovered = html(&after_first_attempt(passed(), http_503(), Request::LogIn), None);
    assert!(text(&recovered).contains("Attempts 2, the second decided (recovered)"));
}

#[test]
fn a_session_left_open_is_told_at_the_head_and_at_the_clean_up() {
    let page = text(&html(&eventful(), None));
    assert!(page.contains("A session may still be open at the bank:"), "{page}");
    assert!(page.contains("The session may still be open at the bank: no answer within 2 s."), "{page}");
    assert!(!text(&html(&passed(), None)).contains("still be open"));
}

#[test]
fn a_run_that_did_not_pass_says_at_its_head_when_the_last_one_did() {
    let mut earlier = passed();
    earlier.scheduled_at = "2026-11-25T09:58:00Z".parse().unwrap();
    let head = |report: &RunReport, baseline: Option<&RunReport>| {
        let baseline = baseline.map(|report| Baseline { report, link: Some("a.html") });
        text(&html(report, baseline.as_ref())).split("What changed").next().unwrap().to_owned()
    };
    let failed = failed(http_503(), Request::GetConsent);
    let told = head(&failed, Some(&earlier));
    assert!(told.contains("UTC Last passed 2026-11-25 09:58 UTC, 3 min before Started"), "{told}");
    assert!(head(&failed, Some(&passed())).contains("Last passed 2026-11-25 10:01 UTC Started"));
    assert!(!head(&failed, None).contains("Last passed"));
    assert!(!head(&passed(), Some(&earlier)).contains("Last passed"));
}

#[test]
fn buttons_and_commands_are_told_apart_by_their_names() {
    let page = html(&eventful(), None);
    for (start, end) in [("<button", "</button>"), ("<summary", "</summary>")] {
        let elements = page.split(start).skip(1).map(|rest| rest.split(end).next().unwrap());
        let controls = elements.map(|element| text(&format!("<x{element}")));
        let names: Vec<String> = controls.filter(|name| name.contains("curl")).collect();
        let unique: BTreeSet<&String> = names.iter().collect();
        assert!(names.len() > 15 && names.len() == unique.len(), "{names:?}");
    }
    let page = text(&page);
    for name in [
        "Copy as curl of request 8, select account",
        "As a curl command of request 8.2, asked again",
        "Copy as curl of delete session",
        "As a curl command of request 6, log in, attempt 1",
    ] {
        assert!(page.contains(name), "{name}\n{page}");
    }
}

#[test]
fn bars_stand_where_the_time_went() {
    let mut report = passed();
    for (index, request) in report.steps.iter_mut().flat_map(|step| &mut step.requests).enumerate() {
        request.exchange.started_ms = ms(50.0 * f64::from(u8::try_from(index).unwrap()));
    }
    report.cleanup.request.as_mut().unwrap().started_ms = ms(791.0);
    let page = html(&report, None);
    let bar = page.split("id=\"r11\"").nth(1).and_then(|rest| rest.split("</svg>").next()).unwrap();
    let bars: Vec<_> = tags(bar).into_iter().filter(|tag| tag.name == "rect").collect();
    let place = |class: &str| {
        let tag = bars.iter().find(|tag| tag.get("class") == Some(class)).unwrap();
        (tag.get("x").unwrap().to_owned(), tag.get("width").unwrap().to_owned())
    };
    assert_eq!(place("all"), ("62.50%".to_owned(), "1.55%".to_owned()));
    assert_eq!(place("connect"), ("62.50%".to_owned(), "0.19%".to_owned()));
    assert_eq!(place("load").0, "64.03%", "the answer's last byte is the end");
}

#[test]
fn only_the_pages_own_script_and_styles_may_run() {
    let page = html(&eventful(), None);
    let inside = |name: &str| {
        let (start, end) = (format!("<{name}>"), format!("</{name}>"));
        let mut parts = page.split(&start);
        let text = parts.nth(1).unwrap().split(&end).next().unwrap();
        assert_eq!(parts.next(), None, "one {name}");
        format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
    };
    let policy = tags(&page).into_iter().find(|tag| tag.get("http-equiv").is_some()).unwrap();
    assert_eq!(
        policy.get("content"),
        Some(
            format!(
                "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
                inside("style"),
                inside("script")
            )
            .as_str()
        )
    );
}

#[test]
fn ids_are_unique_and_everything_that_is_pointed_at_exists() {
    let page = html(&eventful(), Some(&Baseline { report: &passed(), link: None }));
    let tags = tags(&page);
    let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
    let pointers = tags.iter().flat_map(|tag| {
        let anchor = tag.get("href").and_then(|href| href.strip_prefix('#'));
        [anchor, tag.get("aria-labelledby"), tag.get("data-copy")].into_iter().flatten()
    });
    for pointer in pointers {
        assert!(unique.contains(pointer), "{pointer}");
    }
    let labels: Vec<&str> = tags.iter().filter_map(|tag| tag.get("aria-label")).collect();
    assert!(labels.iter().filter(|label| label.starts_with("Body")).count() > 30);
}

#[test]
fn headings_skip_no_level() {
    let page = html(&eventful(), None);
    let levels = tags(&page).into_iter().filter_map(|tag| tag.name.strip_prefix('h')?.parse::<u8>().ok());
    let levels: Vec<u8> = levels.collect();
    assert_eq!(levels.first(), Some(&1));
    assert!(levels.is_sorted_by(|a, b| *b <= a + 1 || b <= a), "{levels:?}");
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
}
