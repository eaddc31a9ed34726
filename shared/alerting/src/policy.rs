//! What the decisions rest on: the configuration, as far as it is about alerts.

use jiff::{SignedDuration, Timestamp};
use model::config::{self, Channel, Config, Maintenance, Schedule, Target};
use model::names::{Region, TargetId};
use url::Url;

/// A region, a vote and a row are worth so many intervals of the region.
const INTERVALS_ALIVE: i32 = 3;

/// The configuration of alerts.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The regions that probe, in order.
    pub regions: Vec<Region>,
    /// How often a region, or the regions in turn, run; whole minutes.
    pub interval: SignedDuration,
    /// How the regions share the work.
    pub schedule: Schedule,
    /// The counts and the quorum.
    pub rules: config::Policy,
    /// What is monitored.
    pub targets: Vec<Monitored>,
    /// Who is told.
    pub channels: Vec<Channel>,
    /// When nobody is told.
    pub maintenances: Vec<Maintenance>,
}

/// What an alert says of its target.
#[derive(Clone, Debug)]
pub struct Monitored {
    /// Its id.
    pub id: TargetId,
    /// Its name for a person.
    pub name: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whether the file mutes it.
    pub muted: bool,
    /// Where the on-call engineer reads on.
    pub runbook_url: Option<Url>,
}

impl From<&Config> for Policy {
    fn from(config: &Config) -> Self {
        Self {
            regions: config.regions.clone(),
            interval: SignedDuration::try_from(config.interval).unwrap_or(SignedDuration::from_mins(1)),
            schedule: config.schedule,
            rules: config.policy.clone(),
            targets: config.targets.iter().map(Monitored::from).collect(),
            channels: config.channels.clone(),
            maintenances: config.maintenances.clone(),
        }
    }
}

impl From<&Target> for Monitored {
    fn from(target: &Target) -> Self {
        Self {
            id: target.id.clone(),
            name: target.name.clone(),
            tags: target.tags.clone(),
            muted: target.muted,
            runbook_url: target.runbook_url.clone(),
        }
    }
}

impl Policy {
    /// How many regions must agree.
    #[must_use]
    pub fn quorum(&self) -> usize {
        self.rules.min_regions.of(self.regions.len())
    }

    /// How often one region runs.
    #[must_use]
    pub fn region_interval(&self) -> SignedDuration {
        let turns = match self.schedule {
            Schedule::Parallel => 1,
            Schedule::RoundRobin => i32::try_from(self.regions.len()).unwrap_or(i32::MAX),
        };
        self.interval.saturating_mul(turns)
    }

    /// The target with this id.
    #[must_use]
    pub fn target(&self, id: &TargetId) -> Option<&Monitored> {
        self.targets.iter().find(|target| target.id == *id)
    }

    /// How long a region counts as alive, and its vote as live, after a run.
    pub(crate) fn patience(&self) -> SignedDuration {
        self.region_interval().saturating_mul(INTERVALS_ALIVE)
    }

    /// How long results are kept one by one.
    pub(crate) fn window(&self) -> SignedDuration {
        let longest = i32::try_from(self.rules.longest_count()).unwrap_or(i32::MAX);
        self.region_interval().saturating_mul(longest).saturating_add(SignedDuration::from_mins(2))
    }

    /// Whether the region's turn is in this minute.
    #[must_use]
    pub fn is_due(&self, region: &Region, minute: Timestamp) -> bool {
        match self.schedule {
            Schedule::Parallel => true,
            Schedule::RoundRobin => {
                let turn = minute.as_second().div_euclid(self.interval.as_secs().max(1));
                let turns = i64::try_from(self.regions.len()).unwrap_or(i64::MAX).max(1);
                let place = self.regions.iter().position(|known| known == region);
                place.and_then(|place| i64::try_from(place).ok()) == Some(turn.rem_euclid(turns))
            }
        }
    }

    /// Whether a maintenance window for the target is open; none: for all targets.
    pub(crate) fn in_maintenance(&self, target: Option<&TargetId>, now: Timestamp) -> bool {
        let is_for = |window: &Maintenance| {
            window.targets.is_empty() || target.is_some_and(|target| window.targets.contains(target))
        };
        self.maintenances.iter().any(|window| is_for(window) && window.is_open(now))
    }
}
