//! Who received what: the messages of a moment, brought together to alerts.

use ::aggregator::{NotificationAnswer, Status};
use alerting::AlertEvent;
use jiff::Timestamp;
use model::config::{Channel, ChannelKind};
use model::names::ChannelId;
use serde_json::Value;

use crate::commands::rehearse::local_aws::Message;

/// One alert as its channels received it.
pub(crate) struct Alert<'a> {
    pub(crate) event: AlertEvent,
    /// When it was sent, on the clock of the drill.
    pub(crate) at: Timestamp,
    /// Incident, event and number: the same on every channel.
    stem: String,
    /// The channels that received it, in the order of the configuration.
    pub(crate) received: Vec<(&'a Channel, Message)>,
    /// The channels that did not, with the answer.
    pub(crate) unsent: Vec<NotificationAnswer>,
}

/// An entry for the closing table.
pub(crate) struct Entry {
    pub(crate) channel: ChannelId,
    pub(crate) event: AlertEvent,
    pub(crate) at: Timestamp,
}

impl Alert<'_> {
    /// Who was told.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> {
        let taken = self.received.iter().filter(|(_, message)| message.was_taken());
        taken.map(|(channel, _)| Entry { channel: channel.id.clone(), event: self.event, at: self.at })
    }
}

/// The alerts of a moment, in the order in which they were first tried.
pub(crate) fn alerts<'a>(
    channels: &'a [Channel],
    at: Timestamp,
    notifications: &[NotificationAnswer],
    inbox: Vec<Message>,
) -> Vec<Alert<'a>> {
    let mut alerts: Vec<Alert<'_>> = Vec::new();
    // What waits is no news.
    for one in notifications.iter().filter(|one| one.status != Status::Waiting) {
        let (Some(event), stem) = (event(&one.event), stem(one)) else { continue };
        if !alerts.iter().any(|alert| alert.stem == stem) {
            alerts.push(Alert { event, at, stem: stem.to_owned(), received: Vec::new(), unsent: Vec::new() });
        }
        let alert = alerts.iter_mut().find(|alert| alert.stem == stem);
        if let Some(alert) = alert.filter(|_| one.status != Status::Sent) {
            alert.unsent.push(one.clone());
        }
    }
    for message in inbox {
        let Some(channel) = channels.iter().find(|channel| receives(channel, &message)) else { continue };
        let index = alert_of(&alerts, notifications, channel, &message);
        if let Some(alert) = index.and_then(|index| alerts.get_mut(index)) {
            alert.received.push((channel, message));
        }
    }
    let place = |channel: &Channel| channels.iter().position(|known| known.id == channel.id);
    for alert in &mut alerts {
        alert.received.sort_by_key(|(channel, message)| (place(channel), message.n));
    }
    alerts
}

/// A channel gets its alerts in order: the message belongs to the first that it
/// has not got yet, else it is a repeat of the last one.
fn alert_of(
    alerts: &[Alert<'_>],
    notifications: &[NotificationAnswer],
    channel: &Channel,
    message: &Message,
) -> Option<usize> {
    let over = if channel.kind.is_subscription() { ChannelId::ALERT_TOPIC } else { channel.id.as_str() };
    let named = attribute(message, "event").and_then(event);
    let meant = |alert: &Alert<'_>| {
        let to_channel = |one: &NotificationAnswer| one.channel == over && stem(one) == alert.stem;
        named.is_none_or(|event| event == alert.event) && notifications.iter().any(to_channel)
    };
    let got = |alert: &Alert<'_>| alert.received.iter().any(|(known, _)| known.id == channel.id);
    let first = alerts.iter().position(|alert| meant(alert) && !got(alert));
    first.or_else(|| alerts.iter().rposition(meant))
}

/// An attribute of a message from a topic.
fn attribute<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    let value = message.attributes.get(name)?;
    value.as_str().or_else(|| value.get("Value").and_then(Value::as_str))
}

