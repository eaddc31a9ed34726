//! A minute of a drill in a line: the runs of the regions, and where the
//! targets stand.

use ::aggregator::TargetAnswer;
use alerting::Vote;
use jiff::Timestamp;
use model::config::Target;
use model::error::{RunError, ToldAs};
use model::journey::Outcome;
use model::names::{Region, TargetId};
use model::report::{Milliseconds, RunReport};

use crate::commands::rehearse::paint::Paint;
use crate::commands::rehearse::probes::RegionRun;
use crate::commands::rehearse::verdict::word;

/// The widths of the time and of a region's column, with the space after them.
pub(crate) const TIME: usize = 7;
const REGION: usize = 24;

/// A table that grows with the minutes.
pub(crate) struct Lines<'a> {
    pub(crate) paint: Paint,
    pub(crate) regions: &'a [Region],
    pub(crate) targets: &'a [Target],
}

impl Lines<'_> {
    /// The names of the columns.
    pub(crate) fn head(&self) -> String {
        let regions = self.regions.iter().map(|region| format!("{:<REGION$}", region.as_str()));
        let regions = regions.collect::<Vec<_>>().concat();
        let target = self.targets.first().filter(|_| self.targets.len() == 1).map(|target| target.id.as_str());
        let head = format!("{:TIME$}{regions}{}", "UTC", target.unwrap_or_default());
        format!("{}\n", self.paint.dim(head.trim_end()))
    }

    /// A line for each target.
    pub(crate) fn minute(&self, minute: Timestamp, runs: &[RegionRun], verdicts: &[TargetAnswer]) -> String {
        let line = |(index, target): (usize, &Target)| {
            let time = if index == 0 { clock(minute) } else { String::new() };
            let cells = self.regions.iter().map(|region| self.cell(report(runs, region, &target.id)));
            let status =
                verdicts.iter().find(|verdict| verdict.target == target.id).map(|verdict| self.status(verdict));
            format!("{time:TIME$}{}{}\n", cells.collect::<String>(), status.unwrap_or_default())
        };
        self.targets.iter().enumerate().map(line).collect()
    }

    /// Minutes that brought nothing new, in one line without its end.
    pub(crate) fn quiet(&self, from: Timestamp, to: Timestamp, verdicts: &[TargetAnswer]) -> String {
        let worst = verdicts.iter().map(|verdict| verdict.status).max().unwrap_or_default();
        let time = if from == to { clock(from) } else { format!("{} .. {}", clock(from), clock(to)) };
        format!("{time:TIME$}  {}", self.paint.vote(worst, &format!("{}, nothing new to tell", word(worst))))
    }

    fn cell(&self, report: Option<&RunReport>) -> String {
        let Some(report) = report else { return format!("{:REGION$}", "-") };
        // What is too long for its column still ends before the next one.
        let text = format!("{:<1$}  ", run(report), REGION - 2);
        match report.outcome {
            Outcome::Passed => self.paint.good(&text),
            Outcome::Degraded => self.paint.warning(&text),
            Outcome::Failed => self.paint.bad(&text),
        }
    }

    fn status(&self, verdict: &TargetAnswer) -> String {
        let name = if self.targets.len() == 1 { String::new() } else { format!("{} ", verdict.target) };
        let status = self.paint.vote(verdict.status, word(verdict.status));
        format!("{name}{status}{}", votes(verdict).map(|votes| format!(", {votes}")).unwrap_or_default())
    }
}

/// The votes that are not passing; none when all are.
pub(crate) fn votes(verdict: &TargetAnswer) -> Option<String> {
    let count = |wanted: Vote| verdict.regions.values().filter(|region| region.vote == wanted).count();
    let all = verdict.regions.len();
    let verb = |count: usize| if count == 1 { "votes" } else { "vote" };
    match (count(Vote::Failing), count(Vote::Degraded)) {
        (0, 0) => None,
        (failing, 0) => Some(format!("{failing} of {all} {} failing", verb(failing))),
        (0, degraded) => Some(format!("{degraded} of {all} {} degraded", verb(degraded))),
        (failing, degraded) => {
            Some(format!("of {all} {failing} {} failing, {degraded} {} degraded", verb(failing), verb(degraded)))
        }
    }
}

/// Hours and minutes.
pub(crate) fn clock(minute: Timestamp) -> String {
    minute.strftime("%H:%M").to_string()
}

fn report<'a>(runs: &'a [RegionRun], region: &Region, target: &TargetId) -> Option<&'a RunReport> {
    let run = runs.iter().find(|run| run.region == *region)?;
    run.reports.iter().find(|report| report.target == *target)
}

fn run(report: &RunReport) -> String {
    let sign = match (report.outcome, report.told_as()) {
        (_, Some(ToldAs::MonitorError)) => '!',
        (Outcome::Passed, _) => '✓',
        (Outcome::Degraded, _) => '~',
        (Outcome::Failed, _) => '✗',
    };
    let error = report.error.as_ref().map(|error| format!(" {}", place(error))).unwrap_or_default();
    let again = if report.recovered { ", 2nd try" } else { "" };
    format!("{sign}{error} {}{again}", duration(report.duration_ms))
}

/// Where and what, in a few words.
fn place(error: &RunError) -> String {
    let step = error.step.map(|step| format!("step {} ", step.number())).unwrap_or_default();
    let what = match error.failure.http_status {
        Some(status) => status.to_string(),
        None => error.failure.error_type.to_string(),
    };
    format!("{step}{what}")
}

fn duration(duration: Milliseconds) -> String {
    match duration.get() {
        short if short < 10_000.0 => format!("{short:.0} ms"),
        long => format!("{:.1} s", long / 1_000.0),
    }
}
