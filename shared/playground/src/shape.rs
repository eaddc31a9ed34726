//! A checker for request bodies: every problem with its place, none missed.

use serde_json::{Map, Value};
use url::Url;

use crate::answer::{Problem, Refusal};
use crate::settings::Dialect;

/// One field that a request may have.
pub(crate) struct Field {
    name: &'static str,
    required: bool,
    shape: Shape,
}

pub(crate) const fn required(name: &'static str, shape: Shape) -> Field {
    Field { name, required: true, shape }
}

pub(crate) const fn optional(name: &'static str, shape: Shape) -> Field {
    Field { name, required: false, shape }
}

/// What a field may hold.
pub(crate) enum Shape {
    /// Text with at least one character.
    Text,
    TextList,
    /// One of these words.
    Word(&'static [&'static str]),
    Integer,
    Ip,
    Url,
    Object(&'static [Field]),
    ObjectList(&'static [Field]),
    /// Text, or a list of texts.
    TextOrList,
    /// White-label `keys` (Klarna docs, White Label Integration).
    Keys,
}

/// The body as an object of these fields, or every reason why not.
pub(crate) fn check<'a>(
    body: Option<&'a Value>,
    fields: &[Field],
    dialect: Dialect,
) -> Result<&'a Map<String, Value>, Refusal> {
    let object = body.and_then(Value::as_object).ok_or_else(|| Refusal::bad("body", "must be a JSON object"))?;
    let mut checker = Checker { dialect, problems: Vec::new() };
    checker.object("", object, fields);
    if checker.problems.is_empty() { Ok(object) } else { Err(Refusal::many(checker.problems)) }
}

/// A field's text; empty counts as absent, the checker has refused it where it must not be.
pub(crate) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

struct Checker {
    dialect: Dialect,
    problems: Vec<Problem>,
}

impl Checker {
    fn object(&mut self, at: &str, object: &Map<String, Value>, fields: &[Field]) {
        for name in object.keys() {
            let skipped = name.starts_with('_') && self.dialect.skips_underscored_fields();
            if !skipped && !fields.iter().any(|field| field.name == name) {
                self.problem(&join(at, name), "unknown field");
            }
        }
        for field in fields {
            let place = join(at, field.name);
            match object.get(field.name) {
                None | Some(Value::Null) if field.required => self.problem(&place, "is required"),
                None | Some(Value::Null) => {}
                Some(value) if self.counts_as_absent(field, value) => {}
                Some(value) => self.value(&place, value, &field.shape),
            }
        }
    }

    fn counts_as_absent(&self, field: &Field, value: &Value) -> bool {
        !field.required && value.as_str() == Some("") && self.dialect.takes_empty_for_absent()
    }

    fn value(&mut self, at: &str, value: &Value, shape: &Shape) {
        match (shape, value) {
            (Shape::Object(fields), Value::Object(object)) => self.object(at, object, fields),
            (Shape::ObjectList(fields), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let place = format!("{at}[{index}]");
                    match item.as_object() {
                        Some(object) => self.object(&place, object, fields),
                        None => self.problem(&place, "must be an object"),
                    }
                }
            }
            (Shape::Keys, _) if self.dialect.takes_placeholder_keys() => {}
            (Shape::Keys, Value::Object(keys)) => self.keys(at, keys),
            _ => {
                if let Some(message) = complaint(value, shape) {
                    self.problem(at, &message);
                }
            }
        }
    }

    /// `aspsp_data` is two hexadecimal values joined by a colon; `hsm` goes with Klarna's HSM only.
    fn keys(&mut self, at: &str, keys: &Map<String, Value>) {
        const FIELDS: &[Field] = &[required("aspsp_data", Shape::Text), optional("hsm", Shape::Text)];
        self.object(at, keys, FIELDS);
        let hexadecimal = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_hexdigit());
        let halves = text(keys, "aspsp_data").and_then(|data| data.split_once(':'));
        if !halves.is_some_and(|(left, right)| hexadecimal(left) && hexadecimal(right)) {
            self.problem(&join(at, "aspsp_data"), "must be two hexadecimal values joined by a colon");
        }
    }

    fn problem(&mut self, location: &str, message: &str) {
        let (location, message) = (location.to_owned(), message.to_owned());
        self.problems.push(Problem { location, message });
    }
}

/// What is wrong with a value that holds no fields of its own.
fn complaint(value: &Value, shape: &Shape) -> Option<String> {
    let text = value.as_str().filter(|text| !text.is_empty());
    let texts = value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
    let (fits, wanted) = match shape {
        Shape::Text => (text.is_some(), "a non-empty text"),
        Shape::TextList => (texts, "a list of texts"),
        Shape::TextOrList => (texts || value.is_string(), "a text or a list of texts"),
        Shape::Integer => (value.as_u64().is_some(), "a whole number, zero or more"),
        Shape::Ip => (text.is_some_and(|t| t.parse::<std::net::IpAddr>().is_ok()), "an IP address"),
        Shape::Url => (text.is_some_and(|t| Url::parse(t).is_ok()), "an absolute URL"),
        Shape::Object(_) | Shape::Keys => (false, "an object"),
        Shape::ObjectList(_) => (false, "a list of objects"),
        Shape::Word(words) => {
            let known = text.is_some_and(|text| words.contains(&text));
            return (!known).then(|| format!("must be one of {}", words.join(", ")));
        }
    };
    (!fits).then(|| format!("must be {wanted}"))
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}
