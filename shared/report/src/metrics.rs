//! The metrics of a run, and of the aggregator itself. Nowhere else is a metric or dimension name spelled.
//!
//! Every pair of metric and dimensions costs money each month (Amazon
//! CloudWatch pricing, custom metrics): a new line here is a decision.

use jiff::Timestamp;
use model::config::MetricDetail;
use model::error::ToldAs;
use model::journey::Outcome;
use model::report::RunReport;

/// The namespace of all metrics.
pub const NAMESPACE: &str = "XS2AMonitor";

const RUN_SUCCESS: &str = "RunSuccess";
const MONITOR_ERROR: &str = "MonitorError";
const RUN_DURATION: &str = "RunDuration";
const RUN_RECOVERED: &str = "RunRecovered";
const STEP_DURATION: &str = "StepDuration";
const STEP_FAILURE: &str = "StepFailure";
const CERTIFICATE_DAYS_TO_EXPIRY: &str = "CertificateDaysToExpiry";
const AGGREGATOR_HEARTBEAT: &str = "AggregatorHeartbeat";
const NOTIFICATION_FAILED: &str = "NotificationFailed";

const TARGET: &str = "Target";
const STEP: &str = "Step";
const ERROR_TYPE: &str = "ErrorType";
const HOST: &str = "Host";

const SECONDS_A_DAY: f64 = 86_400.0;

/// One value of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Datum {
    /// The metric's name.
    pub name: &'static str,
    /// The unit of `value`.
    pub unit: Unit,
    /// The value.
    pub value: f64,
    /// Names and values, in order.
    pub dimensions: Vec<(&'static str, String)>,
    /// The minute that the value stands for.
    pub timestamp: Timestamp,
}

/// The units in use (`CloudWatch` API Reference, `MetricDatum`, Unit).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// A duration.
    Milliseconds,
    /// Days, which `CloudWatch` has no unit for.
    None,
}

/// The metrics of one run. `detail` leaves out those by step; the certificates
/// are told by the home region only, because every region sees the same ones.
#[must_use]
pub fn metrics(report: &RunReport, detail: MetricDetail, is_home_region: bool) -> Vec<Datum> {
    let mut data = run_metrics(report);
    if detail == MetricDetail::Full {
        data.extend(step_durations(report));
        data.extend(step_failures(report));
    }
    if is_home_region {
        data.extend(certificate_metrics(report));
    }
    data
}

/// The sign that the aggregator's tick of a minute did all its work.
#[must_use]
pub fn aggregator_heartbeat(minute: Timestamp) -> Datum {
    of_the_monitor(AGGREGATOR_HEARTBEAT, 1.0, minute)
}

/// How many tries of notifications failed.
#[must_use]
pub fn notification_failed(tries: u32, at: Timestamp) -> Datum {
    of_the_monitor(NOTIFICATION_FAILED, f64::from(tries), at)
}

fn of_the_monitor(name: &'static str, value: f64, timestamp: Timestamp) -> Datum {
    Datum { name, unit: Unit::Count, value, dimensions: Vec::new(), timestamp }
}

fn run_metrics(report: &RunReport) -> Vec<Datum> {
    let verdict = match (report.told_as(), report.outcome) {
        (Some(ToldAs::MonitorError), _) => count(report, MONITOR_ERROR, 1.0, []),
        (_, Outcome::Failed) => count(report, RUN_SUCCESS, 0.0, []),
        (_, Outcome::Passed | Outcome::Degraded) => count(report, RUN_SUCCESS, 1.0, []),
    };
    let mut data = vec![verdict];
    // A run that never began says nothing of how long one takes.
    if report.steps.iter().any(|step| step.duration_ms.is_some()) {
        data.push(datum(report, RUN_DURATION, Unit::Milliseconds, report.duration_ms.get(), []));
    }
    if report.recovered {
        data.push(count(report, RUN_RECOVERED, 1.0, []));
    }
    data
}

fn step_durations(report: &RunReport) -> impl Iterator<Item = Datum> {
    report.steps.iter().filter_map(|step| {
        let duration = step.duration_ms?.get();
        let dimensions = [(STEP, step.name.name())];
        Some(datum(report, STEP_DURATION, Unit::Milliseconds, duration, dimensions))
    })
}

/// Once by step for the alarm, once with the reason for the dashboard.
fn step_failures(report: &RunReport) -> Vec<Datum> {
    let failed = report.error.as_ref().filter(|_| report.outcome == Outcome::Failed);
    let Some((error, step)) = failed.and_then(|error| Some((error, error.step?))) else {
        return Vec::new();
    };
    let step = (STEP, step.name());
    let reason = (ERROR_TYPE, error.failure.error_type.name());
    vec![count(report, STEP_FAILURE, 1.0, [step]), count(report, STEP_FAILURE, 1.0, [step, reason])]
}

/// Parts of a day count: an alarm below 30 fires on the minute. Negative: the
/// certificate is past its end.
fn certificate_metrics(report: &RunReport) -> impl Iterator<Item = Datum> {
    report.certificates.iter().map(|certificate| {
        let left = certificate.not_after.duration_since(report.scheduled_at);
        let days = (left.as_secs_f64() / SECONDS_A_DAY * 100.0).round() / 100.0;
        datum(report, CERTIFICATE_DAYS_TO_EXPIRY, Unit::None, days, [(HOST, certificate.host.as_str())])
    })
}

fn count<const N: usize>(
    report: &RunReport,
    name: &'static str,
    value: f64,
    dimensions: [(&'static str, &str); N],
) -> Datum {
    datum(report, name, Unit::Count, value, dimensions)
}

fn datum<const N: usize>(
    report: &RunReport,
    name: &'static str,
    unit: Unit,
    value: f64,
    dimensions: [(&'static str, &str); N],
) -> Datum {
    let target = (TARGET, report.target.to_string());
    let others = dimensions.map(|(name, value)| (name, value.to_owned()));
    Datum {
        name,
        unit,
        value,
        dimensions: std::iter::once(target).chain(others).collect(),
        timestamp: report.scheduled_at,
    }
}
