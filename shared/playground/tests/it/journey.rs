//! The happy path in both dialects, and what moves along it.

use std::io::ErrorKind;
use std::time::Duration;

use playground::{KeySize, RequestKind, Settings};
use serde_json::{Value, json};

use crate::client::{Consumer, PASSWORD, USER, payload, send_with_patience, start};

#[tokio::test]
async fn eleven_requests_and_the_clean_up_pass() {
    let bank = start(Settings::default()).await;
    let mut consumer = Consumer::new(&bank);

    consumer.pass(1, 8);
    assert_eq!(consumer.wizard["state"], "FINISHED");
    consumer.pass(9, 11);
    let cleanup = consumer.request(12).unwrap();

    let amount = |name: &str| consumer.details["result"][name]["amount"].as_i64().unwrap();
    assert_eq!(amount("available"), amount("balance") + amount("limit") - amount("reserved"));
    assert_eq!(cleanup.status, 204);
    assert_eq!(bank.open_sessions(), 0);
    let mut expected: Vec<_> = (1..=11).map(RequestKind::Number).collect();
    expected.push(RequestKind::CleanUp);
    let kinds: Vec<_> = bank.requests().iter().map(|request| request.kind).collect();
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn a_record_holds_the_decrypted_form_and_the_header_names() {
    let bank = start(Settings::default()).await;
    let mut consumer = Consumer::new(&bank);

    consumer.pass(1, 5);

    let request = bank.requests().pop().unwrap();
    assert_eq!(request.form.unwrap()["data"], json!([{"key": "interface", "value": "de_testbank_bias"}]));
    assert!(request.header_names.contains(&"content-type".to_owned()));
    assert_eq!((request.method.as_str(), request.status), ("POST", Some(200)));
}

#[tokio::test]
async fn larger_keys_serve_the_same_journey() {
    let bank = start(Settings { key_bits: KeySize::Bits4096, ..Settings::default() }).await;
    let mut consumer = Consumer::new(&bank);

    consumer.pass(1, 4);
    let modulus = payload(&consumer.wizard["result"]["key"])["modulus"].as_str().unwrap().len();
    consumer.pass(5, 11);

    assert_eq!(modulus, 1024);
}

#[tokio::test]
async fn every_answer_has_a_new_url_form_and_key() {
    let bank = start(Settings::default()).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 4);
    let first = consumer.wizard.clone();

    consumer.pass(4, 4);

    let second = &consumer.wizard;
    assert_ne!(first["next"], second["next"]);
    let form = |wizard: &Value| wizard["result"]["form"]["form_identifier"].clone();
    assert_ne!(form(&first), form(second));
    assert_ne!(payload(&first["result"]["key"]), payload(&second["result"]["key"]));
}

#[tokio::test]
async fn the_flow_tells_its_result_and_the_session_its_bank() {
    let bank = start(Settings::default()).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 8);

    let flow = consumer.api("GET", &consumer.flow["self"], &Value::Null).unwrap().data();
    let session = consumer.api("GET", &consumer.session["self"], &Value::Null).unwrap().data();

    assert_eq!((&flow["state"], &flow["result"]["type"]), (&json!("FINISHED"), &json!("account_details")));
    assert_eq!(flow["result"]["account"]["iban"], "DE43000000005686751168");
    assert_eq!(session["bank"]["bank_code"], "88888888");
}

#[tokio::test]
async fn an_ended_flow_is_aborted() {
    let bank = start(Settings::default()).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 4);

    let ended = consumer.api("DELETE", &consumer.flow["self"], &Value::Null).unwrap();
    let wizard = consumer.poll().unwrap().data();

    assert_eq!(ended.status, 204);
    assert_eq!(wizard, json!({"state": "ABORTED", "next": null}));
}

#[tokio::test]
async fn processing_answers_come_before_each_form_and_polls_repeat_their_request() {
    let bank = start(Settings { processing_polls: 2, ..Settings::default() }).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 2);

    let mut states = Vec::new();
    consumer.pass(3, 3);
    for _ in 0..2 {
        states.push(consumer.wizard["state"].clone());
        consumer.wizard = consumer.poll().unwrap().data();
    }
    states.push(consumer.wizard["state"].clone());

    assert_eq!(states, ["PROCESSING", "PROCESSING", "CONSUMER_INPUT_NEEDED"]);
    let kinds: Vec<_> = bank.requests().iter().skip(2).map(|request| request.kind).collect();
    assert_eq!(kinds, [RequestKind::Number(3), RequestKind::Poll(3), RequestKind::Poll(3)]);
}

/// The user names that mean something, and how the flow goes on.
#[tokio::test]
async fn user_names_steer_the_login() {
    let cases = [
        ("redirect", "CONSUMER_INPUT_NEEDED", "/result/redirect/id", None),
        ("embedded", "CONSUMER_INPUT_NEEDED", "/result/form", None),
        ("decoupled", "PROCESSING", "/next", None),
        ("anyone", "CONSUMER_INPUT_NEEDED", "/result/form", None),
        ("wrong", "EXCEPTION", "/error", Some("USER.ACCESS_DENIED.CREDENTIALS")),
        ("technical", "EXCEPTION", "/error", Some("TECHNICAL")),
        ("bank-technical", "EXCEPTION", "/error", Some("BANK")),
        ("bank-maintenance", "EXCEPTION", "/error", Some("MAINTENANCE")),
    ];
    let bank = start(Settings::default()).await;
    for (user, state, present, category) in cases {
        let mut consumer = Consumer::new(&bank);
        consumer.pass(1, 5);

        let data = consumer.request_as(6, user).unwrap().data();

        assert_eq!(data["state"], state, "{user}");
        assert!(data.pointer(present).is_some(), "{user}: {data}");
        assert_eq!(data["error"]["category"].as_str(), category, "{user}");
    }
}

