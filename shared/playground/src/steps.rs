//! What each step of the wizard does to its flow.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use url::Url;

use crate::answer::Refusal;
use crate::bank::Bank;
use crate::crypto::{Sealed, hex};
use crate::fixtures::{self, ACCOUNTS, Login};
use crate::form::{self, Reading};
use crate::schema;
use crate::session::{Binding, Flow, Page, Stage};
use crate::settings::Dialect;
use crate::shape::{self, text};

/// The path of the bank's own page, where a redirect leads.
pub(crate) const BANK_PAGE: &str = "/testbank/authorize";

/// How often the other device is asked before the user `decoupled` has confirmed.
const DECOUPLED_POLLS: u32 = 2;

/// Takes the step that is due. Returns the opened form where the step was encrypted.
pub(crate) fn take(
    bank: &Bank,
    flow: &mut Flow,
    binding: &mut Binding,
    body: Option<&Value>,
) -> Result<Option<Value>, Refusal> {
    match flow.stage.clone() {
        Stage::Bank => choose_bank(flow, binding, shape::check(body, schema::CHOOSE_BANK, bank.dialect)?)?,
        Stage::Redirect(id) => {
            let body = shape::check(body, schema::REDIRECT_RETURN, bank.dialect)?;
            come_back(bank, flow, binding, (&id, body))?;
        }
        _ => {
            let page = flow.page.as_ref().ok_or_else(|| Refusal::bad("state", "no form was given out"))?;
            let answer = open(body, page, bank.dialect)?;
            return match fill_in(bank, flow, binding, &answer) {
                Ok(()) => Ok(Some(answer)),
                Err(refusal) => Err(Refusal { form: Some(Box::new(answer)), ..refusal }),
            };
        }
    }
    Ok(None)
}

fn choose_bank(flow: &mut Flow, binding: &mut Binding, body: &Map<String, Value>) -> Result<(), Refusal> {
    let field = |name| text(body, name).unwrap_or_default();
    let chosen = fixtures::find_bank(field("country_code"), field("bank_code"))
        .map_err(|place| Refusal::bad(place, "names no test bank"))?;
    if binding.bank.is_some_and(|bound| bound != chosen) {
        return Err(Refusal::bad("bank_code", "the session is bound to another bank"));
    }
    binding.bank = Some(chosen);
    flow.stage = Stage::Interface;
    Ok(())
}

/// The consumer is back from the bank's page; `result` in the URL says how it went.
fn come_back(
    bank: &Bank,
    flow: &mut Flow,
    binding: &Binding,
    (id, body): (&str, &Map<String, Value>),
) -> Result<(), Refusal> {
    if text(body, "redirect_id") != Some(id) {
        return Err(Refusal::bad("redirect_id", "is not the redirect that was given out"));
    }
    let url = text(body, "return_url").and_then(|url| Url::parse(url).ok());
    let url = url.ok_or_else(|| Refusal::bad("return_url", "must be an absolute URL"))?;
    if !bank.dialect.takes_any_return_url() && !leads_back(bank, binding, &url) {
        return Err(Refusal::bad("return_url", "is neither the redirect's nor the session's return URL"));
    }
    let result = url.query_pairs().find(|(name, _)| name == "result").map(|(_, value)| value);
    match result.as_deref() {
        Some("success") => pass_login(flow),
        Some("failure") => flow.fail("USER.ACCESS_DENIED"),
        Some("abort") => flow.fail("USER.ABORTED"),
        _ => {
            let message = "its query needs a result of success, failure or abort";
            return Err(Refusal::bad("return_url", message));
        }
    }
    Ok(())
}

fn leads_back(bank: &Bank, binding: &Binding, url: &Url) -> bool {
    let page = Url::parse(&format!("{}{BANK_PAGE}", bank.auth_url)).ok();
    [page.as_ref(), binding.return_url.as_ref()]
        .into_iter()
        .flatten()
        .any(|known| known.origin() == url.origin() && known.path() == url.path())
}

/// Opens an encrypted answer. The outer text is checked place by place, for it holds no secret;
/// past it every failure is answered alike.
fn open(body: Option<&Value>, page: &Page, dialect: Dialect) -> Result<Value, Refusal> {
    let body = shape::check(body, schema::SEALED, dialect)?;
    let field = |name| text(body, name).unwrap_or_default();
    let base64 = |name| STANDARD.decode(field(name)).map_err(|_| Refusal::bad(name, "must be padded base64"));
    let ciphertext = base64("ct")?;
    if ciphertext.is_empty() || ciphertext.len() % 16 != 0 {
        return Err(Refusal::bad("ct", "must be whole blocks of 16 bytes"));
    }
    let iv = hex(field("iv").as_bytes()).ok_or_else(|| Refusal::bad("iv", "must be 32 hexadecimal digits"))?;
    let mut encrypted_key = base64("ek")?;
    if dialect.pads_short_encrypted_key() && encrypted_key.len() < page.key.len() {
        let zeros = page.key.len() - encrypted_key.len();
        encrypted_key.splice(..0, std::iter::repeat_n(0, zeros));
    }
    if encrypted_key.len() != page.key.len() {
        return Err(Refusal::bad("ek", "must be as long as the modulus of the key"));
    }
    page.key.open(&Sealed { ciphertext, iv, encrypted_key }).ok_or_else(|| Refusal::bad("body", "cannot be decrypted"))
}

/// Applies the opened answer: to the next stage, or back to the same form with remarks.
fn fill_in(bank: &Bank, flow: &mut Flow, binding: &mut Binding, answer: &Value) -> Result<(), Refusal> {
    let questions = form::questions(&flow.stage, binding.bank, bank.dialect);
    let identifier = flow.page.as_ref().map_or("", |page| page.form.as_str());
    let given = match form::read(answer, identifier, &questions, bank.dialect)? {
        Reading::Taken(given) => given,
        Reading::Again(remarks) => {
            flow.remarks = remarks;
            return Ok(());
        }
    };
    flow.remarks.clear();
    flow.page = None;
    let value = |key| given.get(key).map_or("", String::as_str);
    match flow.stage {
        Stage::Interface => {
            binding.fallback = form::is_fallback(value(form::INTERFACE));
            flow.stage = Stage::Login;
        }
        Stage::Login => log_in(bank, flow, binding, value(form::USER_NAME)),
        Stage::Account => {
            flow.account = ACCOUNTS.iter().position(|account| account.id == value(form::ACCOUNT));
            flow.stage = Stage::Finished;
        }
        _ => pass_login(flow),
    }
    Ok(())
}

fn log_in(bank: &Bank, flow: &mut Flow, binding: &mut Binding, user: &str) {
    match fixtures::login(user) {
        Login::Accepted => pass_login(flow),
        Login::Slow => {
            binding.slow = true;
            pass_login(flow);
        }
        Login::OneTimePassword => flow.stage = Stage::OneTimePassword,
        Login::Redirect => flow.stage = Stage::Redirect(bank.ids.nonce()),
        Login::Decoupled => {
            flow.waiting = DECOUPLED_POLLS;
            pass_login(flow);
        }
        Login::Invalid => flow.remarks = vec![(form::USER_NAME.to_owned(), "pattern")],
        Login::Fails(category) => flow.fail(category),
    }
}

/// The account is asked for only when the flow did not name one (Klarna docs, Account Details).
fn pass_login(flow: &mut Flow) {
    flow.stage = if flow.account.is_some() { Stage::Finished } else { Stage::Account };
}
