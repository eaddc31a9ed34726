//! Regions from which nothing comes: seen over all targets, and the fleet's
//! own incidents.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::names::Region;
use serde::{Deserialize, Serialize};

use crate::describe;
use crate::incident::{Incident, Incidents, Slot, Stage};
use crate::mute::{Control, Mute, is_quiet};
use crate::phone::Standing;
use crate::policy::Policy;
use crate::results::Results;
use crate::target::TargetState;
use crate::telling::Telling;
use crate::{Decision, Disposition};

/// The word for all targets, where an alert names its target.
pub const ALL: &str = "all";

/// What all targets together say of the regions at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Silence {
    /// Regions that are silent for every target: since when, and whether some
    /// target has no other region that looks.
    dark: BTreeMap<Region, Dark>,
    /// Regions from which nothing ever came, and nothing had to: not deployed
    /// yet, or only just.
    unborn: BTreeSet<Region>,
    /// The last run of each region, over all targets.
    heard: BTreeMap<Region, Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Dark {
    since: Timestamp,
    blind: bool,
}

impl Silence {
    /// Whether the region's silence is nothing that a single target has to tell.
    pub(crate) fn is_told_elsewhere(&self, region: &Region) -> bool {
        self.dark.contains_key(region) || self.unborn.contains(region)
    }
}

/// What is remembered of the regions as a whole: one item of the state table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetState {
    /// When a region was deployed.
    pub deployed: BTreeMap<Region, Timestamp>,
    /// Since when the alarm of a region's missing runs fires.
    pub alarms: BTreeMap<Region, Timestamp>,
    /// The incidents of whole regions.
    pub incidents: Incidents,
    /// Silence that a person asked for.
    pub mute: Option<Mute>,
}

/// Something that happened to the regions as a whole.
#[derive(Clone, Debug)]
pub enum FleetEvent {
    /// A region's stack was deployed: its runs are due from now on.
    Deployed(Region),
    /// The alarm of a region's missing runs changed.
    Alarm {
        /// The region.
        region: Region,
        /// Whether it fires.
        firing: bool,
    },
    /// A minute went by.
    Tick(Silence),
    /// A person asks for something.
    Control(Control),
}

/// Looks over all targets for regions from which nothing comes.
#[must_use]
pub fn silence(policy: &Policy, fleet: &FleetState, targets: &[TargetState], now: Timestamp) -> Silence {
    let mut silence = Silence::default();
    let patience = policy.patience();
    let configured = || targets.iter().filter(|state| policy.target(&state.target).is_some());
    let is_blind = |state: &TargetState| state.regions.values().all(|results| results.is_silent(now, patience));
    for region in &policy.regions {
        let results: Vec<&Results> = configured().filter_map(|state| state.regions.get(region)).collect();
        let heard = results.iter().filter_map(|results| results.last_run()).max();
        silence.heard.extend(heard.map(|heard| (region.clone(), heard)));
        match heard.or(fleet.deployed.get(region).copied()) {
            Some(since) if now.duration_since(since) > patience => {
                let blind = configured().any(is_blind);
                silence.dark.insert(region.clone(), Dark { since, blind });
            }
            _ if heard.is_none() => {
                silence.unborn.insert(region.clone());
            }
            _ => {}
        }
    }
    silence
}

/// Decides what follows from an event for the regions as a whole. A pure
/// function, as [`decide`](crate::decide).
#[must_use]
pub fn decide_fleet(policy: &Policy, state: &FleetState, event: &FleetEvent, now: Timestamp) -> Decision<FleetState> {
    let mut state = state.clone();
    let mut telling =
        Telling { policy, now, quiet: is_quiet(policy, None, state.mute.as_ref(), now), notifications: Vec::new() };
    let disposition = match event {
        FleetEvent::Deployed(region) => state.note_deployed(policy, region, now),
        FleetEvent::Alarm { region, firing } => state.note_alarm(policy, region, *firing, now),
        FleetEvent::Tick(silence) => state.note_silence(policy, silence, now),
        FleetEvent::Control(control) => state.take_control(control, &mut telling),
    };
    telling.quiet = is_quiet(policy, None, state.mute.as_ref(), now);
    let describe = |incident: &Incident, event| describe::of_fleet(incident, event, now);
    telling.settle(&mut state.incidents, &describe);
    Decision { state, notifications: telling.notifications, disposition }
}

impl FleetState {
    /// How the incident with this key stands, for a call that was held back.
    #[must_use]
    pub fn standing(&self, policy: &Policy, key: &str, now: Timestamp) -> Standing {
        Standing::of(&self.incidents, key, is_quiet(policy, None, self.mute.as_ref(), now))
    }

    fn note_deployed(&mut self, policy: &Policy, region: &Region, now: Timestamp) -> Disposition {
        if !policy.regions.contains(region) {
            return Disposition::UnknownRegion;
        }
        self.deployed.insert(region.clone(), now);
        Disposition::Taken
    }

    fn note_alarm(&mut self, policy: &Policy, region: &Region, firing: bool, now: Timestamp) -> Disposition {
        if !policy.regions.contains(region) {
            return Disposition::UnknownRegion;
        }
        if firing {
            self.alarms.entry(region.clone()).or_insert(now);
            self.incidents.open_or_worsen(ALL, Slot::NoData(region.clone()), (Stage::NoData, now), now);
        } else {
            // The next tick ends the incident, if the region is heard again.
            self.alarms.remove(region);
        }
        Disposition::Taken
    }

    fn note_silence(&mut self, policy: &Policy, silence: &Silence, now: Timestamp) -> Disposition {
        self.alarms.retain(|region, since| silence.heard.get(region).is_none_or(|heard| *heard <= *since));
        self.alarms.retain(|region, _| policy.regions.contains(region));
        self.deployed.retain(|region, _| policy.regions.contains(region));
        for (region, dark) in &silence.dark {
            let stage = if dark.blind { Stage::Blind } else { Stage::NoData };
            self.incidents.open_or_worsen(ALL, Slot::NoData(region.clone()), (stage, dark.since), now);
        }
        let goes_on = |region: &Region| silence.dark.contains_key(region) || self.alarms.contains_key(region);
        let over: Vec<Slot> = self.incidents.silent().filter(|region| !goes_on(region)).map(Slot::NoData).collect();
        for slot in over {
            self.incidents.end(&slot, now);
        }
        Disposition::Taken
    }

    fn take_control(&mut self, control: &Control, telling: &mut Telling<'_>) -> Disposition {
        match control {
            Control::Acknowledge { incident_key } => {
                let known = self.incidents.open.values_mut().find(|incident| incident.key == *incident_key);
                let Some(incident) = known else { return Disposition::UnknownIncident };
                let now = telling.now;
                telling.acknowledge(incident, &|incident, event| describe::of_fleet(incident, event, now));
            }
            Control::Mute(mute) => self.mute = Some(mute.clone()),
            Control::Unmute => self.mute = None,
        }
        Disposition::Taken
    }
}
