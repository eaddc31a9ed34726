//! The door: what an invocation's event is.

mod alarm;
mod sns;

use jiff::Timestamp;
use model::names::TopicArn;
use serde_json::Value;

pub use alarm::MISSING_RUNS_ALARM;
pub(crate) use sns::{Content, Message};

/// An event that is understood, at least as a whole.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// Messages of SNS topics.
    Messages(Vec<Message>),
    /// The schedule's minute.
    Tick(Timestamp),
    /// Neither; the reason.
    Unknown(&'static str),
}

impl Incoming {
    /// Reads an event; only messages of these topics are believed. Nothing is
    /// refused here: what is not understood is told with its reason.
    pub(crate) fn read(event: &Value, topics: &[TopicArn]) -> Self {
        if let Some(records) = event.get("Records").and_then(Value::as_array) {
            return Self::Messages(records.iter().map(|record| Message::read(record, topics)).collect());
        }
        let Some(scheduled_at) = event.get("scheduled_at") else {
            return Self::Unknown("it has neither Records nor scheduled_at");
        };
        match scheduled_at.as_str().map(str::parse) {
            Some(Ok(minute)) => Self::Tick(minute),
            _ => Self::Unknown("scheduled_at is not a time as 2026-11-25T10:03:00Z"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_messages_or_a_tick_or_set_aside() {
        let read = |event: Value| Incoming::read(&event, &[]);
        assert!(matches!(read(json!({"Records": []})), Incoming::Messages(messages) if messages.is_empty()));
        let tick = read(json!({"scheduled_at": "2026-11-25T10:03:00Z"}));
        assert!(matches!(tick, Incoming::Tick(at) if at.to_string() == "2026-11-25T10:03:00Z"));
        for event in [
            json!(null),
            json!([]),
            json!("text"),
            json!({}),
            json!({"Records": 1}),
            json!({"scheduled_at": 7}),
            json!({"scheduled_at": "soon"}),
            json!({"scheduled_at": "<aws.scheduler.scheduled-time>"}),
        ] {
            assert!(matches!(read(event.clone()), Incoming::Unknown(_)), "{event}");
        }
    }
}
