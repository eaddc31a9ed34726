use jsonschema::Validator;
use model::error::{ErrorType, Failure};
use model::journey::Request;
use model::report::{Exchange, Header, RequestReport, RunReport, Timings};
use proptest::prelude::proptest;
use report::har;
use serde_json::{Value, json};

use crate::sample::{after_first_attempt, failed, http_503, ms, passed};

const SCHEMA: &str = include_str!("har-1.2.schema.json");

/// The archive's entries, once it is valid and its numbers add up.
fn entries(report: &RunReport) -> Vec<Value> {
    let har = har(report);
    let errors: Vec<String> = schema().iter_errors(&har).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    har["log"]["entries"].as_array().unwrap().clone()
}

fn schema() -> Validator {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

fn request(report: &mut RunReport, name: Request) -> &mut RequestReport {
    let mut requests = report.steps.iter_mut().flat_map(|step| &mut step.requests);
    requests.find(|request| request.name == name).unwrap()
}

#[test]
fn a_request_is_an_entry_with_its_phases_messages_and_address() {
    let mut report = passed();
    let first = &mut request(&mut report, Request::StartSession).exchange;
    first.url = "https://bank.example/a?result=success&x=%26".to_owned();
    first.timings.dns_ms = Some(ms(0.1));
    first.timings.tls_ms = Some(ms(0.2));
    first.request.body_bytes = 6;
    let entry = &entries(&report)[0];
    let expected = json!({
        "pageref": "attempt_1",
        "startedDateTime": "2026-11-25T10:01:01.503Z",
        "time": 8.0,
        "request": {
            "method": "POST",
            "url": "https://bank.example/a?result=success&x=%26",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [{ "name": "x-canary", "value": "canary" }],
            "queryString": [{ "name": "result", "value": "success" }, { "name": "x", "value": "&" }],
            "postData": { "mimeType": "x-unknown", "text": "canary" },
            "headersSize": -1,
            "bodySize": 6,
            "_form": "canary",
        },
        "response": {
            "status": 200,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [{ "name": "x-canary", "value": "canary" }],
            "content": { "size": 0, "mimeType": "x-unknown", "text": "canary" },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": 0,
        },
        "cache": {},
        "timings": {
            "blocked": -1, "dns": 0.1, "connect": 1.7, "ssl": 0.2, "send": 0, "wait": 6.0, "receive": 0.2
        },
        "serverIPAddress": "192.0.2.9",
        "connection": "8443",
        "comment": "step 1 (Start session), request 1 (start session)",
        "_resourceType": "fetch",
        "_step": "start_session",
        "_urlTemplate": "https://bank.example:8443/wizard/{flow_id}",
    });
    assert_eq!(entry, &expected);
}

/// Chromium's network panel takes a wait that begins at zero for a stall.
#[test]
fn a_kept_connection_waits_after_a_microsecond_and_the_sum_is_the_same() {
    let mut report = passed();
    let reused = &mut request(&mut report, Request::StartFlow).exchange;
    reused.timings = Timings { first_byte_ms: Some(ms(6.0)), download_ms: Some(ms(0.2)), ..Timings::default() };
    let entry = &entries(&report)[1];
    let expected =
        json!({ "blocked": 0.001, "dns": -1, "connect": -1, "ssl": -1, "send": 0, "wait": 5.999, "receive": 0.2 });
    assert_eq!((&entry["timings"], &entry["time"]), (&expected, &json!(6.2)));
}

#[test]
fn a_redacted_url_is_a_uri_and_its_query_shows_the_marks() {
    let mark = "[parameter 5f1c09ab]";
    let mut report = passed();
    let first = &mut request(&mut report, Request::StartSession).exchange;
    first.url = format!("https://bank.example/[id 0123abcd]/x?token={mark}&flow=1");
    first.response.as_mut().unwrap().headers.push(Header { name: "Location".to_owned(), value: format!("/{mark}") });
    let entry = &entries(&report)[0];
    let (url, location) = (&entry["request"]["url"], &entry["response"]["redirectURL"]);
    assert_eq!(url, "https://bank.example/%5Bid%200123abcd%5D/x?token=%5Bparameter%205f1c09ab%5D&flow=1");
    assert_eq!(location, "https://bank.example/%5Bparameter%205f1c09ab%5D");
    let query = &entry["request"]["queryString"];
    assert_eq!(query, &json!([{ "name": "token", "value": mark }, { "name": "flow", "value": "1" }]));
}

#[test]
fn a_url_keeps_what_it_says_and_what_is_none_is_marked_as_such() {
    for (url, expected) in [
        ("https://[2001:db8::1]:8443/a%20b?c=%5b", "https://[2001:db8::1]:8443/a%20b?c=%5b"),
        ("https://bank.example/a?b|c^d`{e}\\%zz%", "https://bank.example/a?b%7Cc%5Ed%60%7Be%7D%5C%25zz%25"),
        ("https://bank.example/#a#b[c]", "https://bank.example/#a%23b%5Bc%5D"),
        ("https://b\u{fc}cher.example/\u{e4}", "https://xn--bcher-kva.example/%C3%A4"),
        ("javascript:alert([1])", "javascript:alert(%5B1%5D)"),
        ("https://[host 0123abcd]/a#b", "about:invalid#https://%5Bhost%200123abcd%5D/a%23b"),
        ("\u{202e}", "about:invalid#%E2%80%AE"),
        ("", "about:invalid#"),
    ] {
        let mut report = passed();
        request(&mut report, Request::StartSession).exchange.url = url.to_owned();
        assert_eq!(entries(&report)[0]["request"]["url"], expected, "{url}");
    }
}

proptest! {
    #[test]
    fn whatever_the_report_says_the_archive_holds_uris(url in "(https?://[a-z\\[\\]:@\"{}%.]{0,9})?\\PC{0,20}", location in "\\PC{0,20}") {
        let mut report = passed();
        let first = &mut request(&mut report, Request::StartSession).exchange;
        first.url = url;
        first.response.as_mut().unwrap().headers = vec![Header { name: "location".to_owned(), value: location }];
        assert_eq!(entries(&report).len(), 12);
    }
}

#[test]
fn all_requests_polls_and_the_clean_up_stand_in_their_order() {
    let mut report = passed();
    let log_in = request(&mut report, Request::LogIn);
    log_in.polls = vec![log_in.exchange.clone(), log_in.exchange.clone()];
    let entries = entries(&report);
    assert_eq!(entries.len(), 11 + 2 + 1);
    assert_eq!(entries[7]["comment"], "step 4 (Encrypted responses), request 6 (log in), poll 2");
    assert_eq!(entries[13]["comment"], "clean-up");
}

#[test]
fn a_request_without_an_answer_has_status_0_its_error_and_what_is_known_of_its_phases() {
    let refused = Failure::new(ErrorType::Connect, "connection refused");
    let mut report = failed(refused, Request::StartFlow);
    let exchange = &mut request(&mut report, Request::StartFlow).exchange;
    exchange.response = None;
    exchange.remote_address = None;
    exchange.timings = Timings { connect_ms: Some(ms(2.5)), ..Timings::default() };
    let entry = &entries(&report)[1];
    assert_eq!(entry["response"]["status"], 0);
    assert_eq!(entry["response"]["_error"], "connect: connection refused");
    assert_eq!(entry["response"]["content"], json!({ "size": -1, "mimeType": "x-unknown" }));
    assert_eq!((&entry["timings"]["dns"], &entry["timings"]["ssl"]), (&json!(-1), &json!(-1)));
    assert_eq!((&entry["time"], entry.get("serverIPAddress")), (&json!(2.5), None));
}

#[test]
fn the_error_stands_with_the_poll_that_showed_it() {
    let mut report = failed(http_503(), Request::SelectBank);
    let select = request(&mut report, Request::SelectBank);
    select.polls = vec![select.exchange.clone()];
    let entries = entries(&report);
    assert_eq!(entries[2]["response"].get("_error"), None);
    assert_eq!(entries[3]["response"]["_error"], "http_status: the API answered with status 503");
}

#[test]
fn each_attempt_is_a_page_and_the_second_begins_where_the_first_ended() {
    let report = after_first_attempt(passed(), http_503(), Request::SelectBank);
    let (har, entries) = (har(&report), entries(&report));
    let pages = har["log"]["pages"].as_array().unwrap();
    assert_eq!(pages[0]["title"], "klarna-playground in us-east-1, attempt 1: failed");
    assert_eq!(pages[1]["title"], "klarna-playground in us-east-1, attempt 2: passed");
    // 3 ms after the start of the attempt began what took 12.4 ms.
    assert_eq!(pages[1]["startedDateTime"], "2026-11-25T10:01:01.5154Z");
    let of = |page: &str| entries.iter().filter(|entry| entry["pageref"] == page).count();
    assert_eq!((of("attempt_1"), of("attempt_2")), (3 + 1, 11 + 1));
}

#[test]
fn a_second_attempt_that_told_nothing_comes_after_the_one_that_decided() {
    let mut report = after_first_attempt(passed(), http_503(), Request::SelectBank);
    report.attempt = 1;
    report.attempts[0].attempt = 2;
    let pages = har(&report)["log"]["pages"].clone();
    assert_eq!((&pages[0]["id"], &pages[1]["id"]), (&json!("attempt_1"), &json!("attempt_2")));
    assert_eq!(pages[0]["startedDateTime"], "2026-11-25T10:01:01.5Z");
}

#[test]
fn a_body_that_is_not_whole_says_so() {
    let mut report = passed();
    for message in both(&mut request(&mut report, Request::StartSession).exchange) {
        (message.body_bytes, message.body_omitted_bytes) = (1000, 994);
    }
    let whole = entries(&report);
    let left_out = entries(&report.without_contents());
    for entry in [&whole[0], &left_out[0]] {
        assert!(entry["request"]["postData"]["comment"].as_str().unwrap().starts_with("cut: "), "{entry}");
        assert!(entry["response"]["content"]["comment"].as_str().unwrap().ends_with(" of 1000 bytes are not shown"));
    }
    assert_eq!(left_out[0]["response"]["content"].get("text"), None);
}

fn both(exchange: &mut Exchange) -> impl Iterator<Item = &mut model::report::Message> {
    [Some(&mut exchange.request), exchange.response.as_mut()].into_iter().flatten()
}

#[test]
fn nothing_of_a_hostile_report_breaks_the_archive() {
    let mut report = passed();
    let first = &mut request(&mut report, Request::StartSession).exchange;
    first.url = "not a url \u{0}\u{202e}</script>".to_owned();
    first.remote_address = Some("nowhere".to_owned());
    first.response.as_mut().unwrap().body = Some("\u{0}\u{ffff}\"}]\u{2028}<script>".to_owned());
    // More than a clock can hold.
    first.started_ms = serde_json::from_str("1e300").unwrap();
    let entry = &entries(&report)[0];
    assert_eq!(entry["startedDateTime"], "2026-11-25T10:01:01.5Z");
    assert_eq!(entry.get("serverIPAddress"), None);
}

#[test]
fn the_schema_refuses_what_is_no_archive() {
    let mut har = har(&passed());
    har["log"]["entries"][0]["timings"]["wait"] = json!(-1);
    har["log"]["entries"][1]["extra"] = json!(1);
    har["log"]["entries"][2]["serverIPAddress"] = json!("192.0.2.9:8443");
    har["log"]["entries"][3]["request"]["url"] = json!("https://bank.example/?token=[parameter 5f1c09ab]");
    assert_eq!(schema().iter_errors(&har).count(), 4);
}
