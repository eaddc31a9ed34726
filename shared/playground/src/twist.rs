//! Faults inside a JSON answer: a field gone, a type changed, a key broken, a URL led astray.
//!
//! A field is named alone (`next`) or with fields above it (`result.key`), and meant wherever it
//! sits, the payloads of tokens included.

use serde_json::{Value, json};

use crate::jwt;

/// A host that can never exist (RFC 2606).
const FOREIGN: &str = "https://bank.invalid";

/// Removes the field.
pub(crate) fn remove(body: &mut Value, field: &str) {
    visit(body, &mut Vec::new(), &mut |path, value| {
        if let Value::Object(object) = value {
            object.retain(|name, _| !names(path, name, field));
        }
    });
}

/// Gives the field another JSON type.
pub(crate) fn retype(body: &mut Value, field: &str) {
    visit(body, &mut Vec::new(), &mut |path, value| {
        for (name, value) in value.as_object_mut().into_iter().flatten() {
            if names(path, name, field) {
                *value = other_type(value);
            }
        }
    });
}

/// Shrinks the form key's modulus to 512 bits and makes it even.
pub(crate) fn break_key(body: &mut Value) {
    visit(body, &mut Vec::new(), &mut |_, value| {
        if let Some(modulus) = value.get_mut("modulus") {
            *modulus = format!("{}e", "f".repeat(127)).into();
        }
    });
}

/// Leads every URL on one of these hosts to a foreign one.
pub(crate) fn lead_astray(body: &mut Value, hosts: [&str; 2]) {
    visit(body, &mut Vec::new(), &mut |_, value| {
        let path = value.as_str().and_then(|text| {
            hosts.iter().find_map(|host| text.strip_prefix(host)).filter(|path| path.starts_with('/'))
        });
        if let Some(path) = path {
            *value = format!("{FOREIGN}{path}").into();
        }
    });
}

/// Shows every value to `change`, outer before inner, with the names of the fields above it.
fn visit(value: &mut Value, path: &mut Vec<String>, change: &mut dyn FnMut(&[String], &mut Value)) {
    change(path, value);
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                path.push(name.clone());
                visit(value, path, change);
                path.pop();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| visit(item, path, change)),
        Value::String(text) => {
            if let Some(token) = jwt::rewrite(text, |payload| visit(payload, path, change)) {
                *text = token;
            }
        }
        _ => {}
    }
}

/// Whether `field`, read from its end, is `name` below `path`.
fn names(path: &[String], name: &str, field: &str) -> bool {
    let mut wanted = field.rsplit('.');
    let mut actual = std::iter::once(name).chain(path.iter().rev().map(String::as_str));
    wanted.all(|part| actual.next() == Some(part))
}

fn other_type(value: &Value) -> Value {
    match value {
        Value::String(_) | Value::Null => json!(7),
        Value::Number(number) => json!(number.to_string()),
        Value::Bool(flag) => json!(flag.to_string()),
        Value::Array(_) => json!({}),
        Value::Object(_) => json!([]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_wherever_it_sits() {
        let mut body = json!({"data": {"list": [{"next": 1}], "next": "u", "kept": true}});

        remove(&mut body, "next");

        assert_eq!(body, json!({"data": {"list": [{}], "kept": true}}));
    }

    #[test]
    fn fields_above_narrow_a_name_down() {
        let mut body = json!({"result": {"key": "a", "form": {"key": "b"}}});

        retype(&mut body, "result.key");

        assert_eq!(body, json!({"result": {"key": 7, "form": {"key": "b"}}}));
    }

    #[test]
    fn only_our_own_urls_are_led_astray() {
        let mut body = json!(["http://a:1/x?y", "http://a:12/x", "https://other/x"]);

        lead_astray(&mut body, ["http://a:1", "http://b:1"]);

        assert_eq!(body, json!(["https://bank.invalid/x?y", "http://a:12/x", "https://other/x"]));
    }
}
