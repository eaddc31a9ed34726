//! The overview of a bad day, with the text of standard input wherever others
//! write: a bank, a provider, a person. Where it shows a URL there stands one of
//! `javascript:`. The tests of `infra/browser` open it: no command makes such a
//! page.

use std::error::Error;
use std::io::{self, Write as _};

use jiff::{SignedDuration, Timestamp};
use model::error::{Blame, ErrorType, Failure};
use report::overview::{
    Cause, Cell, Day, Fault, Finding, Incident, Kind, Matter, Notification, Overview, Quiet, Run, State, Target,
    Window, overview,
};
use url::Url;

/// What a link must not lead to.
const SCRIPT: &str = "javascript:window.pwned=1";

fn main() -> Result<(), Box<dyn Error>> {
    let page = overview(&bad_day(&io::read_to_string(io::stdin())?)?);
    Ok(io::stdout().write_all(page.as_bytes())?)
}

fn bad_day(text: &str) -> Result<Overview, Box<dyn Error>> {
    let made_at: Timestamp = "2026-11-25T10:05:00Z".parse()?;
    let (since, until) = (made_at - SignedDuration::from_mins(15), made_at + SignedDuration::from_hours(1));
    let incident = incident(text, since)?;
    let ended = Incident { ended_at: Some(made_at), ..incident.clone() };
    Ok(Overview {
        made_at,
        interval: SignedDuration::from_mins(1),
        targets: vec![
            target("muted", text, Some(Quiet::Asked { until, reason: text.to_owned() }), made_at)?,
            target("failing", text, None, made_at)?,
        ],
        incidents: vec![incident, ended],
        notifications: ["sent", "failed", text].map(|status| notification(text, status, since)).into(),
        untold: 1,
        dashboard: Some(SCRIPT.parse()?),
    })
}

fn target(id: &str, text: &str, quiet: Option<Quiet>, now: Timestamp) -> Result<Target, Box<dyn Error>> {
    let script: Url = SCRIPT.parse()?;
    let run = |ago: i64| Ok::<_, Box<dyn Error>>(Run { minute: now - SignedDuration::from_mins(ago), cell: failed()? });
    let runs = (0..5).map(run).collect::<Result<Vec<Run>, _>>()?;
    Ok(Target {
        id: id.parse()?,
        name: text.to_owned(),
        tags: vec![text.to_owned()],
        state: State::Failing,
        decided_at: Some(now),
        quiet,
        runbook: Some(script.clone()),
        day: Some(Day::of(Window::until(now), vec![("us-east-1".parse()?, runs)], true, |_, _| Some(script.clone()))),
    })
}

fn failed() -> Result<Cell, Box<dyn Error>> {
    Ok(Cell {
        kind: Kind::Failed,
        quiet: false,
        duration: 843,
        steps: [Some(12), None, None, None, None, None, None, None],
        cause: Some(Cause { error_type: ErrorType::HttpStatus, step: None, request: None }),
        report: Some("s3://reports-1/run.html".parse()?),
    })
}

fn incident(text: &str, since: Timestamp) -> Result<Incident, Box<dyn Error>> {
    Ok(Incident {
        key: text.to_owned(),
        matter: Matter::Failing,
        subject: text.to_owned(),
        findings: vec![Finding {
            what: format!("Step 4 (Encrypted responses), request 5: {text} (api_error)"),
            regions: vec!["us-east-1".parse()?],
        }],
        fault: Some(Fault { failure: Failure::new(ErrorType::HttpStatus, text), blame: Blame::Provider }),
        since,
        ended_at: None,
        acknowledged_at: None,
        told: false,
        quiet: false,
        report: Some(SCRIPT.parse()?),
    })
}

fn notification(text: &str, status: &str, at: Timestamp) -> Notification {
    Notification {
        incident: text.to_owned(),
        channel: text.to_owned(),
        event: text.to_owned(),
        decided_at: Some(at),
        status: status.to_owned(),
        tries: 2,
        last_tried_at: Some(at),
        answer: format!("HTTP 503: {text}"),
    }
}
