//! Faults applied to answers: in place of one, inside one, or to the way it is sent.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::answer::{Answer, Refusal, put};
use crate::bank::Bank;
use crate::call::{Call, with_flow};
use crate::consent;
use crate::fault::{Kind, State};
use crate::payload::{Manner, Payload};
use crate::{twist, wizard};

/// More than the 1 MiB that a careful client reads.
const HUGE_BYTES: usize = 1_300_000;

const HTML: &str = "<html><body><h1>Bad Gateway</h1></body></html>";

/// What a fault answers in place of the bank, which then never sees the request.
pub(crate) fn instead(fault: &Kind, call: &Call, bank: &Bank) -> Option<Answer> {
    let answer = match fault {
        Kind::Status(status) => {
            let status = StatusCode::from_u16(*status).ok()?;
            match status {
                // HTTP allows no body with these.
                StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED => Answer::bare(status),
                _ => Refusal::new(status, "fault", "this fault was asked for").into(),
            }
        }
        Kind::RateLimit(seconds) => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            let answer = Answer::from(Refusal::new(status, "rateLimit", "too many requests"));
            Answer { headers: vec![("ratelimit-reset", seconds.to_string())], ..answer }
        }
        Kind::Redirect => {
            let answer = Answer::bare(StatusCode::TEMPORARY_REDIRECT);
            Answer { headers: vec![("location", format!("{}/moved", bank.api_url))], ..answer }
        }
        Kind::Category(category) => failed(call, bank, category),
        Kind::State(State::Exception) => ended(call, bank, State::Exception, "TECHNICAL"),
        Kind::State(State::Aborted) => ended(call, bank, State::Aborted, ""),
        // A consent call is polled by repeating it, so the token must not have been used up.
        Kind::State(State::Processing) if call.is_of_consent() => {
            Answer::data(StatusCode::OK, &json!({"state": "PROCESSING"}))
        }
        _ => return None,
    };
    Some(answer)
}

/// The wizard tells a failure as a state, the API host as a refusal.
fn failed(call: &Call, bank: &Bank, category: &str) -> Answer {
    if matches!(call, Call::Wizard { .. }) {
        return ended(call, bank, State::Exception, category);
    }
    let message = "Die Anfrage ist fehlgeschlagen";
    let refusal = Refusal::new(StatusCode::BAD_REQUEST, category, message);
    Refusal { consent_token: consent::renew(bank, call), ..refusal }.into()
}

fn ended(call: &Call, bank: &Bank, state: State, category: &str) -> Answer {
    let forced = call.flow().and_then(|id| with_flow(bank, id, |flow| wizard::force(flow, state, category)));
    let data = forced.unwrap_or_else(|| match state {
        State::Exception => json!({"state": "EXCEPTION", "error": {"category": category}}),
        _ => json!({ "state": state.to_string() }),
    });
    Answer::data(StatusCode::OK, &data)
}

/// What a fault makes of a finished answer, before it becomes bytes. `number` is the request's, for the
/// polls that may follow.
pub(crate) fn inside(fault: &Kind, answer: &mut Answer, call: &Call, bank: &Bank, number: Option<u8>) {
    if *fault == Kind::State(State::Processing) {
        veil(answer, call, bank, number);
    }
    let Some(body) = &mut answer.body else { return };
    match fault {
        Kind::Missing(field) => twist::remove(body, field),
        Kind::Type(field) => twist::retype(body, field),
        Kind::BadKey => twist::break_key(body),
        Kind::ForeignUrl => twist::lead_astray(body, [&bank.api_url, &bank.auth_url]),
        _ => {}
    }
}

/// Says `PROCESSING` over an answer that stands: the next poll sees what the request has led to.
fn veil(answer: &mut Answer, call: &Call, bank: &Bank, number: Option<u8>) {
    let Some(data) = answer.body.as_mut().and_then(|body| body.get_mut("data")) else {
        return;
    };
    if let Call::Wizard { flow, .. } = call {
        let next = with_flow(bank, flow, |flow| wizard::hold(bank, flow, number));
        *data = json!({"state": "PROCESSING", "next": next});
        return;
    }
    if let Some(id) = data.get("flow_id").and_then(Value::as_str) {
        with_flow(bank, id, |flow| flow.repeats = number);
    }
    put(data, "state", "PROCESSING".into());
}

/// The answer as it is sent.
pub(crate) fn payload(fault: Option<&Kind>, answer: &mut Answer) -> Payload {
    let whole = answer.body.as_ref().map(Value::to_string).unwrap_or_default();
    let (bytes, manner) = match fault {
        Some(Kind::NotJson) => (HTML.to_owned(), Manner::Whole),
        Some(Kind::Huge) => (huge(answer.body.take()), Manner::Whole),
        Some(Kind::Empty) => (String::new(), Manner::Whole),
        Some(Kind::Truncate) => (some(whole), Manner::Truncated),
        Some(Kind::Drip(pause)) => (some(whole), Manner::Drip(*pause)),
        _ => (whole, Manner::Whole),
    };
    let kind = if bytes == HTML { "text/html" } else { "application/json;charset=utf-8" };
    if !bytes.is_empty() {
        answer.headers.push(("content-type", kind.to_owned()));
    }
    // These two have no body by definition of HTTP, so the fault would not show.
    if fault.is_some() && !bytes.is_empty() && answer.status == StatusCode::NO_CONTENT {
        answer.status = StatusCode::OK;
    }
    Payload::new(bytes, manner)
}

/// Something to cut or to drip where the answer has no body.
fn some(whole: String) -> String {
    if whole.is_empty() { json!({"data": {}}).to_string() } else { whole }
}

/// The same answer with a field that makes it huge.
fn huge(body: Option<Value>) -> String {
    let mut body = body.filter(Value::is_object).unwrap_or_else(|| json!({}));
    put(&mut body, "padding", "x".repeat(HUGE_BYTES).into());
    body.to_string()
}
