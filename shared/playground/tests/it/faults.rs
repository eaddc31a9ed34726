//! Each kind of fault, seen from the client's end of the socket.

use std::io::ErrorKind;
use std::time::Duration;

use playground::RequestKind;
use serde_json::{Value, json};

use crate::client::{Consumer, Reply, faulty, payload, send_with_patience};

/// The answer to request `number` of a journey in which this rule is in force.
async fn answer_under(rule: &str, number: u8) -> Reply {
    let bank = faulty(&[rule]).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, number - 1);
    consumer.request(number).unwrap()
}

#[tokio::test]
async fn a_status_comes_with_the_envelope() {
    let reply = answer_under("5:status=503", 5).await;

    assert_eq!((reply.status, reply.json()["error"]["code"].clone()), (503, json!("fault")));
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_back() {
    let reply = answer_under("1:rate-limit=30", 1).await;

    assert_eq!((reply.status, reply.header("ratelimit-reset")), (429, Some("30")));
}

#[tokio::test]
async fn a_reset_is_a_real_one() {
    let bank = faulty(&["2:reset"]).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 1);

    let error = consumer.request(2).unwrap_err();

    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(bank.requests().pop().unwrap().status, None);
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_it_says() {
    let reply = answer_under("4:truncate", 4).await;

    let announced: usize = reply.header("content-length").unwrap().parse().unwrap();
    assert!(!reply.body.is_empty() && reply.body.len() < announced, "{announced}");
}

#[tokio::test]
async fn bodies_can_be_anything_but_right() {
    let not_json = answer_under("9:not-json", 9).await;
    let empty = answer_under("9:empty", 9).await;
    let huge = answer_under("9:huge", 9).await;

    assert_eq!((not_json.status, not_json.header("content-type")), (200, Some("text/html")));
    assert_eq!(not_json.json(), Value::Null);
    assert_eq!((empty.status, empty.body.len()), (200, 0));
    assert!(huge.body.len() > 1 << 20);
    assert!(huge.json()["data"]["consent_id"].is_string());
}

#[tokio::test]
async fn a_delayed_and_a_dripping_answer_are_whole_in_the_end() {
    let delayed = answer_under("1:delay=1ms", 1).await;
    let dripping = answer_under("1:drip=1ms", 1).await;

    assert!(delayed.data()["session_id"].is_string());
    assert!(dripping.data()["session_id"].is_string());
}

/// Only a bank that never answers can make this pass on a machine of any speed.
#[tokio::test]
async fn a_delay_and_a_drip_outlast_an_impatient_client() {
    for rule in ["1:delay=3600s", "1:drip=3600s"] {
        let bank = faulty(&[rule]).await;
        let url = format!("{}/xs2a/v1/sessions", bank.api_base_url());

        let outcome = send_with_patience(Duration::from_millis(100), ("PUT", &url, &[], ""));

        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::WouldBlock, "{rule}");
    }
}

#[tokio::test]
async fn fields_go_missing_or_change_their_type() {
    let missing = answer_under("3:missing=form_identifier", 3).await.data();
    let retyped = answer_under("11:type=amount", 11).await.data();
    let token = answer_under("2:missing=auth_url", 2).await.data();

    assert_eq!(missing["result"]["form"]["form_identifier"], Value::Null);
    assert!(missing["result"]["form"]["elements"].is_array());
    assert!(retyped["result"]["available"]["amount"].is_string());
    assert_eq!(payload(&token["client_token"])["auth_url"], Value::Null);
}

#[tokio::test]
async fn a_forced_end_ends_the_flow() {
    let bank = faulty(&["5:state=EXCEPTION", "6:state=ABORTED"]).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 4);

    let answer = consumer.request(5).unwrap().data();
    let flow = consumer.api("GET", &consumer.flow["self"], &Value::Null).unwrap().data();

    assert_eq!(answer, json!({"state": "EXCEPTION", "next": null, "error": {"category": "TECHNICAL"}}));
    assert_eq!(flow["state"], "EXCEPTION");
}

#[tokio::test]
async fn the_wizard_hides_the_sub_codes_that_the_flow_tells() {
    let bank = faulty(&["6:category=MAINTENANCE.PLANNED"]).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 5);

    let answer = consumer.request(6).unwrap().data();
    let flow = consumer.api("GET", &consumer.flow["self"], &Value::Null).unwrap().data();

    assert_eq!(answer["error"]["category"], "MAINTENANCE");
    assert_eq!(flow["error"]["category"], "MAINTENANCE.PLANNED");
}

#[tokio::test]
async fn a_category_on_the_api_host_is_a_refusal_with_a_new_consent_token() {
    let bank = faulty(&["10:category=CONSENT.RESOURCE_NOT_GRANTED*1"]).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 9);

    let refused = consumer.request(10).unwrap();
    let old = consumer.request(10).unwrap();
    consumer.consent["consent_token"] = refused.json()["consent_token"].clone();
    let new = consumer.request(10).unwrap();

    assert_eq!((refused.status, &refused.json()["error"]["code"]), (400, &json!("CONSENT.RESOURCE_NOT_GRANTED")));
    assert_eq!(old.places(), ["consent_token"]);
    assert_eq!(new.status, 200);
}

