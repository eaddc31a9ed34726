//! A text that is never printed and is wiped when it is dropped.

use secrecy::{ExposeSecret, SecretString};

/// A token or a password. `Debug` shows nothing of it, `Display` and `Serialize`
/// do not exist.
#[derive(Clone, Debug)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a text; none when it is empty.
    #[must_use]
    pub fn new(text: String) -> Option<Self> {
        (!text.is_empty()).then(|| Self(SecretString::from(text)))
    }

    /// The text itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for Secret {
    /// Not in constant time: both sides are ours.
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print() {
        let secret = Secret::new("hunter2".to_owned()).unwrap();
        assert!(!format!("{secret:?}").contains("hunter2"));
        assert!(Secret::new(String::new()).is_none());
    }
}
