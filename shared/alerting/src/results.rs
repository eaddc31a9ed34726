//! The results of a target in one region: those of the window one by one, the
//! older ones as their sum.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use model::config;
use model::error::{RunError, ToldAs};
use model::journey::Outcome;
use model::names::ReportUri;
use model::run_result::RunResult;
use serde::{Deserialize, Serialize};

use crate::vote::Tally;

/// What is kept of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The run's own id.
    pub run_id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How it is told; none when it passed.
    pub told_as: Option<ToldAs>,
    /// What decided the outcome.
    pub error: Option<RunError>,
    /// The page of its report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportUri>,
}

/// A run that did not pass: enough to find its report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadRun {
    /// Its minute.
    pub scheduled_at: Timestamp,
    /// Its own id.
    pub run_id: String,
    /// What decided its outcome.
    pub error: Option<RunError>,
    /// The page of its report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportUri>,
}

/// What a run counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunKind {
    Passed,
    Degraded,
    Failed,
    MonitorError,
}

/// A region's results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Results {
    /// When the region was first known for the target.
    pub known_since: Timestamp,
    /// The sum of the results that left the window.
    before: Tally,
    /// The results of the window, by scheduled minute.
    runs: BTreeMap<Timestamp, Run>,
}

impl From<&RunResult> for Run {
    fn from(result: &RunResult) -> Self {
        Self {
            run_id: result.run_id.clone(),
            outcome: result.outcome,
            told_as: result.told_as,
            error: result.error.clone(),
            report: result.report.clone(),
        }
    }
}

impl Run {
    pub(crate) fn as_bad(&self, scheduled_at: Timestamp) -> BadRun {
        BadRun { scheduled_at, run_id: self.run_id.clone(), error: self.error.clone(), report: self.report.clone() }
    }

    pub(crate) fn kind(&self) -> RunKind {
        match (self.told_as, self.outcome) {
            (Some(ToldAs::MonitorError), _) => RunKind::MonitorError,
            (_, Outcome::Passed) => RunKind::Passed,
            (_, Outcome::Degraded) => RunKind::Degraded,
            (_, Outcome::Failed) => RunKind::Failed,
        }
    }
}

impl Results {
    pub(crate) fn new(known_since: Timestamp) -> Self {
        Self { known_since, before: Tally::default(), runs: BTreeMap::new() }
    }

    /// The run of a minute.
    #[must_use]
    pub fn run(&self, minute: Timestamp) -> Option<&Run> {
        self.runs.get(&minute)
    }

    /// The minute of the last run.
    #[must_use]
    pub fn last_run(&self) -> Option<Timestamp> {
        self.runs.keys().next_back().copied().or(self.before.last_run)
    }

    /// The sum of all results up to a minute, itself included.
    #[must_use]
    pub fn tally(&self, through: Timestamp, rules: &config::Policy) -> Tally {
        let mut tally = self.before.clone();
        for (minute, run) in self.runs.range(..=through) {
            tally.add(*minute, run, rules);
        }
        tally
    }

    /// Whether the minute has left the window.
    pub(crate) fn has_left(&self, minute: Timestamp) -> bool {
        self.before.last_run.is_some_and(|last| minute <= last)
    }

    pub(crate) fn insert(&mut self, minute: Timestamp, run: Run) {
        self.runs.insert(minute, run);
    }

    /// The first minute after another one that has a run.
    pub(crate) fn next_after(&self, minute: Option<Timestamp>) -> Option<Timestamp> {
        self.runs.keys().find(|next| minute.is_none_or(|minute| **next > minute)).copied()
    }

    /// Whether the region had a run, or was new, at most so long before a minute.
    pub(crate) fn is_alive(&self, minute: Timestamp, patience: SignedDuration) -> bool {
        let earlier = self.runs.range(..minute).next_back().map(|(minute, _)| *minute).or(self.before.last_run);
        minute.duration_since(earlier.unwrap_or(self.known_since)) <= patience
    }

    /// Whether nothing came for longer than this.
    pub(crate) fn is_silent(&self, now: Timestamp, patience: SignedDuration) -> bool {
        now.duration_since(self.last_run().unwrap_or(self.known_since)) > patience
    }

    /// Adds the results before a minute to the sum.
    pub(crate) fn fold_before(&mut self, minute: Timestamp, rules: &config::Policy) {
        let kept = self.runs.split_off(&minute);
        for (minute, run) in std::mem::replace(&mut self.runs, kept) {
            self.before.add(minute, &run, rules);
        }
    }
}
