//! What the redactor is taught of an answer: whose account it is.

use runner::Attempt;
use serde_json::Value;

/// The most options of an account form whose values are searched for elsewhere
/// too; the form's own record hides all of them.
const MOST_ACCOUNTS: usize = 200;

/// Teaches the redactor the options of the account form.
pub(crate) fn accounts(attempt: &mut Attempt, form: &Value) {
    let mut options = Vec::new();
    collect_options(form, &mut options);
    for option in options.into_iter().take(MOST_ACCOUNTS) {
        for name in ["value", "label", "description"] {
            learn(attempt, "account", option.get(name));
        }
    }
}

fn collect_options<'v>(value: &'v Value, options: &mut Vec<&'v Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_options(item, options)),
        Value::Object(fields) => {
            options.extend(fields.get("options").and_then(Value::as_array).into_iter().flatten());
            fields.values().for_each(|value| collect_options(value, options));
        }
        _ => {}
    }
}

/// Teaches the redactor whose account it is.
pub(crate) fn account(attempt: &mut Attempt, account: &Value) {
    for name in ["id", "iban", "account_number", "alias"] {
        learn(attempt, name, account.get(name));
    }
    if let Some(name) = account.get("holder_name").and_then(Value::as_str) {
        attempt.redactor().learn_name(name);
    }
}

fn learn(attempt: &mut Attempt, kind: &str, value: Option<&Value>) {
    match value {
        Some(Value::String(text)) => attempt.redactor().learn(kind, text),
        Some(Value::Number(number)) => attempt.redactor().learn(kind, &number.to_string()),
        _ => {}
    }
}
