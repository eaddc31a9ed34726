//! A notice in words, once for each kind of reader.

mod beside;
mod body;
mod short;
mod spoken;
mod words;

use serde_json::{Value, json};
use url::Url;

use crate::notice::Notice;
use crate::notification::Notification;

pub(crate) use words::fitted;

/// The longest SMS, in characters; all are in the GSM alphabet, so that it is
/// one message.
pub const LONGEST_SMS: usize = 140;
/// The longest subject, in characters (Amazon SNS API reference, Publish).
pub const LONGEST_SUBJECT: usize = 99;

/// Where a reader finds more. Each is there only when its target exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// The report of a run that failed.
    pub report: Option<Url>,
    /// For how many hours the link to it opens it without a login, at most;
    /// none: it asks for one.
    pub report_hours: Option<u8>,
    /// The target's dashboard.
    pub dashboard: Option<Url>,
    /// The query for the log lines of the runs.
    pub logs: Option<Url>,
}

/// The texts of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// One line of ASCII, at most [`LONGEST_SUBJECT`] characters.
    pub subject: String,
    /// For subscribers without a text of their own.
    pub default: String,
    /// The whole story.
    pub email: String,
    /// At most [`LONGEST_SMS`] characters, without a link.
    pub sms: String,
    /// The notice, the links and the texts as JSON; also the body for webhooks.
    pub https: String,
    /// What a voice says on the phone, without digits and signs that it would stumble over.
    pub spoken: String,
}

impl Texts {
    /// The texts of a notice.
    #[must_use]
    pub fn of(notice: &Notice, links: &Links) -> Self {
        let email = body::body(notice, links);
        let summary = short::summary(notice);
        Self {
            subject: short::subject(notice),
            default: email.clone(),
            sms: short::sms(notice),
            https: https(notice, links, &summary),
            spoken: spoken::spoken(notice),
            email,
        }
    }

    /// The message for SNS with `MessageStructure=json`.
    #[must_use]
    pub fn sns_message(&self) -> String {
        json!({ "default": self.default, "email": self.email, "sms": self.sms, "https": self.https }).to_string()
    }
}

/// The attributes of an alert, which subscriptions filter on: `event`,
/// `severity`, `target` and `notification_id`, by which a repeat is known, as
/// text; `tags` and `channels` as JSON arrays (`String.Array`). SNS takes no empty array as a value to filter on, so an
/// empty one is left out.
#[must_use]
pub fn attributes(notification: &Notification) -> Vec<(&'static str, Value)> {
    let notice = &notification.notice;
    let subscribers: Vec<&str> = notification.subscribers.iter().map(model::names::ChannelId::as_str).collect();
    let all = [
        ("event", Value::from(notice.event.name())),
        ("severity", Value::from(notice.severity.name())),
        ("target", Value::from(notice.target.as_str())),
        ("tags", Value::from(notice.tags.clone())),
        ("channels", Value::from(subscribers)),
        ("notification_id", Value::from(notification.notification_id.as_str())),
    ];
    all.into_iter().filter(|(_, value)| value.as_array().is_none_or(|items| !items.is_empty())).collect()
}

/// The filter policy of a channel's subscription to the alert topic: it gets
/// what is meant for it.
#[must_use]
pub fn filter_policy(channel: &model::names::ChannelId) -> Value {
    json!({ "channels": [channel.as_str()] })
}

fn https(notice: &Notice, links: &Links, summary: &str) -> String {
    let mut value = serde_json::to_value(notice).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        let links = [("report", &links.report), ("dashboard", &links.dashboard), ("logs", &links.logs)];
        let known = links.into_iter().filter_map(|(name, url)| Some((name.to_owned(), url.as_ref()?.as_str().into())));
        fields.insert("links".to_owned(), Value::Object(known.collect()));
        fields.insert("summary".to_owned(), summary.into());
    }
    value.to_string()
}
