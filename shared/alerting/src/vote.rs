//! What a region's runs come to: its rows and its vote.

use jiff::Timestamp;
use model::config;
use serde::{Deserialize, Serialize};

use crate::results::{BadRun, Run, RunKind};

/// What a region says of the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vote {
    /// It works.
    #[default]
    Passing,
    /// It works, with a fault.
    Degraded,
    /// It does not work.
    Failing,
}

/// The sum of a region's runs, in the order of their minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The region's vote.
    pub vote: Vote,
    /// Whether it failed often enough to count alone.
    pub partial: bool,
    /// Whether its runs are told as `monitor_error`.
    pub monitor_error: bool,
    /// Failed runs in a row, up to the last one.
    pub failed_row: u32,
    /// All failed runs ever.
    pub failed_total: u64,
    /// The first failed run of the row that made it vote failing.
    pub failing_since: Option<Timestamp>,
    /// The first bad run since it last voted passing.
    pub bad_since: Option<Timestamp>,
    /// The first run told as `monitor_error` of the last row.
    pub monitor_error_since: Option<Timestamp>,
    /// The minute of the last run.
    pub last_run: Option<Timestamp>,
    /// The minute of the last run that counts for the vote.
    pub last_vote: Option<Timestamp>,
    /// The minute of the last run that passed.
    pub last_passed: Option<Timestamp>,
    /// The last run that failed.
    pub last_failure: Option<BadRun>,
    /// The last run that was degraded.
    pub last_degradation: Option<BadRun>,
    /// The last run told as `monitor_error`.
    pub last_monitor_error: Option<BadRun>,
    bad_row: u32,
    unfailed_row: u32,
    passed_row: u32,
    monitor_error_row: u32,
    clean_row: u32,
}

impl Tally {
    /// Adds the next run.
    pub(crate) fn add(&mut self, minute: Timestamp, run: &Run, rules: &config::Policy) {
        self.last_run = Some(minute);
        if run.kind() == RunKind::MonitorError {
            self.add_monitor_error(minute, run, rules);
            return;
        }
        self.monitor_error_row = 0;
        self.clean_row = self.clean_row.saturating_add(1);
        if self.clean_row >= rules.recovery_runs {
            self.monitor_error = false;
        }
        self.last_vote = Some(minute);
        match run.kind() {
            RunKind::Failed => self.last_failure = Some(run.as_bad(minute)),
            RunKind::Degraded => self.last_degradation = Some(run.as_bad(minute)),
            RunKind::Passed | RunKind::MonitorError => {}
        }
        self.add_to_rows(minute, run.kind());
        self.move_vote(run.kind(), rules);
    }

    /// It breaks no row of the vote.
    fn add_monitor_error(&mut self, minute: Timestamp, run: &Run, rules: &config::Policy) {
        if self.monitor_error_row == 0 && !self.monitor_error {
            self.monitor_error_since = Some(minute);
        }
        self.monitor_error_row = self.monitor_error_row.saturating_add(1);
        self.clean_row = 0;
        self.last_monitor_error = Some(run.as_bad(minute));
        if self.monitor_error_row >= rules.failed_runs {
            self.monitor_error = true;
        }
    }

    fn add_to_rows(&mut self, minute: Timestamp, kind: RunKind) {
        let longer = |row: &mut u32, goes_on: bool| *row = if goes_on { row.saturating_add(1) } else { 0 };
        longer(&mut self.failed_row, kind == RunKind::Failed);
        longer(&mut self.bad_row, kind != RunKind::Passed);
        longer(&mut self.unfailed_row, kind != RunKind::Failed);
        longer(&mut self.passed_row, kind == RunKind::Passed);
        if self.failed_row == 1 && self.vote != Vote::Failing {
            self.failing_since = Some(minute);
        }
        if self.bad_row == 1 && self.vote == Vote::Passing {
            self.bad_since = Some(minute);
        }
        match kind {
            RunKind::Passed => self.last_passed = Some(minute),
            RunKind::Failed => self.failed_total = self.failed_total.saturating_add(1),
            RunKind::Degraded | RunKind::MonitorError => {}
        }
    }

    fn move_vote(&mut self, last: RunKind, rules: &config::Policy) {
        self.vote = match self.vote {
            Vote::Failing if self.unfailed_row < rules.recovery_runs => Vote::Failing,
            Vote::Failing if last == RunKind::Degraded => Vote::Degraded,
            Vote::Passing | Vote::Degraded if self.failed_row >= rules.failed_runs => Vote::Failing,
            Vote::Degraded if self.passed_row < rules.recovery_runs => Vote::Degraded,
            Vote::Passing if self.bad_row >= rules.degraded_runs => Vote::Degraded,
            Vote::Passing | Vote::Degraded | Vote::Failing => Vote::Passing,
        };
        if self.failed_row >= rules.partial_runs {
            self.partial = true;
        } else if self.vote != Vote::Failing && self.failed_row == 0 {
            self.partial = false;
        }
    }
}
