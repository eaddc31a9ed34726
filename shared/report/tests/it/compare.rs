//! What the page says has changed since the last passing run.

use model::error::{ErrorType, Failure};
use model::journey::Request;
use model::report::{CertificateReport, Exchange, Header, Message, RequestReport, RunReport};
use report::{Baseline, html};

use crate::page::markup::text;
use crate::sample::{failed, http_503, ms, passed};

/// The section's text after its heading and the minute.
fn changes(now: &RunReport, before: &RunReport) -> String {
    let page = text(&html(now, Some(&Baseline { report: before, link: None })));
    let section = page.split("What changed since the last passing run").nth(1).unwrap();
    let section = section.split(" Open all").next().unwrap();
    let section = section.rsplit_once(" Requests").map_or(section, |(section, _)| section);
    section.split_once("UTC.").or_else(|| section.split_once("before.")).unwrap().1.trim().to_owned()
}

fn request(report: &mut RunReport, number: u8) -> &mut RequestReport {
    report.steps.iter_mut().flat_map(|step| &mut step.requests).find(|request| request.number == number).unwrap()
}

/// Both runs with these answers to request 4.
fn answers(now: &str, before: &str) -> String {
    let run = |body: &str| {
        let mut report = passed();
        request(&mut report, 4).exchange.response = Some(Message { body: Some(body.to_owned()), ..Message::default() });
        report
    };
    changes(&run(now), &run(before))
}

