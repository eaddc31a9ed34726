//! The wizard's forms (Klarna docs, XS2A form): what they ask, and our answer.

use model::error::{ErrorType, Failure};
use serde_json::{Value, json};

use crate::field::Field;

/// One form of the wizard.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    identifier: String,
    elements: Vec<Element>,
}

/// An element that takes an answer.
#[derive(Clone, Debug)]
struct Element {
    key: String,
    kind: Kind,
    /// What is sent when we have no answer of our own.
    preset: Option<String>,
    required: bool,
    rejected: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    Input { password: bool, read_only: bool },
    Choice(Vec<Choice>),
    Other,
}

/// One option of a choice.
#[derive(Clone, Debug)]
struct Choice {
    value: String,
    /// Not disabled, not restricted.
    usable: bool,
    /// The elements that are asked only when this option is chosen.
    inner: Vec<Element>,
}

/// A form's answer: before encryption, and as the report shows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers(Vec<Given>);

#[derive(Clone, Debug)]
struct Given {
    key: String,
    value: String,
    secret: bool,
}

impl Form {
    /// The form of a wizard answer.
    pub(crate) fn read(form: &Field<'_>) -> Result<Self, Failure> {
        let identifier = form.object()?.get("form_identifier").text()?.to_owned();
        let mut elements = Vec::new();
        collect(form.value(), &mut elements);
        Ok(Self { identifier, elements })
    }

    /// Chooses the option with this value, wherever it stands.
    pub(crate) fn choose(&self, wanted: &str) -> Result<Answers, Failure> {
        let has = |choice: &Choice| choice.value == wanted;
        let (element, choice) = self
            .choices()
            .find(|(_, choice)| has(choice))
            .ok_or_else(|| contract("the form offers no option with the value of the target's `interface`"))?;
        if !choice.usable {
            return Err(contract("the option with the value of the target's `interface` is disabled"));
        }
        let given = Given { key: element.key.clone(), value: wanted.to_owned(), secret: false };
        self.complete(&[given], Some(choice))
    }

    /// Fills in user name and password.
    pub(crate) fn log_in(&self, user_name: &str, password: &str) -> Result<Answers, Failure> {
        let named = |element: &&Element, part: &str| element.key.to_ascii_lowercase().contains(part);
        let inputs = |secret: bool| {
            self.elements.iter().filter(move |element| {
                matches!(element.kind, Kind::Input { password, read_only } if password == secret && !read_only)
            })
        };
        let marked = inputs(true).next();
        let password_element = marked
            .or_else(|| inputs(false).find(|element| named(element, "password")))
            .ok_or_else(|| contract("the login form has no input for a password"))?;
        let user_element = inputs(false)
            .find(|element| named(element, "user"))
            .or_else(|| inputs(false).find(|element| element.key != password_element.key))
            .ok_or_else(|| contract("the login form has no input for a user name"))?;
        let given = |element: &Element, value: &str, secret| Given {
            key: element.key.clone(),
            value: value.to_owned(),
            secret,
        };
        self.complete(&[given(user_element, user_name, false), given(password_element, password, true)], None)
    }

    /// Chooses the first account that can be used: not disabled, not restricted.
    /// Brings its id beside the answers.
    pub(crate) fn choose_account(&self) -> Result<(String, Answers), Failure> {
        let named = self.choices().find(|(element, choice)| element.key == "account_id" && choice.usable);
        let (element, choice) = match named.or_else(|| self.choices().find(|(_, choice)| choice.usable)) {
            Some(found) => found,
            None if self.choices().next().is_none() => return Err(contract("the account form offers no accounts")),
            None => {
                let message = "every account of the account form is disabled or restricted";
                return Err(Failure::new(ErrorType::Assertion, message));
            }
        };
        let given = Given { key: element.key.clone(), value: choice.value.clone(), secret: true };
        Ok((choice.value.clone(), self.complete(&[given], Some(choice))?))
    }

    /// Whether this form is the other one again: the API says what it did not
    /// like of an answer by sending its form once more.
    pub(crate) fn repeats(&self, answered: &Self) -> bool {
        let keys = |form: &Self| {
            let mut keys: Vec<String> = form.elements.iter().map(|element| element.key.clone()).collect();
            keys.sort_unstable();
            keys
        };
        self.identifier == answered.identifier
            || self.elements.iter().any(|element| element.rejected)
            || keys(self) == keys(answered)
    }