#[tokio::test]
async fn the_user_invalid_gets_the_same_form_again_with_the_reason() {
    let bank = start(Settings::default()).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 5);

    let data = consumer.request_as(6, "invalid").unwrap().data();

    assert_eq!(data["state"], "CONSUMER_INPUT_NEEDED");
    let text = data.to_string();
    assert!(text.contains(USER) && text.contains(PASSWORD), "{text}");
    assert!(text.contains(r#""validation_error":{"pattern":true}"#), "{text}");
}

#[tokio::test]
async fn a_disabled_account_brings_the_form_again() {
    let bank = start(Settings::default()).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 7);
    let first = consumer.wizard.pointer("/result/form/elements/1/content/0/content/0/options/0");
    let first = first.unwrap().clone();

    let data = consumer.fill(&[("account_id", first["value"].as_str().unwrap())]).unwrap().data();

    assert_eq!(first["disabled"], true);
    assert!(data.to_string().contains("option_disabled"), "{data}");
}

#[tokio::test]
async fn the_redirect_can_end_in_failure_and_in_an_abort() {
    let bank = start(Settings::default()).await;
    for (result, category) in [("failure", "USER.ACCESS_DENIED"), ("abort", "USER.ABORTED")] {
        let mut consumer = Consumer::new(&bank);
        consumer.pass(1, 6);
        let redirect = &consumer.wizard["result"]["redirect"];
        let url = format!("{}&result={result}", redirect["url"].as_str().unwrap());

        let reply = consumer.step(&json!({"redirect_id": redirect["id"], "return_url": url}));

        let data = reply.unwrap().data();
        assert_eq!((&data["state"], &data["error"]["category"]), (&json!("EXCEPTION"), &json!(category)));
    }
}

#[tokio::test]
async fn a_one_time_password_and_another_device_lead_to_the_accounts_too() {
    let bank = start(Settings::default()).await;
    for user in ["embedded", "decoupled"] {
        let mut consumer = Consumer::new(&bank);
        consumer.pass(1, 5);
        consumer.wizard = consumer.request_as(6, user).unwrap().data();
        if user == "embedded" {
            let code = [("bias.apis.forms.elements.OtpElement", "12345")];
            consumer.wizard = consumer.fill(&code).unwrap().data();
        }
        while consumer.wizard["state"] == "PROCESSING" {
            consumer.wizard = consumer.poll().unwrap().data();
        }

        consumer.pass(8, 11);

        assert!(consumer.details["result"]["balance"].is_object(), "{user}");
    }
}

#[tokio::test]
async fn the_user_slow_waits_longer_than_an_impatient_client() {
    let slow_delay = Duration::from_hours(1);
    let bank = start(Settings { slow_delay, ..Settings::default() }).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 5);
    let form = &consumer.wizard["result"]["form"]["form_identifier"];
    let answer = json!({"form_identifier": form, "data": [
        {"key": USER, "value": "slow"}, {"key": PASSWORD, "value": "a"},
    ]});

    let body = consumer.seal(&answer).to_string();
    let request = ("POST", &*consumer.next(), &["content-type: application/json"][..], &*body);
    let outcome = send_with_patience(Duration::from_millis(100), request);

    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_flow_that_names_its_account_asks_for_none() {
    let bank = start(Settings::default()).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 1);
    let url = consumer.session["flows"]["account_details"].clone();
    let named = json!({"iban": "DE18000000006636981175"});
    consumer.flow = consumer.api("PUT", &url, &named).unwrap().data();

    consumer.pass(3, 7);

    assert_eq!(consumer.wizard["state"], "FINISHED");
    let flow = consumer.api("GET", &consumer.flow["self"], &Value::Null).unwrap().data();
    assert_eq!(flow["result"]["account"]["iban"], "DE18000000006636981175");
}

#[tokio::test]
async fn the_account_list_tells_the_present_ids() {
    let bank = start(Settings::default()).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 10);
    let token = json!({"consent_token": consumer.details["consent_token"]});

    let url = consumer.consent["consents"]["accounts"].clone();
    let list = consumer.api("POST", &url, &token).unwrap().data();

    let accounts = list["result"]["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 5);
    assert_eq!(accounts[0]["id"], consumer.details["result"]["account"]["id"]);
}

#[tokio::test]
async fn the_fallback_interface_has_no_consent_to_give() {
    let bank = start(Settings::default()).await;
    let mut consumer = Consumer::new(&bank);
    consumer.pass(1, 4);
    consumer.wizard = consumer.fill(&[("interface", "de_testbank_transport")]).unwrap().data();
    consumer.pass(6, 8);

    let reply = consumer.request(9).unwrap();

    assert_eq!((reply.status, reply.places()), (400, vec!["consent_scope".to_owned()]));
}
