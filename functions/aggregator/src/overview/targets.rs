//! The targets as the page shows them: their runs and how they stand.

use std::collections::BTreeMap;

use alerting::{Monitored, TargetState, Vote};
use aws::console_link;
use futures_util::StreamExt;
use futures_util::stream::iter;
use jiff::Timestamp;
use model::names::{Region, TargetId};
use report::overview::{Cell, Day, MOST_TARGETS_IN_DETAIL, Quiet, Run, State, Target, Window};
use system::log;

use crate::{Aggregator, HandlerError};

/// Targets whose runs are read at the same time.
const AT_ONCE: usize = 8;
/// A target whose last run is so many intervals ago says nothing of now.
const SILENT_AFTER: i32 = 3;

impl Aggregator {
    /// All targets in their order. The runs of one are let go before those of
    /// the next are read: a fleet's would not fit into the memory.
    pub(super) async fn target_days(
        &self,
        states: &[TargetState],
        now: Timestamp,
    ) -> Result<Vec<Target>, HandlerError> {
        let states: BTreeMap<&TargetId, &TargetState> = states.iter().map(|state| (&state.target, state)).collect();
        let targets = self.policy.targets.iter();
        let days = targets.map(|target| self.target_day(target, states.get(&target.id).copied(), now));
        let days: Vec<_> = iter(days).buffered(AT_ONCE).collect().await;
        days.into_iter().collect()
    }

    async fn target_day(
        &self,
        target: &Monitored,
        state: Option<&TargetState>,
        now: Timestamp,
    ) -> Result<Target, HandlerError> {
        Ok(Target {
            id: target.id.clone(),
            name: target.name.clone(),
            tags: target.tags.clone(),
            state: state.map_or(State::Silent, |state| self.target_state(state, now)),
            decided_at: state.and_then(|state| state.decided),
            quiet: state.and_then(|state| state.quiet(&self.policy, now)).map(quiet),
            runbook: target.runbook_url.clone(),
            day: self.day(target, now).await?,
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
            let run = |(minute, cell): (Timestamp, Cell)| Run { minute, link: link(region, &cell), cell };
            (region.clone(), runs.cells.into_iter().map(run).collect())
        });
        let one_by_one = self.policy.targets.len() <= MOST_TARGETS_IN_DETAIL;
        Ok(Day::of(window, regions.collect(), one_by_one))
    }

    fn target_state(&self, state: &TargetState, now: Timestamp) -> State {
        let last = state.regions.values().filter_map(alerting::Results::last_run).max();
        let patience = self.policy.region_interval().saturating_mul(SILENT_AFTER);
        match (last, state.status) {
            (None, _) => State::NoRuns,
            (Some(last), _) if now.duration_since(last) > patience => State::Silent,
            (Some(_), Vote::Passing) => State::Passing,
            (Some(_), Vote::Degraded) => State::Degraded,
            (Some(_), Vote::Failing) => State::Failing,
        }
    }
}

fn quiet(quiet: alerting::Quiet<'_>) -> Quiet {
    match quiet {
        alerting::Quiet::Asked(mute) => Quiet::Asked { until: mute.until, reason: mute.reason.clone() },
        alerting::Quiet::Configured => Quiet::Configured,
        alerting::Quiet::Maintenance => Quiet::Maintenance,
    }
}

fn link(region: &Region, cell: &Cell) -> Option<url::Url> {
    let report = cell.report.as_ref()?;
    console_link(region, report.bucket(), report.key())
}
