//! What an invocation answers. AWS throws it away; it is for rehearsals, and
//! for whoever invokes the function by hand.

use std::collections::BTreeMap;

use alerting::{Disposition, Incident, Policy, Stage, TargetState, Vote};
use jiff::Timestamp;
use model::journey::Outcome;
use model::names::{Region, TargetId};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What an invocation did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The `now` of the decisions: the tick's minute, or the last message's time.
    pub at: Option<Timestamp>,
    /// What became of the messages, in their order.
    pub messages: Vec<MessageAnswer>,
    /// What was sent, or not.
    pub notifications: Vec<NotificationAnswer>,
    /// The targets that the messages were about; of a tick all.
    pub targets: Vec<TargetAnswer>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageAnswer {
    /// SNS's id.
    pub message_id: Option<String>,
    /// The target that it is about.
    pub target: Option<String>,
    /// The region that it is about.
    pub region: Option<Region>,
    /// What became of it; none: it was set aside before anything was decided.
    pub disposition: Option<Disposition>,
    /// Why it was set aside.
    pub reason: Option<String>,
}

/// What became of a notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationAnswer {
    /// Its id.
    pub notification_id: String,
    /// Its channel.
    pub channel: String,
    /// Its event.
    pub event: String,
    /// What became of it for now.
    pub status: Status,
    /// What the provider answered, or the reason.
    pub answer: String,
}

/// What became of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The provider took it.
    Sent,
    /// A try failed; it is tried again.
    Failed,
    /// A call that has to wait.
    Held,
    /// It is not sent.
    Dropped,
    /// A call whose answer was never seen.
    Unknown,
    /// Its turn comes later, or somebody else is at it.
    Waiting,
}

impl Status {
    /// The word in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Dropped => "dropped",
            Self::Unknown => "unknown",
            Self::Waiting => "waiting",
        }
    }
}

/// How a target stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetAnswer {
    /// The target.
    pub target: TargetId,
    /// What it is.
    pub status: Vote,
    /// The last minute that was decided.
    pub decided_at: Option<Timestamp>,
    /// What the regions say.
    pub regions: BTreeMap<Region, RegionAnswer>,
    /// Its open incidents.
    pub incidents: Vec<IncidentAnswer>,
    /// Whether a person muted it.
    pub muted: bool,
}

/// What a region says of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionAnswer {
    /// Its vote after its last run.
    pub vote: Vote,
    /// The minute of its last run.
    pub last_run: Option<Timestamp>,
    /// How that ended; none when it is too long ago.
    pub outcome: Option<Outcome>,
}

/// An open incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentAnswer {
    /// Its key.
    pub key: String,
    /// How bad it is.
    pub stage: Stage,
    /// The first bad run.
    pub since: Timestamp,
    /// Whether somebody was told.
    pub told: bool,
    /// Whether somebody took it.
    pub acknowledged: bool,
}

impl Answer {
    /// One line of the log: what came and what was sent.
    pub(crate) fn log_line(&self) -> String {
        json!({
            "event.name": "xs2a_monitor.aggregation",
            "severity": "INFO",
            "at": self.at,
            "messages": self.messages,
            "notifications": self.notifications,
        })
        .to_string()
    }
}

impl TargetAnswer {
    pub(crate) fn of(state: &TargetState, policy: &Policy, now: Timestamp) -> Self {
        let region = |(region, results): (&Region, &alerting::Results)| {
            let last_run = results.last_run();
            let outcome = last_run.and_then(|minute| results.run(minute)).map(|run| run.outcome);
            let vote = results.tally(Timestamp::MAX, &policy.rules).vote;
            (region.clone(), RegionAnswer { vote, last_run, outcome })
        };
        Self {
            target: state.target.clone(),
            status: state.status,
            decided_at: state.decided,
            regions: state.regions.iter().map(region).collect(),
            incidents: state.incidents.open.values().map(IncidentAnswer::from).collect(),
            muted: state.mute.as_ref().is_some_and(|mute| now < mute.until),
        }
    }
}

impl From<&Incident> for IncidentAnswer {
    fn from(incident: &Incident) -> Self {
        Self {
            key: incident.key.clone(),
            stage: incident.stage,
            since: incident.since,
            told: incident.told.is_some(),
            acknowledged: incident.acknowledged_at.is_some(),
        }
    }
}
