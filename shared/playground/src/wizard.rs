//! The Auth API: the consumer's dialogue with the bank (Klarna docs, Auth API).

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::answer::{Answer, Refusal, put};
use crate::bank::Bank;
use crate::fault::State;
use crate::session::{Binding, Flow, Page, Session, Stage};
use crate::{form, jwt, steps};

/// The path below the Auth host, before the flow's id.
pub(crate) const PATH: &str = "/branded/xs2a/v1/wizard";

/// The URL that `client_token` carries.
pub(crate) fn auth_url(bank: &Bank, flow: &Flow) -> String {
    url(bank, flow, &flow.start)
}

/// Which of the eleven requests a POST is: by its fields, else by what the flow asks.
pub(crate) fn number(flow: &Flow, body: Option<&Value>) -> Option<u8> {
    let has = |name| body.is_some_and(|body| body.get(name).is_some());
    match flow.stage {
        _ if has("bank_code") || has("country_code") => Some(3),
        _ if has("redirect_id") || has("return_url") => Some(7),
        Stage::Bank => Some(3),
        Stage::Interface => Some(5),
        Stage::Login | Stage::OneTimePassword => Some(6),
        Stage::Redirect(_) => Some(7),
        Stage::Account => Some(8),
        Stage::Finished | Stage::Aborted | Stage::Failed => None,
    }
}

/// GET: where the flow stands. A poll brings it one nearer to its next form.
///
/// `nonce` is the last part of the URL; `None` for a URL without one.
pub(crate) fn show(bank: &Bank, session: &mut Session, flow: &str, nonce: Option<&str>) -> Result<Answer, Refusal> {
    let (flow, binding) = session.flow(flow).ok_or_else(unknown)?;
    if nonce.is_some_and(|nonce| nonce != flow.start && nonce != flow.next) {
        return Err(used_up());
    }
    flow.waiting = flow.waiting.saturating_sub(1);
    render(bank, flow, binding)
}

/// POST: what the consumer chose, typed or came back with.
pub(crate) fn step(
    bank: &Bank,
    session: &mut Session,
    (flow, nonce): (&str, Option<&str>),
    body: Option<&Value>,
) -> Result<Answer, Refusal> {
    let (flow, binding) = session.flow(flow).ok_or_else(unknown)?;
    let number = number(flow, body);
    check_turn(flow, nonce, number)?;
    let form = steps::take(bank, flow, binding, body)?;
    if !flow.is_over() {
        flow.waiting = flow.waiting.saturating_add(bank.processing_polls);
    }
    flow.repeats = number;
    let answer = render(bank, flow, binding)?;
    Ok(Answer { form, ..answer })
}

/// Ends the flow as a fault wants it, and says so.
pub(crate) fn force(flow: &mut Flow, state: State, category: &str) -> Value {
    match state {
        State::Aborted => flow.stage = Stage::Aborted,
        _ => flow.fail(category),
    }
    ending(flow)
}

/// Makes the next GET a poll of the request `number`, and names the URL to poll.
pub(crate) fn hold(bank: &Bank, flow: &mut Flow, number: Option<u8>) -> String {
    flow.repeats = number;
    url(bank, flow, &flow.next)
}

/// Refuses a stale URL and a step that is not due.
fn check_turn(flow: &Flow, nonce: Option<&str>, number: Option<u8>) -> Result<(), Refusal> {
    let fresh = match nonce {
        None => true,
        Some(nonce) => nonce == flow.next || (nonce == flow.start && flow.stage == Stage::Bank),
    };
    if !fresh {
        return Err(used_up());
    }
    if flow.is_over() {
        return Err(Refusal::bad("state", "the flow is over"));
    }
    if flow.waiting > 0 {
        return Err(Refusal::bad("state", "the flow is processing: poll it"));
    }
    // What the stage itself asks for is the one step that is due.
    if number != self::number(flow, None) {
        return Err(Refusal::bad("state", "the flow waits for another step"));
    }
    Ok(())
}

/// The answer for where the flow stands; every one gives out a new `next`.
fn render(bank: &Bank, flow: &mut Flow, binding: &Binding) -> Result<Answer, Refusal> {
    let data = if flow.is_over() {
        flow.repeats = None;
        ending(flow)
    } else {
        flow.next = bank.ids.nonce();
        let next = url(bank, flow, &flow.next);
        if flow.waiting > 0 {
            json!({"state": "PROCESSING", "next": next})
        } else {
            flow.repeats = None;
            let result = result(bank, flow, binding)?;
            json!({"state": flow.state(), "next": next, "result": result})
        }
    };
    Ok(Answer::data(StatusCode::OK, &data))
}

/// A terminal state. The Auth API hides the sub-codes of some categories (Klarna docs, Error
/// Handling); where in the answer the category stands is our guess.
fn ending(flow: &Flow) -> Value {
    let mut data = json!({"state": flow.state(), "next": null});
    if let Some(category) = &flow.category {
        let root = category.split('.').next().unwrap_or_default();
        let hidden = matches!(root, "TECHNICAL" | "NOT_SUPPORTED" | "MAINTENANCE");
        let shown = if hidden { root } else { category };
        put(&mut data, "error", json!({ "category": shown }));
    }
    data
}

fn result(bank: &Bank, flow: &mut Flow, binding: &Binding) -> Result<Value, Refusal> {
    match &flow.stage {
        Stage::Bank => return Ok(json!({"context": "bank_selection", "type": "bank"})),
        Stage::Redirect(id) => {
            let url = format!("{}{}?redirect_id={id}", bank.auth_url, steps::BANK_PAGE);
            let redirect = json!({"id": id, "url": url});
            return Ok(json!({"context": "authentication", "type": "redirect", "redirect": redirect}));
        }
        _ => {}
    }
    let questions = form::questions(&flow.stage, binding.bank, bank.dialect);
    let elements = form::elements(&questions, flow, bank.dialect);
    let key = bank.keys.next().ok_or_else(no_key)?;
    let page = Page { form: bank.ids.uuid(), key };
    let context = if flow.stage == Stage::Account { "account_selection" } else { "authentication" };
    let result = json!({
        "context": context,
        "type": "form",
        "form": {"form_identifier": page.form, "version": "1.0.0", "elements": elements},
        "key": jwt::issue(&key.public(), &bank.ids),
    });
    flow.page = Some(page);
    Ok(result)
}

fn url(bank: &Bank, flow: &Flow, nonce: &str) -> String {
    format!("{}{PATH}/{}/{nonce}", bank.auth_url, flow.id)
}

/// The flow is not there.
pub(crate) fn unknown() -> Refusal {
    Refusal::not_found("flow_id", "is unknown, or its session is closed")
}

fn used_up() -> Refusal {
    Refusal::bad("next", "is not the URL that was given out last")
}

fn no_key() -> Refusal {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "no form key could be read")
}
