//! The overview: what a person sees on it, and what it must not do.

use jiff::{SignedDuration, Timestamp};
use model::error::ErrorType;
use model::journey::{Request, Step};
use report::overview::{
    Cause, Cell, Day, Incident, Kind, MOST_TARGETS_IN_DETAIL, Matter, Notification, Overview, Quiet, Run, State,
    Target, Window, overview,
};

const REGIONS: [&str; 3] = ["us-east-1", "us-east-2", "us-west-1"];

fn now() -> Timestamp {
    "2026-11-25T10:05:00Z".parse().unwrap()
}

fn cell(kind: Kind) -> Cell {
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

/// A run for every minute of the window up to now; the kind is by region and minutes ago.
fn day(one_by_one: bool, kind: impl Fn(usize, i64) -> Option<Kind>) -> Day {
    let window = Window::until(now());
    let runs = |index: usize| -> Vec<Run> {
        let run = |ago: i64| {
            let minute = now() - SignedDuration::from_mins(ago);
            let cell = cell(kind(index, ago)?);
            let bad = cell.cause.is_some();
            let key = format!("reports/a-bank/{}/{}.html", REGIONS[index], minute.strftime("%Y%m%dT%H%M%SZ"));
            let link = format!(
                "https://s3.console.aws.amazon.com/s3/object/xs2a-monitor-reports-{0}?region={0}&prefix={key}",
                REGIONS[index]
            );
            Some(Run { minute, cell, link: bad.then(|| link.parse().unwrap()) })
        };
        (1..=1440).filter_map(run).collect()
    };
    let regions = (0..3).map(|index| (REGIONS[index].parse().unwrap(), runs(index))).collect();
    Day::of(window, regions, one_by_one)
}

fn target(day: Day) -> Target {
    Target {
        id: "a-bank".parse().unwrap(),
        name: "A Bank".to_owned(),
        tags: vec!["payments".to_owned()],
        state: State::Passing,
        decided_at: Some(now() - SignedDuration::from_mins(1)),
        quiet: None,
        runbook: Some("https://example.com/runbook".parse().unwrap()),
        day,
    }
}

fn page_of(targets: Vec<Target>) -> Overview {
    Overview {
        made_at: now(),
        interval: SignedDuration::from_mins(1),
        targets,
        incidents: Vec::new(),
        notifications: Vec::new(),
        incidents_untold: 0,
        dashboard: None,
    }
}

fn incident() -> Incident {
    Incident {
        key: "a-bank.availability.20261125T0950Z".to_owned(),
        matter: Matter::Failing,
        subject: "A Bank".to_owned(),
        what: "Step 4 (Encrypted responses), request 5: the API answered with status 503".to_owned(),
        regions: vec!["us-east-1".parse().unwrap(), "us-west-1".parse().unwrap()],
        since: now() - SignedDuration::from_mins(15),
        ended_at: None,
        acknowledged_at: None,
        told: true,
        report: Some("https://example.com/report".parse().unwrap()),
    }
}

fn notification() -> Notification {
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
fn troubled() -> Overview {
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

fn fleet(targets: usize) -> Overview {
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
fn text(page: &str) -> String {
    let (_, body) = page.split_once("<body>").unwrap();
    let (body, _) = body.split_once("<script>").unwrap();
    let mut pieces = body.split('<');
    let first = pieces.next().unwrap().to_owned();
    let rest = pieces.map(|piece| piece.split_once('>').map_or("", |(_, text)| text));
    let text = std::iter::once(first.as_str()).chain(rest).collect::<Vec<_>>().join(" ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    [(" ,", ","), (" )", ")"), ("( ", "("), (" :", ":"), (" .", ".")]
        .iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}

fn assert_shows(page: &str, expected: &[&str]) {
    let text = text(page);
    for expected in expected {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn an_outage_is_said_on_top_with_what_where_and_since_when() {
    let page = overview(&troubled());
    assert_shows(
        &page,
        &[
            "✖ A Bank is failing",
            "Made 25 November 2026, 10:05 UTC, and made anew every five minutes.",
            "Open incidents A Bank: failing for 15 min Step 4 (Encrypted responses), request 5: the API answered with \
             status 503 (us-east-1, us-west-1) Since 25 Nov 09:50. Not acknowledged. Report of the last bad run",
            "A Bank ✖ failing 99.24 % 843 ms 843 ms",
            "us-east-1 98.91 % 1385 runs: 15 failed, 6 monitor errors, 1 recovered, 1363 passed",
            "us-west-1 99.92 % 1354 runs: 1 failed, 6 monitor errors, 1347 passed",
            "09:50 us-east-1: failed, http_status at step 4 (Encrypted responses), request 5",
            "24 Nov 02:05 24 Nov 04:05 2 h A Bank degraded",
            "nobody was told",
            "25 Nov 09:51 failure a-bank.availability.20261125T0950Z slack sent after 2 tries HTTP 200: ok 09:53",
            "25 Nov 09:51 failure a-bank.availability.20261125T0950Z slack failed after 2 tries HTTP 503 09:53",
        ],
    );
    assert!(page.contains("<title>✖ A Bank is failing · xs2a-monitor</title>"));
}

#[test]
fn every_run_has_a_cell_of_its_kind() {
    let page = overview(&troubled());
    // Bad runs stand alone, each with its words and link; what is equal is one line.
    let cells = |class: &str| page.matches(&format!("<a class=\"{class}\" href=\"https://s3.console")).count();
    assert_eq!((cells("f"), cells("d"), cells("m")), (31, 5, 18));
    assert_eq!(page.matches("<path class=\"p every1\"").count(), 3);
    assert_eq!(page.matches("<path class=\"r every1\"").count(), 1);
    // The run of 22:25 recovered: the twelfth row, for the first is that of 11:00.
    assert!(page.contains("<path class=\"r every1\" d=\"M304 183h8\"></path>"));
}

#[test]
fn the_hours_stand_there_in_words_with_a_report() {
    let page = overview(&troubled());
    assert_shows(
        &page,
        &[
            "Hour us-east-1 us-east-2 us-west-1 25 Nov 10:00 5 failed report of 10:00",
            "25 Nov 09:00 10 failed, 50 passed report of 09:50",
            "24 Nov 11:00 60 passed 60 passed 60 passed",
        ],
    );
}

#[test]
fn what_is_not_there_is_said_in_words() {
    let nothing = Target { state: State::NoRuns, decided_at: None, ..target(day(true, |_, _| None)) };
    assert_shows(
        &overview(&page_of(vec![nothing])),
        &[
            "○ No runs yet",
            "No open incident.",
            "A Bank ○ no runs yet – – –",
            "No runs yet.",
            "Nothing happened in 7 days.",
            "Nobody was told anything in 7 days.",
        ],
    );
    assert_shows(&overview(&page_of(Vec::new())), &["No target is configured"]);
}

#[test]
fn whoever_is_muted_is_shown_as_such_and_does_not_make_the_headline() {
    let quiet = |quiet: Quiet| {
        let failing =
            Target { state: State::Failing, quiet: Some(quiet), ..target(day(true, |_, _| Some(Kind::Failed))) };
        overview(&page_of(vec![failing, target(day(true, |_, _| Some(Kind::Passed)))]))
    };
    let asked = Quiet::Asked { until: now() + SignedDuration::from_mins(90), reason: "the bank moves".to_owned() };
    assert_shows(
        &quiet(asked),
        &[
            "● A Bank is passing, 1 muted",
            "✖ failing muted",
            "Muted until 25 Nov 11:35 (1 h 30 min more): the bank moves",
        ],
    );
    assert_shows(&quiet(Quiet::Configured), &["Muted by the configuration: nobody is told."]);
    assert_shows(&quiet(Quiet::Maintenance), &["In a maintenance window: nobody is told."]);
}

#[test]
fn availability_leaves_out_what_was_quiet_and_our_own_faults() {
    let window = Window::until(now());
    let run = |ago: i64, kind: Kind, quiet: bool| Run {
        minute: now() - SignedDuration::from_mins(ago),
        cell: Cell { quiet, ..cell(kind) },
        link: None,
    };
    let runs = vec![
        run(1, Kind::Passed, false),
        run(2, Kind::Degraded, false),
        run(3, Kind::Recovered, false),
        run(4, Kind::Failed, false),
        run(5, Kind::Failed, true),
        run(6, Kind::MonitorError, false),
        run(1500, Kind::Failed, false),
    ];
    let day = Day::of(window, vec![("us-east-1".parse().unwrap(), runs)], true);
    let page = overview(&page_of(vec![target(day)]));
    let counts = "75.00 % 6 runs: 2 failed, 1 degraded, 1 monitor error, 1 recovered, 1 passed; 1 of them while muted";
    assert_shows(&page, &[counts, "Availability is the share of runs that passed or were degraded."]);
}

#[test]
fn the_page_stays_small() {
    let passing = overview(&page_of(vec![target(day(true, |_, _| Some(Kind::Passed)))]));
    assert!(passing.len() < 40_000, "{}", passing.len());
    let failing = overview(&page_of(vec![target(day(true, |_, _| Some(Kind::Failed)))]));
    assert!(failing.len() < 150_000, "{}", failing.len());
    // Every second run: nothing stands beside its like.
    let flapping = |_: usize, ago: i64| Some(if ago % 2 == 0 { Kind::Failed } else { Kind::Passed });
    let flapping = overview(&page_of(vec![target(day(true, flapping))]));
    assert!(flapping.len() < 220_000, "{}", flapping.len());
}

#[test]
fn a_fleet_has_its_hours_and_not_every_run() {
    let twenty = overview(&fleet(MOST_TARGETS_IN_DETAIL));
    assert_eq!(twenty.matches("<svg class=\"day\"").count(), 60);
    let hundreds = overview(&fleet(300));
    assert_eq!(
        (hundreds.matches("<svg class=\"day\"").count(), hundreds.matches("<svg class=\"strip\"").count()),
        (0, 300)
    );
    assert_shows(&hundreds, &["All 300 targets are passing", "With more than 20 targets the hours are shown"]);
    assert!(hundreds.len() < 1_000_000, "{}", hundreds.len());
    let mut one_fails = fleet(30);
    one_fails.targets[25].state = State::Failing;
    assert_shows(&overview(&one_fails), &["✖ Bank 25 is failing", "By the hour Bank 25 ✖ failing"]);
}

#[test]
fn when_a_whole_fleet_fails_the_page_says_how_much_it_leaves_out() {
    let mut page = fleet(2);
    page.incidents = vec![incident(); 300];
    page.notifications = vec![notification(); 101];
    page.incidents_untold = 280;
    let page = overview(&page);
    let left_out =
        ["288 more open incidents not shown.", "100 older incidents not shown.", "1 older notification not shown."];
    assert_shows(&page, &left_out);
    assert_shows(&page, &["Those about 280 older incidents are not shown."]);
    assert_eq!(page.matches("Not acknowledged.").count(), 12);
}

#[test]
fn nothing_that_others_wrote_becomes_part_of_the_page() {
    let evil = "</title></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'\u{202e}\u{200b}\0".to_owned();
    let mut page = troubled();
    let target = &mut page.targets[0];
    (target.name, target.tags) = (evil.clone(), vec![evil.clone()]);
    target.quiet = Some(Quiet::Asked { until: now(), reason: evil.clone() });
    target.runbook = Some("javascript:alert(1)".parse().unwrap());
    page.dashboard = Some("data:text/html,<script>alert(1)</script>".parse().unwrap());
    for incident in &mut page.incidents {
        (incident.key, incident.subject, incident.what) = (evil.clone(), evil.clone(), evil.clone());
        incident.report = Some("javascript:alert(1)".parse().unwrap());
    }
    for told in &mut page.notifications {
        (told.incident, told.channel, told.event) = (evil.clone(), evil.clone(), evil.clone());
        (told.status, told.answer) = (evil.clone(), evil.clone());
    }
    let html = overview(&page);
    assert_eq!(html.matches("<script").count(), 1, "only our own");
    for never in ["<img", "javascript:", "data:text", "\u{202e}", "\u{200b}", "\0", " style=", " onload=", "<iframe"] {
        assert!(!html.contains(never), "{never:?} is in the page");
    }
    assert!(html.contains("default-src 'none'"));
    page.targets[0].quiet = None;
    assert!(!overview(&page).contains("<title>✖ </title>"));
}
