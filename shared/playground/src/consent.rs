//! The Consent API (Klarna docs, Consents).

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Refusal};
use crate::api::{FLOWS, check_keys_only};
use crate::bank::{Bank, lock};
use crate::call::Call;
use crate::fixtures::{ACCOUNTS, Account};
use crate::session::{Consent, Session};
use crate::shape::{self, Field, text};
use crate::{jwt, schema};

/// The path below the API host.
pub(crate) const CONSENTS: &str = "/xs2a/v1/consents";

/// What a consent can be used for here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Accounts,
    AccountDetails,
    Balances,
}

impl Use {
    /// The type's name in `consent_scope` and `consents`.
    fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::AccountDetails => "account_details",
            Self::Balances => "balances",
        }
    }

    fn fields(self) -> &'static [Field] {
        match self {
            Self::Accounts => schema::CONSENT_ACCOUNTS,
            Self::AccountDetails | Self::Balances => schema::CONSENT_ACCOUNT,
        }
    }
}

/// POST for the consent of a session: after a finished flow, for a PSD2 connection, with a scope
/// that outlives the session.
pub(crate) fn fetch(bank: &Bank, session: &mut Session, body: Option<&Value>) -> Result<Answer, Refusal> {
    check_keys_only(bank, body)?;
    if !session.has_finished_flow() {
        return Err(not_granted().at("state"));
    }
    let lasting = session.scope.get("lifetime").and_then(Value::as_u64) != Some(0);
    if !session.scope.is_object() || !lasting || session.binding.fallback {
        return Err(not_granted().at("consent_scope"));
    }
    let id = match session.consent.take() {
        Some(consent) => consent.id,
        None => bank.ids.base32(),
    };
    bank.own(&session.id, &id);
    let accounts = ACCOUNTS.iter().map(|account| account.id.to_owned()).collect();
    let consent = Consent { token: fresh_token(bank, &id), id, accounts };
    let granted: Map<_, _> = FLOWS
        .iter()
        .filter(|(_, name)| session.scope.get(*name).is_some())
        .map(|(path, name)| {
            let url = format!("{}{CONSENTS}/{}/{path}/get", bank.api_url, consent.id);
            ((*name).to_owned(), url.into())
        })
        .collect();
    let data = json!({
        "consent_id": consent.id,
        "consent_token": consent.token,
        "consents": granted,
    });
    session.consent = Some(consent);
    Ok(Answer::data(StatusCode::OK, &data))
}

/// POST that uses a consent. Once its token was the right one, every answer carries a new one,
/// refusals included.
pub(crate) fn apply(bank: &Bank, session: &mut Session, what: Use, body: Option<&Value>) -> Result<Answer, Refusal> {
    let Session { scope, consent, .. } = session;
    let consent = consent.as_mut().ok_or_else(not_granted)?;
    let shown = body.and_then(|body| body.get("consent_token")).and_then(Value::as_str);
    if shown.is_some_and(|token| token != consent.token) {
        return Err(Refusal::bad("consent_token", "is not the token of the last answer"));
    }
    let renewed = shown.map(|_| {
        consent.token = fresh_token(bank, &consent.id);
        consent.token.clone()
    });
    let result = shape::check(body, what.fields(), bank.dialect).and_then(|body| {
        if scope.get(what.name()).is_none() {
            return Err(not_granted().at("consent_scope"));
        }
        result(bank, consent, what, text(body, "account_id"))
    });
    match result {
        Ok(result) => {
            let data = json!({"result": result, "consent_token": renewed});
            Ok(Answer::data(StatusCode::OK, &data))
        }
        Err(refusal) => Err(Refusal { consent_token: renewed, ..refusal }),
    }
}

/// A new token for the refusal of a call that uses a consent; `None` for any other call.
pub(crate) fn renew(bank: &Bank, call: &Call) -> Option<String> {
    let Call::UseConsent(id, _) = call else {
        return None;
    };
    let owner = bank.owner(id, "consent_id").ok()?;
    let mut session = lock(&owner);
    let consent = session.consent.as_mut()?;
    consent.token = fresh_token(bank, id);
    Some(consent.token.clone())
}

fn result(bank: &Bank, consent: &mut Consent, what: Use, id: Option<&str>) -> Result<Value, Refusal> {
    if what == Use::Accounts {
        let all = ACCOUNTS.iter().zip(&consent.accounts);
        return Ok(json!({"accounts": all.map(|(account, id)| account.describe(id)).collect::<Value>()}));
    }
    let (account, current) =
        find(consent, id).ok_or_else(|| Refusal::bad("account_id", "is not the account's present id"))?;
    if what == Use::AccountDetails {
        // Ids may change (Klarna docs, Consents, Balances): here they do, with each details call.
        *current = bank.ids.account_id();
        return Ok(json!({ "account": account.describe(current) }));
    }
    account.balances().ok_or_else(|| not_granted().at("account_id"))
}

fn find<'a>(consent: &'a mut Consent, id: Option<&str>) -> Option<(&'static Account, &'a mut String)> {
    ACCOUNTS.iter().zip(&mut consent.accounts).find(|(_, current)| Some(current.as_str()) == id)
}

fn fresh_token(bank: &Bank, consent: &str) -> String {
    jwt::issue(&json!({"consent_id": consent, "jti": bank.ids.uuid()}), &bank.ids)
}

/// The message is German on purpose: the API localises its messages, clients must not match them.
fn not_granted() -> Refusal {
    let message = "Die Ressource wurde von der Zustimmung nicht erfasst";
    Refusal::new(StatusCode::BAD_REQUEST, "CONSENT.RESOURCE_NOT_GRANTED", message)
}
