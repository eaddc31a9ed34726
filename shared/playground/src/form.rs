//! Forms: how they look, and whether an answer fits them (Klarna docs, Forms).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::answer::{Problem, Refusal, put};
use crate::fixtures::{ACCOUNTS, TestBank};
use crate::schema;
use crate::session::{Flow, Stage};
use crate::settings::Dialect;
use crate::shape::{self, text};

pub(crate) const USER_NAME: &str = "bias.apis.forms.elements.UsernameElement";
const PASSWORD: &str = "bias.apis.forms.elements.PasswordElement";
const ONE_TIME_PASSWORD: &str = "bias.apis.forms.elements.OtpElement";
pub(crate) const INTERFACE: &str = "interface";
pub(crate) const ACCOUNT: &str = "account_id";

/// One thing that a form asks.
pub(crate) struct Question {
    key: &'static str,
    label: &'static str,
    what: What,
}

enum What {
    Input { password: bool },
    Choice(Vec<Choice>),
}

struct Choice {
    value: String,
    label: String,
    disabled: bool,
}

/// What the form of this stage asks; nothing when the stage has no form.
pub(crate) fn questions(stage: &Stage, bank: Option<TestBank>, dialect: Dialect) -> Vec<Question> {
    let input = |key, label, password| Question { key, label, what: What::Input { password } };
    match stage {
        Stage::Interface => {
            vec![Question { key: INTERFACE, label: "How do you log in?", what: What::Choice(interfaces(bank)) }]
        }
        Stage::Login => {
            vec![input(USER_NAME, "User name", false), input(PASSWORD, "Password", true)]
        }
        Stage::OneTimePassword => vec![input(ONE_TIME_PASSWORD, "One-time password", true)],
        Stage::Account => {
            vec![Question { key: ACCOUNT, label: "Which account?", what: What::Choice(accounts(dialect)) }]
        }
        _ => Vec::new(),
    }
}

/// Whether this value of `interface` is the way in that is not PSD2.
pub(crate) fn is_fallback(interface: &str) -> bool {
    interface.ends_with("_transport")
}

/// The usable interface does not come first: clients look for its value.
fn interfaces(bank: Option<TestBank>) -> Vec<Choice> {
    let country = bank.map_or("de", |bank| bank.country).to_ascii_lowercase();
    [("transport", "Demo Bank"), ("bias", "Demo Bank PSD2")]
        .map(|(interface, label)| Choice {
            value: format!("{country}_testbank_{interface}"),
            label: label.to_owned(),
            disabled: false,
        })
        .into()
}

/// The restricted account cannot be chosen, and comes first unless the dialect spares its client.
fn accounts(dialect: Dialect) -> Vec<Choice> {
    let mut choices: Vec<_> = ACCOUNTS
        .iter()
        .map(|account| Choice {
            value: account.id.to_owned(),
            label: format!("{} {}", account.alias, account.iban),
            disabled: !account.is_open(),
        })
        .collect();
    if !dialect.puts_a_usable_account_first() {
        choices.rotate_right(1);
    }
    choices
}

/// The form's elements. Answerable ones sit inside two `context` elements, as grouping may nest.
pub(crate) fn elements(questions: &[Question], flow: &Flow, dialect: Dialect) -> Value {
    let asked: Vec<_> = questions.iter().map(|question| question.element(&flow.remarks)).collect();
    if flow.stage == Stage::Account && dialect.puts_a_usable_account_first() {
        return Value::Array(asked);
    }
    let context = |content: Value| json!({"type": "context", "version": "1.0.0", "tags": [], "content": content});
    let help = json!({"type": "text", "version": "1.0.0", "tags": ["HELPTEXT"],
        "content": "This is a test bank: do not enter real credentials."});
    json!([help, context(json!([context(Value::Array(asked))]))])
}

