//! A configuration that changes while something is wrong: no change of the
//! file ends an incident, only runs do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::names::Region;
use serde::{Deserialize, Serialize};

use crate::incident::Slot;
use crate::minute::Ballots;
use crate::policy::Policy;
use crate::results::{Results, RunKind};
use crate::target::Turn;
use crate::vote::Vote;

/// What the last decision rested on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    regions: Vec<Region>,
    quorum: usize,
    counts: [u32; 4],
}

/// An incident that would have ended by a change of the configuration. It goes
/// on until every region that is left has enough good runs after the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hold {
    /// Good runs in a row since then.
    good: BTreeMap<Region, u32>,
}

impl Mark {
    fn of(policy: &Policy) -> Self {
        let rules = &policy.rules;
        Self {
            regions: policy.regions.clone(),
            quorum: policy.quorum(),
            counts: [rules.failed_runs, rules.degraded_runs, rules.recovery_runs, rules.partial_runs],
        }
    }
}

impl Hold {
    /// Counts the good runs in a row, up to a minute that is being decided.
    pub(crate) fn count(&mut self, minute: Timestamp, regions: &BTreeMap<Region, Results>) {
        for (region, results) in regions {
            let good = self.good.entry(region.clone()).or_default();
            match results.run(minute).map(crate::results::Run::kind) {
                Some(RunKind::Failed) => *good = 0,
                Some(RunKind::Passed | RunKind::Degraded) => *good = good.saturating_add(1),
                Some(RunKind::MonitorError) | None => {}
            }
        }
    }

    /// Whether every region that still reports has enough good runs.
    pub(crate) fn is_over(&self, ballots: &Ballots<'_>, enough: u32) -> bool {
        let good = |region: &Region| self.good.get(region).is_some_and(|good| *good >= enough);
        ballots.all.iter().filter(|ballot| ballot.counts()).all(|ballot| good(ballot.region))
    }
}

impl Turn<'_> {
    /// Takes in and lets go of regions, and holds what the change alone would end.
    pub(crate) fn follow_configuration(&mut self) {
        let mark = Mark::of(self.policy);
        if self.state.mark.as_ref() == Some(&mark) {
            return;
        }
        let regions = &self.policy.regions;
        self.state.regions.retain(|region, _| regions.contains(region));
        for region in regions {
            self.state.regions.entry(region.clone()).or_insert_with(|| Results::new(self.now));
        }
        let removed: Vec<Region> = self.state.incidents.silent().filter(|region| !regions.contains(region)).collect();
        for region in removed {
            self.state.incidents.end_for(&Slot::NoData(region), true, self.now);
        }
        self.hold_what_the_change_would_end();
        self.state.mark = Some(mark);
    }

    fn hold_what_the_change_would_end(&mut self) {
        let Some(decided) = self.state.decided.filter(|_| self.state.status != Vote::Passing) else { return };
        let incident = self.state.incidents.open.get(&Slot::Availability);
        let ballots = Ballots::count(self.policy, &self.state.regions, incident, decided);
        if ballots.status(self.state.status) < self.state.status && self.state.hold.is_none() {
            self.state.hold = Some(Hold { good: BTreeMap::new() });
        }
    }
}
