//! The XS2A API: sessions and flows (Klarna docs, Session and Flow).

use hyper::StatusCode;
use serde_json::{Value, json};
use url::Url;

use crate::answer::{Answer, Refusal, put};
use crate::bank::Bank;
use crate::fixtures::{self, ACCOUNTS, TestBank};
use crate::session::{Binding, Flow, Session, Stage};
use crate::shape::{self, text};
use crate::{jwt, schema, wizard};

/// The path below the API host.
pub(crate) const SESSIONS: &str = "/xs2a/v1/sessions";

/// The flow types by their name in a path and in JSON.
pub(crate) const FLOWS: [(&str, &str); 5] = [
    ("accounts", "accounts"),
    ("account-details", "account_details"),
    ("balances", "balances"),
    ("transactions", "transactions"),
    ("transfer", "transfer"),
];

/// PUT of a session.
pub(crate) fn start_session(bank: &Bank, body: Option<&Value>) -> Result<Answer, Refusal> {
    let body = shape::check(body, schema::SESSION, bank.dialect)?;
    let session = Session {
        id: bank.ids.base32(),
        scope: body.get("consent_scope").cloned().unwrap_or_default(),
        binding: Binding {
            bank: body.get("selected_bank").map(selected_bank).transpose()?,
            return_url: text(body, "redirect_return_url").and_then(|url| Url::parse(url).ok()),
            ..Binding::default()
        },
        flows: Vec::new(),
        consent: None,
    };
    let data = describe(bank, &session);
    bank.open(session);
    Ok(Answer::data(StatusCode::CREATED, &data))
}

fn selected_bank(selected: &Value) -> Result<TestBank, Refusal> {
    let field = |name| selected.get(name).and_then(Value::as_str).unwrap_or_default();
    fixtures::find_bank(field("country_code"), field("bank_code"))
        .map_err(|place| Refusal::bad(&format!("selected_bank.{place}"), "names no test bank"))
}

/// GET of a session.
pub(crate) fn read_session(bank: &Bank, session: &Session) -> Answer {
    let mut data = describe(bank, session);
    put(&mut data, "state", session.flows.last().map(Flow::state).into());
    if let Some(chosen) = session.binding.bank {
        let about = json!({
            "bank_name": "Testbank",
            "bank_code": chosen.code,
            "country_code": chosen.country,
            "connection": if session.binding.fallback { "FALLBACK" } else { "PSD2" },
        });
        put(&mut data, "bank", about);
    }
    Answer::data(StatusCode::OK, &data)
}

/// DELETE of a session; ends its flows and its consent.
pub(crate) fn close_session(bank: &Bank, id: &str, body: Option<&Value>) -> Result<Answer, Refusal> {
    check_keys_only(bank, body)?;
    bank.close(id)?;
    Ok(Answer::bare(StatusCode::NO_CONTENT))
}

/// PUT of a flow. Only account details are simulated; the other types are refused as such.
pub(crate) fn start_flow(
    bank: &Bank,
    session: &mut Session,
    kind: &str,
    body: Option<&Value>,
) -> Result<Answer, Refusal> {
    if kind != "account-details" {
        let message = "this test bank only knows account-details flows";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "NOT_SUPPORTED", message).at("flow"));
    }
    let body = shape::check(body, schema::ACCOUNT_DETAILS_FLOW, bank.dialect)?;
    let named = named_account(text(body, "account_id"), text(body, "iban"))?;
    let flow = Flow::new(&bank.ids, named);
    bank.own(&session.id, &flow.id);
    let data = json!({
        "flow_id": flow.id,
        "state": flow.state(),
        "self": flow_url(bank, &session.id, &flow.id),
        "client_token": client_token(bank, &flow),
    });
    session.flows.push(flow);
    Ok(Answer::data(StatusCode::CREATED, &data))
}

/// The fixture that a flow asks for by name.
fn named_account(id: Option<&str>, iban: Option<&str>) -> Result<Option<usize>, Refusal> {
    let (place, found) = match (id, iban) {
        (None, None) => return Ok(None),
        (Some(id), _) => ("account_id", ACCOUNTS.iter().position(|account| account.id == id)),
        (None, Some(iban)) => ("iban", ACCOUNTS.iter().position(|account| account.iban == iban)),
    };
    found.map(Some).ok_or_else(|| Refusal::bad(place, "is no account of this bank"))
}

/// GET of a flow: its state, its full error category, its result.
pub(crate) fn read_flow(bank: &Bank, flow: &mut Flow) -> Answer {
    // Whoever polls the start of the flow here has now seen how it stands.
    flow.repeats = flow.repeats.filter(|number| *number != 2);
    let mut data = json!({"flow_id": flow.id, "state": flow.state()});
    if let Some(category) = &flow.category {
        put(&mut data, "error", json!({ "category": category }));
    }
    if flow.is_over() {
        let chosen = flow.account.and_then(|index| ACCOUNTS.get(index));
        if let (Stage::Finished, Some(account)) = (&flow.stage, chosen) {
            let account = account.describe(account.id);
            put(&mut data, "result", json!({"type": "account_details", "account": account}));
        }
    } else {
        put(&mut data, "client_token", client_token(bank, flow).into());
    }
    Answer::data(StatusCode::OK, &data)
}

/// DELETE of a flow: it becomes ABORTED, unless it is over.
pub(crate) fn abort_flow(flow: &mut Flow) -> Answer {
    if !flow.is_over() {
        flow.stage = Stage::Aborted;
    }
    Answer::bare(StatusCode::NO_CONTENT)
}

/// Refuses a body that holds more than white-label keys.
pub(crate) fn check_keys_only(bank: &Bank, body: Option<&Value>) -> Result<(), Refusal> {
    match body {
        None => Ok(()),
        body => shape::check(body, schema::KEYS_ONLY, bank.dialect).map(|_| ()),
    }
}

fn describe(bank: &Bank, session: &Session) -> Value {
    let own = format!("{}{SESSIONS}/{}", bank.api_url, session.id);
    let flows: serde_json::Map<_, _> =
        FLOWS.iter().map(|(path, name)| ((*name).to_owned(), format!("{own}/flows/{path}").into())).collect();
    // Like the documented examples: capitals, without the digit that reads like a letter.
    let short: String = session.id.chars().filter(|c| *c != '1').take(8).collect();
    json!({
        "session_id": session.id,
        "session_id_short": short.to_ascii_uppercase(),
        "self": own,
        "consent": format!("{own}/consent/get"),
        "flows": flows,
    })
}

fn flow_url(bank: &Bank, session: &str, flow: &str) -> String {
    format!("{}{SESSIONS}/{session}/flows/{flow}", bank.api_url)
}

fn client_token(bank: &Bank, flow: &Flow) -> String {
    jwt::issue(&json!({"flow_id": flow.id, "auth_url": wizard::auth_url(bank, flow)}), &bank.ids)
}
