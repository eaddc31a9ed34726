//! From an HTTP answer to its JSON, or to what is wrong with it.

use model::error::{Category, ErrorType, Failure};
use runner::Answer;
use serde_json::Value;

use crate::field::Field;
use crate::state::State;

/// The most error locations that a message names.
const MOST_LOCATIONS: usize = 5;
/// The longest piece of an answer's text that a message repeats.
const LONGEST_WORD: usize = 80;

/// The JSON of a good answer. Every success is wrapped in `data`.
///
/// # Errors
/// From the top down, as the table of error types has it: credentials, rate
/// limit, a category that the API names, any other status that is not 2xx, and
/// what is no JSON.
pub(crate) fn read(answer: &Answer) -> Result<Value, Failure> {
    let json = serde_json::from_slice::<Value>(&answer.body);
    judge(answer, json.as_ref().ok()).map_err(|failure| failure.with_status(answer.status))?;
    let json = json.map_err(|_| not_json(answer).with_status(answer.status))?;
    match json.get("data") {
        Some(Value::Object(_)) => Ok(json),
        _ => Err(Failure::new(ErrorType::Contract, "the answer's field data is missing").with_status(answer.status)),
    }
}

/// The same for an answer of the API's host, where a state may stand; and
/// whether the API is still working.
///
/// # Errors
/// As [`read`], and when the state says that the flow ended without success.
pub(crate) fn read_with_state(answer: &Answer) -> Result<(Value, bool), Failure> {
    let json = read(answer)?;
    let state = Field::root(&json).get("data").get("state").present().map(|state| State::read(&state)).transpose()?;
    match state {
        Some(State::Ended) => Err(ended(category(&json)).with_status(answer.status)),
        state => Ok((json, state == Some(State::Processing))),
    }
}

/// A flow that ended without success, with the reason where it is known.
pub(crate) fn ended(category: Option<Category>) -> Failure {
    match category {
        Some(category) => {
            let message = format!("the flow ended with the error {}", category.as_str());
            Failure::api_error(category, message)
        }
        None => Failure::new(ErrorType::FlowAborted, "the flow ended without success and named no reason"),
    }
}

/// The answer to a DELETE: a success has no shape, and what is gone is gone.
pub(crate) fn closed(answer: &Answer) -> Result<(), Failure> {
    if matches!(answer.status, 404 | 410) {
        return Ok(());
    }
    let json = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    judge(answer, Some(&json)).map_err(|failure| failure.with_status(answer.status))?;
    // ABORTED is what a closed flow is; EXCEPTION is no success of anything.
    match json.pointer("/data/state").and_then(Value::as_str) {
        Some("EXCEPTION") => Err(ended(category(&json)).with_status(answer.status)),
        _ => Ok(()),
    }
}

/// The error category that a failed flow names; its place in the answer is not
/// documented, so every `category`, `code` and `type` below is looked at.
pub(crate) fn category(value: &Value) -> Option<Category> {
    let named = |name: &str| value.get(name).and_then(Value::as_str).and_then(Category::parse);
    let here = ["category", "error_category", "code", "error_code", "type"].into_iter().find_map(named);
    here.or_else(|| match value {
        Value::Object(fields) => fields.values().find_map(category),
        Value::Array(items) => items.iter().find_map(category),
        _ => None,
    })
}

fn judge(answer: &Answer, json: Option<&Value>) -> Result<(), Failure> {
    let status = answer.status;
    let is_success = (200..300).contains(&status);
    // A page of the wizard has its error inside; with HTTP 200 its state tells more.
    let inside = json.filter(|_| !is_success).and_then(|json| json.pointer("/data/error"));
    let error = json.and_then(|json| json.get("error")).or(inside);
    let code = error.and_then(|error| error.get("code")).and_then(Value::as_str).and_then(plain);
    let said = code.map(|code| format!(" with error code {code}")).unwrap_or_default();
    match status {
        401 | 403 => {
            let message = format!("the API answered HTTP {status}{said}: it refused access to this request");
            Err(Failure::new(ErrorType::Credentials, message))
        }
        429 => Err(Failure::new(ErrorType::RateLimited, format!("the API answered HTTP 429{}", reset(answer)))),
        _ => match error.and_then(category) {
            Some(category) => {
                let message = format!("the API answered HTTP {status} with the error {}", category.as_str());
                Err(Failure::api_error(category, message))
            }
            None if is_success => Ok(()),
            None => {
                let message = format!("the API answered HTTP {status}{said}{}", locations(error));
                Err(Failure::new(ErrorType::HttpStatus, message))
            }
        },
    }
}

fn not_json(answer: &Answer) -> Failure {
    let what = if answer.body.is_empty() { "has no body" } else { "is not JSON" };
    Failure::new(ErrorType::Contract, format!("the answer (HTTP {}) {what}", answer.status))
}

/// The wait that a 429 asks for (Klarna docs, Rate limiting).
fn reset(answer: &Answer) -> String {
    let seconds = answer.header("ratelimit-reset").and_then(|value| value.trim().parse::<u32>().ok());
    seconds.map(|seconds| format!(", try again in {seconds} s")).unwrap_or_default()
}

/// The places that `errors[]` names (Klarna docs, Error handling). The
/// messages beside them are localised and may hold anything: they stay in the report.
fn locations(error: Option<&Value>) -> String {
    let list = error.and_then(|error| error.get("errors")).and_then(Value::as_array);
    let places = list.into_iter().flatten().filter_map(|item| item.get("location")?.as_str().and_then(plain));
    let named: Vec<&str> = places.take(MOST_LOCATIONS).collect();
    if named.is_empty() { String::new() } else { format!(" about {}", named.join(", ")) }
}

/// A word of the answer that a message may repeat: short, and of harmless characters.
pub(crate) fn plain(text: &str) -> Option<&str> {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '[' | ']' | '$');
    (!text.is_empty() && text.len() <= LONGEST_WORD && text.chars().all(harmless)).then_some(text)
}
