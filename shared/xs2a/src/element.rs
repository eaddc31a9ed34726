//! The elements of a form that take an answer.

use serde_json::Value;

/// An element that takes an answer.
pub(crate) struct Element {
    pub(crate) key: String,
    pub(crate) kind: Kind,
    /// What is sent when we have no answer of our own.
    pub(crate) preset: Option<Value>,
    pub(crate) required: bool,
    /// Whether the API did not like its last answer.
    pub(crate) rejected: bool,
}

/// What an element is.
pub(crate) enum Kind {
    /// A text.
    Input { password: bool, read_only: bool },
    /// One of several options.
    Choice(Vec<Choice>),
    /// Anything else, which is left as it is preset.
    Other,
}

/// One option of a choice.
pub(crate) struct Choice {
    /// A string or a number.
    pub(crate) value: Value,
    /// Not disabled, not restricted.
    pub(crate) usable: bool,
    /// The elements that are asked only when this option is chosen.
    pub(crate) inner: Vec<Element>,
}

/// The elements of a form at any depth. Grouping elements come and go; what
/// takes an answer has a `key` and a `type`.
pub(crate) fn elements(form: &Value) -> Vec<Element> {
    let mut elements = Vec::new();
    collect(form, &mut elements);
    elements
}

impl Element {
    /// Whether the key has this word in it.
    pub(crate) fn is_named(&self, word: &str) -> bool {
        self.key.to_ascii_lowercase().contains(word)
    }

    /// The options; none for what is no choice.
    pub(crate) fn choices(&self) -> &[Choice] {
        if let Kind::Choice(choices) = &self.kind { choices } else { &[] }
    }

    fn read(key: &str, element_type: &str, value: &Value) -> Self {
        let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or(false);
        let options = value.get("options").and_then(Value::as_array);
        let kind = match (element_type, options) {
            (_, Some(options)) => Kind::Choice(options.iter().filter_map(Choice::read).collect()),
            ("input", None) => Kind::Input { password: flag("password"), read_only: flag("read_only") },
            _ => Kind::Other,
        };
        let preset = value.get("selected").and_then(preset).or_else(|| value.get("prefill_value").and_then(preset));
        let required = value.pointer("/validator/required").and_then(Value::as_bool).unwrap_or(false);
        let errors = value.get("validation_error").and_then(Value::as_object);
        let rejected = errors.is_some_and(|errors| errors.values().any(|error| error.as_bool() == Some(true)));
        Self { key: key.to_owned(), kind, preset, required, rejected }
    }
}

impl Choice {
    /// Whether this is the option with that value.
    pub(crate) fn is(&self, wanted: &str) -> bool {
        self.text() == wanted
    }

    /// The value as text.
    pub(crate) fn text(&self) -> String {
        self.value.as_str().map_or_else(|| self.value.to_string(), str::to_owned)
    }

    fn read(option: &Value) -> Option<Self> {
        let value = option.get("value").filter(|value| value.is_string() || value.is_number())?.clone();
        let disabled = option.get("disabled").and_then(Value::as_bool).unwrap_or(false);
        let restricted = option.get("transfer_type").and_then(Value::as_str) == Some("RESTRICTED");
        let balances = option.pointer("/capabilities/balances/available").and_then(Value::as_bool);
        let usable = !disabled && !restricted && balances != Some(false);
        Some(Self { value, usable, inner: option.get("content").map(elements).unwrap_or_default() })
    }
}

/// A value that an element comes with: of a list with one item, that item.
fn preset(value: &Value) -> Option<Value> {
    match value {
        Value::Array(items) => match items.as_slice() {
            [] => None,
            [one] => preset(one),
            _ => Some(value.clone()),
        },
        Value::String(text) => (!text.is_empty()).then(|| value.clone()),
        Value::Null | Value::Object(_) => None,
        Value::Bool(_) | Value::Number(_) => Some(value.clone()),
    }
}

fn collect(value: &Value, elements: &mut Vec<Element>) {
    match value {
        Value::Array(items) => {
            for item in items {
                collect(item, elements);
            }
        }
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            if let (Some(key), Some(element_type)) = (text("key"), text("type")) {
                elements.push(Element::read(key, element_type, value));
            }
            // Below an option stands what belongs to it alone; a validator is no element.
            let grouped = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "options" | "validator"));
            for (_, value) in grouped {
                collect(value, elements);
            }
        }
        _ => {}
    }
}
