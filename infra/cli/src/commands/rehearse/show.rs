//! The rehearsal's result for a person.

use std::collections::BTreeMap;

use model::journey::Step;
use report::{NAMESPACE, Style, render};

use super::aggregator::Verdicts;
use super::plan::Plan;
use super::probes::RegionRun;
use super::readback::{Metric, RegionMetrics};
use super::verdict;

/// What a rehearsal has to show.
pub(crate) struct Shown<'a> {
    pub(crate) runs: &'a [RegionRun],
    pub(crate) metrics: &'a [RegionMetrics],
    pub(crate) verdicts: &'a Verdicts,
}

pub(crate) fn everything(plan: &Plan, shown: &Shown<'_>, style: Style) -> String {
    let tables = shown.runs.iter().flat_map(|run| &run.reports).map(|report| render(report, &style));
    let rest = [metric_table(plan, shown.metrics), verdict::table(plan, shown.verdicts), folders(plan)];
    let parts: Vec<String> = tables.chain(rest).collect();
    format!("{}\n", parts.join("\n"))
}

pub(crate) fn folders(plan: &Plan) -> String {
    format!("Reports  {}\nLogs     {}\n", plan.kit.reports.display(), plan.kit.logs.display())
}

/// A line for each metric, a column for each region.
fn metric_table(plan: &Plan, regions: &[RegionMetrics]) -> String {
    let one_target = plan.config.targets.len() == 1;
    let metrics = regions.iter().flat_map(|region| &region.metrics);
    let rows: BTreeMap<Row, String> = metrics.map(|metric| (order(metric), label(metric, one_target))).collect();
    let wide = rows.values().map(|label| label.chars().count()).max().unwrap_or_default();
    let line = |label: &str, values: Vec<String>| {
        let cells: Vec<String> = values.iter().map(|value| format!("{value:>WIDE$}")).collect();
        format!("{label:wide$}  {}\n", cells.join("  "))
    };
    let title = format!("Metrics in CloudWatch, namespace {NAMESPACE}, minute {}\n", plan.minute);
    let head = line("", regions.iter().map(|region| region.region.to_string()).collect());
    let body = rows.iter().map(|(row, label)| line(label, regions.iter().map(|region| value(row, region)).collect()));
    [title, head].into_iter().chain(body).collect()
}

/// The width of a region's column.
const WIDE: usize = 14;

/// Rows stand in the order of their name and, for a step, of the journey.
type Row = (String, Option<usize>, Vec<(String, String)>);

fn order(metric: &Metric) -> Row {
    let position = |value: &String| Step::ALL.iter().position(|step| step.name() == value);
    let dimensions = metric.dimensions.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    (metric.name.clone(), metric.dimensions.values().find_map(position), dimensions)
}

fn label(metric: &Metric, one_target: bool) -> String {
    // The names in their order: ErrorType, Host, Step, Target.
    let told = metric.dimensions.iter().rev().filter(|(name, _)| !(one_target && *name == "Target"));
    let values: Vec<&str> = told.map(|(_, value)| value.as_str()).collect();
    report::printable(format!("{} {}", metric.name, values.join(" ")).trim_end())
}

fn value(row: &Row, region: &RegionMetrics) -> String {
    let metric = region.metrics.iter().find(|metric| order(metric) == *row);
    match metric.and_then(|metric| metric.datapoints.last()) {
        Some(datapoint) => ((datapoint.average * 10.0).round() / 10.0).to_string(),
        None => "-".to_owned(),
    }
}
