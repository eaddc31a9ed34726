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

/// Why notifications are held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet<'a> {
    /// A person asked for it.
    Asked(&'a Mute),
    /// The file mutes the target.
    Configured,
    /// A maintenance window is open.
    Maintenance,
}

/// Whether notifications about a target, or about all (none), are held back.
pub(crate) fn is_quiet(policy: &Policy, target: Option<&Monitored>, mute: Option<&Mute>, now: Timestamp) -> bool {
    quiet(policy, target, mute, now).is_some()
}

/// The same, with the reason.
pub(crate) fn quiet<'a>(
    policy: &Policy,
    target: Option<&Monitored>,
    mute: Option<&'a Mute>,
    now: Timestamp,
) -> Option<Quiet<'a>> {
    if let Some(mute) = mute.filter(|mute| now < mute.until) {
        return Some(Quiet::Asked(mute));
    }
    if target.is_some_and(|target| target.muted) {
        return Some(Quiet::Configured);
    }
    policy.in_maintenance(target.map(|target| &target.id), now).then_some(Quiet::Maintenance)
}
