//! The wizard's forms (Klarna docs, XS2A form): what they ask, and our answer.

use std::collections::BTreeMap;

use model::error::{ErrorType, Failure};
use serde_json::{Value, json};

use crate::answer::plain;
use crate::element::{Choice, Element, Kind, elements};
use crate::field::Field;
use crate::is_personal;

/// One form of the wizard.
pub(crate) struct Form {
    identifier: String,
    elements: Vec<Element>,
}

/// A form's answers, in the form's order. They hold secrets, so they do not print.
pub(crate) struct Answers(Vec<(String, Given)>);

#[derive(Clone)]
struct Given {
    value: Value,
    secret: bool,
}

/// What we give of our own, by element key.
type Gifts = BTreeMap<String, Given>;

impl Form {
    /// The form of a wizard answer.
    pub(crate) fn read(form: &Field<'_>) -> Result<Self, Failure> {
        let identifier = form.object()?.get("form_identifier").text()?.to_owned();
        Ok(Self { identifier, elements: elements(form.value()) })
    }

    /// Chooses the option with this value, wherever it stands.
    pub(crate) fn choose(&self, wanted: &str) -> Result<Answers, Failure> {
        let (mut gifts, element, choice) = find_choice(&self.elements, &|_, choice| choice.is(wanted))
            .ok_or_else(|| contract("the form offers no option with the value of the target's `interface`"))?;
        if !choice.usable {
            return Err(contract("the option with the value of the target's `interface` is disabled"));
        }
        gifts.insert(element.key.clone(), Given { value: choice.value.clone(), secret: false });
        self.complete(&gifts)
    }

    /// Fills in user name and password.
    pub(crate) fn log_in(&self, user_name: &str, password: &str) -> Result<Answers, Failure> {
        let is_input = |element: &Element| matches!(element.kind, Kind::Input { read_only: false, .. });
        let marked = |element: &Element| matches!(element.kind, Kind::Input { password: true, read_only: false });
        let (mut gifts, password_element) = find(&self.elements, &marked)
            .or_else(|| find(&self.elements, &|element| is_input(element) && element.is_named("password")))
            .ok_or_else(|| contract("the login form has no input for a password"))?;
        let is_other = |element: &Element| is_input(element) && !marked(element) && element.key != password_element.key;
        let (more, user_element) = find(&self.elements, &|element| is_other(element) && element.is_named("user"))
            .or_else(|| find(&self.elements, &is_other))
            .ok_or_else(|| contract("the login form has no input for a user name"))?;
        gifts.extend(more);
        gifts.insert(user_element.key.clone(), Given { value: user_name.into(), secret: is_personal(user_name) });
        gifts.insert(password_element.key.clone(), Given { value: password.into(), secret: true });
        self.complete(&gifts)
    }

    /// Chooses the first account that can be used: not disabled, not restricted.
    /// Brings its id beside the answers.
    pub(crate) fn choose_account(&self) -> Result<(String, Answers), Failure> {
        // The documented key, else what is named like it, else the one choice that is not preset.
        let tests: [&dyn Fn(&Element) -> bool; 3] =
            [&|element| element.key == "account_id", &|element| element.is_named("account"), &|element| {
                element.preset.is_none()
            }];
        let usable = tests
            .iter()
            .find_map(|test| find_choice(&self.elements, &|element, choice| test(element) && choice.usable));
        let Some((mut gifts, element, choice)) = usable else {
            let any = find_choice(&self.elements, &|_, _| true).is_some();
            return Err(if any {
                Failure::new(ErrorType::Assertion, "every account of the account form is disabled or restricted")
            } else {
                contract("the account form offers no accounts")
            });
        };
        gifts.insert(element.key.clone(), Given { value: choice.value.clone(), secret: true });
        Ok((choice.text(), self.complete(&gifts)?))
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

    /// The keys of the elements that the API did not like, as far as they may be repeated.
    pub(crate) fn rejected_keys(&self) -> Vec<&str> {
        self.elements.iter().filter(|element| element.rejected).filter_map(|element| plain(&element.key)).collect()
    }

    /// The plaintext of an answer (Klarna docs, XS2A form, Examples), with each
    /// value as `shown` has it.
    pub(crate) fn plaintext(&self, answers: &Answers, shown: impl Fn(&Value, bool) -> Value) -> Value {
        let data = answers.0.iter().map(|(key, given)| json!({"key": key, "value": shown(&given.value, given.secret)}));
        json!({"form_identifier": self.identifier, "data": data.collect::<Vec<_>>()})
    }

    fn complete(&self, gifts: &Gifts) -> Result<Answers, Failure> {
        let mut answers = Vec::new();
        complete(&self.elements, gifts, &mut answers)?;
        Ok(Answers(answers))
    }
}

/// Answers every element with what we give or what it is preset to; below a
/// choice only what belongs to the option that is chosen.
fn complete(elements: &[Element], gifts: &Gifts, answers: &mut Vec<(String, Given)>) -> Result<(), Failure> {
    for element in elements {
        let preset = element.preset.clone().map(|value| Given { value, secret: true });
        let Some(given) = gifts.get(&element.key).cloned().or(preset) else {
            if element.required {
                return Err(contract("the form requires an element that this journey has no answer for"));
            }
            continue;
        };
        let chosen = element.choices().iter().find(|choice| choice.value == given.value);
        answers.push((element.key.clone(), given));
        if let Some(choice) = chosen {
            complete(&choice.inner, gifts, answers)?;
        }
    }
    Ok(())
}

/// The first element that passes the test, those at the top first; and what
/// must be chosen on the way to it.
fn find<'a>(elements: &'a [Element], test: &dyn Fn(&Element) -> bool) -> Option<(Gifts, &'a Element)> {
    let here = elements.iter().find(|element| test(element)).map(|element| (Gifts::new(), element));
    here.or_else(|| below(elements, &|inner| find(inner, test)))
}

