//! A configuration that changes while something is wrong.

use alerting::text::{Links, Texts};
use alerting::{Event, Silence};
use model::config::Quorum;

use crate::world::{World, at, policy, region, result};

#[test]
fn a_region_that_is_taken_out_does_not_end_an_incident_by_that_alone() {
    let mut world = World::new(policy(3)).with_quorum(Quorum::Count(1));
    world.play("PPF PPF");
    assert_eq!(world.topic(), ["failure@0"]);
    world.policy.regions.pop();
    world.play("PP");
    assert_eq!(world.topic(), ["failure@0"], "one good run after the change is not enough");
    world.play("PP");
    assert_eq!(world.topic(), ["failure@0", "recovery@3"]);
}

#[test]
fn after_a_region_was_taken_out_every_one_that_is_left_must_be_well() {
    let mut world = World::new(policy(3));
    world.play("PFF PFF");
    world.policy.regions.pop();
    // More than half of two are two: only one of them fails.
    world.play("PF PF PF PF");
    assert_eq!(world.topic(), ["failure@0"]);
    world.play("PP PP");
    assert_eq!(world.topic(), ["failure@0", "recovery@7"]);
}

#[test]
fn minutes_without_a_vote_do_not_end_what_a_change_would_have_ended() {
    let mut world = World::new(policy(3)).with_quorum(Quorum::Count(1));
    world.play("PPF PPF");
    world.policy.regions.pop();
    world.play("MM MM MM MM MM PP");
    assert!(!world.topic().iter().any(|told| told.starts_with("recovery")), "{:?}", world.topic());
    world.play("PP");
    assert_eq!(world.topic().iter().filter(|told| *told == "recovery@8").count(), 1, "{:?}", world.topic());
}

#[test]
fn a_change_that_ends_nothing_holds_nothing() {
    let mut world = World::new(policy(3));
    world.play("FFP FFP");
    world.policy.regions.pop();
    world.play("PF PF");
    assert_eq!(world.topic(), ["failure@0", "recovery@3"], "one failing vote of two is no quorum");
}

#[test]
fn a_region_that_is_added_while_failing_counts_with_its_first_run() {
    let mut world = World::new(policy(2));
    world.play("FF FF");
    world.policy.regions.push(region(2));
    world.policy.regions.push(region(3));
    // Two of four: no quorum any more, and that alone ends nothing.
    world.play("FFPP FFPP FFPP");
    assert_eq!(world.topic(), ["failure@0"]);
    world.play("PPPP PPPP");
    assert_eq!(world.topic(), ["failure@0", "recovery@6"]);
}

#[test]
fn a_stricter_policy_does_not_end_an_incident_by_itself() {
    let mut world = World::new(policy(3)).with_quorum(Quorum::Count(1));
    world.play("FPP FPP");
    world.policy.rules.min_regions = Quorum::Count(2);
    world.play("FPP FPP");
    assert_eq!(world.topic(), ["failure@0"]);
    world.play("PPP PPP");
    assert_eq!(world.topic(), ["failure@0", "recovery@5"]);
}

#[test]
fn a_laxer_policy_tells_what_it_sees_from_the_next_minute_on() {
    let mut world = World::new(policy(3));
    world.play("FPP FPP");
    assert!(world.told.is_empty());
    world.policy.rules.min_regions = Quorum::Count(1);
    world.play("FPP");
    assert_eq!(world.topic(), ["failure@2"]);
}

#[test]
fn the_silence_of_a_region_that_is_taken_out_is_over() {
    let mut world = World::new(policy(3));
    world.play("PPP PP. PP. PP. PP.");
    assert_eq!(world.topic(), ["no_data@4"]);
    world.policy.regions.pop();
    world.play("PP");
    assert_eq!(world.topic(), ["no_data@4", "no_data_recovery@6"]);
    let texts = Texts::of(&world.told.last().unwrap().notice, &Links::default());
    assert_eq!(texts.sms, "NO LONGER MONITORED all: region us-west-1 is no longer configured");
}

#[test]
fn so_is_that_for_one_target_alone() {
    let mut world = World::new(policy(2));
    let tick = |world: &mut World, minute| world.event(&Event::Tick(Silence::default()), at(minute));
    world.result(&result(0, 1, None), at(0));
    for minute in 0..6 {
        world.result(&result(minute, 0, None), at(minute));
        tick(&mut world, minute);
    }
    assert_eq!(world.topic(), ["no_data@4"]);
    world.policy.regions.pop();
    tick(&mut world, 6);
    assert_eq!(world.topic(), ["no_data@4", "no_data_recovery@6"]);
    let texts = Texts::of(&world.told.last().unwrap().notice, &Links::default());
    assert_eq!(texts.sms, "NO LONGER MONITORED bank: region us-east-2 is no longer configured");
}
