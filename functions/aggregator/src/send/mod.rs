//! One notification on its way out: to the alert topic, or directly to a tool.

mod direct;
mod links;
mod secrets;

use alerting::payload::Message;
use alerting::text::{Links, Texts, attributes};
use alerting::{Notification, Policy};
use aws::{Alert, AwsError, Clients};
use jiff::Timestamp;
use model::config::ChannelKind;
use model::names::{ChannelId, TopicArn};
use runner::Http;

pub(crate) use links::Places;
use secrets::Secrets;

/// The ways out.
pub(crate) struct Senders {
    aws: Clients,
    alert_topic: TopicArn,
    http: Http,
    secrets: Secrets,
    places: Places,
}

/// The way of a channel.
pub(crate) enum Route<'a> {
    Phone { number: &'a str, origination: &'a str },
    Message(MessageRoute<'a>),
}

/// The way of a channel that may be told twice.
pub(crate) enum MessageRoute<'a> {
    Topic,
    Tool(&'a ChannelKind),
}

/// What came of a try.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// The provider took it.
    Taken(String),
    /// It does not want this one.
    Refused(String),
    /// It cannot be spoken to, or has enough for now: the next one would fare no better.
    Unreachable(String),
}

impl<'a> Route<'a> {
    /// The way of the channel with this name; none when it is not configured.
    pub(crate) fn of(policy: &'a Policy, channel: &str) -> Option<Self> {
        if channel == ChannelId::ALERT_TOPIC {
            return Some(Self::Message(MessageRoute::Topic));
        }
        let channel = policy.channels.iter().find(|known| known.id.as_str() == channel)?;
        match &channel.kind {
            ChannelKind::Phone { number, origination } => Some(Self::Phone { number, origination }),
            // They hear from the topic, and were told through it.
            ChannelKind::Email { .. } | ChannelKind::Sms { .. } | ChannelKind::Https { .. } => None,
            tool => Some(Self::Message(MessageRoute::Tool(tool))),
        }
    }
}

impl Sent {
    /// What the provider answered, for the trail.
    pub(crate) fn into_answer(self) -> String {
        match self {
            Self::Taken(answer) | Self::Refused(answer) | Self::Unreachable(answer) => answer,
        }
    }
}

/// What a voice says, which has no use for links.
pub(crate) fn spoken(notification: &Notification) -> String {
    Texts::of(&notification.notice, &Links::default()).spoken
}

impl Senders {
    pub(crate) fn new(aws: Clients, alert_topic: TopicArn, http: Http, places: Places) -> Self {
        Self { aws, alert_topic, http, secrets: Secrets::default(), places }
    }

    /// Sends a notification; `now` is the wall clock's, from which signed links live.
    pub(crate) async fn send(&self, notification: &Notification, route: &MessageRoute<'_>, now: Timestamp) -> Sent {
        let links = self.places.of(&self.aws, &notification.notice, now).await;
        let texts = Texts::of(&notification.notice, &links);
        match route {
            MessageRoute::Topic => self.publish(notification, &texts).await,
            MessageRoute::Tool(kind) => {
                let message = Message { notice: &notification.notice, texts: &texts, links: &links };
                self.tell_tool(notification, &message, kind, now).await
            }
        }
    }

    async fn publish(&self, notification: &Notification, texts: &Texts) -> Sent {
        let message = texts.sns_message();
        let attributes = attributes(notification);
        let alert = Alert { subject: &texts.subject, message: &message, attributes: &attributes };
        match self.aws.publish_alert(self.alert_topic.as_str(), &alert).await {
            Ok(id) => Sent::Taken(format!("message {id}")),
            // SNS's codes for what is wrong with the message itself begin so.
            Err(AwsError::Call { code, reason, .. }) if code.starts_with("InvalidParameter") => {
                Sent::Refused(format!("{code}: {reason}"))
            }
            Err(error) => Sent::Unreachable(error.to_string()),
        }
    }
}
