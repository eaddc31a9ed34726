//! The words of each event, as the page `texts.md` shows them.

use std::path::Path;

use alerting::text::{Links, Texts, attributes, filter_policy};
use alerting::{Ailment, AlertEvent, Control, Mute, Notification, Severity, call_unknown, retire, test_notifications};
use jiff::SignedDuration;
use model::error::{ErrorType, Failure, RunError};
use model::journey::{Request, Step};
use model::report::CertificateReport;
use proptest::prelude::*;
use serde_json::Value;

use crate::world::{World, at, policy, result};

const SHIPPED: &str = include_str!("../../texts.md");
const INTRODUCTION: &str = "# What each alert says\n\nMade from the real renderer by a test.\n";

fn world() -> World {
    let mut policy = policy(3);
    policy.targets[0].id = "bank".parse().unwrap();
    "Klarna XS2A playground, test bank".clone_into(&mut policy.targets[0].name);
    policy.targets[0].runbook_url = Some("https://wiki.example.com/open-banking".parse().unwrap());
    World::new(policy)
}

fn links() -> Links {
    Links { report: Some("https://reports.example.com/bank/2026-11-25T10:05Z".parse().unwrap()), ..Links::default() }
}

/// The last notification of an event after these minutes.
fn after(minutes: &str, event: AlertEvent) -> Notification {
    let mut world = world();
    world.play(minutes);
    last(&world, event)
}

fn last(world: &World, event: AlertEvent) -> Notification {
    world.told.iter().rfind(|told| told.event == event && told.channel == "alert-topic").unwrap().clone()
}

fn certificate(days: i64) -> CertificateReport {
    CertificateReport {
        host: "api.bank.example".to_owned(),
        fingerprint: format!("{days:02}").repeat(32),
        not_before: at(0),
        not_after: at(0) + SignedDuration::from_hours(days * 24 + 1),
    }
}

fn certificates() -> (Notification, Notification) {
    let mut world = world();
    for (minute, days) in [(0, 6), (1, 89)] {
        let mut run = result(minute, 0, None);
        run.certificates = vec![certificate(days)];
        world.result(&run, at(minute));
    }
    (last(&world, AlertEvent::CertificateExpiring), last(&world, AlertEvent::CertificateRenewed))
}

/// A channel that fails, and that works again.
fn channel() -> (Notification, Notification) {
    let mut world = world();
    world.play("PPP");
    let answer = "HTTP 403: invalid_token".to_owned();
    world.ailing.insert("slack".to_owned(), Ailment { since: at(1), failures: 3, answer });
    world.play("PPP PPP");
    world.ailing.clear();
    world.play("PPP");
    (last(&world, AlertEvent::MonitorError), last(&world, AlertEvent::MonitorErrorRecovery))
}

fn uncertain_call() -> Notification {
    let mut world = world();
    world.play("PPP FFF");
    let call = world.told.iter().find(|told| told.channel == "phone").unwrap().clone();
    call_unknown(&world.policy, &call, at(2)).remove(0)
}

/// What a tool is told of a target that was taken out.
fn retired() -> Notification {
    let mut world = world();
    world.play("PPP FFF");
    world.policy.targets[0].id = "other".parse().unwrap();
    retire(&world.policy, &world.state, at(2)).notifications.remove(0)
}

