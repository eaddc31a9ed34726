//! Incidents: what is wrong, since when, and what was told of it to whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use model::config;
use model::names::Region;
use serde::{Deserialize, Serialize};

use crate::ailment::Ailment;
use crate::results::{BadRun, Results};
use crate::vote::Vote;

/// What an incident is about. A target, or the whole fleet, has at most one
/// open incident in each slot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Slot {
    /// The target is degraded or failing.
    Availability,
    /// The monitor itself needs attention.
    MonitorError,
    /// Nothing comes from a region.
    NoData(Region),
    /// A channel, or the alert topic, does not take what is sent to it.
    Channel(String),
}

/// How bad it is. Within a slot a later stage is a worse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The target is degraded.
    Degraded,
    /// The target fails.
    Failing,
    /// The monitor itself needs attention.
    MonitorError,
    /// Nothing comes from one region, others still look.
    NoData,
    /// Nothing comes from any region: nobody looks.
    Blind,
}

/// A region's part in an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voter {
    /// Its vote in the last decided minute.
    pub vote: Vote,
    /// Its first bad run of the incident.
    pub since: Timestamp,
    /// Its last bad run of the incident.
    pub last: Option<BadRun>,
}

/// Something wrong, from its first run to its last notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Stable from the first notification to the last.
    pub key: String,
    /// What it is about.
    pub slot: Slot,
    /// How bad it is.
    pub stage: Stage,
    /// The first bad run.
    pub since: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When somebody took it.
    pub acknowledged_at: Option<Timestamp>,
    /// The regions that took part, also those that are well again.
    pub voters: BTreeMap<Region, Voter>,
    /// How many runs failed from `since` to the last decided minute.
    pub failed_runs: u64,
    /// The last thing that was told.
    pub told: Option<Stage>,
    /// The channels that were told and not yet told the end.
    pub told_to: BTreeSet<String>,
    /// When the failure, or the last reminder of it, was told.
    pub last_told_at: Option<Timestamp>,
    /// How many reminders were told.
    pub reminders: u32,
    /// The key of the degraded incident that this failing one turned into.
    pub followed_by: Option<String>,
    /// Of a channel's incident: what is wrong with it.
    pub ailment: Option<Ailment>,
    /// Whether it ended only because what it is about was taken out of the configuration.
    pub removed: bool,
    /// The number of the next notification.
    pub(crate) next_ordinal: u32,
    /// By region, all failed runs before the incident.
    failed_before: BTreeMap<Region, u64>,
}

/// The incidents of a target, or of the whole fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incidents {
    /// Those that go on.
    pub open: BTreeMap<Slot, Incident>,
    /// Those whose end somebody has still to be told.
    pub ended: Vec<Incident>,
}

impl Incident {
    pub(crate) fn new(subject: &str, slot: &Slot, stage: Stage, since: Timestamp, at: Timestamp) -> Self {
        Self {
            key: format!("{subject}.{slot}.{}", at.strftime("%Y%m%dT%H%MZ")),
            slot: slot.clone(),
            stage,
            since,
            ended_at: None,
            acknowledged_at: None,
            voters: BTreeMap::new(),
            failed_runs: 0,
            told: None,
            told_to: BTreeSet::new(),
            last_told_at: None,
            reminders: 0,
            followed_by: None,
            ailment: None,
            removed: false,
            next_ordinal: 1,
            failed_before: BTreeMap::new(),
        }
    }

