//! What a published client of this API does wrong, and this journey does not.
//! The numbers are those of the list that the faults were collected in; 9, 23,
//! 24 and 25 are shown by the tests of faults, reports, redaction and envelopes.

use model::config::{Config, Environment};
use model::error::ErrorType;
use model::journey::Outcome;
use model::report::RunReport;
use model::secret::Secret;
use runner::Http;
use serde_json::{Value, json};
use xs2a::Login;

use crate::bank::requests;
use crate::other_bank::{OtherBank, Twist};

const AS_IT_IS: Twist = |_, _| 200;

async fn run(twist: Twist, more: &str) -> (OtherBank, RunReport) {
    let bank = OtherBank::open(twist).await;
    let text = format!(
        "[[target]]\nid = \"a\"\nconfirm = false\napi_base_url = \"{0}\"\nauth_base_url = \"{0}\"\n{more}\n",
        bank.base_url
    );
    let token = Secret::new("canary-token".to_owned()).unwrap();
    let environment = Environment { token: Some(model::config::Token::Value(token.clone())), ..Environment::default() };
    let config = Config::parse(Some(&text), &environment).unwrap();
    let login = Login { token, password: None };
    let report = crate::bank::run(&Http::new(None).unwrap(), &config.targets[0], &login, config.timeouts).await;
    (bank, report)
}

async fn failure(twist: Twist) -> (ErrorType, Option<u8>) {
    let (_, report) = run(twist, "").await;
    let error = report.error.unwrap();
    (error.failure.error_type, error.request)
}

fn set(body: &mut Value, pointer: &str, value: Value) -> u16 {
    if let Some(place) = body.pointer_mut(pointer) {
        *place = value;
    }
    200
}

