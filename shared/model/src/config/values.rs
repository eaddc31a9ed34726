//! The values that a configuration file writes in its own way.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::journey::Step;

/// `"3s"` for every step, or a table by step name.
#[derive(Default)]
pub(super) struct Steps(pub(super) BTreeMap<Step, Duration>);

/// A positive duration as `"25s"`, `"500ms"`, `"1m"`.
#[derive(Clone, Copy)]
pub(super) struct Span(pub(super) Duration);

/// Printable ASCII: it goes into a header.
pub(super) struct UserAgent(pub(super) String);

/// Two upper-case letters (ISO 3166-1 alpha-2).
pub(super) struct CountryCode(pub(super) String);

/// A number of minor units, or `"none"`.
pub(super) struct Threshold(pub(super) Option<i64>);

impl Default for Threshold {
    fn default() -> Self {
        Self(Some(0))
    }
}

impl Default for UserAgent {
    fn default() -> Self {
        Self(concat!("xs2a-monitor/", env!("CARGO_PKG_VERSION"), " (synthetic monitoring)").to_owned())
    }
}

impl Default for CountryCode {
    fn default() -> Self {
        Self("DE".to_owned())
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let parsed = text.parse::<SignedDuration>().ok().and_then(|span| Duration::try_from(span).ok());
        let positive = parsed.filter(|span| !span.is_zero());
        positive
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is not a duration such as 25s, 500ms or 1m")))
    }
}

impl<'de> Deserialize<'de> for Steps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Every(Span),
            Each(BTreeMap<Step, Span>),
        }
        let raw = Raw::deserialize(deserializer).map_err(|_| {
            D::Error::custom("steps is one duration for every step, or a table of step name = duration")
        })?;
        Ok(Self(match raw {
            Raw::Every(span) => Step::ALL.into_iter().map(|step| (step, span.0)).collect(),
            Raw::Each(table) => table.into_iter().map(|(step, span)| (step, span.0)).collect(),
        }))
    }
}

impl<'de> Deserialize<'de> for CountryCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let valid = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        if valid { Ok(Self(text)) } else { Err(D::Error::custom(format!("`{text}` is not a country code such as DE"))) }
    }
}

impl<'de> Deserialize<'de> for UserAgent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let valid = !text.is_empty() && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if valid { Ok(Self(text)) } else { Err(D::Error::custom("a user agent is printable ASCII, and not empty")) }
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Number(i64),
            Word(String),
        }
        match Raw::deserialize(deserializer) {
            Ok(Raw::Number(number)) => Ok(Self(Some(number))),
            Ok(Raw::Word(word)) if word == "none" => Ok(Self(None)),
            _ => Err(D::Error::custom("min_available is a number of minor units (cents), or \"none\"")),
        }
    }
}