impl Question {
    fn element(&self, remarks: &[(String, &'static str)]) -> Value {
        let mut element = match &self.what {
            What::Input { password } => json!({
                "type": "input", "data_type": "UNKNOWN", "password": password, "read_only": false,
                "validator": {"required": true, "min_length": 1},
            }),
            What::Choice(choices) => json!({
                "type": "choice", "selected": [], "allow_selected": {"min": 1, "max": 1},
                "options": choices.iter().map(Choice::option).collect::<Value>(),
            }),
        };
        let shared =
            [("version", json!("1.0.0")), ("key", json!(self.key)), ("label", json!(self.label)), ("tags", json!([]))];
        for (name, value) in shared {
            put(&mut element, name, value);
        }
        let broken: Map<_, _> = remarks
            .iter()
            .filter(|(key, _)| key == self.key)
            .map(|(_, rule)| ((*rule).to_owned(), Value::Bool(true)))
            .collect();
        if !broken.is_empty() {
            put(&mut element, "validation_error", Value::Object(broken));
        }
        element
    }

    /// The rule that a value breaks.
    fn broken_rule(&self, value: &str) -> Option<&'static str> {
        match &self.what {
            What::Input { .. } => value.is_empty().then_some("required"),
            What::Choice(choices) => match choices.iter().find(|choice| choice.value == value) {
                None => Some("valid_options"),
                Some(choice) => choice.disabled.then_some("option_disabled"),
            },
        }
    }
}

impl Choice {
    fn option(&self) -> Value {
        json!({"value": self.value, "label": self.label, "disabled": self.disabled})
    }
}

/// An answer that could be read.
pub(crate) enum Reading {
    /// Every question answered, by key.
    Taken(BTreeMap<String, String>),
    /// The form must be shown again, for these reasons.
    Again(Vec<(String, &'static str)>),
}

/// Reads an opened answer to the form `identifier`.
///
/// What breaks the contract is refused; a value that only breaks a rule of the form brings the form
/// again (Klarna docs, Forms, Server Side Validation).
pub(crate) fn read(
    answer: &Value,
    identifier: &str,
    questions: &[Question],
    dialect: Dialect,
) -> Result<Reading, Refusal> {
    let object = shape::check(Some(answer), schema::FORM, dialect)?;
    if text(object, "form_identifier") != Some(identifier) {
        return Err(Refusal::bad("form_identifier", "is not the form that waits for an answer"));
    }
    let given = values(object, questions)?;
    let remarks: Vec<_> = questions
        .iter()
        .filter_map(|question| {
            let rule = match given.get(question.key) {
                None => Some("required"),
                Some(value) => question.broken_rule(value),
            };
            rule.map(|rule| (question.key.to_owned(), rule))
        })
        .collect();
    Ok(if remarks.is_empty() { Reading::Taken(given) } else { Reading::Again(remarks) })
}

/// The values by key. A choice may come as a text or as a list of one.
fn values(object: &Map<String, Value>, questions: &[Question]) -> Result<BTreeMap<String, String>, Refusal> {
    let mut given = BTreeMap::new();
    let mut problems = Vec::new();
    let items = object.get("data").and_then(Value::as_array).into_iter().flatten();
    for (index, item) in items.enumerate() {
        let key = item.get("key").and_then(Value::as_str).unwrap_or_default();
        let value = match item.get("value") {
            Some(Value::Array(items)) => match items.as_slice() {
                [Value::String(only)] => Some(only.clone()),
                _ => None,
            },
            value => value.and_then(Value::as_str).map(str::to_owned),
        };
        let (place, message) = match (questions.iter().any(|q| q.key == key), value) {
            (false, _) => ("key", "is not a key of this form"),
            (true, None) => ("value", "must be one value"),
            (true, Some(value)) => match given.insert(key.to_owned(), value) {
                None => continue,
                Some(_) => ("key", "stands there twice"),
            },
        };
        problems.push(Problem { location: format!("data[{index}].{place}"), message: message.to_owned() });
    }
    if problems.is_empty() { Ok(given) } else { Err(Refusal::many(problems)) }
}
