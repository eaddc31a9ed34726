//! Who is told: flags, mute, maintenance.

use std::time::Duration;

use alerting::{AlertEvent, Control, Disposition, Mute, Quiet, Standing, test_notifications};
use model::config::Maintenance;

use crate::world::{World, at, email, policy, slack};

fn mute(until: i64) -> Control {
    Control::Mute(Mute { until: at(until), reason: "works".to_owned() })
}

#[test]
fn each_channel_is_told_what_its_flags_say() {
    let day = "FFF PPP PPP DDD DDD DDD PPP PPP";
    let all = ["failure@0", "recovery@2", "degraded@5", "degraded_recovery@7"];
    for (failure, recovery, degraded, expected) in [
        (true, true, true, all.to_vec()),
        (true, true, false, all[..2].to_vec()),
        (true, false, true, vec![all[0], all[2]]),
        (true, false, false, all[..1].to_vec()),
        (false, true, true, all[2..].to_vec()),
        (false, true, false, vec![]),
    ] {
        let mut policy = policy(3);
        policy.channels = vec![email(), slack()];
        for channel in &mut policy.channels {
            (channel.send_failure, channel.send_recovery, channel.send_degraded) = (failure, recovery, degraded);
        }
        let mut world = World::new(policy);
        world.play(day);
        assert_eq!(world.on("slack"), expected);
        assert_eq!(world.on("email"), expected, "a subscription of the topic is no other channel");
        assert_eq!(world.topic(), all, "the topic gets everything");
    }
}

#[test]
fn a_channel_that_was_added_later_is_not_told_the_end_of_what_it_was_not_told() {
    let mut policy = policy(3);
    policy.channels = vec![slack()];
    let mut world = World::new(policy);
    world.play("FFF");
    world.policy.channels.push(email());
    world.play("PPP PPP");
    assert_eq!(world.on("slack"), ["failure@0", "recovery@2"]);
    assert!(world.on("email").is_empty());
}

#[test]
fn what_opened_and_closed_in_silence_is_not_told() {
    let mut world = World::new(policy(3));
    world.control(mute(10));
    world.play("FFF FFF PPP PPP").play(&"PPP ".repeat(10));
    assert!(world.told.is_empty());
    assert_eq!(world.state.incidents, alerting::Incidents::default());
    let [ended] = world.ended.as_slice() else { panic!("{:?}", world.ended) };
    assert_eq!((ended.subject(), ended.told, ended.since, ended.ended_at), ("bank", None, at(0), Some(at(3))));
}

#[test]
fn an_end_that_is_told_later_is_in_the_history_once() {
    let mut world = World::new(policy(3));
    world.play("FFF");
    world.control(mute(20));
    world.play("PPP PPP").play(&"PPP ".repeat(20));
    assert_eq!(world.topic(), ["failure@0", "recovery@20"]);
    let ends: Vec<_> = world.ended.iter().map(|incident| incident.ended_at).collect();
    assert_eq!(ends, [Some(at(2))]);
}

#[test]
fn the_silence_of_a_target_says_its_reason() {
    let mut world = World::new(policy(3));
    assert_eq!(world.state.quiet(&world.policy, at(1)), None);
    world.policy.targets[0].muted = true;
    assert_eq!(world.state.quiet(&world.policy, at(1)), Some(Quiet::Configured));
    world.control(mute(10));
    let until = |now| match world.state.quiet(&world.policy, now) {
        Some(Quiet::Asked(mute)) => Some(mute.until),
        _ => None,
    };
    assert_eq!((until(at(9)), until(at(10))), (Some(at(10)), None));
}

#[test]
fn what_goes_on_after_silence_is_told_then() {
    let mut world = World::new(policy(3));
    world.control(mute(5));
    world.play(&"FFF ".repeat(7));
    assert_eq!(world.topic(), ["failure@5"]);
    assert_eq!(world.on("phone"), ["failure@5"]);
    assert_eq!(world.told[0].notice.since, at(0));
}

