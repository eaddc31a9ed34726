//! What the documented dialect refuses, and that each refusal names its place.

use playground::{Playground, Settings};
use serde_json::{Value, json};

use crate::client::{CHECKING, Consumer, JSON, PASSWORD, Reply, USER, seal, seal_text, send, start};

/// A journey that has passed its first `passed` requests.
fn consumer(bank: &Playground, passed: u8) -> Consumer<'_> {
    let mut consumer = Consumer::new(bank);
    consumer.pass(1, passed);
    consumer
}

fn assert_refused(reply: &Reply, status: u16, places: &[&str], case: &str) {
    let body = reply.json();
    assert_eq!(
        (reply.status, reply.places()),
        (status, places.iter().map(ToString::to_string).collect()),
        "{case}: {body}"
    );
    assert!(body["error"]["code"].is_string() && body["error"]["message"].is_string(), "{case}: {body}");
}

#[tokio::test]
async fn bodies_of_the_first_requests_are_checked_field_by_field() {
    let psu = json!({"psu": {"ip_address": "192.0.2.1", "user_agent": "a"}});
    let with = |name: &str, value: Value| {
        let mut body = psu.clone();
        body[name] = value;
        body
    };
    let sessions = [
        (json!([]), &["body"][..]),
        (json!({}), &["psu"]),
        (json!({"psu": {"ip_address": "here"}}), &["psu.user_agent", "psu.ip_address"]),
        (with("_selected_bank", json!({})), &["_selected_bank"]),
        (with("language", json!(7)), &["language"]),
        (with("redirect_return_url", json!("auth")), &["redirect_return_url"]),
        (with("aspsp_access", json!("psd2")), &["aspsp_access"]),
        (with("consent_scope", json!({"lifetime": "1"})), &["consent_scope.lifetime"]),
        (with("consent_scope", json!({"_insights_refresh": {}})), &["consent_scope._insights_refresh"]),
        (with("consent_scope", json!({"balances": []})), &["consent_scope.balances"]),
        (with("selected_bank", json!({"bank_code": "1", "country_code": "DE"})), &["selected_bank.bank_code"]),
        (with("keys", json!({"hsm": "--- xxx ---", "aspsp_data": "--- xxx ---"})), &["keys.aspsp_data"]),
    ];
    let flows = [
        (json!({"account_id": ""}), &["account_id"][..]),
        (json!({"iban": "DE00"}), &["iban"]),
        (json!({"surprise": true}), &["surprise"]),
    ];
    let bank = start(Settings::default()).await;
    let url = json!(format!("{}/xs2a/v1/sessions", bank.api_base_url()));
    for (body, places) in sessions {
        let reply = Consumer::new(&bank).api("PUT", &url, &body).unwrap();
        assert_refused(&reply, 400, places, &body.to_string());
    }
    for (body, places) in flows {
        let consumer = consumer(&bank, 1);
        let reply = consumer.api("PUT", &consumer.session["flows"]["account_details"], &body).unwrap();
        assert_refused(&reply, 400, places, &body.to_string());
    }
}

#[tokio::test]
async fn the_token_is_wanted_by_the_api_and_may_not_be_wrong_at_the_wizard() {
    let bank = start(Settings::default()).await;
    let consumer = consumer(&bank, 3);
    let url = format!("{}/xs2a/v1/sessions", bank.api_base_url());
    let body = Consumer::session_body().to_string();
    let bearer = format!("authorization: Bearer {}", bank.token());
    for headers in [vec![JSON], vec![JSON, "authorization: Token wrong"], vec![JSON, &bearer]] {
        assert_refused(&send("PUT", &url, &headers, &body).unwrap(), 401, &["Authorization"], &headers.concat());
    }

    let right = format!("authorization: Token {}", bank.token());
    let undefined = send("GET", &consumer.next(), &["authorization: Token undefined"], "").unwrap();
    let tolerated = send("GET", &consumer.next(), &[&right], "").unwrap();

    assert_refused(&undefined, 401, &["Authorization"], "undefined at the wizard");
    assert_eq!(tolerated.status, 200);
}

#[tokio::test]
async fn hosts_paths_and_methods_are_checked() {
    let bank = start(Settings::default()).await;
    let consumer = consumer(&bank, 2);
    let token = format!("authorization: Token {}", bank.token());
    let (api, auth) = (bank.api_base_url(), bank.auth_base_url());
    let flow = consumer.flow["flow_id"].as_str().unwrap();
    let own = consumer.session["self"].as_str().unwrap();
    let body = Consumer::session_body().to_string();
    let cases = [
        ("PUT", format!("{auth}/xs2a/v1/sessions"), body.as_str(), 404, "path"),
        ("POST", format!("{api}/xs2a/v1/sessions"), &body, 405, "method"),
        ("GET", format!("{auth}/branded/xs2a/v1/wizard/{flow}"), "", 404, "path"),
        ("GET", format!("{auth}/branded/xs2a/v1/wizard/{flow}/0"), "", 400, "next"),
        ("GET", format!("{auth}/branded/xs2a/v1/wizard/none/0"), "", 404, "flow_id"),
        ("GET", own.to_owned(), "{}", 403, "body"),
        ("GET", format!("{own}x"), "", 404, "session_id"),
        ("PUT", format!("{own}/flows/balances"), "{}", 400, "flow"),
        ("PUT", format!("{own}/flows/account-details"), "{", 400, "body"),
    ];
    for (method, url, body, status, place) in cases {
        let reply = send(method, &url, &[&token, JSON], body).unwrap();
        assert_refused(&reply, status, &[place], &format!("{method} {url}"));
    }
    let typeless = send("PUT", &format!("{api}/xs2a/v1/sessions"), &[&token], &body).unwrap();
    assert_refused(&typeless, 400, &["Content-Type"], "no content type");
}

