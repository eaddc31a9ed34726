//! Regions from which nothing comes, seen over all targets.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::names::{Region, TargetId};

use crate::Disposition;
use crate::fleet::FleetState;
use crate::incident::{Slot, Stage};
use crate::policy::Policy;
use crate::results::Results;
use crate::target::TargetState;

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

/// Looks over all targets for regions from which nothing comes.
#[must_use]
pub fn silence(policy: &Policy, fleet: &FleetState, targets: &[TargetState], now: Timestamp) -> Silence {
    let mut silence = Silence::default();
    let patience = policy.patience();
    let configured = || targets.iter().filter(|state| policy.target(&state.target).is_some());
    // Of a target that is only just configured nothing is known yet, not even its regions.
    let is_blind = |state: &TargetState| {
        !state.regions.is_empty() && state.regions.values().all(|results| results.is_silent(now, patience))
    };
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

impl FleetState {
    pub(crate) fn note_alarm(&mut self, policy: &Policy, region: &Region, firing: bool, now: Timestamp) -> Disposition {
        if !policy.regions.contains(region) {
            return Disposition::UnknownRegion;
        }
        if firing {
            self.alarms.entry(region.clone()).or_insert(now);
            self.incidents.open_or_worsen(TargetId::ALL, Slot::NoData(region.clone()), (Stage::NoData, now), now);
        } else {
            // The next tick ends the incident, if the region is heard again.
            self.alarms.remove(region);
        }
        Disposition::Taken
    }

    pub(crate) fn note_silence(&mut self, policy: &Policy, silence: &Silence, now: Timestamp) {
        self.alarms.retain(|region, since| silence.heard.get(region).is_none_or(|heard| *heard <= *since));
        self.alarms.retain(|region, _| policy.regions.contains(region));
        self.deployed.retain(|region, _| policy.regions.contains(region));
        for (region, dark) in &silence.dark {
            let stage = if dark.blind { Stage::Blind } else { Stage::NoData };
            self.incidents.open_or_worsen(TargetId::ALL, Slot::NoData(region.clone()), (stage, dark.since), now);
        }
        let goes_on = |region: &Region| silence.dark.contains_key(region) || self.alarms.contains_key(region);
        let heard = |region: &Region| silence.heard.get(region).copied();
        let over = self.incidents.silent_since().filter(|(region, since)| {
            // Only news of the region ends its silence: an event that is told late shows an old clock.
            let is_back = !goes_on(region) && heard(region).is_some_and(|heard| heard > *since);
            is_back || !policy.regions.contains(region)
        });
        let over: Vec<Region> = over.map(|(region, _)| region).collect();
        for region in over {
            let removed = !policy.regions.contains(&region);
            self.incidents.end_for(&Slot::NoData(region), removed, now);
        }
    }
}
