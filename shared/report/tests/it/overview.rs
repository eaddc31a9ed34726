//! The overview: what a person sees on it, and what it must not do.

mod days;
mod fleet;
mod scene;

use jiff::SignedDuration;
use model::error::{Blame, ErrorType, Failure};
use report::overview::{Fault, Finding, Incident, Kind, Matter, Overview, Quiet, State, Target, overview};

use scene::{assert_shows, day, incident, now, page_of, target, text, troubled};

#[test]
fn an_outage_is_said_on_top_with_what_where_and_since_when() {
    let page = overview(&troubled());
    assert_shows(
        &page,
        &[
            "✖ A Bank is failing; 1 open incident",
            "Targets, last 24 hours since 24 Nov 10:06",
            "Made 25 November 2026, 10:05 UTC, and made anew every five minutes.",
            "Open incidents A Bank: failing for 15 min Step 4 (Encrypted responses), request 5: the API answered with \
             status 503 (us-east-1, us-west-1) It looks like the provider's fault. Look at the answer in the report, then \
             ask the provider. Since 25 Nov 09:50. Not acknowledged. Report of the last bad run",
            "A Bank ✖ failing 99.27 % 843 ms 843 ms",
            "us-east-1 98.95 % 1439 runs: 15 failed, 6 monitor errors, 1 recovered, 1417 passed",
            "us-west-1 99.92 % 1408 runs: 1 failed, 6 monitor errors, 1401 passed",
            "09:50 us-east-1: failed, http_status at step 4 (Encrypted responses), request 5",
            "24 Nov 02:05 24 Nov 04:05 2 h A Bank degraded",
            "nobody was told",
            "25 Nov 09:51 failure a-bank.availability.20261125T0950Z slack sent after 2 tries HTTP 200: ok 09:53",
            "25 Nov 09:51 failure a-bank.availability.20261125T0950Z slack failed after 2 tries HTTP 503 09:53",
        ],
    );
    assert!(page.contains("<title>✖ A Bank is failing; 1 open incident · xs2a-monitor</title>"));
}

#[test]
fn each_error_is_said_with_its_regions_and_the_fault_is_that_of_all() {
    let finding = |what: &str, region: &str| Finding { what: what.to_owned(), regions: vec![region.parse().unwrap()] };
    let findings = vec![finding("no answer", "us-east-1"), finding("status 503", "us-west-1")];
    let failure = Failure::new(ErrorType::Connection, "no answer");
    for (blame, told) in [
        (Blame::Provider, "It looks like the provider's fault."),
        (Blame::Network, "It looks like a fault of the network on the way."),
    ] {
        let fault = Some(Fault { failure: failure.clone(), blame });
        let open = Incident { findings: findings.clone(), fault, ..incident() };
        let said = "no answer (us-east-1); status 503 (us-west-1)";
        let page = overview(&Overview { incidents: vec![open.clone()], ..troubled() });
        assert_shows(&page, &[&format!("{said} {told} See in the report how far the answer got;"), said]);
        let ended = Incident { ended_at: Some(now()), ..open };
        let page = overview(&Overview { incidents: vec![ended], ..troubled() });
        assert_shows(&page, &[said]);
        assert!(!text(&page).contains(told), "what is over needs no advice");
    }
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
            "No runs in this time.",
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
fn a_target_that_is_not_measured_or_not_read_is_not_called_passing() {
    let shown = |state: State| {
        let bad = Target { state, ..target(day(true, |_, _| Some(Kind::MonitorError))) };
        overview(&page_of(vec![bad, target(day(true, |_, _| Some(Kind::Passed)))]))
    };
    let page = shown(State::NotMeasured);
    assert_shows(&page, &["? A Bank is not measured", "A Bank ? not measured –", "No open incident."]);
    assert!(page.contains("<title>? A Bank is not measured · xs2a-monitor</title>"));
    let page = shown(State::Unread);
    let not_known = "1 target could not be read: whether anything is wrong there is not known.";
    assert_shows(&page, &["? A Bank could not be read", not_known]);
    assert!(!text(&page).contains("No open incident."));
}

#[test]
fn the_headline_tells_of_every_open_incident_but_those_of_the_muted() {
    let with = |incidents: Vec<Incident>| {
        overview(&Overview { incidents, ..page_of(vec![target(day(true, |_, _| Some(Kind::Passed)))]) })
    };
    let channel = Incident { matter: Matter::MonitorError, subject: "Channel slack".to_owned(), ..incident() };
    let silent = Incident { matter: Matter::NoData, subject: "us-east-1".to_owned(), ..incident() };
    let ended = Incident { ended_at: Some(now()), ..incident() };
    let page = with(vec![channel, silent, ended.clone()]);
    assert!(page.contains("<title>▲ A Bank is passing; 2 open incidents · xs2a-monitor</title>"));
    let muted = Incident { quiet: true, ..incident() };
    assert!(with(vec![muted, ended]).contains("<title>● A Bank is passing · xs2a-monitor</title>"));
}

#[test]
fn a_page_opened_with_a_link_that_runs_out_says_so() {
    let page = overview(&troubled());
    assert_shows(&page, &["The link that opened this page runs out: for news, open the page again"]);
    assert!(page.contains("location.search.includes(\"X-Amz-\")"));
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
        (incident.key, incident.subject) = (evil.clone(), evil.clone());
        incident.findings[0].what = evil.clone();
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
