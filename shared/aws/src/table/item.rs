use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

/// The partition key's attribute.
pub(super) const PK: &str = "pk";
/// The sort key's attribute.
pub(super) const SK: &str = "sk";

/// What an item is found by. Neither part may be empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The partition key, at most 2,048 bytes.
    pub pk: String,
    /// The sort key, at most 1,024 bytes.
    pub sk: String,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// A string.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Values in an order.
    List(Vec<Attribute>),
}

/// A key and what belongs to it, at most 400 KB with all names. Attributes of
/// a type that [`Attribute`] does not have are left out when an item is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is found by.
    pub key: Key,
    /// What it holds beside its key.
    pub attributes: BTreeMap<String, Attribute>,
}

impl Item {
    /// An item that holds nothing yet.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self { key, attributes: BTreeMap::new() }
    }

    /// The item with an attribute more, or with another value for it.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Attribute>) -> Self {
        self.attributes.insert(name.to_owned(), value.into());
        self
    }

    /// The text of an attribute; none when it is absent or no text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.attributes.get(name)? {
            Attribute::Text(text) => Some(text),
            Attribute::Number(_) | Attribute::List(_) => None,
        }
    }

    /// The number of an attribute; none when it is absent or no number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        match self.attributes.get(name)? {
            Attribute::Number(number) => Some(*number),
            Attribute::Text(_) | Attribute::List(_) => None,
        }
    }

    /// The values of an attribute; empty when it is absent or no list.
    #[must_use]
    pub fn list(&self, name: &str) -> &[Attribute] {
        match self.attributes.get(name) {
            Some(Attribute::List(values)) => values,
            Some(Attribute::Text(_) | Attribute::Number(_)) | None => &[],
        }
    }

    pub(super) fn into_map(self) -> HashMap<String, AttributeValue> {
        let mut map = self.key.to_map();
        for (name, value) in self.attributes {
            // The key's own attributes win.
            map.entry(name).or_insert_with(|| value.into());
        }
        map
    }

    /// None: it has no keys.
    pub(super) fn from_map(mut map: HashMap<String, AttributeValue>) -> Option<Self> {
        let mut text = |name| match map.remove(name) {
            Some(AttributeValue::S(text)) => Some(text),
            _ => None,
        };
        let key = Key { pk: text(PK)?, sk: text(SK)? };
        let attributes = map.into_iter().filter_map(|(name, value)| Some((name, attribute(value)?))).collect();
        Some(Self { key, attributes })
    }
}

impl Key {
    pub(super) fn to_map(&self) -> HashMap<String, AttributeValue> {
        let text = |text: &String| AttributeValue::S(text.clone());
        HashMap::from([(PK.to_owned(), text(&self.pk)), (SK.to_owned(), text(&self.sk))])
    }
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Attribute {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Attribute {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Attribute> for AttributeValue {
    fn from(attribute: Attribute) -> Self {
        match attribute {
            Attribute::Text(text) => Self::S(text),
            Attribute::Number(number) => Self::N(number.to_string()),
            Attribute::List(values) => Self::L(values.into_iter().map(Self::from).collect()),
        }
    }
}

fn attribute(value: AttributeValue) -> Option<Attribute> {
    match value {
        AttributeValue::S(text) => Some(Attribute::Text(text)),
        AttributeValue::N(number) => number.parse().ok().map(Attribute::Number),
        AttributeValue::L(values) => Some(Attribute::List(values.into_iter().filter_map(attribute).collect())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key { pk: "TARGET#bank".to_owned(), sk: "STATE".to_owned() }
    }

    #[test]
    fn an_item_comes_back_as_it_was_written() {
        let nested = Attribute::List(vec![1.into(), Attribute::List(vec!["two".into()]), Attribute::List(vec![])]);
        let item =
            Item::new(key()).with("text", "").with("least", i64::MIN).with("most", i64::MAX).with("list", nested);
        assert_eq!(Item::from_map(item.clone().into_map()), Some(item));
    }

    #[test]
    fn an_attribute_named_like_a_key_does_not_move_the_item() {
        let item = Item::new(key()).with("sk", "OTHER");
        assert_eq!(Item::from_map(item.into_map()), Some(Item::new(key())));
    }

    #[test]
    fn what_others_wrote_is_left_out_and_an_item_needs_its_keys() {
        let mut map = Item::new(key()).with("text", "kept").into_map();
        map.insert("flag".to_owned(), AttributeValue::Bool(true));
        map.insert("half".to_owned(), AttributeValue::N("0.5".to_owned()));
        let mixed = vec![AttributeValue::Null(true), AttributeValue::N("7".to_owned())];
        map.insert("list".to_owned(), AttributeValue::L(mixed));
        let kept = Item::new(key()).with("text", "kept").with("list", Attribute::List(vec![7.into()]));
        assert_eq!(Item::from_map(map.clone()), Some(kept));
        map.insert("sk".to_owned(), AttributeValue::N("1".to_owned()));
        assert_eq!(Item::from_map(map), None);
    }

    #[test]
    fn an_attribute_is_read_as_what_it_is_only() {
        let item = Item::new(key()).with("text", "7").with("number", 7).with("list", Attribute::List(vec![7.into()]));
        let seen = |name| (item.text(name), item.number(name), item.list(name).len());
        assert_eq!(seen("text"), (Some("7"), None, 0));
        assert_eq!(seen("number"), (None, Some(7), 0));
        assert_eq!(seen("list"), (None, None, 1));
        assert_eq!(seen("absent"), (None, None, 0));
    }
}
