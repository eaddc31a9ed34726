use jiff::Timestamp;

use super::*;
use crate::report::PresentedCertificate;

mod spellings;

const IBAN: &str = "DE43000000005686751168";
const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl";

fn redactor() -> Redactor {
    let mut redactor = Redactor::new(&Secret::new("canary-token-1".to_owned()).unwrap());
    redactor.learn("account", "NzRiOWMzOWItNDQxYg==");
    redactor.learn("password", "12345");
    redactor.learn_name("Max Mustermann");
    redactor
}

#[test]
fn known_values_go_wherever_they_stand() {
    let redactor = redactor();
    let cases = [
        ("Token canary-token-1", "Token [token "),
        ("account NzRiOWMzOWItNDQxYg== is closed", "account [account "),
        ("https://a.example/x?account=NzRiOWMzOWItNDQxYg%3D%3D&y=1", "account=[account "),
        ("https://a.example/x?account=NzRiOWMzOWItNDQxYg%3d=&y=1", "account=[account "),
        ("name=Max+Mustermann", "name=[name "),
        ("Konto von Max Mustermann", "Konto von [name "),
        ("Mustermann, Max", "[name "),
        ("pin=12345;", "pin=[password "),
        ("IBAN DE43 0000 0000 5686 7511 68.", "IBAN [iban "),
        ("de43000000005686751168", "[iban "),
        ("pay NO9386011117947 now", "pay [iban "),
        ("GB82 WEST 1234 5698 7654 32", "[iban "),
    ];
    for (text, expected) in cases {
        let shown = redactor.text(text);
        assert!(shown.contains(expected), "{text}: {shown}");
    }
}

#[test]
fn a_certificate_tells_no_value_that_was_learned_after_the_handshake() {
    let certificate = PresentedCertificate {
        subject: Some("canary-token-1.example".to_owned()),
        fingerprint: "00".to_owned(),
        not_before: Timestamp::UNIX_EPOCH,
        not_after: Timestamp::UNIX_EPOCH,
    };
    let mut exchange = Exchange { certificate_chain: vec![certificate], ..Exchange::default() };
    redactor().exchange(&mut exchange);
    let subject = exchange.certificate_chain[0].subject.as_deref().unwrap();
    assert!(subject.starts_with("[token ") && subject.ends_with("].example"), "{subject}");
}

#[test]
fn a_short_value_is_not_found_inside_a_word() {
    let redactor = redactor();
    assert_eq!(redactor.text("id 9123456 at 12345678"), "id 9123456 at 12345678");
}

#[test]
fn text_that_is_no_secret_stays_as_it_is() {
    let redactor = redactor();
    for text in [
        "",
        "HTTP 503 from api.example.com",
        "DE00000000000000000000",
        "BANK.TECHNICAL",
        "eyJ",
        "grüße 🦀",
        "ee20lmabcdefghijklmnopqrs",
    ] {
        assert_eq!(redactor.text(text), text);
    }
}

