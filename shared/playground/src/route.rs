//! From host, method, path and headers to a call.

use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use serde_json::Value;

use crate::answer::Refusal;
use crate::api::{self, FLOWS};
use crate::bank::Bank;
use crate::call::{Call, SessionCall};
use crate::consent::{self, Use};
use crate::wizard;

/// The two hosts of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    /// XS2A and Consent API.
    Api,
    /// Auth API.
    Auth,
}

/// A request after its body was read.
pub(crate) struct Incoming<'a> {
    pub(crate) host: Host,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl Incoming<'_> {
    /// What is asked, if the host knows it.
    pub(crate) fn call(&self, bank: &Bank) -> Result<Call, Refusal> {
        let call = match (self.host, below(self.path, wizard::PATH)) {
            (Host::Auth, Some(parts)) => self.wizard_call(&parts, bank)?,
            (Host::Auth, None) if !bank.dialect.serves_sessions_on_auth_host() => None,
            _ => self.api_call()?,
        };
        call.ok_or_else(|| Refusal::not_found("path", "is unknown on this host"))
    }

    fn wizard_call(&self, parts: &[&str], bank: &Bank) -> Result<Option<Call>, Refusal> {
        let (flow, nonce) = match parts {
            [flow, nonce] => ((*flow).to_owned(), Some((*nonce).to_owned())),
            [flow] if bank.dialect.takes_hand_built_wizard_urls() => ((*flow).to_owned(), None),
            _ => return Ok(None),
        };
        let step = match *self.method {
            Method::GET => false,
            Method::POST => true,
            _ => return Err(wrong_method()),
        };
        Ok(Some(Call::Wizard { flow, nonce, step }))
    }

    fn api_call(&self) -> Result<Option<Call>, Refusal> {
        if let Some(parts) = below(self.path, consent::CONSENTS) {
            return self.consent_call(&parts);
        }
        let Some(parts) = below(self.path, api::SESSIONS) else {
            return Ok(None);
        };
        let (id, rest) = match parts.as_slice() {
            [] if self.method == Method::PUT => return Ok(Some(Call::StartSession)),
            [] => return Err(wrong_method()),
            [id, rest @ ..] => ((*id).to_owned(), rest),
        };
        let is_type = |part: &str| FLOWS.iter().any(|(path, _)| *path == part);
        let call = match (self.method, rest) {
            (&Method::DELETE, []) => return Ok(Some(Call::CloseSession(id))),
            (&Method::GET, []) => SessionCall::Read,
            (&Method::PUT, ["flows", kind]) if is_type(kind) => SessionCall::StartFlow((*kind).to_owned()),
            (&Method::GET, ["flows", flow]) => SessionCall::ReadFlow((*flow).to_owned()),
            (&Method::DELETE, ["flows", flow]) => SessionCall::AbortFlow((*flow).to_owned()),
            (&Method::POST, ["consent", "get"]) => SessionCall::FetchConsent,
            (_, [] | ["flows", _] | ["consent", "get"]) => return Err(wrong_method()),
            _ => return Ok(None),
        };
        Ok(Some(Call::InSession(id, call)))
    }

    fn consent_call(&self, parts: &[&str]) -> Result<Option<Call>, Refusal> {
        let [consent, kind, "get"] = parts else {
            return Ok(None);
        };
        let what = match *kind {
            "accounts" => Use::Accounts,
            "account-details" => Use::AccountDetails,
            "balances" => Use::Balances,
            _ => return Ok(None),
        };
        if self.method != Method::POST {
            return Err(wrong_method());
        }
        Ok(Some(Call::UseConsent((*consent).to_owned(), what)))
    }

    /// The body, once the token is right for the call and the body fit for the method.
    pub(crate) fn check(&self, call: &Call, bank: &Bank) -> Result<Option<Value>, Refusal> {
        self.check_token(call, bank)?;
        if self.body.is_empty() {
            return Ok(None);
        }
        if self.method == Method::GET {
            let message = "a GET carries no body";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "forbidden", message).at("body"));
        }
        let kind = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/json")) {
            return Err(Refusal::bad("Content-Type", "must be application/json"));
        }
        let body = self.json().ok_or_else(|| Refusal::bad("body", "must be JSON"))?;
        Ok(Some(body))
    }

    /// The API host wants the token; the wizard needs none (Klarna docs, Authentication).
    fn check_token(&self, call: &Call, bank: &Bank) -> Result<(), Refusal> {
        let given = self.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let right = given == Some(format!("Token {}", bank.token).as_bytes());
        let at_wizard = matches!(call, Call::Wizard { .. });
        if right || (at_wizard && (given.is_none() || bank.dialect.ignores_token_at_wizard())) {
            return Ok(());
        }
        let message = "must be Token, a space and a valid token";
        Err(Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", message).at("Authorization"))
    }

    /// The body as JSON, whether or not it is fit.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.body).ok()
    }
}

/// The parts of a path below `base`; `None` when it is elsewhere.
fn below<'a>(path: &'a str, base: &str) -> Option<Vec<&'a str>> {
    let rest = path.strip_prefix(base)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.split('/').skip(1).collect())
}

fn wrong_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "methodNotAllowed", "not for this path").at("method")
}
