//! The shape of JSON: names and types, without values.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Change, MOST};

/// The longest part of a path that is told, in characters.
const LONGEST_NAME: usize = 60;

const WORDS: [&str; 6] = ["null", "boolean", "number", "string", "list", "object"];

/// What stands at one place. The elements of a list count as one place.
#[derive(Default)]
pub(super) struct Shape<'a> {
    /// One bit for each of [`WORDS`].
    types: u8,
    fields: BTreeMap<&'a str, Self>,
    items: Option<Box<Self>>,
}

impl<'a> Shape<'a> {
    /// The shape of a value. Its depth is bounded by the parser's.
    pub(super) fn of(value: &'a Value) -> Self {
        let mut shape = Self::default();
        shape.add(value);
        shape
    }

    fn add(&mut self, value: &'a Value) {
        self.types |= 1 << index(value);
        match value {
            Value::Array(items) => {
                for item in items {
                    self.items.get_or_insert_default().add(item);
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.fields.entry(name).or_default().add(value);
                }
            }
            _ => {}
        }
    }

    fn types(&self) -> String {
        let words = WORDS.iter().enumerate().filter(|(index, _)| self.types & (1 << index) != 0);
        words.map(|(_, word)| *word).collect::<Vec<_>>().join(" or ")
    }
}

const fn index(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

/// Adds what differs, the outermost difference of each branch only.
pub(super) fn differences(now: &Shape<'_>, before: &Shape<'_>, changes: &mut Vec<Change>) {
    walk(now, before, &mut Vec::new(), changes);
}

fn walk<'a>(now: &Shape<'a>, before: &Shape<'a>, path: &mut Vec<&'a str>, changes: &mut Vec<Change>) {
    if now.types != before.types {
        tell(path, format!("is {}, was {}", now.types(), before.types()), changes);
        return;
    }
    for name in before.fields.keys().filter(|name| !now.fields.contains_key(*name)) {
        told_below(path, name, changes, || "is gone".to_owned());
    }
    for (name, shape) in &now.fields {
        match before.fields.get(name) {
            Some(before) => {
                path.push(name);
                walk(shape, before, path, changes);
                path.pop();
            }
            None => told_below(path, name, changes, || format!("is new ({})", shape.types())),
        }
    }
    // An empty list tells nothing about its elements.
    if let (Some(now), Some(before)) = (&now.items, &before.items) {
        path.push("[]");
        walk(now, before, path, changes);
        path.pop();
    }
}

fn told_below<'a>(path: &mut Vec<&'a str>, name: &'a str, changes: &mut Vec<Change>, how: impl FnOnce() -> String) {
    path.push(name);
    tell(path, how(), changes);
    path.pop();
}

fn tell(path: &[&str], how: String, changes: &mut Vec<Change>) {
    // Those that are only counted need no name.
    let name = if changes.len() < MOST { written(path) } else { String::new() };
    changes.push(Change { what: "Answer", name, how });
}

fn written(path: &[&str]) -> String {
    let mut out = String::new();
    for part in path {
        if *part != "[]" && !out.is_empty() {
            out.push('.');
        }
        out.extend(part.chars().take(LONGEST_NAME));
        if part.chars().nth(LONGEST_NAME).is_some() {
            out.push('…');
        }
    }
    out
}