fn examples() -> Vec<(&'static str, Notification)> {
    let (expiring, renewed) = certificates();
    let (failing, working) = channel();
    let silent = format!("PPP {}", "PP. ".repeat(5));
    vec![
        ("Two of three regions fail, and nobody waits for the third", after("PPP FFF", AlertEvent::Failure)),
        ("Two regions fail on the network, each in its own way", after("PPP NFP", AlertEvent::Failure)),
        ("It goes on", after(&format!("PPP {}", "FFF ".repeat(12)), AlertEvent::Reminder)),
        ("It is over", after("PPP FFF FFF FFF PPP PPP", AlertEvent::Recovery)),
        ("It works again, but not well", after("PPP FFF DDD DDD", AlertEvent::Recovery)),
        ("The bank announces maintenance", after("PPP DDD DDD DDD", AlertEvent::Degraded)),
        ("One region alone fails for a while", after("PPP PPN PPN PPN", AlertEvent::Degraded)),
        ("It is well again", after("DDD DDD DDD PPP PPP", AlertEvent::DegradedRecovery)),
        ("The token is refused", after("PPP MMM", AlertEvent::MonitorError)),
        ("The token is good again", after("MMM PPP PPP", AlertEvent::MonitorErrorRecovery)),
        ("A channel fails, told over the others", failing),
        ("It takes alerts again", working),
        ("Nobody knows whether the phone rang", uncertain_call()),
        ("The target was taken out: only to tools that keep incidents", retired()),
        ("One region is silent", after(&silent, AlertEvent::NoData)),
        ("The region reports again", after(&format!("{silent} PPP"), AlertEvent::NoDataRecovery)),
        ("Every region is silent", after(&format!("PPP {}", "... ".repeat(5)), AlertEvent::NoData)),
        ("A certificate ends soon", expiring),
        ("Its successor is there", renewed),
        ("Somebody tries the channels", test_notifications(&world().policy, at(5)).remove(0)),
    ]
}

/// How a failure links to its report where the deployment has signed links.
fn signed() -> String {
    let links = Links { report_hours: Some(12), ..links() };
    let text = Texts::of(&after("PPP FFF", AlertEvent::Failure).notice, &links).email;
    let from_report = text.lines().skip_while(|line| !line.starts_with("Report"));
    from_report.take(2).collect::<Vec<_>>().join("\n")
}

fn page() -> String {
    let section = |(title, told): (&str, Notification)| {
        let links = if told.notice.error.is_some() && !told.event.closes() { links() } else { Links::default() };
        let texts = Texts::of(&told.notice, &links);
        let attributes: Vec<_> =
            attributes(&told).into_iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let spoken = match told.event {
            AlertEvent::NoData if told.notice.severity != Severity::Critical => String::new(),
            AlertEvent::Failure | AlertEvent::NoData | AlertEvent::Test => format!("Phone: {}\n\n", texts.spoken),
            AlertEvent::Recovery if !told.notice.removed => {
                format!("Phone, with `send_recovery`: {}\n\n", texts.spoken)
            }
            _ => String::new(),
        };
        format!(
            "\n## `{}`: {title}\n\nSubject: {}\n\n```\n{}```\n\nSMS: {}\n\n{spoken}Attributes: `{}`\n",
            told.event.name(),
            texts.subject,
            texts.email,
            texts.sms,
            attributes.join("`, `"),
        )
    };
    let sections: String = examples().into_iter().map(section).collect();
    format!("{INTRODUCTION}{sections}\n## A link that opens the report without a login\n\n```\n{}\n```\n", signed())
}

/// When the words have changed on purpose, copy the file that the failure names.
#[test]
#[expect(clippy::disallowed_methods, reason = "the new page, ready to be copied")]
fn the_page_shows_what_is_sent() {
    let page = page();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("texts.md");
    std::fs::write(&path, &page).unwrap();
    assert!(page == SHIPPED, "if the change is meant: cp {} shared/alerting/texts.md", path.display());
}

#[test]
fn every_event_of_the_topic_is_on_the_page() {
    let shown: std::collections::BTreeSet<_> = examples().iter().map(|(_, told)| told.event).collect();
    assert_eq!(shown.len(), 12);
}

