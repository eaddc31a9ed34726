//! The probe, once in every region at the same time.

use std::collections::BTreeMap;

use model::names::Region;
use model::report::RunReport;
use serde::Deserialize;
use serde_json::json;
use tokio::task::JoinSet;

use super::RehearsalError;
use super::cloud::{Cloud, topic_arn};
use super::http::{Post, post};
use super::leash::{Leashed, Program};
use super::plan::{Plan, RegionPlan, bank_variables};

/// The function's name; the emulator knows the workspace's binaries by name.
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
    let mut tasks = JoinSet::new();
    for (index, (region, port)) in plan.regions.iter().zip(cloud.lambda_ports()).enumerate() {
        let probe = start(plan, cloud, region, port)?;
        tasks.spawn(answer(index, region.region.clone(), probe, invocation(plan, port)));
    }
    let mut runs = BTreeMap::new();
    while let Some(done) = tasks.join_next().await {
        let (index, run) = done.map_err(|error| RehearsalError::Call {
            call: "running the probe".to_owned(),
            reason: error.to_string(),
        })??;
        runs.insert(index, run);
    }
    Ok(runs.into_values().collect())
}

/// A probe of this region, waiting for invocations as in Lambda.
fn start(plan: &Plan, cloud: &Cloud, region: &RegionPlan, port: u16) -> Result<Leashed, RehearsalError> {
    let mut environment = plan.environment.clone();
    environment.extend(bank_variables(&region.bank));
    for (key, value) in [
        ("AWS_REGION", region.region.to_string()),
        ("AWS_ENDPOINT_URL", cloud.aws_url()),
        ("AWS_LAMBDA_RUNTIME_API", format!("http://127.0.0.1:{port}/.rt/{FUNCTION}")),
        ("AWS_LAMBDA_FUNCTION_NAME", FUNCTION.to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("RUN_RESULT_TOPIC_ARN", topic_arn(&region.region)),
        ("MONITOR_CONFIG", plan.config_file.display().to_string()),
        ("REPORT_FOLDER", plan.reports.display().to_string()),
    ] {
        environment.insert(key.to_owned(), value);
    }
    let name = format!("{FUNCTION}-{}", region.region);
    let command = vec![plan.probe.display().to_string()];
    Leashed::start(Program { name, command, environment, logs: &plan.logs })
}

fn invocation(plan: &Plan, port: u16) -> Post<'static> {
    let event = json!({ "targets": "all", "scheduled_at": plan.minute.to_string(), "publish": "all" });
    Post {
        call: "invoking the probe".to_owned(),
        port,
        path: format!("/2015-03-31/functions/{FUNCTION}/invocations"),
        headers: &[("content-type", "application/json")],
        body: event.to_string(),
    }
}

async fn answer(
    index: usize,
    region: Region,
    mut probe: Leashed,
    call: Post<'static>,
) -> Result<(usize, RegionRun), RehearsalError> {
    let body = probe.during(post(call)).await?;
    probe.stop().await;
    let answer: Answer = serde_json::from_slice(&body).map_err(|error| RehearsalError::Unreadable {
        what: format!("the probe's answer in {region}"),
        reason: error.to_string(),
    })?;
    Ok((index, RegionRun { region, reports: answer.reports }))
}
