//! The event that starts the probe.

use std::fmt;

use jiff::Timestamp;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::names::TargetId;

/// Which targets to run, for which minute, and whether to publish.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeEvent {
    /// The targets.
    pub targets: Selection,
    /// The scheduled minute; none means now. EventBridge Scheduler fills it
    /// from its `<aws.scheduler.scheduled-time>` attribute.
    #[serde(default, deserialize_with = "timestamp")]
    pub scheduled_at: Option<Timestamp>,
    /// Whether metrics and run results go out.
    #[serde(default)]
    pub publish: Publish,
}

/// The targets of an event: `"all"` or a list of ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Every target of the configuration.
    All,
    /// These, in this order.
    Only(Vec<TargetId>),
}

/// Whether a run leaves a trace in AWS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Publish {
    /// Metrics and run results.
    #[default]
    All,
    /// Nothing: a run by hand.
    None,
}

/// A timestamp whose error names the key.
fn timestamp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let parse =
        |text: String| text.parse().map_err(|error| de::Error::custom(format!("scheduled_at {text:?}: {error}")));
    text.map(parse).transpose()
}

impl<'de> Deserialize<'de> for Selection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SelectionVisitor)
    }
}

struct SelectionVisitor;

impl<'de> Visitor<'de> for SelectionVisitor {
    type Value = Selection;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"all\" or a list of target ids")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Selection, E> {
        if word == "all" { Ok(Selection::All) } else { Err(E::invalid_value(de::Unexpected::Str(word), &self)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Selection, A::Error> {
        let mut ids = Vec::new();
        while let Some(id) = list.next_element::<TargetId>()? {
            if ids.contains(&id) {
                return Err(de::Error::custom(format!("target `{id}` stands there twice")));
            }
            ids.push(id);
        }
        if ids.is_empty() { Err(de::Error::invalid_length(0, &self)) } else { Ok(Selection::Only(ids)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_is_not_ours_is_told_what_is_wrong() {
        let parse = |text: &str| serde_json::from_str::<ProbeEvent>(text).map_err(|error| error.to_string());
        let event = parse(r#"{"targets":"all","scheduled_at":"2026-11-25T10:00:00Z"}"#).unwrap();
        assert_eq!((event.targets, event.publish), (Selection::All, Publish::All));
        assert_eq!(parse(r#"{"targets":["a"],"publish":"none"}"#).unwrap().publish, Publish::None);
        for (text, why) in [
            ("{}", "missing field `targets`"),
            (r#"{"targets":[]}"#, "invalid length 0"),
            (r#"{"targets":"some"}"#, "invalid value: string \"some\", expected \"all\" or a list"),
            (r#"{"targets":["a","a"]}"#, "target `a` stands there twice"),
            (r#"{"targets":["A B"]}"#, "not a target id"),
            (r#"{"targets":"all","Records":[]}"#, "unknown field `Records`"),
            (r#"{"targets":"all","scheduled_at":"yesterday"}"#, "yesterday"),
            (r#"{"targets":"all","publish":"some"}"#, "unknown variant `some`"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