#[tokio::test]
async fn wizard_steps_come_in_order() {
    let bank = start(Settings::default()).await;
    let choice = json!({"bank_code": "88888888", "country_code": "DE"});

    let unknown_bank = consumer(&bank, 2).step(&json!({"bank_code": "1", "country_code": "DE"})).unwrap();
    let unknown_country = consumer(&bank, 2).step(&json!({"bank_code": "1", "country_code": "XX"})).unwrap();
    let bank_twice = consumer(&bank, 4).step(&choice).unwrap();
    let redirect_too_early =
        consumer(&bank, 5).step(&json!({"redirect_id": "a", "return_url": "http://b/?result=success"})).unwrap();
    let form_unencrypted = consumer(&bank, 4).step(&json!({"form_identifier": "a", "data": []})).unwrap();
    let mut finished = consumer(&bank, 7);
    let last = finished.next();
    finished.pass(8, 8);
    let after_the_end = send("POST", &last, &[JSON], "{}").unwrap();

    assert_refused(&unknown_bank, 400, &["bank_code"], "unknown bank");
    assert_refused(&unknown_country, 400, &["country_code"], "unknown country");
    assert_refused(&bank_twice, 400, &["state"], "bank twice");
    assert_refused(&redirect_too_early, 400, &["state"], "redirect too early");
    assert_refused(&form_unencrypted, 400, &["data", "form_identifier", "ct", "iv", "ek"], "form in the clear");
    assert_refused(&after_the_end, 400, &["state"], "after the end");
}

#[tokio::test]
async fn a_used_up_form_an_old_url_and_an_old_key_are_refused() {
    let bank = start(Settings::default()).await;
    let mut consumer = consumer(&bank, 4);
    let old = consumer.wizard.clone();
    let answer = |form: &Value| {
        json!({"form_identifier": form["result"]["form"]["form_identifier"],
            "data": [{"key": "interface", "value": "de_testbank_bias"}]})
    };
    consumer.pass(4, 4);

    let old_url = send("POST", old["next"].as_str().unwrap(), &[JSON], &consumer.seal(&answer(&old)).to_string());
    let old_form = consumer.step(&consumer.seal(&answer(&old)));
    let old_key = consumer.step(&seal(&old["result"]["key"], &answer(&consumer.wizard)));
    let right = consumer.step(&consumer.seal(&answer(&consumer.wizard)));

    assert_refused(&old_url.unwrap(), 400, &["next"], "old URL");
    assert_refused(&old_form.unwrap(), 400, &["form_identifier"], "old form");
    assert_refused(&old_key.unwrap(), 400, &["body"], "old key");
    assert_eq!(right.unwrap().status, 200);
}

#[tokio::test]
async fn what_cannot_be_decrypted_is_answered_alike() {
    let bank = start(Settings::default()).await;
    let consumer = consumer(&bank, 4);
    let key = &consumer.wizard["result"]["key"];
    let good = seal_text(key, "{}", &"4b".repeat(32));
    let with = |name: &str, value: &Value| {
        let mut sealed = good.clone();
        sealed[name] = value.clone();
        sealed
    };
    let cases = [
        ("padding of RSA", with("ek", &json!(base64_of(&[1; 256])))),
        ("key of another length", seal_text(key, "{}", "4b4b")),
        ("key that is not hexadecimal", seal_text(key, "{}", &"zz".repeat(32))),
        ("wrong AES key", seal_text(key, "{}", &"4c".repeat(32))),
        ("padding of AES", with("ct", &json!(base64_of(&[1; 32])))),
        ("not JSON inside", seal_text(key, "hello", &"4b".repeat(32))),
    ];

    let answers: Vec<_> = cases
        .map(|(case, sealed)| {
            let reply = consumer.step(&sealed).unwrap();
            assert_refused(&reply, 400, &["body"], case);
            reply.json()
        })
        .into();

    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
}

#[tokio::test]
async fn the_envelope_of_a_form_is_checked_place_by_place() {
    let bank = start(Settings::default()).await;
    let consumer = consumer(&bank, 4);
    let good = consumer.seal(&json!({}));
    let cases = [
        ("ct", json!("?"), "ct"),
        ("ct", json!(base64_of(&[1; 15])), "ct"),
        ("iv", json!("07"), "iv"),
        ("iv", json!(7), "iv"),
        ("ek", json!(base64_of(&[1; 255])), "ek"),
        ("ek", json!("AA"), "ek"),
        ("kid", json!("x"), "kid"),
    ];
    for (name, value, place) in cases {
        let mut sealed = good.clone();
        sealed[name] = value.clone();
        assert_refused(&consumer.step(&sealed).unwrap(), 400, &[place], &format!("{name} {value}"));
    }
}

