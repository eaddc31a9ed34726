//! Days, targets and incidents to make pages of, and how a page reads.

use jiff::{SignedDuration, Timestamp};
use model::error::{Blame, ErrorType};
use model::journey::{Request, Step};
use model::names::{Region, ReportUri};
use report::overview::{
    Cause, Cell, Day, Fault, Finding, Incident, Kind, MOST_TARGETS_IN_DETAIL, Matter, Notification, Overview, Run,
    State, Target, Window,
};
use url::Url;

use crate::sample::http_503;

pub(super) const REGIONS: [&str; 3] = ["us-east-1", "us-east-2", "us-west-1"];

pub(super) fn now() -> Timestamp {
    "2026-11-25T10:05:00Z".parse().unwrap()
}

pub(super) fn cell(kind: Kind) -> Cell {
    let cause = Cause {
        error_type: ErrorType::HttpStatus,
        step: Some(Step::EncryptedResponses),
        request: Some(Request::ChooseInterface),
    };
    let bad = !matches!(kind, Kind::Passed | Kind::Recovered);
    Cell {
        kind,
        quiet: false,
        duration: 843,
        steps: [Some(12), Some(20), Some(80), Some(90), Some(30), Some(50), Some(20), Some(60)],
        cause: bad.then_some(cause),
        report: None,
    }
}

/// A run for every minute but the one under way, and one that is 24 hours old; the kind is by region and minutes ago.
pub(super) fn day(one_by_one: bool, kind: impl Fn(usize, i64) -> Option<Kind>) -> Day {
    let window = Window::until(now());
    let runs = |index: usize| -> Vec<Run> {
        let run = |ago: i64| {
            let minute = now() - SignedDuration::from_mins(ago);
            let cell = cell(kind(index, ago)?);
            let key = format!("reports/a-bank/{}/{}.html", REGIONS[index], minute.strftime("%Y%m%dT%H%M%SZ"));
            let uri = format!("s3://xs2a-monitor-reports-{}/{key}", REGIONS[index]);
            let report = cell.cause.and_then(|_| uri.parse().ok());
            Some(Run { minute, cell: Cell { report, ..cell } })
        };
        (1..=1440).filter_map(run).collect()
    };
    let regions = (0..3).map(|index| (REGIONS[index].parse().unwrap(), runs(index))).collect();
    Day::of(window, regions, one_by_one, link)
}

pub(super) fn link(region: &Region, report: &ReportUri) -> Option<Url> {
    let (bucket, key) = (report.bucket(), report.key());
    format!("https://s3.console.aws.amazon.com/s3/object/{bucket}?region={region}&prefix={key}").parse().ok()
}

pub(super) fn target(day: Day) -> Target {
    Target {
        id: "a-bank".parse().unwrap(),
        name: "A Bank".to_owned(),
        tags: vec!["payments".to_owned()],
        state: State::Passing,
        decided_at: Some(now() - SignedDuration::from_mins(1)),
        quiet: None,
        runbook: Some("https://example.com/runbook".parse().unwrap()),
        day: Some(day),
    }
}

pub(super) fn page_of(targets: Vec<Target>) -> Overview {
    Overview {
        made_at: now(),
        interval: SignedDuration::from_mins(1),
        targets,
        incidents: Vec::new(),
        notifications: Vec::new(),
        untold: 0,
        dashboard: None,
    }
}

pub(super) fn incident() -> Incident {
    Incident {
        key: "a-bank.availability.20261125T0950Z".to_owned(),
        matter: Matter::Failing,
        subject: "A Bank".to_owned(),
        findings: vec![Finding {
            what: "Step 4 (Encrypted responses), request 5: the API answered with status 503".to_owned(),
            regions: vec!["us-east-1".parse().unwrap(), "us-west-1".parse().unwrap()],
        }],
        fault: Some(Fault { failure: http_503(), blame: Blame::Provider }),
        since: now() - SignedDuration::from_mins(15),
        ended_at: None,
        acknowledged_at: None,
        told: true,
        quiet: false,
        report: Some("https://example.com/report".parse().unwrap()),
    }
}

pub(super) fn notification() -> Notification {
    Notification {
        incident: incident().key,
        channel: "slack".to_owned(),
        event: "failure".to_owned(),
        decided_at: Some(now() - SignedDuration::from_mins(14)),
        status: "sent".to_owned(),
        tries: 2,
        last_tried_at: Some(now() - SignedDuration::from_mins(12)),
        answer: "HTTP 200: ok".to_owned(),
    }
}

/// An outage that goes on, another one, a gap, faults of every kind.
pub(super) fn troubled() -> Overview {
    let kind = |region: usize, ago: i64| {
        Some(match (region, ago) {
            (2, 300..=330) => return None,
            (0 | 1, 1..=15) | (2, 1100) => Kind::Failed,
            (1, 500..=504) => Kind::Degraded,
            (0, 700) => Kind::Recovered,
            (_, 900..=905) => Kind::MonitorError,
            _ => Kind::Passed,
        })
    };
    let failing = Target { state: State::Failing, ..target(day(true, kind)) };
    let yesterday = |hours: i64| now() - SignedDuration::from_hours(hours);
    let older = Incident { since: yesterday(32), ended_at: Some(yesterday(30)), told: false, ..incident() };
    let refused = Notification { status: "failed".to_owned(), answer: "HTTP 503".to_owned(), ..notification() };
    let incidents = vec![incident(), Incident { matter: Matter::Degraded, ..older }];
    Overview { incidents, notifications: vec![notification(), refused], ..page_of(vec![failing]) }
}

pub(super) fn fleet(targets: usize) -> Overview {
    let kind =
        |number: i64| move |_: usize, ago: i64| Some(if ago == 40 * number { Kind::Failed } else { Kind::Passed });
    let target = |number: usize| Target {
        id: format!("bank-{number}").parse().unwrap(),
        name: format!("Bank {number}"),
        ..target(day(targets <= MOST_TARGETS_IN_DETAIL, kind(i64::try_from(number).unwrap() % 30)))
    };
    page_of((0..targets).map(target).collect())
}

/// What a reader sees, without marks and with single spaces.
pub(super) fn text(page: &str) -> String {
    let (_, body) = page.split_once("<body>").unwrap();
    let (body, _) = body.split_once("<script>").unwrap();
    let mut pieces = body.split('<');
    let first = pieces.next().unwrap().to_owned();
    let rest = pieces.map(|piece| piece.split_once('>').map_or("", |(_, text)| text));
    let text = std::iter::once(first.as_str()).chain(rest).collect::<Vec<_>>().join(" ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    [(" ,", ","), (" ;", ";"), (" )", ")"), ("( ", "("), (" :", ":"), (" .", ".")]
        .iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}

pub(super) fn assert_shows(page: &str, expected: &[&str]) {
    let text = text(page);
    for expected in expected {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}
