//! One wide line per run, with the names of OpenTelemetry where it has one
//! (OpenTelemetry semantic conventions: HTTP, `FaaS`, cloud, error).

use model::error::{Category, ToldAs};
use model::journey::{Outcome, Step};
use model::names::Region;
use model::report::{Exchange, Milliseconds, RequestReport, RunReport};
use serde_json::{Map, Value};
use url::Url;

const SERVICE: &str = "xs2a-monitor";

/// Where a run took place.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogContext<'a> {
    /// The function's name.
    pub function_name: Option<&'a str>,
    /// The id of the invocation.
    pub invocation_id: Option<&'a str>,
    /// Whether the invocation was the first of its process.
    pub cold_start: Option<bool>,
    /// Whether a schedule asked for the run, not a person.
    pub scheduled: bool,
}

/// The run as one line of JSON, without a line break. It holds no headers, no
/// bodies and nothing of an account.
#[must_use]
pub fn log_line(report: &RunReport, context: &LogContext<'_>) -> String {
    let mut line = Line(Map::new());
    line.put_origin(report, context);
    line.put_run(report);
    line.put_steps(report);
    line.put_error(report);
    Value::Object(line.0).to_string()
}

struct Line(Map<String, Value>);

impl Line {
    fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    fn put_some(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    fn put_origin(&mut self, report: &RunReport, context: &LogContext<'_>) {
        self.put("service.name", SERVICE);
        self.put("service.version", report.monitor_version.as_str());
        self.put("user_agent.synthetic.type", "test");
        self.put_some("cloud.region", report.region.as_ref().map(Region::as_str));
        self.put_some("faas.name", context.function_name);
        self.put_some("faas.invocation_id", context.invocation_id);
        self.put_some("faas.coldstart", context.cold_start);
        self.put_some("faas.trigger", context.function_name.map(|_| if context.scheduled { "timer" } else { "other" }));
    }

    fn put_run(&mut self, report: &RunReport) {
        self.put("event.name", "xs2a_monitor.run");
        self.put("severity", severity(report));
        self.put("timestamp", report.started_at.to_string());
        self.put("target", report.target.as_str());
        self.put("run.id", report.run_id.as_str());
        self.put("run.scheduled_at", report.scheduled_at.to_string());
        self.put("run.duration_ms", report.duration_ms.get());
        self.put("run.outcome", report.outcome.name());
        self.put_some("run.told_as", report.told_as().map(ToldAs::name));
        self.put("run.recovered", report.recovered);
        self.put("run.attempts", report.attempts.len() + 1);
        self.put("run.session_left_open", report.session_left_open());
    }

    fn put_steps(&mut self, report: &RunReport) {
        for step in &report.steps {
            let key = format!("step.{}.duration_ms", step.name.name());
            self.put_some(&key, step.duration_ms.map(Milliseconds::get));
        }
    }

    fn put_error(&mut self, report: &RunReport) {
        let Some(error) = &report.error else { return };
        self.put("error.type", error.failure.error_type.name());
        self.put("error.message", error.failure.message.as_str());
        self.put_some("error.category", error.failure.category.as_ref().map(Category::as_str));
        self.put("error.blame", error.blame.name());
        self.put_some("error.step", error.step.map(Step::name));
        self.put_some("error.request", error.request);
        if let Some(request) = failing_request(report) {
            self.put_exchange(deciding_exchange(request));
        }
        self.put_some("http.response.status_code", error.failure.http_status);
    }

    fn put_exchange(&mut self, exchange: &Exchange) {
        self.put("http.request.method", exchange.method.as_str());
        self.put("url.template", exchange.url_template.as_str());
        let seconds = exchange.duration_ms.get() / 1_000.0;
        self.put("http.client.request.duration", seconds);
        self.put_some("http.response.status_code", exchange.status);
        self.put_some("network.peer.address", exchange.remote_address.as_deref());
        if let Ok(url) = Url::parse(&exchange.url) {
            self.put_some("server.address", url.host_str());
            self.put_some("server.port", url.port_or_known_default());
        }
    }
}

fn severity(report: &RunReport) -> &'static str {
    match report.outcome {
        Outcome::Passed => "INFO",
        Outcome::Degraded => "WARN",
        Outcome::Failed => "ERROR",
    }
}

fn failing_request(report: &RunReport) -> Option<&RequestReport> {
    let number = report.error.as_ref()?.request?;
    let mut requests = report.steps.iter().flat_map(|step| &step.requests);
    requests.find(|request| request.number == number)
}

/// The last of the request's exchanges: the one that the polling ended with.
fn deciding_exchange(request: &RequestReport) -> &Exchange {
    request.polls.last().unwrap_or(&request.exchange)
}
