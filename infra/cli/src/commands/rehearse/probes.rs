//! The probes: one in every region, up from the first run to the last.

use futures_util::future::try_join_all;
use jiff::Timestamp;
use model::names::Region;
use model::report::RunReport;
use serde::Deserialize;
use serde_json::json;

use super::RehearsalError;
use super::cloud::{Cloud, understood};
use super::function::{Deployment, Function};
use super::pages::{REPORT_BUCKET, report_bucket};
use super::plan::{Plan, RegionPlan};

/// The function's name.
pub(crate) const PROBE: &str = "probe";

/// The probes in the order of the plan's regions.
pub(crate) struct Probes(Vec<Function>);

/// What the probe answered in a region.
pub(crate) struct RegionRun {
    pub(crate) region: Region,
    pub(crate) reports: Vec<RunReport>,
}

/// The answer as JSON. Too many reports for an answer would be told as run
/// results; a rehearsal of that many targets is refused as not understood.
#[derive(Deserialize)]
struct Answer {
    reports: Vec<RunReport>,
}

impl Probes {
    pub(crate) fn start(plan: &Plan, cloud: &Cloud) -> Result<Self, RehearsalError> {
        plan.regions.iter().map(|place| start(place, plan, cloud)).collect::<Result<_, _>>().map(Self)
    }

    /// Runs all targets for a minute, at the same time in every region that is
    /// due. The runs come in the order of the regions.
    pub(crate) async fn run(
        &mut self,
        minute: Timestamp,
        is_due: impl Fn(&Region) -> bool,
    ) -> Result<Vec<RegionRun>, RehearsalError> {
        let due = self.0.iter_mut().filter(|probe| is_due(&probe.region));
        try_join_all(due.map(|probe| run(probe, minute))).await
    }

    pub(crate) async fn stop(self) {
        for probe in self.0 {
            probe.stop().await;
        }
    }
}

/// The probe of a region, led to the region's bank.
pub(crate) fn start(place: &RegionPlan, plan: &Plan, cloud: &Cloud) -> Result<Function, RehearsalError> {
    let mut variables = place.variables.clone();
    variables.insert(REPORT_BUCKET.to_owned(), report_bucket(&place.region));
    let topic = cloud.topic_arn(&place.region).map(|arn| ("RUN_RESULT_TOPIC_ARN".to_owned(), arn.to_owned()));
    variables.extend(topic);
    Function::start(Deployment { name: PROBE, region: &place.region, variables }, plan, cloud)
}

async fn run(probe: &mut Function, minute: Timestamp) -> Result<RegionRun, RehearsalError> {
    let region = probe.region.clone();
    let event = json!({ "targets": "all", "scheduled_at": minute.to_string(), "publish": "all" });
    let answer: Answer = understood(&format!("the probe's answer in {region}"), &probe.invoke(&event).await?)?;
    Ok(RegionRun { region, reports: answer.reports })
}