    /// The keys of the elements that the API did not like.
    pub(crate) fn rejected_keys(&self) -> Vec<&str> {
        self.elements.iter().filter(|element| element.rejected).map(|element| element.key.as_str()).collect()
    }

    /// The plaintext of an answer (Klarna docs, XS2A form, Examples).
    pub(crate) fn plaintext(&self, answers: &Answers, value: impl Fn(&str, bool) -> String) -> Value {
        let data = answers.0.iter().map(|given| json!({"key": given.key, "value": value(&given.value, given.secret)}));
        json!({"form_identifier": self.identifier, "data": data.collect::<Vec<_>>()})
    }

    fn choices(&self) -> impl Iterator<Item = (&Element, &Choice)> {
        self.elements.iter().flat_map(|element| {
            let choices = if let Kind::Choice(choices) = &element.kind { choices.as_slice() } else { &[] };
            choices.iter().map(move |choice| (element, choice))
        })
    }

    /// Adds what the other elements are preset to, in the form's order.
    fn complete(&self, given: &[Given], chosen: Option<&Choice>) -> Result<Answers, Failure> {
        let mut answers = Vec::new();
        for element in self.elements.iter().chain(chosen.map_or(&[][..], |choice| &choice.inner)) {
            if let Some(given) = given.iter().find(|given| given.key == element.key) {
                answers.push(given.clone());
            } else if let Some(preset) = &element.preset {
                answers.push(Given { key: element.key.clone(), value: preset.clone(), secret: true });
            } else if element.required {
                return Err(contract("the form requires an element that this journey has no answer for"));
            }
        }
        Ok(Answers(answers))
    }
}

fn contract(message: &str) -> Failure {
    Failure::new(ErrorType::Contract, message)
}

/// Walks a form at any depth. Grouping elements come and go; what takes an
/// answer has a `key` and a `type`. Below an option only what belongs to it.
fn collect(value: &Value, elements: &mut Vec<Element>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, elements)),
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            if let (Some(key), Some(element_type)) = (text("key"), text("type")) {
                elements.push(element(key, element_type, value));
            }
            let inner = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "options" | "validator"));
            inner.for_each(|(_, value)| collect(value, elements));
        }
        _ => {}
    }
}

fn element(key: &str, element_type: &str, value: &Value) -> Element {
    let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or(false);
    let options = value.get("options").and_then(Value::as_array);
    let kind = match (element_type, options) {
        (_, Some(options)) => Kind::Choice(options.iter().filter_map(choice).collect()),
        ("input", None) => Kind::Input { password: flag("password"), read_only: flag("read_only") },
        _ => Kind::Other,
    };
    let selected = match value.get("selected") {
        Some(Value::Array(values)) => values.first().and_then(Value::as_str),
        Some(Value::String(value)) => Some(value.as_str()),
        _ => None,
    };
    let prefill = value.get("prefill_value").and_then(Value::as_str);
    let validator = value.get("validator").and_then(|validator| validator.get("required"));
    let errors = value.get("validation_error").and_then(Value::as_object);
    Element {
        key: key.to_owned(),
        kind,
        preset: selected.or(prefill).filter(|value| !value.is_empty()).map(str::to_owned),
        required: validator.and_then(Value::as_bool).unwrap_or(false),
        rejected: errors.is_some_and(|errors| errors.values().any(|error| error.as_bool() == Some(true))),
    }
}

