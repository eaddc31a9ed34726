//! An incident as the page shows it: what is wrong, where, and whose fault it
//! looks like, as the alert has it.

use alerting::{Incident, Slot, Stage};
use aws::console_link;
use jiff::Timestamp;
use model::error::RunError;
use model::journey::Step;
use model::names::{Region, ReportUri, TargetId};
use report::overview::{self, Fault, Finding, Matter};
use url::Url;

use crate::Aggregator;

impl Aggregator {
    pub(super) fn incident(&self, incident: &Incident, quiet: bool) -> overview::Incident {
        overview::Incident {
            key: incident.key.clone(),
            matter: matter(incident.stage),
            subject: self.subject(incident),
            findings: findings(incident),
            fault: fault(incident),
            since: incident.since,
            ended_at: incident.ended_at,
            acknowledged_at: incident.acknowledged_at,
            told: incident.told.is_some(),
            quiet,
            report: report(incident),
        }
    }

    /// What an incident is about, for a person.
    fn subject(&self, incident: &Incident) -> String {
        let target: Option<TargetId> = incident.subject().parse().ok();
        let name = target.as_ref().and_then(|id| self.policy.target(id)).map(|target| target.name.clone());
        match &incident.slot {
            Slot::NoData(region) if target.is_none() => region.to_string(),
            Slot::Channel(channel) => format!("Channel {channel}"),
            Slot::Availability | Slot::MonitorError | Slot::NoData(_) => {
                name.unwrap_or_else(|| incident.subject().to_owned())
            }
        }
    }
}

const fn matter(stage: Stage) -> Matter {
    match stage {
        Stage::Degraded => Matter::Degraded,
        Stage::Failing => Matter::Failing,
        Stage::MonitorError => Matter::MonitorError,
        Stage::NoData | Stage::Blind => Matter::NoData,
    }
}

/// What is wrong; what stands for all comes first.
fn findings(incident: &Incident) -> Vec<Finding> {
    let alone = |what: String| vec![Finding { what, regions: Vec::new() }];
    let mut findings = match &incident.slot {
        Slot::NoData(region) if incident.stage == Stage::Blind => {
            alone(format!("Nothing comes from {region}, and no other region looks"))
        }
        Slot::NoData(region) => alone(format!("Nothing comes from {region}")),
        Slot::Channel(_) => alone(match &incident.ailment {
            Some(ailment) => format!("{} tries in a row failed, the last with: {}", ailment.failures, ailment.answer),
            None => "It does not take what is sent to it".to_owned(),
        }),
        Slot::Availability | Slot::MonitorError => of_regions(incident),
    };
    if incident.removed {
        findings.extend(alone("it was taken out of the configuration".to_owned()));
    }
    findings
}

/// Each error with the regions that have it.
fn of_regions(incident: &Incident) -> Vec<Finding> {
    let mut groups: Vec<(Option<&RunError>, Vec<Region>)> =
        incident.judgement().map(|judgement| (Some(judgement.error), Vec::new())).into_iter().collect();
    for (region, voter) in &incident.voters {
        let error = voter.error();
        match groups.iter_mut().find(|(known, _)| known.map(kind) == error.map(kind)) {
            Some((_, regions)) => regions.push(region.clone()),
            None => groups.push((error, vec![region.clone()])),
        }
    }
    let finding = |(error, regions): (Option<&RunError>, Vec<Region>)| Finding {
        what: error.map_or_else(|| "No error was named".to_owned(), sentence),
        regions,
    };
    groups.into_iter().map(finding).collect()
}

/// What makes errors of several regions the same: their words may hold a time.
fn kind(error: &RunError) -> impl PartialEq + use<> {
    let failure = &error.failure;
    (failure.error_type, failure.http_status, failure.category.clone(), error.step, error.request)
}

fn sentence(error: &RunError) -> String {
    let step = |step: Step| format!("Step {} ({})", step.number(), step.title());
    let place = match (error.step, error.request) {
        (Some(at), Some(request)) => format!("{}, request {request}: ", step(at)),
        (Some(at), None) => format!("{}: ", step(at)),
        (None, _) => String::new(),
    };
    format!("{place}{} ({})", error.failure.message, error.failure.error_type)
}

fn fault(incident: &Incident) -> Option<Fault> {
    let judgement = incident.judgement()?;
    Some(Fault { failure: judgement.error.failure.clone(), blame: judgement.blame })
}

/// The report of the last bad run that has one, of those that show what stands
/// for all if there are any.
fn report(incident: &Incident) -> Option<Url> {
    let leading = incident.judgement().map(|judgement| kind(judgement.error));
    let reported = incident.voters.iter().filter_map(|(region, voter)| {
        let last = voter.last.as_ref()?;
        let leads = voter.error().map(kind) == leading;
        Some((leads, last.scheduled_at, region, last.report.as_ref()?))
    });
    let last: Option<(bool, Timestamp, &Region, &ReportUri)> = reported.max_by_key(|(leads, at, ..)| (*leads, *at));
    let (_, _, region, uri) = last?;
    console_link(region, uri.bucket(), uri.key())
}