#[test]
fn shapes_differ_by_name_and_type_and_never_by_value() {
    const NOTHING: &str = "Nothing that stands out.";
    for (now, before, told) in [
        (r#"{"a":1}"#, r#"{"a":2}"#, ""),
        (r#"{"a":"[id 0123abcd]"}"#, r#"{"a":"x"}"#, ""),
        (r#"{"a":1,"b":{"c":1}}"#, r#"{"a":1}"#, "Answer b is new (object)"),
        (r#"{"a":1}"#, r#"{"a":1,"b":{"c":{"d":1}}}"#, "Answer b is gone"),
        (r#"{"a":{"b":"1"}}"#, r#"{"a":{"b":1}}"#, "Answer a.b is string, was number"),
        (r#"{"a":null}"#, r#"{"a":{"b":1}}"#, "Answer a is null, was object"),
        (r#"{"l":[{"a":1},{"b":1}]}"#, r#"{"l":[{"b":1,"a":1}]}"#, ""),
        (r#"{"l":[{"a":1}]}"#, r#"{"l":[{"a":1},{"b":1}]}"#, "Answer l[].b is gone"),
        (r#"{"l":[]}"#, r#"{"l":[{"a":1}]}"#, ""),
        ("[[1],[true]]", "[[1]]", "Answer [][] is boolean or number, was number"),
        ("{}", "[]", "Answer is object, was list"),
        ("<html>", "{}", "Answer is not JSON any more"),
        ("{}", "oops", "Answer is JSON now"),
        ("oops", "<html>", ""),
    ] {
        let expected =
            if told.is_empty() { NOTHING.to_owned() } else { format!("Request 4, get flow configuration {told}") };
        assert_eq!(answers(now, before), expected, "{now} {before}");
    }
}

#[test]
fn many_differences_are_counted_and_deep_json_is_harmless() {
    let many: Vec<String> = (0..3_000).map(|index| format!("\"k{index:04}\":1")).collect();
    let told = answers(&format!("{{{}}}", many.join(",")), "{}");
    assert!(told.ends_with("Answer k0011 is new (number) and 2988 more"), "{told}");
    let long = "n".repeat(500);
    assert_eq!(
        answers(&format!("{{\"{long}\":1}}"), "{}"),
        format!("Request 4, get flow configuration Answer {}… is new (number)", "n".repeat(60))
    );
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(answers(&deep(100), &deep(100)), "Nothing that stands out.");
    assert_eq!(answers(&deep(100_000), &deep(100_000)), "Nothing that stands out.");
}

#[test]
fn a_cut_answer_is_not_compared() {
    let mut now = passed();
    let body = Message { body: Some("{\"a\":".to_owned()), body_omitted_bytes: 9, ..Message::default() };
    request(&mut now, 4).exchange.response = Some(body);
    let mut before = passed();
    request(&mut before, 4).exchange.response = Some(Message { body: Some("{}".to_owned()), ..Message::default() });
    assert_eq!(changes(&now, &before), "Nothing that stands out.");
}

#[test]
fn headers_differ_by_name() {
    let run = |names: &[&str]| {
        let headers = names.iter().map(|name| Header { name: (*name).to_owned(), value: "x".to_owned() }).collect();
        let mut report = passed();
        request(&mut report, 4).exchange.response = Some(Message { headers, ..Message::default() });
        report
    };
    assert_eq!(
        changes(&run(&["date", "x-new", "via"]), &run(&["Via", "x-old", "age", "etag"])),
        "Request 4, get flow configuration Header x-new is new Header x-old is gone"
    );
}

#[test]
fn a_failed_run_tells_its_status_and_what_was_not_reached() {
    let told = changes(&failed(http_503(), Request::GetConsent), &passed());
    assert_eq!(told, "Request 9, get consent Failed with http_status Status 503, was 200 Not made Requests 10 and 11");
    let told = changes(&failed(http_503(), Request::SelectAccount), &passed());
    assert_eq!(told, "Request 8, select account Failed with http_status Status 503, was 200 Not made Requests 9 to 11");
    let told = changes(&failed(http_503(), Request::GetAccountDetails), &passed());
    assert_eq!(told, "Request 10, get account details Failed with http_status Status 503, was 200 Not made Request 11");
}

#[test]
fn a_request_that_passed_before_and_does_not_now_is_always_told() {
    let at = Request::ChooseInterface;
    for (failure, told) in [
        (Failure::new(ErrorType::Envelope, "the key is too short"), "Failed with envelope"),
        (Failure::new(ErrorType::BlockedUrl, "no such origin").with_status(200), "Failed with blocked_url"),
        (Failure::new(ErrorType::RateLimited, "too often").with_status(200), "Degraded with rate_limited"),
    ] {
        let mut now = failed(failure, at);
        request(&mut now, 5).exchange.status = Some(200);
        let expected = format!("Request 5, choose interface {told} Not made Requests 6 to 11");
        assert_eq!(changes(&now, &passed()), expected);
        // What decided the run may be named of the run alone.
        request(&mut now, 5).error = None;
        assert!(changes(&now, &passed()).contains(told));
        assert!(!changes(&now, &now).contains(told), "it is no news");
    }
}

#[test]
fn only_a_size_that_changed_a_lot_is_told() {
    let run = |body_bytes: u64| {
        let mut report = passed();
        let answer = Message { body_bytes, body_omitted_bytes: body_bytes, ..Message::default() };
        request(&mut report, 7).exchange.response = Some(answer);
        report
    };
    for (now, before, told) in [
        (1_048_576, 2_511, "Size 1048576 bytes, was 2511"),
        (12, 20_000, "Size 12 bytes, was 20000"),
        (10_001, 0, "Size 10001 bytes, was 0"),
        (10_000, 0, ""),
        (100_000, 10_000, ""),
    ] {
        let expected = match told {
            "" => "Nothing that stands out.".to_owned(),
            told => format!("Request 7, complete flow {told}"),
        };
        assert_eq!(changes(&run(now), &run(before)), expected, "{now} {before}");
    }
}

#[test]
fn only_a_time_that_grew_a_lot_is_told_by_its_phase() {
    for (wait, total, told) in [
        (150.0, 160.0, "Request 4, get flow configuration First byte 150 ms, was 6 ms"),
        (100.0, 110.0, ""),
        (6.0, 140.0, "Request 4, get flow configuration Time 140 ms, was 12 ms"),
    ] {
        let mut now = passed();
        let exchange = &mut request(&mut now, 4).exchange;
        exchange.timings.first_byte_ms = Some(ms(wait));
        exchange.duration_ms = ms(total);
        let expected = if told.is_empty() { "Nothing that stands out." } else { told };
        assert_eq!(changes(&now, &passed()), expected);
        assert_eq!(changes(&passed(), &now), "Nothing that stands out.", "faster is no news");
    }
}

#[test]
fn more_polls_are_told() {
    let mut now = passed();
    let request = request(&mut now, 7);
    request.polls = vec![request.exchange.clone(); 3];
    assert_eq!(changes(&now, &passed()), "Request 7, complete flow Asked again 3 times, was 0");
}

#[test]
fn a_poll_that_took_longer_is_told_with_the_time_of_the_whole_request() {
    let run = |polls: &[(f64, f64)]| {
        let mut report = passed();
        let request = request(&mut report, 7);
        let poll = |(started, took): &(f64, f64)| Exchange {
            started_ms: ms(*started),
            duration_ms: ms(*took),
            ..request.exchange.clone()
        };
        request.polls = polls.iter().map(poll).collect();
        report
    };
    let before = [(50.0, 50.0), (110.0, 20.0)];
    for (polls, told) in [
        (&[(50.0, 5000.0), (5060.0, 20.0)][..], "Slowest poll 5000 ms, was 50 ms Time with polls 5077 ms, was 127 ms"),
        (&[(50.0, 50.0), (110.0, 5000.0)], "Slowest poll 5000 ms, was 50 ms Time with polls 5107 ms, was 127 ms"),
        // Each is as fast as before, but the bank let us wait longer for the next one.
        (&[(50.0, 50.0), (4000.0, 20.0)], "Time with polls 4017 ms, was 127 ms"),
        (&[(50.0, 140.0), (200.0, 20.0)], ""),
    ] {
        let expected = if told.is_empty() {
            "Nothing that stands out.".to_owned()
        } else {
            format!("Request 7, complete flow {told}")
        };
        assert_eq!(changes(&run(polls), &run(&before)), expected, "{polls:?}");
        assert_eq!(changes(&run(&before), &run(polls)), "Nothing that stands out.", "faster is no news");
    }
    // A run that did not ask again had its only answer at once.
    assert_eq!(
        changes(&run(&[(50.0, 5000.0)]), &passed()),
        "Request 7, complete flow Slowest poll 5000 ms, was 12 ms Time with polls 5047 ms, was 12 ms"
    );
}

#[test]
fn the_status_of_the_answer_that_decided_is_compared() {
    let run = |status: u16| {
        let mut report = passed();
        let request = request(&mut report, 7);
        request.polls = vec![Exchange { status: Some(status), ..request.exchange.clone() }];
        report
    };
    assert_eq!(changes(&run(503), &run(200)), "Request 7, complete flow Status 503, was 200");
}

#[test]
fn another_tls_version_address_or_certificate_is_told_by_host() {
    let run = |tls: &str, address: &str, fingerprint: &str| {
        let mut report = passed();
        for request in report.steps.iter_mut().flat_map(|step| &mut step.requests) {
            request.exchange.tls_version = Some(tls.to_owned());
            request.exchange.remote_address = Some(address.to_owned());
        }
        report.certificates =
            vec![CertificateReport { fingerprint: fingerprint.repeat(32), ..report.certificates[0].clone() }];
        report
    };
    let before = run("TLSv1.3", "192.0.2.9:443", "ab");
    assert_eq!(changes(&run("TLSv1.3", "192.0.2.9:8443", "ab"), &before), "Nothing that stands out.");
    assert_eq!(
        changes(&run("TLSv1.2", "[2001:db8::1]:443", "cd"), &before),
        "Connections TLS version bank.example TLSv1.2, was TLSv1.3 Address bank.example [2001:db8::1], was 192.0.2.9 \
         Certificate bank.example another one, valid until 2027-01-21 (was 2027-01-21)"
    );
}

#[test]
fn the_run_compared_with_is_named_or_said_to_be_missing() {
    let mut now = passed();
    now.scheduled_at = "2026-11-25T10:16:00Z".parse().unwrap();
    let page = text(&html(&now, Some(&Baseline { report: &passed(), link: None })));
    assert!(page.contains("Compared with the run of 2026-11-25 10:01 UTC, 15 min before."), "{page}");
    assert!(text(&html(&now, None)).contains("Not compared: no run that passed was at hand."));
}