fn choice(option: &Value) -> Option<Choice> {
    let disabled = option.get("disabled").and_then(Value::as_bool).unwrap_or(false);
    let restricted = option.get("transfer_type").and_then(Value::as_str) == Some("RESTRICTED");
    let balances = option.pointer("/capabilities/balances/available").and_then(Value::as_bool);
    let mut inner = Vec::new();
    if let Some(content) = option.get("content") {
        collect(content, &mut inner);
    }
    Some(Choice {
        value: option.get("value")?.as_str()?.to_owned(),
        usable: !disabled && !restricted && balances != Some(false),
        inner,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(elements: &Value) -> Form {
        Form::read(&Field::root(&json!({"form_identifier": "f-1", "elements": elements}))).unwrap()
    }

    fn sent(form: &Form, answers: Result<Answers, Failure>) -> Result<Value, String> {
        answers
            .map(|answers| form.plaintext(&answers, |value, _| value.to_owned())["data"].clone())
            .map_err(|failure| failure.message)
    }

    #[test]
    fn the_interface_is_found_at_any_depth_and_by_value() {
        let choice = json!({"type": "choice", "key": "how", "options": [{"value": "x"}, {"value": "bias"}]});
        let nested = form(
            &json!([{"type": "text"}, {"type": "context", "content": [{"type": "context", "content": [choice]}]}]),
        );
        assert_eq!(sent(&nested, nested.choose("bias")).unwrap(), json!([{"key": "how", "value": "bias"}]));
        assert!(sent(&nested, nested.choose("other")).unwrap_err().contains("no option"));
    }

    #[test]
    fn only_the_chosen_options_inner_elements_are_sent() {
        let inner = |key: &str| json!([{"type": "input", "key": key, "prefill_value": key}]);
        let options = json!([{"value": "a", "content": inner("of-a")}, {"value": "b", "content": inner("of-b")}]);
        let form = form(&json!([{"type": "switchable", "key": "how", "selected": "a", "options": options}]));
        let expected = json!([{"key": "how", "value": "b"}, {"key": "of-b", "value": "of-b"}]);
        assert_eq!(sent(&form, form.choose("b")).unwrap(), expected);
    }

    #[test]
    fn user_name_and_password_are_told_apart_in_any_order() {
        let user = json!({"type": "input", "key": "bias.UsernameElement"});
        let password = json!({"type": "input", "key": "bias.PasswordElement", "password": true});
        let plain_password = json!({"type": "input", "key": "bias.PasswordElement"});
        for elements in [json!([user, password]), json!([password, user]), json!([plain_password, user])] {
            let form = form(&elements);
            let data = sent(&form, form.log_in("u", "p")).unwrap();
            let value = |key: &str| data.as_array().unwrap().iter().find(|d| d["key"] == key).unwrap()["value"].clone();
            assert_eq!((value("bias.UsernameElement"), value("bias.PasswordElement")), (json!("u"), json!("p")));
        }
        let form = form(&json!([user]));
        assert!(sent(&form, form.log_in("u", "p")).unwrap_err().contains("no input for a password"));
    }

    #[test]
    fn an_account_that_cannot_be_used_is_skipped() {
        let account = |value: &str, more: &str, yes: Value| json!({"value": value, more: yes});
        let bad = [
            account("disabled", "disabled", json!(true)),
            account("restricted", "transfer_type", json!("RESTRICTED")),
            account("blind", "capabilities", json!({"balances": {"available": false}})),
        ];
        let all = |last: &[Value]| {
            let options = [&bad, last].concat();
            form(&json!([{"type": "choice", "key": "acc", "options": options}]))
        };
        let good = all(&[json!({"value": "good", "disabled": false})]);
        assert_eq!(
            sent(&good, good.choose_account().map(|(_, answers)| answers)).unwrap(),
            json!([{"key": "acc", "value": "good"}])
        );
        let none = all(&[]);
        assert!(
            sent(&none, none.choose_account().map(|(_, answers)| answers))
                .unwrap_err()
                .contains("disabled or restricted")
        );
        let empty = form(&json!([{"type": "choice", "key": "acc", "options": []}]));
        assert!(sent(&empty, empty.choose_account().map(|(_, answers)| answers)).unwrap_err().contains("no accounts"));
    }

    #[test]
    fn a_repeated_form_is_seen_by_id_by_error_and_by_shape() {
        let input = |error: bool| json!([{"type": "input", "key": "k", "validation_error": {"required": error}}]);
        let other = form(&json!([{"type": "input", "key": "other"}]));
        let again = |id: &str, elements: &Value| {
            Form::read(&Field::root(&json!({"form_identifier": id, "elements": elements}))).unwrap()
        };
        let first = form(&input(false));
        assert!(again("f-1", &json!([])).repeats(&first));
        assert!(again("f-2", &input(true)).repeats(&other));
        assert!(again("f-2", &input(false)).repeats(&first));
        assert!(!again("f-2", &input(false)).repeats(&other));
    }

    #[test]
    fn what_is_required_and_unknown_stops_us() {
        let form = form(&json!([
            {"type": "choice", "key": "how", "options": [{"value": "bias"}]},
            {"type": "input", "key": "birthday", "validator": {"required": true}}
        ]));
        assert!(sent(&form, form.choose("bias")).unwrap_err().contains("no answer for"));
    }
}