/// The first option that passes the test, its element, and what must be chosen
/// on the way to it.
fn find_choice<'a>(
    elements: &'a [Element],
    test: &dyn Fn(&Element, &Choice) -> bool,
) -> Option<(Gifts, &'a Element, &'a Choice)> {
    let here = elements.iter().find_map(|element| {
        let choice = element.choices().iter().find(|choice| test(element, choice))?;
        Some((Gifts::new(), (element, choice)))
    });
    let found = here.or_else(|| {
        below(elements, &|inner| find_choice(inner, test).map(|(gifts, element, choice)| (gifts, (element, choice))))
    });
    found.map(|(gifts, (element, choice))| (gifts, element, choice))
}

/// Searches inside the options that can be chosen.
fn below<'a, T>(elements: &'a [Element], search: &dyn Fn(&'a [Element]) -> Option<(Gifts, T)>) -> Option<(Gifts, T)> {
    let options = elements.iter().flat_map(|element| element.choices().iter().map(move |choice| (element, choice)));
    options.filter(|(_, choice)| choice.usable).find_map(|(element, choice)| {
        let (mut gifts, found) = search(&choice.inner)?;
        gifts.insert(element.key.clone(), Given { value: choice.value.clone(), secret: false });
        Some((gifts, found))
    })
}

fn contract(message: &str) -> Failure {
    Failure::new(ErrorType::Contract, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(elements: &Value) -> Form {
        Form::read(&Field::root(&json!({"form_identifier": "f-1", "elements": elements}))).unwrap()
    }

    fn sent(form: &Form, answers: Result<Answers, Failure>) -> Result<Value, String> {
        answers
            .map(|answers| form.plaintext(&answers, |value, _| value.clone())["data"].clone())
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
    fn a_login_inside_an_option_is_found_and_the_option_chosen() {
        let login = json!([{"type": "input", "key": "user"}, {"type": "input", "key": "pass", "password": true}]);
        let options = json!([{"value": "qr", "content": []}, {"value": "login", "content": login}]);
        let form = form(&json!([{"type": "switchable", "key": "how", "selected": "qr", "options": options}]));
        let expected =
            json!([{"key": "how", "value": "login"}, {"key": "user", "value": "u"}, {"key": "pass", "value": "p"}]);
        assert_eq!(sent(&form, form.log_in("u", "p")).unwrap(), expected);
    }

    #[test]
    fn a_value_keeps_its_type_and_a_preset_of_several_stays_whole() {
        let account = json!({"type": "choice", "key": "account_id", "options": [{"value": 7}]});
        let several =
            json!({"type": "choice", "key": "x", "selected": ["a", "b"], "options": [{"value": "a"}, {"value": "b"}]});
        let language = json!({"type": "choice", "key": "language", "options": [{"value": "en"}]});
        let form = form(&json!([language, several, account]));
        let data = sent(&form, form.choose_account().map(|(_, answers)| answers)).unwrap();
        assert_eq!(data, json!([{"key": "x", "value": ["a", "b"]}, {"key": "account_id", "value": 7}]));
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
