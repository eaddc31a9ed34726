//! The facts of a notice, gathered from the state.

use jiff::Timestamp;
use model::names::{Region, TargetId};

use crate::incident::{Incident, Slot, Stage};
use crate::minute::Ballots;
use crate::notice::{CallFacts, ChannelFacts, LastPassed, Notice, RegionFacts, Rule, RuleKind};
use crate::notification::{AlertEvent, Notification, Severity};
use crate::policy::{Monitored, Policy};
use crate::results::Results;
use crate::target::TargetState;
use crate::vote::Vote;

/// A notice that names its target and nothing more.
pub(crate) fn subject(
    target: &Monitored,
    (event, severity): (AlertEvent, Severity),
    key: String,
    now: Timestamp,
) -> Notice {
    Notice {
        target: target.id.to_string(),
        name: target.name.clone(),
        tags: target.tags.clone(),
        runbook_url: target.runbook_url.clone(),
        ..Notice::new(event, severity, key, now)
    }
}

/// Describes the incidents of a target.
pub(crate) fn of_target<'a>(
    policy: &'a Policy,
    target: &'a Monitored,
    state: &'a TargetState,
    now: Timestamp,
) -> impl Fn(&Incident, AlertEvent) -> Notice + 'a {
    let through = state.decided.unwrap_or(now);
    let (regions, status) = (&state.regions, state.status);
    move |incident, event| {
        let ballots = Ballots::count(policy, regions, Some(incident), through);
        let mut notice = subject(target, (event, severity(incident.stage, event)), incident.key.clone(), now);
        add_incident(&mut notice, incident);
        if matches!(incident.stage, Stage::Degraded | Stage::Failing) {
            notice.rule = Some(rule(policy, &ballots, incident.stage));
            notice.still = (incident.followed_by.is_some() && status == Vote::Degraded).then_some(status);
        }
        for facts in &mut notice.regions {
            facts.stale = ballots.all.iter().any(|ballot| *ballot.region == facts.region && !ballot.live);
        }
        notice.last_passed = last_passed(regions, through, policy);
        let number = (incident.reminders, policy.rules.reminders.amount);
        notice.reminder = (event == AlertEvent::Reminder).then_some(number);
        notice
    }
}

/// Describes an incident of a target that is no longer configured.
pub(crate) fn of_removed(target: &Monitored, incident: &Incident, event: AlertEvent, now: Timestamp) -> Notice {
    let mut notice = subject(target, (event, severity(incident.stage, event)), incident.key.clone(), now);
    add_incident(&mut notice, incident);
    notice.removed = true;
    // Not the region was taken out.
    notice.silent_region = None;
    notice
}

/// Describes an incident of a whole region or of a channel.
pub(crate) fn of_fleet(incident: &Incident, event: AlertEvent, now: Timestamp) -> Notice {
    let mut notice = Notice::new(event, severity(incident.stage, event), incident.key.clone(), now);
    add_incident(&mut notice, incident);
    notice
}

/// Describes a phone call that may not have rung, with all that it was to tell.
pub(crate) fn of_call(call: &Notification, now: Timestamp) -> Notice {
    let facts = CallFacts { channel: call.channel.clone(), event: call.event, decided_at: call.decided_at };
    Notice { event: AlertEvent::MonitorError, at: now, call: Some(facts), ..call.notice.clone() }
}

/// A notice that tries a channel.
pub(crate) fn of_test(now: Timestamp) -> Notice {
    let key = format!("{}.test.{}", TargetId::ALL, now.strftime("%Y%m%dT%H%M%SZ"));
    Notice::new(AlertEvent::Test, Severity::Info, key, now)
}

fn add_incident(notice: &mut Notice, incident: &Incident) {
    notice.since = incident.since;
    notice.ended_at = incident.ended_at;
    notice.failed_runs = incident.failed_runs;
    notice.silent_region = match &incident.slot {
        Slot::NoData(region) => Some(region.clone()),
        Slot::Availability | Slot::MonitorError | Slot::Channel(_) => None,
    };
    notice.channel = incident.slot.channel().zip(incident.ailment.as_ref()).map(|(id, ailment)| ChannelFacts {
        id: id.to_owned(),
        failures: ailment.failures,
        answer: ailment.answer.clone(),
    });
    notice.removed = incident.removed;
    let facts = |(region, voter): (&Region, &crate::incident::Voter)| RegionFacts {
        region: region.clone(),
        vote: voter.vote,
        stale: false,
        since: voter.since,
        last: voter.last.clone(),
    };
    notice.regions = incident.voters.iter().map(facts).collect();
    let judgement = incident.judgement();
    notice.error = judgement.map(|judgement| judgement.error.clone());
    notice.blame = judgement.map(|judgement| judgement.blame);
}

const fn severity(stage: Stage, event: AlertEvent) -> Severity {
    match stage {
        _ if event.closes() => Severity::Info,
        Stage::Failing | Stage::Blind => Severity::Critical,
        Stage::Degraded | Stage::MonitorError | Stage::NoData => Severity::Warning,
    }
}

fn rule(policy: &Policy, ballots: &Ballots<'_>, stage: Stage) -> Rule {
    let partial = ballots.all.iter().filter(|ballot| ballot.counts() && ballot.tally.partial).count();
    let rules = &policy.rules;
    let (failing, degraded) = (ballots.with(Vote::Failing), ballots.with(Vote::Degraded));
    let (kind, runs) = match stage {
        Stage::Failing => (RuleKind::Failing, rules.failed_runs),
        _ if failing + degraded < policy.quorum() => (RuleKind::Partial, rules.partial_runs),
        _ => (RuleKind::Degraded, rules.degraded_runs),
    };
    Rule { kind, failing, degraded, partial, needed: policy.quorum(), configured: policy.regions.len(), runs }
}

fn last_passed(
    regions: &std::collections::BTreeMap<Region, Results>,
    through: Timestamp,
    policy: &Policy,
) -> Option<LastPassed> {
    let passed = regions.iter().filter_map(|(region, results)| {
        let at = results.tally(through, &policy.rules).last_passed?;
        Some(LastPassed { at, region: region.clone() })
    });
    passed.max_by_key(|passed| passed.at)
}
