//! The aggregator's verdict on the rehearsed minute, against what the runs say.

use ::aggregator::{NotificationAnswer, Status, TargetAnswer};
use alerting::{Event, Policy, TargetState, Vote, decide};
use jiff::{SignedDuration, Timestamp};
use model::config::{Config, Target};
use model::names::ChannelId;
use model::run_result::RunResult;

use super::aggregator::Verdicts;
use super::plan::{Plan, RegionPlan};
use super::probes::RegionRun;

/// From the start of a minute to the messages about its runs.
pub(crate) const INTO_THE_MINUTE: SignedDuration = SignedDuration::from_secs(5);

/// Where the verdicts and the runs of a minute differ, and what was not sent, in sentences.
pub(crate) fn differences(config: &Config, minute: Timestamp, runs: &[RegionRun], verdicts: &Verdicts) -> Vec<String> {
    let wrong = config.targets.iter().filter_map(|target| {
        let expected = expected(config, minute, target, runs);
        let found = verdicts.targets.iter().find(|verdict| verdict.target == target.id).map(|verdict| verdict.status);
        match found {
            None => Some(format!("the aggregator has no verdict on {}", target.id)),
            Some(found) if found == expected => None,
            Some(found) => {
                let (found, expected) = (word(found), word(expected));
                Some(format!("{} is {found} for the aggregator; of its runs follows {expected}", target.id))
            }
        }
    });
    wrong.chain(unsent(&verdicts.notifications)).collect()
}

/// What was not sent and should have been, in sentences.
pub(crate) fn unsent(notifications: &[NotificationAnswer]) -> impl Iterator<Item = String> {
    let unsent = |one: &&NotificationAnswer| matches!(one.status, Status::Failed | Status::Unknown | Status::Waiting);
    notifications
        .iter()
        .filter(unsent)
        .map(|one| format!("{} to {}: {} ({})", one.event, place(&one.channel), one.status.name(), one.answer))
}

/// The rules applied to the runs directly, without topics, functions and tables between.
fn expected(config: &Config, minute: Timestamp, target: &Target, runs: &[RegionRun]) -> Vote {
    let policy = Policy::from(config);
    let now = minute + INTO_THE_MINUTE;
    let reports = runs.iter().flat_map(|run| &run.reports).filter(|report| report.target == target.id);
    let events = reports.map(|report| Event::Result(Box::new(RunResult::from(report))));
    events.fold(TargetState::new(target.id.clone()), |state, event| decide(&policy, &state, &event, now).state).status
}

/// A line for each target: its status, the regions' votes, what was told.
pub(crate) fn table(plan: &Plan, verdicts: &Verdicts) -> String {
    let wide = verdicts.targets.iter().map(|verdict| verdict.target.as_str().len()).max().unwrap_or_default();
    let line = |label: &str, status: &str, votes: Vec<String>, told: &str| {
        let votes: Vec<String> = votes.iter().map(|vote| format!("  {vote:>WIDE$}")).collect();
        format!("{label:wide$}  {status:<STATUS$}{}  {told}", votes.concat()).trim_end().to_owned() + "\n"
    };
    let title = format!("Verdict of the aggregator, minute {}\n", plan.minute);
    let head = line("", "Status", plan.regions.iter().map(|place| place.region.to_string()).collect(), "Told");
    let rows = verdicts.targets.iter().map(|verdict| {
        let vote = |place: &RegionPlan| match verdict.regions.get(&place.region) {
            Some(region) => word(region.vote).to_owned(),
            None => "-".to_owned(),
        };
        let votes = plan.regions.iter().map(vote).collect();
        line(verdict.target.as_str(), word(verdict.status), votes, &told(plan, verdict, &verdicts.notifications))
    });
    [title, head].into_iter().chain(rows).collect()
}

/// The widths of a region's column, as in the table of the metrics, and of the status.
const WIDE: usize = 14;
const STATUS: usize = 8;

fn told(plan: &Plan, verdict: &TargetAnswer, all: &[NotificationAnswer]) -> String {
    let of_target = |one: &&NotificationAnswer| {
        one.notification_id.split_once('.').is_some_and(|(target, _)| target == verdict.target.as_str())
    };
    let ours: Vec<&NotificationAnswer> = all.iter().filter(of_target).collect();
    let Some(first) = ours.first() else { return "nothing".to_owned() };
    if plan.config.channels.is_empty() {
        return format!("{}, to nobody: no channel is configured", first.event);
    }
    let places: Vec<String> = ours.iter().map(|one| format!("{} {}", place(&one.channel), one.status.name())).collect();
    report::printable(&format!("{}: {}", first.event, places.join(", ")))
}

/// A channel for a person.
fn place(channel: &str) -> &str {
    if channel == ChannelId::ALERT_TOPIC { "the alert topic" } else { channel }
}

/// A vote or status for a person.
pub(crate) const fn word(vote: Vote) -> &'static str {
    match vote {
        Vote::Passing => "passing",
        Vote::Degraded => "degraded",
        Vote::Failing => "failing",
    }
}

#[cfg(test)]
mod tests {
    use model::config::Environment;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_verdict_that_does_not_follow_from_the_runs_is_told_and_so_is_what_was_not_sent() {
        let variables = [("KOSMA_AUTH_TOKEN".to_owned(), "t".to_owned())].into();
        let config = Config::parse(None, &Environment::parse(&variables).unwrap()).unwrap();
        let verdict = |status: &str| {
            let target = "klarna-playground";
            let value = json!({ "target": target, "status": status, "regions": {}, "incidents": [], "muted": false });
            vec![serde_json::from_value(value).unwrap()]
        };
        let sent = |status: &str| {
            let (id, channel) = ("klarna-playground.availability.1.failure.1.ops", "ops");
            let value = json!({ "notification_id": id, "channel": channel, "event": "failure", "status": status, "answer": "no" });
            vec![serde_json::from_value(value).unwrap()]
        };
        for (targets, notifications, told) in [
            (verdict("passing"), sent("sent"), None),
            (
                verdict("failing"),
                vec![],
                Some("klarna-playground is failing for the aggregator; of its runs follows passing"),
            ),
            (vec![], vec![], Some("the aggregator has no verdict on klarna-playground")),
            (verdict("passing"), sent("failed"), Some("failure to ops: failed (no)")),
        ] {
            let verdicts = Verdicts { notifications, targets };
            let differences = differences(&config, Timestamp::UNIX_EPOCH, &[], &verdicts);
            assert_eq!(differences, Vec::from_iter(told.map(str::to_owned)));
        }
    }
}
