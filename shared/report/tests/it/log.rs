use model::journey::Request;
use report::{LogContext, log_line};
use serde_json::{Value, json};

use crate::sample::{after_first_attempt, failed, http_503, passed};

#[test]
fn a_failed_run_is_one_line_with_the_names_of_opentelemetry() {
    let report =
        after_first_attempt(failed(http_503(), Request::GetFlowConfiguration), http_503(), Request::SelectBank);
    let context = LogContext {
        function_name: Some("probe"),
        invocation_id: Some("8f2c"),
        cold_start: Some(true),
        scheduled: true,
    };
    let line = log_line(&report, &context);
    assert!(!line.contains('\n'));
    assert!(!line.contains("canary"), "{line}");
    let line: Value = serde_json::from_str(&line).unwrap();
    let expected = json!({
        "timestamp": "2026-11-25T10:01:01.5Z",
        "severity": "ERROR",
        "event.name": "xs2a_monitor.run",
        "service.name": "xs2a-monitor",
        "service.version": "0.1.0",
        "user_agent.synthetic.type": "test",
        "cloud.region": "us-east-1",
        "faas.name": "probe",
        "faas.invocation_id": "8f2c",
        "faas.coldstart": true,
        "faas.trigger": "timer",
        "target": "klarna-playground",
        "run.id": "0123456789abcdef0123456789abcdef",
        "run.scheduled_at": "2026-11-25T10:01:00Z",
        "run.duration_ms": 843.4,
        "run.outcome": "failed",
        "run.told_as": "failure",
        "run.recovered": false,
        "run.attempts": 2,
        "run.session_left_open": false,
        "step.start_session.duration_ms": 100.0,
        "step.start_account_details_flow.duration_ms": 200.0,
        "step.select_test_bank.duration_ms": 300.0,
        "error.type": "http_status",
        "error.message": "the API answered with status 503",
        "error.blame": "provider",
        "error.step": "select_test_bank",
        "error.request": 4,
        "http.request.method": "POST",
        "http.response.status_code": 503,
        "http.client.request.duration": 0.0124,
        "url.template": "https://bank.example:8443/wizard/{flow_id}",
        "server.address": "bank.example",
        "server.port": 8443,
        "network.peer.address": "192.0.2.9:8443",
    });
    assert_eq!(line, expected);
}

#[test]
fn a_passed_run_outside_lambda_names_no_function_and_no_error() {
    let line = log_line(&passed(), &LogContext::default());
    let line: serde_json::Map<String, Value> = serde_json::from_str(&line).unwrap();
    assert_eq!(line["severity"], "INFO");
    let absent = |key: &&String| key.starts_with("faas") || key.starts_with("error") || key.starts_with("http");
    assert_eq!(line.keys().find(absent), None);
}
