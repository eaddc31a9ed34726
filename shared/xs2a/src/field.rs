//! A place in a JSON answer that knows its path, so that what is missing or
//! wrong is told by path alone, never by value.

use model::error::{ErrorType, Failure};
use serde_json::Value;

/// A place in an answer; what is there may be missing.
#[derive(Clone, Debug)]
pub(crate) struct Field<'a> {
    value: Option<&'a Value>,
    path: String,
}

impl<'a> Field<'a> {
    pub(crate) fn root(value: &'a Value) -> Self {
        Self { value: Some(value), path: String::new() }
    }

    /// The member of an object.
    pub(crate) fn get(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { value: self.value.and_then(|value| value.get(name)), path }
    }

    /// None when the field is missing or null.
    pub(crate) fn present(&self) -> Option<Self> {
        self.value.is_some_and(|value| !value.is_null()).then(|| self.clone())
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The value as it is; null when it is missing.
    pub(crate) fn value(&self) -> &'a Value {
        self.value.unwrap_or(&Value::Null)
    }

    /// A text that is not empty.
    pub(crate) fn text(&self) -> Result<&'a str, Failure> {
        let text = self.required()?.as_str().ok_or_else(|| self.wrong("a string"))?;
        if text.is_empty() { Err(self.failure("is empty")) } else { Ok(text) }
    }

    /// A whole number.
    pub(crate) fn integer(&self) -> Result<i64, Failure> {
        self.required()?.as_i64().ok_or_else(|| self.wrong("a whole number"))
    }

    /// An object.
    pub(crate) fn object(&self) -> Result<Self, Failure> {
        if self.required()?.is_object() { Ok(self.clone()) } else { Err(self.wrong("an object")) }
    }

    /// A failure about this place.
    pub(crate) fn failure(&self, what: &str) -> Failure {
        Failure::new(ErrorType::Contract, format!("the answer's field {} {what}", self.path))
    }

    fn required(&self) -> Result<&'a Value, Failure> {
        self.value.filter(|value| !value.is_null()).ok_or_else(|| self.failure("is missing"))
    }

    fn wrong(&self, expected: &str) -> Failure {
        self.failure(&format!("is not {expected}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_is_told_by_path_and_never_by_value() {
        let answer = json!({"data": {"a": "canary", "n": 1.5, "e": "", "z": null}});
        let data = Field::root(&answer).get("data");
        assert_eq!(data.get("a").text().unwrap(), "canary");
        let cases = [
            (data.get("b").get("c").text().unwrap_err(), "the answer's field data.b.c is missing"),
            (data.get("z").text().unwrap_err(), "the answer's field data.z is missing"),
            (data.get("n").text().unwrap_err(), "the answer's field data.n is not a string"),
            (data.get("e").text().unwrap_err(), "the answer's field data.e is empty"),
            (data.get("n").integer().unwrap_err(), "the answer's field data.n is not a whole number"),
            (data.get("a").object().unwrap_err(), "the answer's field data.a is not an object"),
        ];
        for (failure, message) in cases {
            assert_eq!((failure.error_type, failure.message.as_str()), (ErrorType::Contract, message));
        }
        assert!(data.get("z").present().is_none());
    }
}
