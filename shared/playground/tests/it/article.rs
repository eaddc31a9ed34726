//! The client of the article "Monitoring Open Banking APIs" (Checkly's blog), from its description.

use playground::{Dialect, Playground, Settings};
use serde_json::{Value, json};

use crate::client::{Consumer, JSON, PASSWORD, USER, seal, seal_short, send, start};

/// The article's client with its habits: one host for all but the consent, hand-built URLs, odd
/// fields, and no token with its last form.
#[tokio::test]
async fn the_articles_client_passes_in_its_dialect_only() {
    for (dialect, expected) in [(Dialect::Article, true), (Dialect::Documented, false)] {
        let bank = start(Settings { dialect, ..Settings::default() }).await;
        assert_eq!(articles_client(&bank).is_some(), expected, "{dialect:?}");
    }
}

/// jsbn drops the leading zero bytes of `ek`.
#[tokio::test]
async fn a_short_encrypted_key_passes_in_its_dialect_only() {
    for (dialect, expected) in [(Dialect::Article, 200), (Dialect::Documented, 400)] {
        let bank = start(Settings { dialect, ..Settings::default() }).await;
        let mut consumer = Consumer::new(&bank);
        consumer.pass(1, 4);
        let answer = json!({
            "form_identifier": consumer.wizard["result"]["form"]["form_identifier"],
            "data": [{"key": "interface", "value": ["de_testbank_bias"]}],
        });

        let reply = consumer.step(&seal_short(&consumer.wizard["result"]["key"], &answer)).unwrap();

        assert_eq!(reply.status, expected, "{dialect:?}: {}", reply.json());
    }
}

/// Its settings: the hosts, the token and the fields that it always sends.
struct Client<'a> {
    bank: &'a Playground,
    token: String,
    psu: Value,
    odd_keys: Value,
    empty_keys: Value,
}

/// Ends with `None` at the first answer without `data`.
fn articles_client(bank: &Playground) -> Option<Value> {
    let client = Client {
        bank,
        token: format!("Authorization: Token {}", bank.token()),
        psu: json!({"user_agent": "Mozilla/5.0", "ip_address": "10.20.30.40"}),
        odd_keys: json!({"hsm": "--- xxx ---", "aspsp_data": "--- xxx ---"}),
        empty_keys: json!({"hsm": "", "aspsp_data": ""}),
    };
    let session = client.start_session()?;
    let id = session["session_id"].as_str().unwrap();
    let account = client.finish_flow(id)?;
    client.read_balance(id, &account)
}

impl Client<'_> {
    fn start_session(&self) -> Option<Value> {
        let url = format!("{}/xs2a/v1/sessions", self.bank.auth_base_url());
        let body = json!({
            "language": "en", "_selected_bank": {"bank_code": "000000", "country_code": "GB"},
            "psu": self.psu, "_aspsp_access": "prefer_psd2", "_redirect_return_url": "http://test/auth",
            "consent_scope": {"accounts": {}, "account_details": {}, "balances": {}, "transactions": {},
                "transfer": {}, "_insights_refresh": {}, "lifetime": 30},
            "keys": self.odd_keys,
        });
        self.call("PUT", &url, &body)
    }

    /// The wizard from end to end; the id of the first account.
    fn finish_flow(&self, session: &str) -> Option<Value> {
        let auth = self.bank.auth_base_url();
        let keys = &self.empty_keys;
        let url = format!("{auth}/xs2a/v1/sessions/{session}/flows/account-details");
        let flow = self.call("PUT", &url, &json!({"account_id": "", "iban": "", "keys": keys}))?;
        let wizard = format!("{auth}/branded/xs2a/v1/wizard/{}", flow["flow_id"].as_str().unwrap());
        self.call("POST", &wizard, &json!({"bank_code": "00000", "country_code": "DE", "keys": keys}))?;
        let form = self.call("GET", &wizard, &Value::Null)?;
        let interface = json!([{"key": "interface", "value": "de_testbank_bias"}]);
        let form = fill(&form, &self.token, &interface)?;
        let login = json!([{"key": USER, "value": "redirect"}, {"key": PASSWORD, "value": "123456"}]);
        let login = fill(&form, &self.token, &login)?;
        assert_eq!(login["result"]["context"], "authentication");
        let redirect = &login["result"]["redirect"];
        let url = format!("{}&result=success", redirect["url"].as_str().unwrap());
        let back = json!({"redirect_id": redirect["id"], "return_url": url, "keys": keys});
        let form = self.call("POST", &wizard, &back)?;
        let account = form["result"]["form"]["elements"][0]["options"][0]["value"].clone();
        let choice = json!([{"key": "account_id", "value": account}]);
        let end = fill(&form, "Authorization: Token undefined", &choice)?;
        assert_eq!(end["state"], "FINISHED");
        Some(account)
    }

    fn read_balance(&self, session: &str, account: &Value) -> Option<Value> {
        let url = format!("{}/xs2a/v1/sessions/{session}/consent/get", self.bank.api_base_url());
        let consent = self.call("POST", &url, &json!({ "keys": self.odd_keys }))?;
        let apply = |what: &str, last: &Value, account: &Value| {
            let body = json!({
                "consent_token": last["consent_token"], "account_id": account,
                "psu": self.psu, "keys": self.empty_keys,
            });
            self.call("POST", consent["consents"][what].as_str().unwrap(), &body)
        };
        let details = apply("account_details", &consent, account)?;
        let balance = apply("balances", &details, &details["result"]["account"]["id"])?;
        assert!(balance["result"]["available"]["amount"].as_i64().unwrap() >= 0);
        Some(balance)
    }

    fn call(&self, method: &str, url: &str, body: &Value) -> Option<Value> {
        call_with(method, url, &self.token, body)
    }
}

fn call_with(method: &str, url: &str, token: &str, body: &Value) -> Option<Value> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(method, url, &[token, JSON], &body).unwrap().json().get("data").cloned()
}

fn fill(last: &Value, token: &str, data: &Value) -> Option<Value> {
    let form = &last["result"]["form"]["form_identifier"];
    let sealed = seal(&last["result"]["key"], &json!({"form_identifier": form, "data": data}));
    call_with("POST", last["next"].as_str().unwrap(), token, &sealed)
}