#[test]
fn what_ended_in_silence_is_told_after_it_but_tools_close_at_once() {
    let mut world = World::new(policy(3));
    world.play("FFF");
    world.control(mute(10));
    world.play("FFF PPP PPP").play(&"PPP ".repeat(8));
    assert_eq!(world.on("pagerduty"), ["failure@0", "recovery@3"]);
    assert_eq!(world.on("slack"), ["failure@0", "recovery@10"]);
    let recovery = world.told.iter().rfind(|told| told.event == AlertEvent::Recovery).unwrap();
    assert_eq!((recovery.notice.since, recovery.notice.ended_at), (at(0), Some(at(3))));
    assert_eq!(recovery.notice.failed_runs, 6);
}

#[test]
fn what_got_worse_in_silence_is_told_and_what_stayed_is_not() {
    let mut world = World::new(policy(3));
    world.play("DDD DDD DDD");
    world.control(mute(6));
    world.play("FFF FFF FFF FFF");
    assert_eq!(world.topic(), ["degraded@2", "failure@6"]);

    let mut world = World::new(policy(3));
    world.play("FFF");
    world.control(mute(5));
    world.play("FFF FFF FFF FFF FFF FFF");
    assert_eq!(world.topic(), ["failure@0"]);
}

#[test]
fn unmute_ends_the_silence_with_the_next_event() {
    let mut world = World::new(policy(3));
    world.control(mute(500));
    world.play("FFF FFF");
    assert_eq!(world.control(Control::Unmute), Disposition::Taken);
    assert!(world.told.is_empty());
    world.tick(2);
    assert_eq!(world.topic(), ["failure@2"]);
}

#[test]
fn a_target_that_the_file_mutes_and_one_in_maintenance_are_silent() {
    let mut world = World::new(policy(3));
    world.policy.targets[0].muted = true;
    world.play("FFF FFF");
    assert!(world.told.is_empty());

    let window = |target: &str| Maintenance {
        cron: "2 10 * * *".parse().unwrap(),
        duration: Duration::from_mins(3),
        time_zone: jiff::tz::TimeZone::UTC,
        targets: vec![target.parse().unwrap()],
    };
    for (target, expected) in [("bank", "failure@5"), ("other", "failure@3")] {
        let mut world = World::new(policy(3));
        world.policy.maintenances = vec![window(target)];
        world.play("PPP PPP PPP FFF FFF FFF");
        assert_eq!(world.topic(), [expected]);
    }
}

/// Silence for all is asked of the fleet and of each target: neither knows of
/// the other's.
#[test]
fn silence_of_the_fleet_is_that_of_regions_and_channels_alone() {
    let mut world = World::new(policy(3));
    world.fleet_event(&alerting::FleetEvent::Control(mute(60)), at(0));
    world.play("FFF ... ... ... ...");
    assert_eq!(world.topic(), ["failure@0"]);
    let mut world = World::new(policy(3));
    world.fleet_event(&alerting::FleetEvent::Control(mute(60)), at(0));
    world.control(mute(60));
    world.play("FFF ... ... ... ...");
    assert!(world.told.is_empty());
}

#[test]
fn an_incident_that_is_not_there_cannot_be_taken() {
    let mut world = World::new(policy(3));
    world.play("PPP");
    let disposition = world.control(Control::Acknowledge { incident_key: "bank.availability.1".to_owned() });
    assert_eq!(disposition, Disposition::UnknownIncident);
}

#[test]
fn a_test_goes_to_every_channel_whatever_its_flags() {
    let mut policy = policy(3);
    policy.channels.iter_mut().for_each(|channel| channel.send_failure = false);
    let channels: Vec<_> = test_notifications(&policy, at(0)).into_iter().map(|told| told.channel).collect();
    assert_eq!(channels, ["alert-topic", "slack", "phone", "pagerduty"]);
}

#[test]
fn a_call_is_made_only_for_what_goes_on_and_nobody_took() {
    let mut world = World::new(policy(3));
    world.play("FFF");
    let key = world.told[0].incident_key.clone();
    let standing = |world: &World| world.state.standing(&world.policy, &key, at(world.minute));
    assert_eq!(standing(&world), Standing::Open);
    world.control(mute(9));
    assert_eq!(standing(&world), Standing::Quiet);
    world.acknowledge();
    assert_eq!(standing(&world), Standing::Acknowledged);
    world.play("PPP PPP");
    assert_eq!(standing(&world), Standing::Ended);
}
