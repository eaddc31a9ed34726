//! The end of a drill: who was told what, and whether that is all.

use std::collections::BTreeSet;

use ::aggregator::TargetAnswer;
use alerting::AlertEvent;
use jiff::Timestamp;
use model::config::{Channel, Config, Maintenance};
use model::names::Region;
use playground::FaultRule;

use super::ledger::Entry;
use super::lines::{clock, votes};
use super::script::{Ending, Limits, Reminder};
use crate::commands::rehearse::paint::{Paint, fitted};
use crate::commands::rehearse::plan::is_for;
use crate::commands::rehearse::verdict::word;

/// The width of an event's column.
const WIDE: usize = 13;
/// The most times that a cell shows.
const TIMES: usize = 2;

/// What explains the times on the pages of a drill's runs.
pub(crate) const MINUTES: &str = "The minutes are simulated: a run's page may name one that is later than its start.";

/// A line for each channel, a column for each event, and when it came.
pub(crate) fn table(config: &Config, entries: &[Entry], paint: Paint) -> String {
    let mut events: Vec<AlertEvent> = Vec::new();
    for entry in entries {
        if !events.contains(&entry.event) {
            events.push(entry.event);
        }
    }
    let wide = config.channels.iter().map(|channel| label(channel).chars().count()).max().unwrap_or_default();
    let heads: Vec<String> = events.iter().map(|event| format!("  {:<WIDE$}", heading(*event))).collect();
    let row = |channel: &Channel| {
        let cells = events.iter().map(|event| format!("  {:<WIDE$}", cell(entries, channel, *event)));
        format!("{:wide$}{}", label(channel), cells.collect::<Vec<_>>().concat()).trim_end().to_owned() + "\n"
    };
    let head = paint.dim(format!("{:wide$}{}", "", heads.concat()).trim_end());
    let rows: String = config.channels.iter().map(row).collect();
    format!("{}\n{head}\n{rows}", paint.bold("Who was told, and when (UTC)"))
}

fn label(channel: &Channel) -> String {
    format!("{:9}  {}", channel.kind.name(), channel.id)
}

fn heading(event: AlertEvent) -> String {
    let name = match event {
        AlertEvent::DegradedRecovery => "well again".to_owned(),
        AlertEvent::MonitorErrorRecovery => "monitor well".to_owned(),
        AlertEvent::NoDataRecovery => "data again".to_owned(),
        other => other.name().replace('_', " "),
    };
    fitted(&name, WIDE)
}

fn cell(entries: &[Entry], channel: &Channel, event: AlertEvent) -> String {
    let ours = entries.iter().filter(|entry| entry.channel == channel.id && entry.event == event);
    let times: Vec<String> = ours.map(|entry| clock(entry.at)).collect();
    match times.len() {
        0 => "-".to_owned(),
        few if few <= TIMES => times.join(" "),
        many => format!("{} and {}", times.first().cloned().unwrap_or_default(), many - 1),
    }
}

/// Why the drill is not a success, in a sentence.
pub(crate) fn reason(ending: Ending, limits: &Limits, stand: &str) -> Option<String> {
    match ending {
        Ending::Played => None,
        Ending::EarlyNews => Some(format!("something was told before the fault began: {stand}")),
        Ending::Untold => Some(format!("nothing was told within {} minutes of the fault: {stand}", limits.told())),
        Ending::EndUntold => Some(format!("it is over, and nobody was told: {stand}")),
        Ending::NotOver => Some(format!("the fault is gone and no end was told: {stand}")),
    }
}

/// What became of the reminder, for a person.
pub(crate) fn reminder(reminder: Reminder) -> Option<&'static str> {
    match reminder {
        Reminder::Told | Reminder::NotDue => None,
        Reminder::NotAwaited => Some("The reminder was not waited for: it would have taken more than a minute."),
    }
}

/// The faults that no run felt, each in a sentence with what to do. `hit` are
/// the regions where one did.
pub(crate) fn without_effect(faults: &[FaultRule], hit: &BTreeSet<Region>) -> Vec<String> {
    let felt = |rule: &FaultRule| hit.iter().any(|region| is_for(rule, region));
    let sentence = |rule: &FaultRule| {
        let place = rule.region().map(|name| format!(" in {name}")).unwrap_or_default();
        let advice = "give it another request, field or time (README.md says which there are)";
        format!("the fault {rule} never took effect, every run{place} passed all the same; {advice}")
    };
    faults.iter().filter(|rule| !felt(rule)).map(sentence).collect()
}

/// Where the targets stand at a moment, and why they may not be told.
pub(crate) fn standing(config: &Config, verdicts: &[TargetAnswer], at: Timestamp) -> String {
    let of_target = |verdict: &TargetAnswer| {
        let votes = votes(verdict).unwrap_or_else(|| "all vote passing".to_owned());
        let quiet = quiet(config, verdict, at).unwrap_or_default();
        format!("{} is {} ({votes}){quiet}", verdict.target, word(verdict.status))
    };
    verdicts.iter().map(of_target).collect::<Vec<_>>().join("; ")
}

fn quiet(config: &Config, verdict: &TargetAnswer, at: Timestamp) -> Option<&'static str> {
    let window = |window: &Maintenance| {
        (window.targets.is_empty() || window.targets.contains(&verdict.target)) && window.is_open(at)
    };
    if config.target(&verdict.target).is_ok_and(|target| target.muted) {
        return Some(", and muted in the configuration");
    }
    config.maintenances.iter().any(window).then_some(", and in a maintenance window")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_that_no_run_felt_is_told() {
        for (fault, hit, told) in [
            ("5:status=503", &["us-west-1"][..], None),
            ("5:status=503@us-west-1", &["us-west-1"], None),
            (
                "5:status=503@us-west-1",
                &["us-east-1"],
                Some("5:status=503@us-west-1 never took effect, every run in us-west-1 passed"),
            ),
            ("9:missing=accounts", &[], Some("9:missing=accounts never took effect, every run passed")),
        ] {
            let hit = hit.iter().map(|region| region.parse().unwrap()).collect();
            let sentences = without_effect(&[fault.parse().unwrap()], &hit);
            assert_eq!(sentences.len(), usize::from(told.is_some()), "{fault}");
            let says = |sentence: &String| told.is_some_and(|told| sentence.contains(told));
            assert!(sentences.iter().all(says), "{sentences:?}");
        }
    }
}
