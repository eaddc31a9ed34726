//! Targets that are taken out of the configuration.

use alerting::text::{Links, Texts};
use alerting::{Control, Disposition, FleetEvent, Incidents, Mute, Vote, removed_targets, retire};
use jiff::SignedDuration;
use model::report::CertificateReport;

use crate::world::{World, at, at_second, policy, result};

/// The target goes, another one stays.
fn take_out(world: &mut World) {
    world.policy.targets[0].id = "other".parse().unwrap();
}

fn put_back(world: &mut World) {
    world.policy.targets[0].id = "bank".parse().unwrap();
}

/// What the aggregator does with a target that is no longer configured.
fn retire_it(world: &mut World) {
    let now = at(world.minute);
    for target in removed_targets(&world.policy, &world.fleet) {
        let decision = retire(&world.policy, &world.state, now);
        world.state = decision.state;
        world.told.extend(decision.notifications);
        assert_eq!(world.fleet_event(&FleetEvent::Retired(target), now), Disposition::Taken);
    }
}

#[test]
fn what_is_open_about_it_is_closed_at_the_tools_and_nobody_else_is_told() {
    let mut world = World::new(policy(3));
    world.play("FFF FFF MMM");
    take_out(&mut world);
    let before = world.told.len();
    retire_it(&mut world);
    let told: Vec<_> = world.told[before..].iter().map(|told| (told.event.name(), told.channel.as_str())).collect();
    assert_eq!(told, [("recovery", "pagerduty"), ("monitor_error_recovery", "pagerduty")]);
    assert_eq!(world.told[before].incident_key, "bank.availability.20261125T1000Z");
    let texts = Texts::of(&world.told[before].notice, &Links::default());
    assert_eq!(texts.subject, "NO LONGER MONITORED bank: target bank is no longer configured");
    assert_eq!((world.state.status, &world.state.incidents), (Vote::Passing, &Incidents::default()));
}

#[test]
fn a_tick_remembers_it_until_it_is_retired() {
    let mut world = World::new(policy(3));
    world.play("FFF");
    take_out(&mut world);
    for minute in 1..4 {
        world.tick(minute);
        let removed: Vec<_> = removed_targets(&world.policy, &world.fleet).iter().map(ToString::to_string).collect();
        assert_eq!(removed, ["bank"]);
    }
    retire_it(&mut world);
    world.tick(4);
    assert!(removed_targets(&world.policy, &world.fleet).is_empty());
    let unknown = FleetEvent::Retired("bank".parse().unwrap());
    assert_eq!(world.fleet_event(&unknown, at(4)), Disposition::UnknownTarget);
}

#[test]
fn retiring_it_again_changes_and_tells_nothing() {
    let mut world = World::new(policy(3));
    world.play("FFF");
    take_out(&mut world);
    let once = retire(&world.policy, &world.state, at(1));
    let twice = retire(&world.policy, &once.state, at(2));
    assert_eq!((twice.state, twice.notifications.len()), (once.state, 0));
}

#[test]
fn a_target_that_is_configured_is_not_retired() {
    let mut world = World::new(policy(3));
    world.play("FFF");
    let decision = retire(&world.policy, &world.state, at(1));
    assert_eq!((decision.state, decision.notifications.len()), (world.state.clone(), 0));
    let bank = FleetEvent::Retired("bank".parse().unwrap());
    assert_eq!(world.fleet_event(&bank, at(1)), Disposition::Taken);
    assert!(world.fleet.targets.contains(&"bank".parse().unwrap()));
}

#[test]
fn one_that_comes_back_starts_anew() {
    let mut world = World::new(policy(3));
    world.play("FFF FFF");
    take_out(&mut world);
    retire_it(&mut world);
    world.minute = 10;
    put_back(&mut world);
    let before = world.told.len();
    world.play("PPP PPP");
    assert_eq!(world.told.len(), before, "{:?}", world.topic());
    world.play("FFF PPP PPP");
    assert_eq!(world.topic(), ["failure@0", "failure@12", "recovery@14"]);
}

#[test]
fn a_result_from_before_does_not_speak_for_one_that_came_back() {
    let mut world = World::new(policy(1));
    world.play("P F");
    take_out(&mut world);
    retire_it(&mut world);
    put_back(&mut world);
    let before = world.told.len();
    // The topic delivers the failed run once more.
    let again = result(1, 0, crate::world::error_of('F'));
    assert_eq!(world.result(&again, at_second(125)), Disposition::Late);
    assert_eq!(world.told.len(), before);
}

#[test]
fn an_end_that_waited_for_a_mutes_end_is_not_told_any_more_and_the_mute_stays() {
    let mut world = World::new(policy(3));
    world.play("FFF");
    world.control(Control::Mute(Mute { until: at(30), reason: "works".to_owned() }));
    world.play("PPP PPP");
    assert_eq!(world.state.incidents.ended.len(), 1);
    take_out(&mut world);
    retire_it(&mut world);
    put_back(&mut world);
    world.minute = 28;
    world.play("PPP FFF PPP PPP");
    assert_eq!(world.on("slack"), ["failure@0", "failure@30", "recovery@31"]);
}

#[test]
fn the_tools_close_what_they_have_about_its_certificates() {
    let mut world = World::new(policy(1));
    let mut run = result(0, 0, None);
    run.certificates = vec![CertificateReport {
        host: "api.bank.example".to_owned(),
        fingerprint: "ab".repeat(32),
        not_before: at(0),
        not_after: at(0) + SignedDuration::from_hours(5 * 24),
    }];
    world.result(&run, at_second(10));
    take_out(&mut world);
    retire_it(&mut world);
    assert_eq!(world.on("pagerduty"), ["certificate_expiring@0", "certificate_renewed@0"]);
    assert_eq!(world.on("slack"), ["certificate_expiring@0"]);
    assert!(world.told.last().unwrap().notice.removed && world.state.certificates.is_empty());
}
