//! The error categories that the API itself names.

use serde::{Deserialize, Serialize};

/// An error category of the API, dotted, with one of six roots
/// (Klarna Open Banking docs, XS2A, Error handling). Sub-codes may grow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Category(String);

/// The part of a [`Category`] before its first dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CategoryRoot {
    /// What the consumer did or who they are.
    User,
    /// The bank.
    Bank,
    /// The API itself.
    Technical,
    /// The bank does not offer it.
    NotSupported,
    /// An announced outage.
    Maintenance,
    /// The consent does not cover it.
    Consent,
}

impl Category {
    /// The longest category that is believed.
    const LONGEST: usize = 80;

    /// A category, when the text is one: a known root, then upper-case words
    /// joined by dots. Anything else the API calls a `code` is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_uppercase() || c == '_' || c == '.';
        let known = text.len() <= Self::LONGEST && text.chars().all(plain);
        (known && Self::root_of(text).is_some()).then(|| Self(text.to_owned()))
    }

    /// The category's root.
    #[must_use]
    pub fn root(&self) -> CategoryRoot {
        Self::root_of(&self.0).unwrap_or(CategoryRoot::Technical)
    }

    /// Forgets what follows the root.
    pub(crate) fn keep_root(&mut self) {
        self.0.truncate(self.0.find('.').unwrap_or(self.0.len()));
    }

    /// The whole category.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn root_of(text: &str) -> Option<CategoryRoot> {
        Some(match text.split('.').next()? {
            "USER" => CategoryRoot::User,
            "BANK" => CategoryRoot::Bank,
            "TECHNICAL" => CategoryRoot::Technical,
            "NOT_SUPPORTED" => CategoryRoot::NotSupported,
            "MAINTENANCE" => CategoryRoot::Maintenance,
            "CONSENT" => CategoryRoot::Consent,
            _ => return None,
        })
    }
}
