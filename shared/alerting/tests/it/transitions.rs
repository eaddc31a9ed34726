//! Each row of the table of transitions.

use alerting::{AlertEvent, Vote};
use proptest::prelude::*;

use crate::world::{World, policy};

/// Minutes played, and what the alert topic was told in which minute.
const ROWS: [(&str, &str, &[&str]); 9] = [
    ("passing to passing", "PPP PPP PFP PPP", &[]),
    ("passing to failing", "PPP FFF", &["failure@1"]),
    ("passing to degraded", "PPP DDD DDD DDD", &["degraded@3"]),
    ("degraded to degraded", "DDD DDD DDD DDD DDD PPP", &["degraded@2"]),
    ("degraded to failing", "DDD DDD DDD FFF", &["degraded@2", "failure@3"]),
    ("degraded to passing", "DDD DDD DDD PPP PPP", &["degraded@2", "degraded_recovery@4"]),
    ("failing to failing", "FFF FFF FPF PFF", &["failure@0"]),
    ("failing to passing", "FFF PPP PPP PPP", &["failure@0", "recovery@2"]),
    ("failing to degraded", "FFF DDD DDD DDD PPP PPP", &["failure@0", "recovery@2", "degraded_recovery@5"]),
];

#[test]
fn every_transition_tells_what_it_should() {
    for (name, minutes, expected) in ROWS {
        let mut world = World::new(policy(3));
        assert_eq!(world.play(minutes).topic(), expected, "{name}");
    }
}

#[test]
fn an_incident_keeps_its_key_when_it_gets_worse_and_to_its_end() {
    let mut world = World::new(policy(3));
    world.play("DDD DDD DDD FFF PPP PPP");
    assert_eq!(world.topic(), ["degraded@2", "failure@3", "recovery@5"]);
    let keys: std::collections::BTreeSet<_> = world.told.iter().map(|told| &told.incident_key).collect();
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["bank.availability.20261125T1002Z"]);
}

#[test]
fn a_recovery_to_degraded_says_so_and_counts_as_the_notice_of_the_next_incident() {
    let mut world = World::new(policy(3));
    world.play("FFF DDD DDD");
    let recovery = world.told.iter().find(|told| told.event == AlertEvent::Recovery).unwrap();
    assert_eq!(recovery.notice.still, Some(Vote::Degraded));
    let next = world.state.incidents.open.values().next().unwrap();
    assert_ne!(next.key, recovery.incident_key);
    world.play("PPP PPP");
    assert_eq!(world.on("slack"), ["failure@0", "recovery@2", "degraded_recovery@4"]);
    assert_eq!(world.on("phone"), ["failure@0"]);
}

#[test]
fn a_channel_without_degraded_hears_nothing_of_the_rest_after_a_recovery() {
    let mut policy = policy(3);
    policy.channels.iter_mut().for_each(|channel| channel.send_degraded = false);
    let mut world = World::new(policy);
    world.play("FFF DDD DDD PPP PPP");
    assert_eq!(world.on("slack"), ["failure@0", "recovery@2"]);
}

#[test]
fn a_tool_that_keeps_incidents_has_the_degraded_rest_open_after_a_recovery() {
    let mut world = World::new(policy(3));
    world.play("FFF DDD DDD");
    assert_eq!(world.on("pagerduty"), ["failure@0", "recovery@2", "degraded@2"]);
    let keys: Vec<_> = world.told.iter().filter(|told| told.channel == "pagerduty").map(|t| &t.incident_key).collect();
    assert!(keys[0] == keys[1] && keys[1] != keys[2]);
    assert_eq!(world.on("slack"), ["failure@0", "recovery@2"], "people read what is still wrong");
    world.play("PPP PPP");
    assert_eq!(world.on("pagerduty").last().unwrap(), "degraded_recovery@4");
}

#[test]
fn who_wants_degraded_but_was_told_no_recovery_is_told_of_the_rest() {
    let mut policy = policy(3);
    let set = |channel: &mut model::config::Channel| match channel.id.as_str() {
        "email" => channel.send_failure = false,
        "slack" => channel.send_recovery = false,
        _ => {}
    };
    policy.channels.iter_mut().for_each(set);
    let mut world = World::new(policy);
    world.play("FFF DDD DDD PPP PPP");
    assert_eq!(world.on("email"), ["degraded@2", "degraded_recovery@4"]);
    assert_eq!(world.on("slack"), ["failure@0", "degraded@2"]);
    assert_eq!(world.topic(), ["failure@0", "recovery@2", "degraded@2", "degraded_recovery@4"]);
}

#[test]
fn the_phone_rings_for_a_failure_once_and_for_nothing_else() {
    for (name, minutes, expected) in ROWS {
        let mut world = World::new(policy(3));
        let failures: Vec<_> = expected.iter().filter(|event| event.starts_with("failure")).copied().collect();
        assert_eq!(world.play(minutes).on("phone"), failures, "{name}");
    }
}

#[test]
fn reminders_come_in_their_interval_up_to_their_amount_and_not_by_phone() {
    let mut world = World::new(policy(3));
    world.play(&"FFF ".repeat(45));
    assert_eq!(world.topic(), ["failure@0", "reminder@10", "reminder@20"]);
    assert_eq!(world.on("slack"), ["failure@0", "reminder@10", "reminder@20"]);
    assert_eq!(world.on("phone"), ["failure@0"]);
    world.play("PPP PPP");
    assert_eq!(world.topic().last().unwrap(), "recovery@46");
}

#[test]
fn who_took_an_incident_is_not_reminded_but_told_when_it_is_over_or_worse() {
    let mut world = World::new(policy(3));
    world.play("FFF FFF");
    assert_eq!(world.acknowledge(), alerting::Disposition::Taken);
    world.play(&"FFF ".repeat(30)).play("PPP PPP");
    assert_eq!(world.topic(), ["failure@0", "recovery@33"]);
    assert_eq!(world.on("pagerduty"), ["failure@0", "acknowledgement@2", "recovery@33"]);

    let mut world = World::new(policy(3));
    world.play("DDD DDD DDD");
    world.acknowledge();
    world.play(&"FFF ".repeat(12));
    assert_eq!(world.topic(), ["degraded@2", "failure@3", "reminder@13"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    /// The rows in any sequence: what is open is what the status says.
    #[test]
    fn there_is_an_incident_exactly_while_the_target_is_not_well(
        minutes in prop::collection::vec("[PDFM]{3}", 1..40),
    ) {
        let mut world = World::new(policy(3));
        for minute in minutes {
            world.play(&minute);
            let open = world.state.incidents.open.contains_key(&alerting::Slot::Availability);
            prop_assert_eq!(open, world.state.status != Vote::Passing);
        }
    }
}
