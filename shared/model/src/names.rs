//! The names that a person gives: targets and regions.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A target's id: 1 to 64 of `a-z`, `0-9` and `-`. It becomes a metric
/// dimension, an SNS attribute and part of an S3 key, so it stays plain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct TargetId(String);

/// An AWS region's code, as `us-east-1`. Its form is checked, not its existence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

/// A channel's id: 1 to 32 of `a-z`, `0-9` and `-`, and not
/// [`ChannelId::ALERT_TOPIC`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelId(String);

impl ChannelId {
    /// The name of the alert topic among the channels; no channel of the
    /// configuration may have it.
    pub const ALERT_TOPIC: &'static str = "alert-topic";
}

/// Why a text is not the name it was given as.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not a target id.
    #[error("`{0}` is not a target id: 1 to 64 of a-z, 0-9 and -")]
    Target(String),
    /// Not a channel id.
    #[error("`{0}` is not a channel id: 1 to 32 of a-z, 0-9 and -, and not alert-topic")]
    Channel(String),
    /// Not a region code.
    #[error("`{0}` is not an AWS region code such as us-east-1")]
    Region(String),
}

macro_rules! name {
    ($type:ident, $error:ident, $valid:expr) => {
        impl $type {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text)) } else { Err(NameError::$error(text)) }
            }
        }

        impl std::str::FromStr for $type {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

fn plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

name!(TargetId, Target, |text| (1..=64).contains(&text.len()) && plain(text));
name!(ChannelId, Channel, |text| (1..=32).contains(&text.len()) && plain(text) && text != ChannelId::ALERT_TOPIC);
name!(Region, Region, |text| {
    let parts: Vec<&str> = text.split('-').collect();
    let number = parts.last().is_some_and(|part| part.len() == 1 && part.bytes().all(|b| b.is_ascii_digit()));
    plain(text) && (3..=5).contains(&parts.len()) && number && parts.iter().all(|part| !part.is_empty())
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for good in ["klarna-playground", "a", "0"] {
            assert!(good.parse::<TargetId>().is_ok(), "{good}");
        }
        for bad in ["", "Klarna", "a b", "a/b", &"a".repeat(65)] {
            assert!(bad.parse::<TargetId>().is_err(), "{bad}");
        }
        for good in ["us-east-1", "ap-southeast-2", "us-gov-west-1"] {
            assert!(good.parse::<Region>().is_ok(), "{good}");
        }
        for bad in ["", "us-east", "useast1", "us--1", "US-EAST-1", "us-east-1a"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }
}