    /// What it is about: a target's id, or [`TargetId::ALL`](model::names::TargetId::ALL).
    /// Neither holds a full stop, which ends it in the key.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.key.split('.').next().unwrap_or_default()
    }

    /// Whether a failing vote of the region belongs to the incident.
    pub(crate) fn pins(&self, region: &Region) -> bool {
        self.voters.get(region).is_some_and(|voter| voter.vote == Vote::Failing)
    }

    /// A degraded incident that gets worse is news, also to whoever took it.
    pub(crate) fn worsen(&mut self, stage: Stage, since: Timestamp) {
        if stage > self.stage {
            self.stage = stage;
            self.since = since;
            self.acknowledged_at = None;
            self.failed_before.clear();
        }
    }

    /// Notes a region's vote; a region that never voted against is no part of it.
    pub(crate) fn note(&mut self, region: &Region, vote: Vote, since: Option<Timestamp>, last: Option<&BadRun>) {
        match self.voters.get_mut(region) {
            None if vote == Vote::Passing => {}
            None => {
                let since = since.unwrap_or(self.since);
                self.voters.insert(region.clone(), Voter { vote, since, last: last.cloned() });
            }
            Some(voter) => {
                voter.vote = vote;
                // Of a failure that turns into less, the failure is what is remembered.
                let news = vote == Vote::Failing || self.stage == Stage::Degraded && vote == Vote::Degraded;
                if news && last.is_some() {
                    voter.last = last.cloned();
                }
            }
        }
    }

    /// Notes a region that took part before it was looked at.
    pub(crate) fn note_late(&mut self, region: &Region, vote: Vote, since: Timestamp, last: &BadRun) {
        let late = || Voter { vote, since, last: Some(last.clone()) };
        self.voters.entry(region.clone()).or_insert_with(late);
    }

    /// Counts the failed runs up to a minute.
    pub(crate) fn count_failed(
        &mut self,
        regions: &BTreeMap<Region, Results>,
        through: Timestamp,
        rules: &config::Policy,
    ) {
        let since = self.since;
        self.failed_runs = 0;
        for (region, results) in regions {
            let before = self
                .failed_before
                .entry(region.clone())
                .or_insert_with(|| results.tally(crate::minute::earlier(since, MOMENT), rules).failed_total);
            let total = results.tally(through, rules).failed_total;
            self.failed_runs = self.failed_runs.saturating_add(total.saturating_sub(*before));
        }
    }
}

/// Less than a minute: what lies before a minute ends so long before it.
const MOMENT: jiff::SignedDuration = jiff::SignedDuration::from_millis(1);

impl Incidents {
    /// The open incident with this key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Option<&Incident> {
        self.open.values().find(|incident| incident.key == key)
    }

    /// The regions with an open incident of silence.
    pub(crate) fn silent(&self) -> impl Iterator<Item = Region> {
        self.silent_since().map(|(region, _)| region)
    }

    /// The same with the last that was heard of each.
    pub(crate) fn silent_since(&self) -> impl Iterator<Item = (Region, Timestamp)> {
        self.open.iter().filter_map(|(slot, incident)| match slot {
            Slot::NoData(region) => Some((region.clone(), incident.since)),
            Slot::Availability | Slot::MonitorError | Slot::Channel(_) => None,
        })
    }

    /// The channels with an open incident.
    pub(crate) fn ailing(&self) -> impl Iterator<Item = String> {
        self.open.keys().filter_map(|slot| slot.channel().map(str::to_owned))
    }

    /// Opens an incident in a slot, or makes the open one worse.
    pub(crate) fn open_or_worsen(&mut self, subject: &str, slot: Slot, bad: (Stage, Timestamp), at: Timestamp) {
        let (stage, since) = bad;
        let new = Incident::new(subject, &slot, stage, since, at);
        let incident = self.open.entry(slot).or_insert(new);
        incident.worsen(stage, incident.since.min(since));
    }

    /// Ends the incident of a slot. Nobody is told the end of what nobody was told.
    pub(crate) fn end(&mut self, slot: &Slot, at: Timestamp) {
        self.end_for(slot, false, at);
    }

    /// Ends the incident of a slot; `removed`: because what it is about was
    /// taken out of the configuration.
    pub(crate) fn end_for(&mut self, slot: &Slot, removed: bool, at: Timestamp) {
        if let Some(mut incident) = self.open.remove(slot) {
            incident.ended_at = Some(at);
            incident.removed = removed;
            self.ended.push(incident);
        }
    }
}

impl Slot {
    /// The channel that it is about.
    pub(crate) fn channel(&self) -> Option<&str> {
        match self {
            Self::Channel(channel) => Some(channel),
            Self::Availability | Self::MonitorError | Self::NoData(_) => None,
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Availability => f.write_str("availability"),
            Self::MonitorError => f.write_str("monitor_error"),
            Self::NoData(region) => write!(f, "no_data.{region}"),
            Self::Channel(channel) => write!(f, "channel.{channel}"),
        }
    }
}

impl From<Slot> for String {
    fn from(slot: Slot) -> Self {
        slot.to_string()
    }
}

impl TryFrom<String> for Slot {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "availability" => Ok(Self::Availability),
            "monitor_error" => Ok(Self::MonitorError),
            other => {
                let region = other.strip_prefix("no_data.").and_then(|region| region.parse().ok());
                let channel = || other.strip_prefix("channel.").map(|channel| Self::Channel(channel.to_owned()));
                let slot = region.map(Self::NoData).or_else(channel);
                slot.ok_or_else(|| format!("`{other}` is not the slot of an incident"))
            }
        }
    }
}