#[test]
fn json_keeps_its_bytes_but_for_the_secrets() {
    let redactor = redactor();
    let body = format!(
        r#"{{ "data": {{"consent_token":"{JWT}", "n" : [1, 2.5,true], "iban": null, "code":"CONSENT.RESOURCE_NOT_GRANTED",
        "holder_address":{{"city":"Berlin","lines":["x",7],"more":{{"c":"Bonn"}}}}, "after":"seen", "account_number": 123456789, "z":9}} }}"#
    );
    let shown = redactor.body(&body, &[]);
    for gone in [JWT, "Berlin", "Bonn", "\"x\"", ",7]", "123456789"] {
        assert!(!shown.contains(gone), "{gone}: {shown}");
    }
    for kept in
        [r#""n" : [1, 2.5,true], "iban": null"#, "CONSENT.RESOURCE_NOT_GRANTED", r#""after":"seen""#, r#""z":9"#]
    {
        assert!(shown.contains(kept), "{kept}: {shown}");
    }
    assert!(serde_json::from_str::<serde_json::Value>(&shown).is_ok(), "{shown}");
    assert_eq!(redactor.body(&shown, &[]), shown, "redacting twice changes nothing");
    let with_url = redactor.body(r#"{"url":"https://bank.example/?token=abc&x=1"}"#, &[]);
    assert_eq!(redactor.body(&with_url, &[]), with_url);
}

#[test]
fn a_body_that_was_cut_short_or_disguised_leaks_nothing() {
    let redactor = redactor();
    let cases = [
        r#"{"data":{"consent_token":"opaque-secre"#,
        r#"{"con\u0073ent_token":"opaque-secret"}"#,
        r#"{"password":"opaque-secret\"x"}"#,
        r#"{"x":"DE43\u0030000 0000 5686 7511 68"}"#,
        r#"{"a":"eyJhbGciOiJSUzI1NiJ9.eyJ"#,
        r#"{"redirect":{"url":"https://bank.example/login?flow=1&token=opaque-secret"}}"#,
        "<p>Max Mustermann</p>",
        r#"{"holder_name":["opaque-secret",["opaque-secret"]]}"#,
        r#"{"holderName":"opaque-secret","x":1}"#,
        r#"{"debug":"{\"holder_name\":\"opaque-secret\"}"}"#,
        r#"{"debug":"see https://a.example/?a=1&access_token=opaque-secret."}"#,
        r#"{"debug":"https://opaque-secret:pw@a.example/"}"#,
        r#"{"debug":"https://a.example/#access_token=opaque-secret"}"#,
        "location: https://a.example/?token=opaque-secret\n",
        r#"{"free":"MAX MUSTERMANN"}"#,
        r#"{"x":"Max Must\u0065rmann", "y":"opaque-secre"#,
    ];
    for body in cases {
        let shown = redactor.body(body, &[]);
        for gone in ["opaque-secre", "5686", "eyJhbGci", "Mustermann", "MUSTERMANN"] {
            assert!(!shown.contains(gone), "{body}: {shown}");
        }
    }
}

#[test]
fn a_value_that_is_also_a_literal_or_a_number_does_not_break_json() {
    let mut redactor = redactor();
    redactor.learn("account", "true");
    redactor.learn("account", "123456");
    let shown = redactor.body(r#"{"a":true,"b":12345600,"c":123456,"d":"true"}"#, &[]);
    assert!(shown.starts_with(r#"{"a":true,"b":12345600,"c":"[account "#), "{shown}");
    assert!(serde_json::from_str::<serde_json::Value>(&shown).is_ok(), "{shown}");
    redactor.learn("label", "account");
    assert_eq!(redactor.body(&shown, &[]), shown, "a mark is not searched");
}

#[test]
fn more_names_hold_for_one_body() {
    let redactor = redactor();
    let body = r#"{"options":[{"value":"some-account","label":"Giro"}]}"#;
    assert_eq!(redactor.body(body, &[]), body);
    let shown = redactor.body(body, &["value", "label"]);
    assert!(!shown.contains("some-account") && !shown.contains("Giro"), "{shown}");
}

#[test]
fn the_same_value_has_the_same_mark_and_another_token_another_one() {
    let redactor = redactor();
    let mark = redactor.text(IBAN);
    assert_eq!(mark, redactor.text(IBAN));
    let other = Redactor::new(&Secret::new("another-token".to_owned()).unwrap());
    assert_ne!(mark, other.text(IBAN));
}

#[test]
fn urls_and_headers_go_by_name() {
    let redactor = redactor();
    let url = Url::parse("https://auth.example/w?flow=1&access_token=abc123xyz").unwrap();
    let shown = redactor.url(&url);
    assert!(shown.starts_with("https://auth.example/w?flow=1&access_token=[parameter "), "{shown}");
    for secret in ["Set-Cookie", "X-Consent-Token", "authorization", "x-api-key"] {
        assert!(redactor.header(secret, "a=b").starts_with("[header "), "{secret}");
    }
    assert_eq!(redactor.header("x-long", &"x".repeat(2000)), "[2000 bytes]");
    let user = Url::parse("https://user:opaque@auth.example/").unwrap();
    assert!(!redactor.url(&user).contains("opaque"));
    assert_eq!(redactor.header("content-type", "application/json"), "application/json");
}

proptest::proptest! {
    #[test]
    fn a_known_value_never_survives_in_any_body(before in "\\PC*", after in "\\PC*") {
        let redactor = redactor();
        for body in [format!("{before}canary-token-1{after}"), format!("{{\"x\":\"{before} canary-token-1 {after}\"}}")] {
            proptest::prop_assert!(!redactor.body(&body, &[]).contains("canary-token-1"));
        }
    }
}