#[tokio::test]
async fn faults_01_04_10_11_12_15_another_bank_is_followed_wherever_it_leads() {
    let (bank, report) = run(AS_IT_IS, "").await;
    assert_eq!(report.error, None);
    let paths: Vec<String> = bank.seen().into_iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect();
    let expected = [
        "PUT /gateway/xs2a/v1/sessions",
        "PUT /f/account-details",
        "POST /w/0",
        "GET /w/1",
        "GET /w/2",
        "POST /w/3?step=3",
        "POST /w/4",
        "POST /w/5",
        "GET /w/0",
        "POST /w/6",
        "POST /s/c?v=2",
        "POST /d",
        "POST /b",
        "DELETE /s",
    ];
    assert_eq!(paths, expected);
    let polls: Vec<usize> = requests(&report).iter().map(|request| request.polls.len()).collect();
    assert_eq!(polls, [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
    let form = |number: usize| requests(&report)[number - 1].exchange.form.clone().unwrap();
    assert!(form(5).contains(r#"{"key":"how-to","value":"de_testbank_bias"}"#));
    assert!(form(6).contains(r#""key":"un.UsernameElement","value":"redirect""#));
    assert!(form(8).contains("konto") && !form(8).contains(r#""value":"1""#));
    assert_eq!(bank.request("/d").body["account_id"], "3", "the first account that can be used");
}

#[tokio::test]
async fn faults_02_03_16_17_21_only_documented_fields_with_values_are_sent() {
    let (bank, _) = run(AS_IT_IS, "").await;
    let user_agent = concat!("xs2a-monitor/", env!("CARGO_PKG_VERSION"), " (synthetic monitoring)");
    let session = json!({
        "psu": {"ip_address": "192.0.2.1", "user_agent": user_agent},
        "consent_scope": {"account_details": {}, "balances": {}, "lifetime": 1},
    });
    assert_eq!(bank.request("/gateway/xs2a/v1/sessions").body, session);
    assert_eq!(bank.request("/f/account-details").body, json!({}));
    assert_eq!(bank.request("/w/0").body, json!({"bank_code": "00000", "country_code": "DE"}));
    assert_eq!((bank.request("/s/c?v=2").text.as_str(), bank.request("/s/c?v=2").length.as_deref()), ("", Some("0")));
    assert_eq!(bank.request("/d").body, json!({"consent_token": "t-1", "account_id": "3"}));
    assert_eq!(bank.request("/gateway/xs2a/v1/sessions").user_agent.as_deref(), Some(user_agent));
    let (bank, _) = run(AS_IT_IS, "attended = true\npsu_ip_address = \"203.0.113.7\"").await;
    assert_eq!(bank.request("/d").body["psu"]["ip_address"], "203.0.113.7");
}

#[tokio::test]
async fn faults_05_06_the_token_goes_to_the_api_and_nowhere_else() {
    let (bank, _) = run(AS_IT_IS, "").await;
    for seen in bank.seen() {
        let expected = (!seen.path.starts_with("/w/")).then(|| "Token canary-token".to_owned());
        assert_eq!(seen.authorization, expected, "{} {}", seen.method, seen.path);
    }
    let (bank, _) = run(AS_IT_IS, "auth_token_on_wizard = true").await;
    assert_eq!(bank.request("/w/0").authorization.as_deref(), Some("Token canary-token"));
    let leads_away: Twist = |path, body| match path {
        "/s/c?v=2" => set(body, "/data/consents/account_details", json!("https://elsewhere.example/collect")),
        _ => 200,
    };
    assert_eq!(failure(leads_away).await, (ErrorType::BlockedUrl, Some(9)));
}

#[tokio::test]
async fn fault_07_a_client_token_is_required() {
    let empty: Twist =
        |path, body| if path == "/f/account-details" { set(body, "/data/client_token", json!("")) } else { 200 };
    assert_eq!(failure(empty).await, (ErrorType::Contract, Some(2)));
    let broken: Twist =
        |path, body| if path == "/f/account-details" { set(body, "/data/client_token", json!("a.b")) } else { 200 };
    assert_eq!(failure(broken).await, (ErrorType::Contract, Some(2)));
}

#[tokio::test]
async fn fault_08_the_status_is_looked_at_before_the_body() {
    let created_but_500: Twist = |path, _| if path == "/d" { 500 } else { 200 };
    assert_eq!(failure(created_but_500).await, (ErrorType::HttpStatus, Some(10)));
}

#[tokio::test]
async fn fault_13_the_return_url_is_made_with_a_url_parser() {
    let (bank, _) = run(AS_IT_IS, "").await;
    let body = json!({"redirect_id": "r-1", "return_url": "https://bank.example/login?result=success"});
    assert_eq!(bank.request("/w/5").body, body);
    let with_query: Twist = |path, body| {
        if path == "/w/4" { set(body, "/data/result/redirect/url", json!("https://b.example/?a=1#top")) } else { 200 }
    };
    let (bank, _) = run(with_query, "").await;
    assert_eq!(bank.request("/w/5").body["return_url"], "https://b.example/?a=1&result=success#top");
    let no_redirect: Twist =
        |path, body| if path == "/w/4" { set(body, "/data/result", json!({"context": "x"})) } else { 200 };
    assert_eq!(failure(no_redirect).await, (ErrorType::Contract, Some(6)));
}

#[tokio::test]
async fn fault_14_a_form_without_accounts_is_no_accident() {
    let none: Twist =
        |path, body| if path == "/w/0" { set(body, "/data/result/form/elements", json!([])) } else { 200 };
    assert_eq!(failure(none).await, (ErrorType::Contract, Some(7)));
    let finished: Twist = |path, body| {
        if path == "/w/0" && body.pointer("/data/result").is_some() {
            set(body, "/data/state", json!("FINISHED"))
        } else {
            200
        }
    };
    let (_, report) = run(finished, "").await;
    assert!(report.error.unwrap().failure.message.contains("without asking for an account"));
}

#[tokio::test]
async fn fault_18_each_consent_token_is_the_one_of_the_answer_before() {
    let (bank, _) = run(AS_IT_IS, "").await;
    assert_eq!(bank.request("/d").body["consent_token"], "t-1");
    assert_eq!(bank.request("/b").body, json!({"consent_token": "t-2", "account_id": "other-id"}));
}

#[tokio::test]
async fn fault_19_an_overdraft_and_an_absent_amount_are_judged_as_the_target_says() {
    let overdraft: Twist =
        |path, body| if path == "/b" { set(body, "/data/result/available/amount", json!(-1)) } else { 200 };
    assert_eq!(failure(overdraft).await, (ErrorType::Assertion, Some(11)));
    let (_, report) = run(overdraft, "min_available = \"none\"").await;
    assert_eq!(report.outcome, Outcome::Passed);
    let booked_only: Twist = |path, body| {
        if path == "/b" { set(body, "/data/result", json!({"balance": {"amount": 1, "currency": "EUR"}})) } else { 200 }
    };
    assert_eq!(failure(booked_only).await, (ErrorType::Contract, Some(11)));
    let (_, report) = run(booked_only, "min_available = \"none\"").await;
    assert_eq!(report.outcome, Outcome::Passed);
}

#[tokio::test]
async fn fault_20_the_flow_must_be_finished_after_the_account() {
    let unfinished: Twist =
        |path, body| if path == "/w/6" { set(body, "/data/state", json!("CONSUMER_INPUT_NEEDED")) } else { 200 };
    assert_eq!(failure(unfinished).await, (ErrorType::Contract, Some(8)));
}

#[tokio::test]
async fn fault_22_the_session_is_closed_also_after_a_failure() {
    let broken: Twist = |path, _| if path == "/w/3?step=3" { 500 } else { 200 };
    let (bank, report) = run(broken, "").await;
    assert_eq!(report.outcome, Outcome::Failed);
    assert_eq!(bank.request("/s").method, "DELETE");
    let no_self: Twist = |path, body| {
        if path == "/gateway/xs2a/v1/sessions" { set(body, "/data/self", Value::Null) } else { 200 }
    };
    let (bank, report) = run(no_self, "").await;
    assert_eq!(report.error.unwrap().request, Some(1));
    assert_eq!(bank.request("/gateway/xs2a/v1/sessions/s-1").method, "DELETE", "at its documented place");
}
