//! What the bank says: an answer, or a refusal in the documented envelope.

use std::time::Duration;

use hyper::StatusCode;
use serde_json::{Value, json};

/// A finished answer, before any fault.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// `None` for an answer without a body.
    pub(crate) body: Option<Value>,
    /// What the encrypted part of the request turned out to say.
    pub(crate) form: Option<Value>,
    /// How long the bank takes over it.
    pub(crate) delay: Duration,
}

impl Answer {
    /// A success: every body is wrapped in `data` (Klarna docs, XS2A API).
    pub(crate) fn data(status: StatusCode, data: &Value) -> Self {
        Self::json(status, json!({ "data": data }))
    }

    pub(crate) fn json(status: StatusCode, body: Value) -> Self {
        Self { body: Some(body), ..Self::bare(status) }
    }

    pub(crate) fn bare(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: None, form: None, delay: Duration::ZERO }
    }
}

/// A refused request.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) problems: Vec<Problem>,
    /// Refusals by the Consent API rotate the token too.
    pub(crate) consent_token: Option<String>,
    /// As in [`Answer`]; boxed to keep results small.
    pub(crate) form: Option<Box<Value>>,
}

/// One entry of the envelope's `errors`: where, and what.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) location: String,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &str, message: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            problems: Vec::new(),
            consent_token: None,
            form: None,
        }
    }

    /// A 400 about one place of the request.
    pub(crate) fn bad(location: &str, message: impl Into<String>) -> Self {
        Self::many(vec![Problem { location: location.to_owned(), message: message.into() }])
    }

    /// A 400 about several places at once.
    pub(crate) fn many(problems: Vec<Problem>) -> Self {
        let refusal = Self::new(StatusCode::BAD_REQUEST, "badRequest", "The request is not valid");
        Self { problems, ..refusal }
    }

    /// The same refusal at one place, with another status and code.
    pub(crate) fn at(self, location: &str) -> Self {
        let problem = Problem { location: location.to_owned(), message: self.message.clone() };
        Self { problems: vec![problem], ..self }
    }

    pub(crate) fn not_found(location: &str, message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "notFound", message).at(location)
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let mut error = json!({"code": refusal.code, "message": refusal.message});
        if !refusal.problems.is_empty() {
            let entry = |problem: &Problem| json!({"location": problem.location, "message": problem.message});
            let entries = refusal.problems.iter().map(entry).collect();
            put(&mut error, "errors", entries);
        }
        let mut body = json!({ "error": error });
        if let Some(token) = refusal.consent_token {
            put(&mut body, "consent_token", token.into());
        }
        Self { form: refusal.form.map(|form| *form), ..Self::json(refusal.status, body) }
    }
}

/// Sets a field of a JSON object.
pub(crate) fn put(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(object) = object {
        object.insert(name.to_owned(), value);
    }
}
