//! The targets as the page shows them: their runs and how they stand.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use alerting::{Monitored, Results, TargetState, Vote};
use aws::console_link;
use futures_util::StreamExt;
use futures_util::stream::iter;
use jiff::Timestamp;
use model::names::{Region, ReportUri, TargetId};
use report::overview::{Cell, Day, MOST_TARGETS_IN_DETAIL, Quiet, Run, State, Target, Window};
use system::log;

use crate::{Aggregator, HandlerError};

/// Targets whose runs are read at the same time: a region's day of runs is some
/// hundred kilobytes while it is read, and the function has 128 MB.
const AT_ONCE: usize = 4;
/// The most targets whose runs are read for a page. With a run a minute in
/// three regions each has 75 items with 4,500 runs, and with 128 MB a function
/// has 7 % of a processor for them (AWS Lambda Developer Guide, Configure
/// Lambda function memory: 1,769 MB are one).
const MOST_TARGETS_READ: usize = 50;
/// A target whose last run is so many intervals ago says nothing of now.
const SILENT_AFTER: i32 = 3;

impl Aggregator {
    /// All targets in their order. The runs of one are summed and let go before
    /// those of the next are read: a fleet's would not fit into the memory. Of
    /// more than [`MOST_TARGETS_READ`] those that are worst off are read.
    pub(super) async fn target_days(
        &self,
        states: &[TargetState],
        now: Timestamp,
    ) -> Result<Vec<Target>, HandlerError> {
        let known: BTreeMap<&TargetId, &TargetState> = states.iter().map(|state| (&state.target, state)).collect();
        let states: Vec<State> = self.policy.targets.iter().map(|target| self.state(&known, target, now)).collect();
        let read = worst(&states, MOST_TARGETS_READ);
        let targets = self.policy.targets.iter().zip(states).enumerate();
        let days = targets.map(|(index, (target, state))| {
            let known = known.get(&target.id).copied();
            self.target_day(target, (state, known), read.contains(&index), now)
        });
        let days: Vec<_> = iter(days).buffered(AT_ONCE).collect().await;
        days.into_iter().collect()
    }

    async fn target_day(
        &self,
        target: &Monitored,
        (state, known): (State, Option<&TargetState>),
        is_read: bool,
        now: Timestamp,
    ) -> Result<Target, HandlerError> {
        Ok(Target {
            id: target.id.clone(),
            name: target.name.clone(),
            tags: target.tags.clone(),
            state,
            decided_at: known.and_then(|state| state.decided),
            quiet: known.and_then(|state| state.quiet(&self.policy, now)).map(quiet),
            runbook: target.runbook_url.clone(),
            day: if is_read { Some(self.day(target, now).await?) } else { None },
        })
    }

    async fn day(&self, target: &Monitored, now: Timestamp) -> Result<Day, HandlerError> {
        let window = Window::until(now);
        let mut kept = self.store.runs(&target.id, &self.policy.regions, window).await?;
        let regions = self.policy.regions.iter().map(|region| {
            let runs = kept.remove(region).unwrap_or_default();
            if runs.unreadable > 0 {
                log::fault(&format!("{} runs of {} in {region} are unreadable", runs.unreadable, target.id));
            }
            let run = |(minute, cell): (Timestamp, Cell)| Run { minute, cell };
            (region.clone(), runs.cells.into_iter().map(run).collect())
        });
        let one_by_one = self.policy.targets.len() <= MOST_TARGETS_IN_DETAIL;
        let link = |region: &Region, report: &ReportUri| console_link(region, report.bucket(), report.key());
        Ok(Day::of(window, regions.collect(), one_by_one, link))
    }

    fn state(&self, known: &BTreeMap<&TargetId, &TargetState>, target: &Monitored, now: Timestamp) -> State {
        let Some(state) = known.get(&target.id) else { return State::Unread };
        let patience = self.policy.region_interval().saturating_mul(SILENT_AFTER);
        let is_fresh = |at: Option<Timestamp>| at.is_some_and(|at| now.duration_since(at) <= patience);
        let last_run = state.regions.values().filter_map(Results::last_run).max();
        // Runs that failed through our own fault cast no vote: what the target is stays as it was before them.
        let votes = state.regions.values().map(|results| results.tally(Timestamp::MAX, &self.policy.rules).last_vote);
        match state.status {
            _ if last_run.is_none() => State::NoRuns,
            _ if !is_fresh(last_run) => State::Silent,
            _ if !is_fresh(votes.max().flatten()) => State::NotMeasured,
            Vote::Passing => State::Passing,
            Vote::Degraded => State::Degraded,
            Vote::Failing => State::Failing,
        }
    }
}

/// The places of those that are worst off, of equals the first.
fn worst(states: &[State], most: usize) -> BTreeSet<usize> {
    let mut places: Vec<usize> = (0..states.len()).collect();
    places.sort_by_key(|place| Reverse(states.get(*place)));
    places.into_iter().take(most).collect()
}

fn quiet(quiet: alerting::Quiet<'_>) -> Quiet {
    match quiet {
        alerting::Quiet::Asked(mute) => Quiet::Asked { until: mute.until, reason: mute.reason.clone() },
        alerting::Quiet::Configured => Quiet::Configured,
        alerting::Quiet::Maintenance => Quiet::Maintenance,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_large_fleet_those_that_are_worst_off_are_read() {
        let states = [State::Passing, State::Degraded, State::Passing, State::Failing, State::Passing];
        assert_eq!(worst(&states, 3), BTreeSet::from([0, 1, 3]));
        assert_eq!(worst(&states, 100).len(), 5);
    }
}
