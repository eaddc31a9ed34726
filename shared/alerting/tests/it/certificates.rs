//! Certificates that end soon.

use alerting::{Control, Mute};
use jiff::SignedDuration;
use model::report::CertificateReport;

use crate::world::{World, at, at_second, policy, result};

fn certificate(name: &str, days: i64) -> CertificateReport {
    CertificateReport {
        host: "api.bank.example".to_owned(),
        fingerprint: name.repeat(32),
        not_before: at(0),
        not_after: at(0) + SignedDuration::from_hours(days * 24),
    }
}

/// A run on a day, 1,440 minutes after the one before.
fn see(world: &mut World, day: i64, certificates: &[CertificateReport]) {
    let mut run = result(day * 24 * 60, 0, None);
    run.certificates = certificates.to_vec();
    world.result(&run, at_second(day * 24 * 60 * 60 + 10));
    world.told.retain(|told| told.event.name().starts_with("certificate"));
}

fn told(world: &World) -> Vec<(String, i64)> {
    let topic = world.told.iter().filter(|told| told.channel == "alert-topic");
    let days = |told: &alerting::Notification| told.notice.certificate.as_ref().unwrap().days_left;
    topic.map(|told| (told.event.name().to_owned(), days(told))).collect()
}

#[test]
fn each_threshold_is_told_once() {
    let mut world = World::new(policy(1));
    for day in 0..40 {
        see(&mut world, day, &[certificate("ab", 40)]);
        see(&mut world, day, &[certificate("ab", 40)]);
    }
    let expected = [29, 13, 6, 0].map(|days| ("certificate_expiring".to_owned(), days));
    assert_eq!(told(&world), expected);
    assert!(world.on("phone").is_empty());
    let ids: std::collections::BTreeSet<_> = world.told.iter().map(|told| &told.notification_id).collect();
    assert_eq!(ids.len(), world.told.len());
}

#[test]
fn of_several_thresholds_only_the_tightest_is_told() {
    let mut world = World::new(policy(1));
    see(&mut world, 0, &[certificate("ab", 5)]);
    see(&mut world, 1, &[certificate("ab", 5)]);
    assert_eq!(told(&world), [("certificate_expiring".to_owned(), 4)]);
}

#[test]
fn a_successor_is_told_once_even_when_some_servers_still_show_the_old_one() {
    let mut world = World::new(policy(1));
    see(&mut world, 0, &[certificate("ab", 20)]);
    see(&mut world, 1, &[certificate("cd", 90)]);
    see(&mut world, 2, &[certificate("ab", 20)]);
    see(&mut world, 3, &[certificate("cd", 90)]);
    assert_eq!(told(&world), [("certificate_expiring".to_owned(), 19), ("certificate_renewed".to_owned(), 88)]);
    let keys: std::collections::BTreeSet<_> = world.told.iter().map(|told| told.incident_key.as_str()).collect();
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["bank.certificate.api.bank.example.abababababab"]);
}

#[test]
fn a_successor_of_what_nobody_was_told_is_not_told() {
    let mut world = World::new(policy(1));
    see(&mut world, 0, &[certificate("ab", 60)]);
    see(&mut world, 1, &[certificate("cd", 90)]);
    assert_eq!(told(&world), []);
}

#[test]
fn a_threshold_that_was_crossed_in_silence_is_told_after_it() {
    let mut world = World::new(policy(1));
    world.control(Control::Mute(Mute { until: at(3 * 24 * 60), reason: "works".to_owned() }));
    see(&mut world, 1, &[certificate("ab", 20)]);
    assert_eq!(told(&world), []);
    see(&mut world, 4, &[certificate("ab", 20)]);
    assert_eq!(told(&world), [("certificate_expiring".to_owned(), 15)]);
}

#[test]
fn a_host_with_ever_new_certificates_does_not_fill_the_state() {
    let mut world = World::new(policy(1));
    for day in 0..30 {
        see(&mut world, day, &[certificate(&format!("{day:02}"), 400 + day)]);
    }
    assert_eq!(world.state.certificates["api.bank.example"].len(), 8);
}