fn receives(channel: &Channel, message: &Message) -> bool {
    let to = message.to.as_str();
    channel.kind.name() == message.channel_type
        && match &channel.kind {
            ChannelKind::Email { address } => to == address,
            ChannelKind::Sms { number } | ChannelKind::Phone { number, .. } => to == number,
            ChannelKind::Https { url } => to == url.as_str(),
            // Their stand-ins are told apart by a part of the path.
            _ => to.split(['/', '?']).any(|part| part == channel.id.as_str()),
        }
}

/// The event of a word.
pub(crate) fn event(word: &str) -> Option<AlertEvent> {
    serde_json::from_value(Value::from(word)).ok()
}

fn stem(one: &NotificationAnswer) -> &str {
    let id = one.notification_id.as_str();
    id.strip_suffix(one.channel.as_str()).unwrap_or(id).trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use model::config::{Config, Environment};
    use serde_json::json;

    use super::*;

    const CHANNELS: &str = "[[channel]]\nid = \"mail\"\ntype = \"email\"\naddress = \"a@b.example\"\n\
        [[channel]]\nid = \"ops\"\ntype = \"slack\"\nsecret_parameter = \"/slack\"\n";

    fn channels() -> Vec<Channel> {
        let variables = [("KOSMA_AUTH_TOKEN".to_owned(), "t".to_owned())].into();
        Config::parse(Some(CHANNELS), &Environment::parse(&variables).unwrap()).unwrap().channels
    }

    fn told(target: &str, event: &str, channel: &str, status: Status) -> NotificationAnswer {
        let (event, channel) = (event.to_owned(), channel.to_owned());
        let notification_id = format!("{target}.availability.20261125T1001Z.{event}.1.{channel}");
        NotificationAnswer { notification_id, channel, event, status, answer: "HTTP 503".to_owned() }
    }

    fn message(n: u64, channel_type: &str, to: &str, event: Option<&str>) -> Message {
        let attributes = event.map_or(json!({}), |event| json!({ "event": { "Type": "String", "Value": event } }));
        serde_json::from_value(json!({
            "n": n, "channel_type": channel_type, "to": to, "subject": null, "text": null, "body": null,
            "attributes": attributes, "answered": 200,
        }))
        .unwrap()
    }

    /// Event, channels with the messages' numbers, and how many were not sent.
    type Shape = (&'static str, Vec<(String, u64)>, usize);

    fn shape(alerts: &[Alert<'_>]) -> Vec<Shape> {
        let received = |alert: &Alert<'_>| {
            alert.received.iter().map(|(channel, message)| (channel.id.to_string(), message.n)).collect()
        };
        alerts.iter().map(|alert| (alert.event.name(), received(alert), alert.unsent.len())).collect()
    }

    #[test]
    fn messages_of_a_moment_come_together_to_alerts() {
        let channels = channels();
        let notifications = [
            told("a", "degraded_recovery", "alert-topic", Status::Sent),
            told("a", "degraded_recovery", "ops", Status::Sent),
            told("b", "failure", "alert-topic", Status::Sent),
            told("b", "failure", "ops", Status::Sent),
        ];
        let inbox = vec![
            message(1, "email", "a@b.example", Some("failure")),
            message(2, "slack", "/providers/slack/ops", None),
            message(3, "slack", "/providers/slack/ops", None),
            message(4, "slack", "/providers/slack/ops", None),
            message(5, "slack", "/providers/slack/others", None),
        ];
        let named = |list: &[(&str, u64)]| list.iter().map(|(id, n)| ((*id).to_owned(), *n)).collect::<Vec<_>>();
        let expected = [
            ("degraded_recovery", named(&[("ops", 2)]), 0),
            ("failure", named(&[("mail", 1), ("ops", 3), ("ops", 4)]), 0),
        ];
        assert_eq!(shape(&alerts(&channels, Timestamp::UNIX_EPOCH, &notifications, inbox)), expected);
    }

    #[test]
    fn what_was_not_sent_is_kept_with_its_answer() {
        let channels = channels();
        let notifications = [
            told("a", "failure", "alert-topic", Status::Sent),
            told("a", "failure", "ops", Status::Failed),
            told("b", "failure", "ops", Status::Waiting),
        ];
        assert_eq!(
            shape(&alerts(&channels, Timestamp::UNIX_EPOCH, &notifications, Vec::new())),
            [("failure", vec![], 1)]
        );
    }
}
