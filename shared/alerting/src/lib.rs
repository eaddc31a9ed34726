//! The decisions: from run results to notifications, and their texts.
//!
//! ```text
//!  run result ──► results ──► vote ──► minute ──► transition ──► incident ──► telling ──► notification ──► text
//!                 window      of each  is it      table of       what is      who is      for the outbox    for each
//!                 + sum       region   decided?   the target     wrong        told what                     channel
//!
//!  tick ────────► no_data: regions from which nothing comes ──────┤              │
//!  senders ─────► ailment: channels that fail ────────────────────┘              │
//!  certificates ► certificate: thresholds by host and fingerprint ───────────────┤
//!  control ─────► mute, acknowledgement; maintenance windows ────────────────────┘
//! ```
//!
//! Pure: (policy, state, event, now) to (state, notifications). A target's state
//! is one item of the state table, so is the fleet's and each phone number's;
//! an item and its notifications are written together. A tick takes
//! [`silence`] over all targets, then decides the fleet and each target with it;
//! targets that are [no longer configured](removed_targets) are [retired](retire).

mod ailment;
mod certificate;
mod change;
mod describe;
mod fleet;
mod incident;
mod judgement;
mod minute;
mod mute;
mod no_data;
mod notice;
mod notification;
pub mod payload;
mod phone;
mod policy;
mod results;
mod retire;
mod target;
mod telling;
pub mod text;
mod transition;
mod vote;

use jiff::Timestamp;
use model::config::Channel;

pub use ailment::{Ailment, CHANNEL_FAILURES};
pub use certificate::{Certificate, Certificates};
pub use fleet::{FleetEvent, FleetState, decide_fleet};
pub use incident::{Incident, Incidents, Slot, Stage, Voter};
pub use judgement::Judgement;
pub use minute::minute_of;
pub use mute::{Control, Mute, Quiet};
pub use no_data::{Silence, silence};
pub use notice::{
    ALERT_SCHEMA_VERSION, CallFacts, CertificateFacts, ChannelFacts, LastPassed, Notice, RegionFacts, Rule, RuleKind,
    Spread,
};
pub use notification::{AlertEvent, Notification, Severity};
pub use phone::{Admission, PhoneState, Standing, admit_call, call_unknown};
pub use policy::{Monitored, Policy};
pub use results::{BadRun, Results, Run};
pub use retire::{removed_targets, retire};
pub use target::{Event, TargetState, decide};
pub use vote::{Tally, Vote};

/// What follows from an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<S> {
    /// The new state; equal to the old one when there is nothing to write.
    pub state: S,
    /// What is to be sent, to be stored together with the state.
    pub notifications: Vec<Notification>,
    /// What became of the event.
    pub disposition: Disposition,
    /// The incidents that ended with it, also those that nobody was told of: for the history.
    pub ended: Vec<Incident>,
}

/// What became of an event. Whatever is not taken is kept in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// It counts.
    Taken,
    /// It counts for the vote; its minute was decided without it.
    Late,
    /// There is a result for the target, region and minute; the first one counts.
    Duplicate,
    /// Its minute left the window.
    TooOld,
    /// Its minute has not begun.
    FromTheFuture,
    /// The target is not configured.
    UnknownTarget,
    /// The region is not configured, or the result names none.
    UnknownRegion,
    /// It has a shape that this program does not know.
    OtherSchemaVersion,
    /// There is no open incident with this key.
    UnknownIncident,
}

impl<S: Clone> Decision<S> {
    fn unchanged(state: &S, disposition: Disposition) -> Self {
        Self { state: state.clone(), notifications: Vec::new(), disposition, ended: Vec::new() }
    }
}

/// A notification of the event `test` for every channel, the phone included.
#[must_use]
pub fn test_notifications(policy: &Policy, now: Timestamp) -> Vec<Notification> {
    let mut telling = telling::Telling::new(policy, now, false);
    let everyone = |_: &Channel| true;
    telling.send(&describe::of_test(now), &telling::Audience::with_topic(&everyone), &mut 1);
    telling.notifications
}