#[tokio::test]
async fn what_a_form_says_is_checked() {
    let bank = start(Settings::default()).await;
    let consumer = consumer(&bank, 5);
    let form = &consumer.wizard["result"]["form"]["form_identifier"];
    let user = json!({"key": USER, "value": "a"});
    let cases = [
        (json!({"data": []}), &["form_identifier"][..]),
        (json!({"form_identifier": form, "data": {}}), &["data"]),
        (json!({"form_identifier": form, "data": [{"key": USER, "value": 7}]}), &["data[0].value"]),
        (json!({"form_identifier": form, "data": [user, {"key": "else", "value": "b"}]}), &["data[1].key"]),
        (json!({"form_identifier": form, "data": [user, user]}), &["data[1].key"]),
        (json!({"form_identifier": form, "data": [], "extra": 1}), &["extra"]),
    ];
    for (answer, places) in cases {
        let reply = consumer.step(&consumer.seal(&answer)).unwrap();
        assert_refused(&reply, 400, places, &answer.to_string());
    }
    let half = consumer.fill(&[(USER, "redirect")]).unwrap().data();
    assert!(half.to_string().contains(r#""validation_error":{"required":true}"#), "{half}");
    assert!(half.to_string().contains(PASSWORD));
}

#[tokio::test]
async fn the_redirect_comes_back_as_it_went() {
    let bank = start(Settings::default()).await;
    let consumer = consumer(&bank, 6);
    let redirect = &consumer.wizard["result"]["redirect"];
    let url = redirect["url"].as_str().unwrap();
    let cases = [
        (json!({"redirect_id": "x", "return_url": format!("{url}&result=success")}), "redirect_id"),
        (json!({"redirect_id": redirect["id"], "return_url": "http://other/?result=success"}), "return_url"),
        (json!({"redirect_id": redirect["id"], "return_url": url}), "return_url"),
        (json!({"redirect_id": redirect["id"], "return_url": format!("{url}&result=maybe")}), "return_url"),
        (json!({"redirect_id": redirect["id"]}), "return_url"),
    ];
    for (body, place) in cases {
        assert_refused(&consumer.step(&body).unwrap(), 400, &[place], &body.to_string());
    }
}

#[tokio::test]
async fn consent_tokens_and_account_ids_rotate() {
    let bank = start(Settings::default()).await;
    let mut consumer = consumer(&bank, 10);

    let old_token = consumer.use_consent("balances", &consumer.consent, CHECKING).unwrap();
    let old_account = consumer.use_consent("balances", &consumer.details, CHECKING).unwrap();
    let renewed = old_account.json()["consent_token"].clone();
    let used_up = consumer.request(11).unwrap();
    consumer.details["consent_token"] = renewed;
    let right = consumer.request(11).unwrap();

    assert_refused(&old_token, 400, &["consent_token"], "old token");
    assert_refused(&old_account, 400, &["account_id"], "old account id");
    assert_refused(&used_up, 400, &["consent_token"], "the token that the refusal has replaced");
    assert_eq!(right.status, 200);
    assert_eq!(right.header("ratelimit-limit"), Some("100"));
}

#[tokio::test]
async fn consent_needs_a_finished_flow_and_a_scope() {
    let bank = start(Settings::default()).await;
    let early = consumer(&bank, 7).request(9).unwrap();
    let url = json!(format!("{}/xs2a/v1/sessions", bank.api_base_url()));
    let scoped = |scope: &Value| {
        let mut body = Consumer::session_body();
        body["consent_scope"] = scope.clone();
        let mut consumer = Consumer::new(&bank);
        consumer.session = consumer.api("PUT", &url, &body).unwrap().data();
        consumer.pass(2, 8);
        consumer.request(9).unwrap()
    };

    let one_off = scoped(&json!({"balances": {}, "lifetime": 0}));
    let narrow = scoped(&json!({"balances": {}, "lifetime": 1})).data();

    assert_refused(&early, 400, &["state"], "before the flow has finished");
    assert_refused(&one_off, 400, &["consent_scope"], "lifetime 0");
    let granted: Vec<_> = narrow["consents"].as_object().unwrap().keys().collect();
    assert_eq!(granted, ["balances"]);
}

#[tokio::test]
async fn a_closed_session_takes_everything_with_it() {
    let bank = start(Settings::default()).await;
    let mut consumer = consumer(&bank, 10);
    assert_eq!(consumer.request(12).unwrap().status, 204);

    let places = [9, 11, 12].map(|number| {
        let reply = consumer.request(number).unwrap();
        (reply.status, reply.places().concat())
    });
    let wizard = consumer.poll().unwrap();

    let gone = |place: &str| (404, place.to_owned());
    assert_eq!(places, [gone("session_id"), gone("consent_id"), gone("session_id")]);
    assert_refused(&wizard, 404, &["flow_id"], "wizard");
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