#[test]
fn a_failure_says_all_that_is_needed_at_night() {
    let text = Texts::of(&after("PPP FFF", AlertEvent::Failure).notice, &links()).email;
    for needed in [
        "Klarna XS2A playground, test bank is down.",
        "Step 4 (Encrypted responses), request 5 (choose interface): the API answered with status 503",
        "(http_status, HTTP 503)",
        "us-east-1, us-east-2",
        "2026-11-25 10:01 UTC",
        "2 of 3 regions vote failing (2 needed), each after 1 failed run.",
        "It looks like that of the API's provider: 2 of 3 regions fail so far, all at the same step.",
        "2026-11-25 10:00 UTC in us-west-1",
        "https://wiki.example.com/open-banking",
        "https://reports.example.com/bank/",
        "open-banking",
        "bank.availability.20261125T1001Z",
    ] {
        assert!(text.contains(needed), "{needed}\nis not in\n{text}");
    }
    assert!(!text.contains("Dashboard"), "a link only where its target exists");
}

#[test]
fn a_signed_link_says_how_long_it_lives_and_a_link_to_the_console_says_nothing() {
    let notice = after("PPP FFF", AlertEvent::Failure).notice;
    let text = |links: Links| Texts::of(&notice, &links).email;
    let lives = "Opens without a login, for whoever has it, for 1 hour at most.";
    assert!(text(Links { report_hours: Some(1), ..links() }).contains(lives));
    assert!(!text(links()).contains("without a login"));
    assert!(!text(Links { report_hours: Some(1), ..Links::default() }).contains("without a login"));
}

#[test]
fn a_recovery_says_how_long_it_was_down_and_how_many_runs_failed() {
    let text = Texts::of(&after("PPP FFF FFF FFF PPP PPP", AlertEvent::Recovery).notice, &Links::default());
    assert!(text.email.contains("is up again after 4 min."), "{}", text.email);
    assert!(text.email.contains("9 runs"), "{}", text.email);
    assert_eq!(text.sms, "UP bank: after 4 min, 9 runs failed");
}

#[test]
fn the_message_for_sns_has_a_text_for_each_protocol() {
    let told = after("PPP FFF", AlertEvent::Failure);
    let texts = Texts::of(&told.notice, &links());
    let message: Value = serde_json::from_str(&texts.sns_message()).unwrap();
    let keys: Vec<_> = message.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["default", "email", "https", "sms"]);
    let https: Value = serde_json::from_str(message["https"].as_str().unwrap()).unwrap();
    assert_eq!(https["event"], "failure");
    assert_eq!(https["incident_key"], "bank.availability.20261125T1001Z");
    assert_eq!(https["error"]["type"], "http_status");
    assert_eq!(https["regions"].as_array().unwrap().len(), 2);
    assert!(https["links"]["report"].is_string() && https["links"]["dashboard"].is_null());
    let filter = filter_policy(&told.subscribers[0]);
    let channels = attributes(&told).into_iter().find(|(name, _)| *name == "channels").unwrap().1;
    assert_eq!(filter["channels"], channels, "the subscription gets what is meant for it");
}

#[test]
fn muted_targets_have_nothing_to_say() {
    let mut world = world();
    world.control(Control::Mute(Mute { until: at(60), reason: "works".to_owned() }));
    world.play("FFF");
    assert!(world.told.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_name_or_message_breaks_a_limit(name in "\\PC{0,200}", message in any::<String>(), tag in "\\PC{0,80}") {
        let mut world = world();
        world.policy.targets[0].name = name;
        world.policy.targets[0].tags = vec![tag];
        let failure = Failure::new(ErrorType::Contract, format!("{message} https://evil.example"));
        let error = RunError::new(failure, Some(Step::AccountDetailsAndBalance), Some(Request::GetAccountDetails));
        for region in 0..3 {
            world.result(&result(0, region, Some(error.clone())), at(0));
        }
        let texts = Texts::of(&last(&world, AlertEvent::Failure).notice, &links());
        prop_assert!(texts.sms.chars().count() <= 140 && texts.sms.is_ascii() && !texts.sms.contains("http"));
        prop_assert!(texts.subject.chars().count() < 100);
        prop_assert!(texts.subject.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        prop_assert!(texts.email.lines().count() < 30 && !texts.email.contains('\r'));
    }
}
