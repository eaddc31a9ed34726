//! Runs to render.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use model::SCHEMA_VERSION;
use model::error::{ErrorType, Failure, RunError};
use model::journey::{Outcome, Request, Step, StepOutcome};
use model::report::{
    AttemptReport, CertificateReport, CleanupReport, Exchange, Header, Message, Milliseconds, RequestReport, RunReport,
    StepReport, Timings,
};

pub(crate) fn minute() -> Timestamp {
    "2026-11-25T10:01:00Z".parse().unwrap()
}

pub(crate) fn passed() -> RunReport {
    RunReport {
        schema_version: SCHEMA_VERSION,
        run_id: "0123456789abcdef0123456789abcdef".to_owned(),
        target: "klarna-playground".parse().unwrap(),
        region: Some("us-east-1".parse().unwrap()),
        scheduled_at: minute(),
        started_at: "2026-11-25T10:01:01.5Z".parse().unwrap(),
        duration_ms: ms(843.4),
        outcome: Outcome::Passed,
        recovered: false,
        error: None,
        attempt: 1,
        steps: steps(),
        cleanup: CleanupReport { request: Some(exchange(204, 9.0)), error: None },
        certificates: vec![CertificateReport {
            host: "bank.example".to_owned(),
            fingerprint: "ab".repeat(32),
            not_before: "2026-10-01T00:00:00Z".parse().unwrap(),
            not_after: minute() + SignedDuration::from_hours(57 * 24 + 12),
        }],
        attempts: Vec::new(),
        monitor_version: "0.1.0".to_owned(),
    }
}

/// Failed with this failure in the answer to a request; later steps did not run.
pub(crate) fn failed(failure: Failure, at: Request) -> RunReport {
    let mut report = passed();
    let outcome = failure.verdict().outcome;
    for step in &mut report.steps {
        if step.name > at.step() {
            *step = StepReport::not_run(step.name);
        } else if step.name == at.step() {
            step.outcome = outcome.into();
            step.requests.retain(|request| request.name <= at);
            let last = step.requests.last_mut().unwrap();
            last.exchange.status = failure.http_status;
            last.error = Some(failure.clone());
        }
    }
    report.outcome = outcome;
    report.error = Some(RunError::new(failure, Some(at.step()), Some(at)));
    report
}

/// The same run, after a first attempt that failed with this.
pub(crate) fn after_first_attempt(mut report: RunReport, failure: Failure, at: Request) -> RunReport {
    let first = failed(failure, at);
    report.recovered = report.outcome == Outcome::Passed;
    report.attempt = 2;
    report.attempts.push(AttemptReport {
        attempt: 1,
        started_at: first.started_at,
        duration_ms: first.duration_ms,
        outcome: first.outcome,
        error: first.error,
        steps: first.steps,
        cleanup: first.cleanup,
    });
    report
}

pub(crate) fn http_503() -> Failure {
    Failure::new(ErrorType::HttpStatus, "the API answered with status 503").with_status(503)
}

pub(crate) fn ms(milliseconds: f64) -> Milliseconds {
    Duration::from_secs_f64(milliseconds / 1e3).into()
}

fn steps() -> Vec<StepReport> {
    let step = |step: Step| {
        let requests: Vec<RequestReport> =
            Request::ALL.into_iter().filter(|request| request.step() == step).map(request).collect();
        StepReport {
            number: step.number(),
            name: step,
            outcome: StepOutcome::Passed,
            duration_ms: Some(ms(100.0 * f64::from(step.number()))),
            requests,
        }
    };
    Step::ALL.into_iter().map(step).collect()
}

fn request(name: Request) -> RequestReport {
    RequestReport {
        number: name.number(),
        name,
        exchange: exchange(200, 12.4),
        polls: Vec::new(),
        assertions: Vec::new(),
        error: None,
    }
}

/// Headers and body hold a word that only the HTTP archive may show.
fn exchange(status: u16, milliseconds: f64) -> Exchange {
    let message = Message {
        headers: vec![Header { name: "x-canary".to_owned(), value: "canary".to_owned() }],
        body: Some("canary".to_owned()),
        ..Message::default()
    };
    Exchange {
        method: "POST".to_owned(),
        url: "https://bank.example:8443/wizard/flow-1".to_owned(),
        url_template: "https://bank.example:8443/wizard/{flow_id}".to_owned(),
        status: Some(status),
        started_ms: ms(3.0),
        duration_ms: ms(milliseconds),
        timings: Timings {
            connect_ms: Some(ms(1.5)),
            tls_ms: Some(ms(4.0)),
            first_byte_ms: Some(ms(6.0)),
            download_ms: Some(ms(0.2)),
            ..Timings::default()
        },
        remote_address: Some("192.0.2.9:8443".to_owned()),
        request: message.clone(),
        response: Some(message),
        form: Some("canary".to_owned()),
        ..Exchange::default()
    }
}
