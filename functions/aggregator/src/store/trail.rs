//! The notification trail: every try of every notification, with the
//! provider's answer.

use alerting::Notification;
use aws::{Attribute, Change, Item, Key, Write};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::keys::{self, attribute};
use super::{Store, StoreError, json};
use crate::Status;

/// How long the trail is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A try, or what became of a notification without one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub status: Status,
    /// What the provider answered, or why nothing was sent. It holds no secret.
    pub answer: String,
}

/// What is known of a notification that was taken up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trail {
    /// The notification's id.
    pub notification_id: String,
    /// Its channel.
    pub channel: String,
    /// Its event.
    pub event: String,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// What became of it so far.
    pub status: String,
    /// The tries, in their order.
    pub attempts: Vec<Attempt>,
}

impl Trail {
    /// The write that adds a try; the status stays when somebody else has set it.
    pub(super) fn note(
        notification: &Notification,
        status: Option<Status>,
        attempt: &Attempt,
    ) -> Result<Write, StoreError> {
        let key = Key { pk: keys::trail(&notification.incident_key), sk: notification.notification_id.clone() };
        let set = |name: &str, value: Attribute| Change::Set(name.to_owned(), value);
        let expires_at = notification.decided_at.saturating_add(KEPT).map_or(i64::MAX, Timestamp::as_second);
        let mut changes = vec![
            set(attribute::CHANNEL, notification.channel.as_str().into()),
            set(attribute::EVENT, notification.event.name().into()),
            set(attribute::DECIDED_AT, notification.decided_at.to_string().into()),
            set(attribute::EXPIRES_AT, expires_at.into()),
            Change::Append(attribute::ATTEMPTS.to_owned(), json(attempt)?.into()),
        ];
        changes.extend(status.map(|status| set(attribute::STATUS, status.name().into())));
        Ok(Write::Update { key, changes, when: Vec::new() })
    }

    fn read(item: &Item) -> Self {
        let text = |name: &str| item.text(name).unwrap_or_default().to_owned();
        let attempt = |attribute: &Attribute| match attribute {
            Attribute::Text(text) => serde_json::from_str(text).ok(),
            Attribute::Number(_) | Attribute::List(_) => None,
        };
        Self {
            notification_id: item.key.sk.clone(),
            channel: text(attribute::CHANNEL),
            event: text(attribute::EVENT),
            decided_at: item.text(attribute::DECIDED_AT).and_then(|at| at.parse().ok()),
            status: text(attribute::STATUS),
            attempts: item.list(attribute::ATTEMPTS).iter().filter_map(attempt).collect(),
        }
    }
}

impl Store {
    /// The trail of an incident.
    pub(crate) async fn trail(&self, incident_key: &str) -> Result<Vec<Trail>, StoreError> {
        let items = self.table.query(&keys::trail(incident_key), None).await.map_err(StoreError::Aws)?;
        Ok(items.iter().map(Trail::read).collect())
    }
}
