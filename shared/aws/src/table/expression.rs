//! Conditions and changes in `DynamoDB`'s own words. Every name and value is
//! put in by a placeholder, so that none needs escaping and none is a reserved
//! word.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::{Attribute, PK};

/// What must hold for a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// There is such an item.
    Exists,
    /// There is no such item.
    Absent,
    /// The attribute is there with this value.
    Equals(String, Attribute),
    /// The attribute is not there, or it is a number below this one.
    AbsentOrBelow(String, i64),
    /// The attribute is not there; so it is, too, when the item is not.
    Missing(String),
}

/// What an update does to an attribute. One update may name an attribute once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Gives it this value.
    Set(String, Attribute),
    /// Takes it away, if it is there.
    Remove(String),
    /// Puts a value at the end of the list, which begins empty.
    Append(String, Attribute),
    /// Adds to the number, which begins at zero.
    Add(String, i64),
}

/// The expressions of one write, with what their placeholders stand for.
#[derive(Debug, Default)]
pub(super) struct Expression {
    /// None: it always holds.
    pub(super) condition: Option<String>,
    /// None: nothing changes.
    pub(super) update: Option<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Expression {
    pub(super) fn new(changes: &[Change], when: &[Condition]) -> Self {
        let mut expression = Self::default();
        let conditions: Vec<String> = when.iter().map(|condition| expression.condition(condition)).collect();
        expression.condition = (!conditions.is_empty()).then(|| conditions.join(" AND "));
        expression.update = expression.update(changes);
        expression
    }

    /// None where there are none: `DynamoDB` refuses an empty map.
    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    /// None where there are none: `DynamoDB` refuses an empty map.
    pub(super) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }

    fn condition(&mut self, condition: &Condition) -> String {
        match condition {
            Condition::Exists => format!("attribute_exists({})", self.name(PK)),
            Condition::Absent => format!("attribute_not_exists({})", self.name(PK)),
            Condition::Missing(name) => format!("attribute_not_exists({})", self.name(name)),
            Condition::Equals(name, value) => format!("{} = {}", self.name(name), self.value(value.clone())),
            Condition::AbsentOrBelow(name, number) => {
                let (name, number) = (self.name(name), self.value(Attribute::Number(*number)));
                format!("(attribute_not_exists({name}) OR {name} < {number})")
            }
        }
    }

    /// One clause of each kind: `DynamoDB` takes no second one.
    fn update(&mut self, changes: &[Change]) -> Option<String> {
        let mut clauses = [("SET ", Vec::new()), ("REMOVE ", Vec::new()), ("ADD ", Vec::new())];
        let [(_, set), (_, remove), (_, add)] = &mut clauses;
        for change in changes {
            match change {
                Change::Set(name, value) => set.push(format!("{} = {}", self.name(name), self.value(value.clone()))),
                Change::Append(name, value) => set.push(self.append(name, value)),
                Change::Remove(name) => remove.push(self.name(name)),
                Change::Add(name, number) => {
                    add.push(format!("{} {}", self.name(name), self.value(Attribute::Number(*number))));
                }
            }
        }
        let told: Vec<String> = clauses
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .map(|(word, parts)| word.to_owned() + &parts.join(", "))
            .collect();
        (!told.is_empty()).then(|| told.join(" "))
    }

    fn append(&mut self, name: &str, value: &Attribute) -> String {
        let name = self.name(name);
        let (empty, more) = (self.value(Attribute::List(Vec::new())), self.value(Attribute::List(vec![value.clone()])));
        format!("{name} = list_append(if_not_exists({name}, {empty}), {more})")
    }

    fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#n{}", self.names.len());
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    fn value(&mut self, value: Attribute) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value.into());
        placeholder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with every placeholder replaced by what it stands for.
    fn told(text: Option<String>, expression: &Expression) -> String {
        let mut text = text.unwrap_or_default();
        for (placeholder, name) in &expression.names {
            text = text.replace(placeholder, name);
        }
        for (placeholder, value) in &expression.values {
            let value = match value {
                AttributeValue::S(text) => format!("'{text}'"),
                AttributeValue::N(number) => number.clone(),
                AttributeValue::L(values) => format!("[{}]", values.len()),
                other => panic!("{other:?}"),
            };
            text = text.replace(placeholder, &value);
        }
        text
    }

    fn name(name: &str) -> String {
        name.to_owned()
    }

    #[test]
    fn conditions_all_have_to_hold() {
        for (when, expected) in [
            (vec![], ""),
            (vec![Condition::Exists], "attribute_exists(pk)"),
            (vec![Condition::Absent], "attribute_not_exists(pk)"),
            (vec![Condition::Missing(name("calling"))], "attribute_not_exists(calling)"),
            (vec![Condition::Equals(name("claim"), "me".into())], "claim = 'me'"),
            (
                vec![Condition::Exists, Condition::AbsentOrBelow(name("lease"), 9)],
                "attribute_exists(pk) AND (attribute_not_exists(lease) OR lease < 9)",
            ),
        ] {
            let expression = Expression::new(&[], &when);
            assert_eq!(told(expression.condition.clone(), &expression), expected);
            assert_eq!(expression.update, None);
        }
    }

    #[test]
    fn changes_of_a_kind_share_a_clause() {
        let (set, remove) = (Change::Set(name("a"), "x".into()), Change::Remove(name("b")));
        let (append, add) = (Change::Append(name("c"), "y".into()), Change::Add(name("d"), -1));
        for (changes, expected) in [
            (vec![], ""),
            (vec![set.clone()], "SET a = 'x'"),
            (vec![remove.clone(), remove.clone()], "REMOVE b, b"),
            (vec![add.clone()], "ADD d -1"),
            (vec![append.clone()], "SET c = list_append(if_not_exists(c, [0]), [1])"),
            (
                vec![add, remove, append, set],
                "SET c = list_append(if_not_exists(c, [0]), [1]), a = 'x' REMOVE b ADD d -1",
            ),
        ] {
            let expression = Expression::new(&changes, &[]);
            assert_eq!(told(expression.update.clone(), &expression), expected);
            assert_eq!(expression.condition, None);
        }
    }

    #[test]
    fn condition_and_update_do_not_share_placeholders() {
        let changes = [Change::Set(name("version"), 2.into())];
        let expression = Expression::new(&changes, &[Condition::Equals(name("version"), 1.into())]);
        assert_eq!(told(expression.condition.clone(), &expression), "version = 1");
        assert_eq!(told(expression.update.clone(), &expression), "SET version = 2");
    }

    #[test]
    fn where_nothing_is_asked_there_are_no_placeholders() {
        let expression = Expression::new(&[], &[]);
        assert_eq!((expression.names(), expression.values()), (None, None));
        let expression = Expression::new(&[], &[Condition::Exists]);
        assert_eq!((expression.names().is_some(), expression.values()), (true, None));
    }
}
