//! The probe, once in every region at the same time.

use std::collections::BTreeMap;

use model::names::Region;
use model::report::RunReport;
use serde::Deserialize;
use serde_json::json;
use tokio::task::{JoinError, JoinSet};

use super::RehearsalError;
use super::cloud::{Cloud, understood};
use super::function::{Event, Function};
use super::plan::Plan;

/// The function's name.
const FUNCTION: &str = "probe";

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

/// Runs all targets in all regions, in parallel, for the same minute. The runs
/// come in the order of the regions.
pub(crate) async fn run_all(plan: &Plan, cloud: &Cloud) -> Result<Vec<RegionRun>, RehearsalError> {
    let event = json!({ "targets": "all", "scheduled_at": plan.minute.to_string(), "publish": "all" }).to_string();
    let mut tasks = JoinSet::new();
    for (index, probe) in Function::in_every_region(FUNCTION, plan, cloud)?.into_iter().enumerate() {
        let event = Event::Text(event.clone());
        tasks.spawn(async move { answer(probe, event).await.map(|run| (index, run)) });
    }
    let lost = |error: JoinError| RehearsalError::Failed { name: FUNCTION.to_owned(), reason: error.to_string() };
    let mut runs = BTreeMap::new();
    while let Some(done) = tasks.join_next().await {
        let (index, run) = done.map_err(lost)??;
        runs.insert(index, run);
    }
    Ok(runs.into_values().collect())
}

async fn answer(probe: Function, event: Event) -> Result<RegionRun, RehearsalError> {
    let region = probe.region.clone();
    let (call, _log) = probe.invoke(event).await?;
    if !call.status.success() {
        let reason = call.log.split_whitespace().collect::<Vec<_>>().join(" ");
        return Err(RehearsalError::Failed { name: format!("invoking {FUNCTION} in {region}"), reason });
    }
    let answer: Answer = understood(&format!("the probe's answer in {region}"), &call.output)?;
    Ok(RegionRun { region, reports: answer.reports })
}
