//! Silence that somebody asked for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::policy::{Monitored, Policy};

/// A person's wish for silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

/// Something that a person asks for, of the target or the fleet whose state it
/// is given to. Silence for all is asked of the fleet and of each target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// They took the incident: no more reminders, no more calls.
    Acknowledge {
        /// The incident's key.
        incident_key: String,
    },
    /// They want no notifications for a while.
    Mute(Mute),
    /// They want notifications again.
    Unmute,
}

/// Whether notifications about a target, or about all (none), are held back.
pub(crate) fn is_quiet(policy: &Policy, target: Option<&Monitored>, mute: Option<&Mute>, now: Timestamp) -> bool {
    mute.is_some_and(|mute| now < mute.until)
        || target.is_some_and(|target| target.muted)
        || policy.in_maintenance(target.map(|target| &target.id), now)
}
