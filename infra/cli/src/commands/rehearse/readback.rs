//! The metrics as `CloudWatch` has them, read by boto3, against what the runs say.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;
use model::names::Region;
use report::{Datum, NAMESPACE, aggregator_heartbeat};
use serde::Deserialize;

use super::RehearsalError;
use super::cloud::{Cloud, document};
use super::plan::Plan;
use super::probes::RegionRun;

/// What a region holds.
#[derive(Deserialize)]
pub(crate) struct RegionMetrics {
    pub(crate) region: Region,
    pub(crate) metrics: Vec<Metric>,
}

/// One metric with its dimensions.
#[derive(Deserialize)]
pub(crate) struct Metric {
    pub(crate) name: String,
    pub(crate) dimensions: BTreeMap<String, String>,
    pub(crate) datapoints: Vec<Datapoint>,
}

/// One minute of it.
#[derive(Deserialize)]
pub(crate) struct Datapoint {
    pub(crate) average: f64,
    pub(crate) count: u64,
}

#[derive(Deserialize)]
struct Document {
    regions: Vec<RegionMetrics>,
}

/// For the metrics of all regions.
const READING: Duration = Duration::from_secs(30);

/// Reads what arrived for the rehearsed minute, and for the aggregator's tick
/// after it.
pub(crate) async fn read(plan: &Plan, cloud: &Cloud) -> Result<Vec<RegionMetrics>, RehearsalError> {
    let regions: Vec<&str> = plan.regions.iter().map(|plan| plan.region.as_str()).collect();
    let arguments = [
        ("--endpoint-url", cloud.aws_url().to_owned()),
        ("--regions", regions.join(",")),
        ("--start", plan.minute.to_string()),
        ("--end", (plan.next_minute() + SignedDuration::from_mins(1)).to_string()),
        ("--namespace", NAMESPACE.to_owned()),
    ];
    let arguments = arguments.into_iter().flat_map(|(option, value)| [option.to_owned(), value]).collect();
    let document: Document = document(plan, "read_metrics.py", arguments, READING).await?;
    Ok(document.regions)
}

/// Where `CloudWatch` and the runs differ, in sentences.
pub(crate) fn differences(plan: &Plan, runs: &[RegionRun], read: &[RegionMetrics]) -> Vec<String> {
    let of_region = |run: &RegionRun| {
        let metrics = read.iter().find(|metrics| metrics.region == run.region);
        let metrics = metrics.map(|metrics| metrics.metrics.as_slice()).unwrap_or_default();
        let texts = compare(&expected(plan, run), metrics).into_iter();
        texts.map(|text| format!("{}: {text}", run.region)).collect::<Vec<_>>()
    };
    runs.iter().flat_map(of_region).collect()
}

fn compare(expected: &[Datum], read: &[Metric]) -> Vec<String> {
    let wrong = expected.iter().filter_map(|datum| difference(datum, read));
    let surplus = read.iter().filter(|metric| !expected.iter().any(|datum| same(datum, metric)));
    let surplus = surplus.map(|metric| format!("{} {:?} is there and should not be", metric.name, metric.dimensions));
    wrong.chain(surplus).collect()
}

fn expected(plan: &Plan, run: &RegionRun) -> Vec<Datum> {
    let of_report = |report: &model::report::RunReport| {
        let detail = plan.config.target(&report.target).map(|target| target.metrics).unwrap_or_default();
        report::metrics(report, detail, run.region == plan.config.home_region)
    };
    let heartbeat = (run.region == *plan.config.watch_region()).then(|| aggregator_heartbeat(plan.next_minute()));
    run.reports.iter().flat_map(of_report).chain(heartbeat).collect()
}

fn difference(datum: &Datum, metrics: &[Metric]) -> Option<String> {
    let what = format!("{} {:?}", datum.name, datum.dimensions);
    let Some(metric) = metrics.iter().find(|metric| same(datum, metric)) else {
        return Some(format!("{what} did not arrive"));
    };
    match metric.datapoints.as_slice() {
        [only] if only.count == 1 && near(only.average, datum.value) => None,
        [only] if only.count == 1 => Some(format!("{what} is {}, the run says {}", only.average, datum.value)),
        _ => Some(format!("{what} arrived more than once")),
    }
}

fn same(datum: &Datum, metric: &Metric) -> bool {
    metric.name == datum.name
        && metric.dimensions.len() == datum.dimensions.len()
        && datum.dimensions.iter().all(|(name, value)| metric.dimensions.get(*name) == Some(value))
}

/// A mean of one value may differ in its last digits.
fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-6 * right.abs().max(1.0)
}

#[cfg(test)]
mod tests {
    use report::Unit;

    use super::*;

    fn datum(name: &'static str) -> Datum {
        let dimensions = vec![("Target", "a".to_owned())];
        Datum { name, unit: Unit::Count, value: 1.0, dimensions, timestamp: jiff::Timestamp::UNIX_EPOCH }
    }

    fn metric(name: &str, average: f64, count: u64) -> Metric {
        let dimensions = [("Target".to_owned(), "a".to_owned())].into();
        Metric { name: name.to_owned(), dimensions, datapoints: vec![Datapoint { average, count }] }
    }

    #[test]
    fn what_is_missing_wrong_double_or_too_much_is_told() {
        let expected = [datum("RunSuccess")];
        for (read, told) in [
            (vec![metric("RunSuccess", 1.0, 1)], None),
            (vec![], Some("did not arrive")),
            (vec![metric("RunSuccess", 0.5, 1)], Some("is 0.5, the run says 1")),
            (vec![metric("RunSuccess", 1.0, 2)], Some("arrived more than once")),
            (vec![metric("RunSuccess", 1.0, 1), metric("Other", 1.0, 1)], Some("Other")),
        ] {
            let differences = compare(&expected, &read);
            let fits = match told {
                None => differences.is_empty(),
                Some(part) => differences.len() == 1 && differences[0].contains(part),
            };
            assert!(fits, "{told:?}: {differences:?}");
        }
    }
}
