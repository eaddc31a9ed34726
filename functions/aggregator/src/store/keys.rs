//! Where the items stand. Nowhere else is a key or attribute name spelled.

use aws::Key;
use jiff::Timestamp;
use model::names::{Region, TargetId};

/// The sort key of what there is one of.
const STATE: &str = "STATE";
/// The partition of everything that waits to be sent.
pub(super) const OUTBOX: &str = "OUTBOX";

pub(super) mod attribute {
    pub(in crate::store) const STATE: &str = "state";
    pub(in crate::store) const VERSION: &str = "version";
    pub(in crate::store) const NOTIFICATION: &str = "notification";
    pub(in crate::store) const TRIES: &str = "tries";
    pub(in crate::store) const DUE_AT: &str = "due_at";
    pub(in crate::store) const LEASE_UNTIL: &str = "lease_until";
    pub(in crate::store) const CLAIM: &str = "claim";
    pub(in crate::store) const CALLING: &str = "calling";
    pub(in crate::store) const CHANNEL: &str = "channel";
    pub(in crate::store) const EVENT: &str = "event";
    pub(in crate::store) const DECIDED_AT: &str = "decided_at";
    pub(in crate::store) const STATUS: &str = "status";
    pub(in crate::store) const ATTEMPTS: &str = "attempts";
    pub(in crate::store) const FAILURES: &str = "failures";
    pub(in crate::store) const SINCE: &str = "since";
    pub(in crate::store) const ANSWER: &str = "answer";
    pub(in crate::store) const REASON: &str = "reason";
    pub(in crate::store) const TOPIC: &str = "topic";
    pub(in crate::store) const MESSAGE: &str = "message";
    pub(in crate::store) const INCIDENT: &str = "incident";
    pub(in crate::store) const RECEIVED_AT: &str = "received_at";
    /// DynamoDB deletes the item after this, in seconds since 1970.
    pub(in crate::store) const EXPIRES_AT: &str = "expires_at";
}

pub(super) fn of_target(target: &TargetId) -> Key {
    single(format!("TARGET#{target}"))
}

pub(super) fn of_fleet() -> Key {
    single("FLEET".to_owned())
}

pub(super) fn of_phone(number: &str) -> Key {
    single(format!("PHONE#{number}"))
}

pub(super) fn of_channel(channel: &str) -> Key {
    single(format!("CHANNEL#{channel}"))
}

pub(super) fn of_waiting(notification_id: &str) -> Key {
    Key { pk: OUTBOX.to_owned(), sk: notification_id.to_owned() }
}

/// The partition of an incident's trail.
pub(super) fn trail(incident_key: &str) -> String {
    format!("TRAIL#{incident_key}")
}

/// A target's runs of an hour in a region.
pub(super) fn of_hour(target: &TargetId, region: &Region, at: Timestamp) -> Key {
    Key { pk: format!("HISTORY#{target}#{region}"), sk: at.strftime("%Y-%m-%dT%H").to_string() }
}

/// The partition of the incidents that ended on a day.
pub(super) fn ended(at: Timestamp) -> String {
    format!("INCIDENTS#{}", at.strftime("%Y-%m-%d"))
}

fn single(pk: String) -> Key {
    Key { pk, sk: STATE.to_owned() }
}