#[tokio::test]
async fn processing_lasts_as_long_as_its_limit_and_then_the_journey_goes_on() {
    let bank = faulty(&["5:state=PROCESSING*2"]).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 5);

    let mut states = vec![consumer.wizard["state"].clone()];
    for _ in 0..2 {
        consumer.wizard = consumer.poll().unwrap().data();
        states.push(consumer.wizard["state"].clone());
    }
    consumer.pass(6, 11);

    assert_eq!(states, ["PROCESSING", "PROCESSING", "CONSUMER_INPUT_NEEDED"]);
    let polls = bank.requests().iter().filter(|r| r.kind == RequestKind::Poll(5)).count();
    assert_eq!(polls, 2);
}

#[tokio::test]
async fn the_start_of_a_flow_can_be_polled_at_the_flow() {
    let bank = faulty(&["2:state=PROCESSING*2"]).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 2);
    let read = || consumer.api("GET", &consumer.flow["self"], &Value::Null).unwrap().data()["state"].clone();

    let states = [consumer.flow["state"].clone(), read(), read()];

    assert_eq!(states, ["PROCESSING", "PROCESSING", "CONSUMER_INPUT_NEEDED"]);
    let kinds: Vec<_> = bank.requests().iter().skip(1).map(|request| request.kind).collect();
    assert_eq!(kinds, [RequestKind::Number(2), RequestKind::Poll(2), RequestKind::Poll(2)]);
}

#[tokio::test]
async fn the_last_form_can_be_processing_too() {
    let bank = faulty(&["8:state=PROCESSING*1"]).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 8);
    let first = consumer.wizard["state"].clone();

    let second = consumer.poll().unwrap().data();

    assert_eq!((first, second["state"].clone()), (json!("PROCESSING"), json!("FINISHED")));
}

#[tokio::test]
async fn a_bad_key_is_small_and_even() {
    let answer = answer_under("4:bad-key", 4).await.data();

    let key = payload(&answer["result"]["key"]);
    let modulus = key["modulus"].as_str().unwrap();
    assert_eq!((modulus.len(), modulus.ends_with('e')), (128, true));
}

#[tokio::test]
async fn urls_lead_astray_where_the_rule_says() {
    let session = answer_under("1:foreign-url", 1).await.data();
    let flow = answer_under("2:foreign-url", 2).await.data();
    let wizard = answer_under("5:foreign-url", 5).await.data();
    let moved = answer_under("3:redirect", 3).await;

    let foreign = |url: &Value| url.as_str().unwrap().starts_with("https://bank.invalid/");
    assert!(foreign(&session["flows"]["account_details"]));
    assert!(foreign(&payload(&flow["client_token"])["auth_url"]));
    assert!(foreign(&wizard["next"]));
    assert_eq!(moved.status, 307);
    assert!(moved.header("location").unwrap().ends_with("/moved"));
}

#[tokio::test]
async fn the_first_matching_rule_wins_until_its_limit() {
    let bank = faulty(&["1:status=500*2", "all:status=503*1"]).await;
    let mut consumer = Consumer::new(&bank);

    let statuses: Vec<_> = (0..4).map(|_| consumer.request(1).unwrap().status).collect();

    assert_eq!(statuses, [500, 500, 503, 201]);
}

#[tokio::test]
async fn other_rules_take_over_while_it_runs() {
    let bank = faulty(&["1:status=500"]).await;
    let mut consumer = Consumer::new(&bank);
    let before = consumer.request(1).unwrap().status;

    bank.set_faults(vec!["1:status=502".parse().unwrap()]);

    assert_eq!((before, consumer.request(1).unwrap().status), (500, 502));
}

/// Every kind at the clean-up, whose right answer has neither body nor state.
#[tokio::test]
async fn the_clean_up_takes_faults_too() {
    let cases = [
        ("status=500", Some(500)),
        ("rate-limit=9", Some(429)),
        ("category=TECHNICAL", Some(400)),
        ("redirect", Some(307)),
        ("state=ABORTED", Some(200)),
        ("not-json", Some(200)),
        ("huge", Some(200)),
        ("empty", Some(204)),
        ("truncate", Some(200)),
        ("reset", None),
    ];
    let bank = faulty(&[]).await;
    for (kind, expected) in cases {
        bank.set_faults(vec![format!("cleanup:{kind}").parse().unwrap()]);
        let mut consumer = Consumer::new(&bank);
        consumer.pass(1, 1);

        let status = consumer.request(12).ok().map(|reply| reply.status);

        assert_eq!(status, expected, "{kind}");
    }
}

#[tokio::test]
async fn the_connection_itself_can_fail() {
    let cases = [
        ("reset", Some(ErrorKind::ConnectionReset)),
        ("not-json", Some(ErrorKind::InvalidData)),
        ("empty", Some(ErrorKind::InvalidData)),
        ("delay=1ms", None),
    ];
    for (kind, expected) in cases {
        let bank = faulty(&[&format!("accept:{kind}*1")]).await;
        let mut consumer = Consumer::new(&bank);

        let outcome = consumer.request(1);

        assert_eq!(outcome.err().map(|error| error.kind()), expected, "{kind}");
        consumer.pass(1, 1);
    }
}
