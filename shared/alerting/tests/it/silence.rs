//! Regions from which nothing comes.

use std::collections::BTreeMap;

use alerting::{Disposition, Event, FleetEvent, FleetState, Severity, TargetState, decide, decide_fleet, silence};

use crate::world::{World, at, at_second, error_of, policy, region, result};

#[test]
fn a_region_that_is_silent_for_three_intervals_is_told_once() {
    let mut world = World::new(policy(3));
    world.play("PPP PP. PP.");
    assert!(world.told.is_empty());
    world.play("PP. PP. PP. PP. PPP PPP");
    assert_eq!(world.topic(), ["no_data@4", "no_data_recovery@8"]);
    let told = &world.told[0].notice;
    assert_eq!((told.target.as_str(), told.severity), ("all", Severity::Warning));
    assert_eq!(told.silent_region, Some(region(2)));
    assert!(world.on("phone").is_empty(), "two regions still look");
}

#[test]
fn when_nobody_looks_it_is_critical_and_the_target_keeps_its_state() {
    let mut world = World::new(policy(2));
    world.play("FF .. .. .. ..");
    assert_eq!(world.topic(), ["failure@0", "no_data@4", "no_data@4"]);
    assert_eq!(world.on("phone"), ["failure@0", "no_data@4", "no_data@4"]);
    assert!(world.told.iter().filter(|told| told.channel == "phone").all(|t| t.notice.severity == Severity::Critical));
    assert_eq!(world.state.status, alerting::Vote::Failing);
    world.play("PP PP");
    assert_eq!(world.topic()[3..], ["no_data_recovery@6", "no_data_recovery@6", "recovery@6"].map(String::from));
}

#[test]
fn a_region_that_was_never_heard_is_not_missed_until_it_was_deployed() {
    let mut world = World::new(policy(2));
    world.play("P. P. P. P. P. P.");
    assert!(world.told.is_empty());
    assert_eq!(world.fleet_event(&FleetEvent::Deployed(region(1)), at(6)), Disposition::Taken);
    world.play("P. P. P.");
    assert!(world.told.is_empty());
    world.play("P.");
    assert_eq!(world.topic(), ["no_data@10"]);
}

#[test]
fn one_silent_target_among_others_is_told_for_itself() {
    let mut policy = policy(1);
    let mut other = policy.targets[0].clone();
    other.id = "other".parse().unwrap();
    policy.targets.push(other);
    let mut states = ["bank", "other"].map(|id| TargetState::new(id.parse().unwrap()));
    let mut fleet = FleetState::default();
    let mut told = Vec::new();
    for minute in 0..8 {
        let silence = silence(&policy, &fleet, &states, at(minute));
        let tick = FleetEvent::Tick { silence: silence.clone(), ailing: BTreeMap::new() };
        let decision = decide_fleet(&policy, &fleet, &tick, at(minute));
        fleet = decision.state;
        told.extend(decision.notifications);
        for state in &mut states {
            let mut run = result(minute, 0, None);
            run.target = state.target.clone();
            let mut events = vec![(Event::Tick(silence.clone()), at(minute))];
            if minute < 1 || run.target.as_str() == "bank" {
                events.push((Event::Result(Box::new(run)), at_second(minute * 60 + 10)));
            }
            for (event, now) in events {
                let decision = decide(&policy, state, &event, now);
                *state = decision.state;
                told.extend(decision.notifications);
            }
        }
    }
    let topic: Vec<_> = told.iter().filter(|told| told.channel == "alert-topic").collect();
    assert_eq!(topic.len(), 1);
    assert_eq!((topic[0].notice.target.as_str(), topic[0].notice.severity), ("other", Severity::Critical));
    assert!(topic[0].incident_key.starts_with("other.no_data.us-east-1."));
}

#[test]
fn a_target_that_is_only_just_configured_makes_no_silence_worse() {
    let policy = policy(2);
    let mut world = World::new(policy);
    world.play("PP P. P. P. P.");
    assert_eq!(world.topic(), ["no_data@4"]);
    let mut other = world.policy.targets[0].clone();
    other.id = "other".parse().unwrap();
    world.policy.targets.push(other.clone());
    let states = [world.state.clone(), TargetState::new(other.id)];
    let silence = silence(&world.policy, &world.fleet, &states, at(6));
    world.fleet_event(&FleetEvent::Tick { silence, ailing: BTreeMap::new() }, at(6));
    assert_eq!(world.topic(), ["no_data@4"]);
    assert!(world.on("phone").is_empty(), "one region still looks");
}

#[test]
fn the_alarm_of_missing_runs_opens_the_same_incident_and_joins_it() {
    let mut world = World::new(policy(2));
    world.play("PP P. P.");
    let alarm = |firing| FleetEvent::Alarm { region: region(1), firing };
    world.fleet_event(&alarm(true), at_second(190));
    assert_eq!(world.topic(), ["no_data@3"]);
    world.play("P. P. P.");
    assert_eq!(world.topic(), ["no_data@3"], "the region's silence is known already");
    world.fleet_event(&alarm(false), at_second(370));
    world.play("P. P.");
    assert_eq!(world.topic(), ["no_data@3"], "the alarm alone does not say that runs came");
    world.play("PP");
    assert_eq!(world.topic(), ["no_data@3", "no_data_recovery@9"]);
}

#[test]
fn an_alarm_whose_end_got_lost_ends_with_the_next_run() {
    let mut world = World::new(policy(2));
    world.play("PP PP");
    world.fleet_event(&FleetEvent::Alarm { region: region(1), firing: true }, at_second(125));
    assert_eq!(world.topic(), ["no_data@2"]);
    world.play("PP PP");
    assert_eq!(world.topic(), ["no_data@2", "no_data_recovery@4"]);
}

#[test]
fn an_alarm_of_a_region_that_is_not_ours_is_set_aside() {
    let mut world = World::new(policy(2));
    let disposition = world.fleet_event(&FleetEvent::Alarm { region: region(4), firing: true }, at(1));
    assert_eq!(disposition, Disposition::UnknownRegion);
    assert!(world.told.is_empty());
}

#[test]
fn a_failing_vote_outlives_its_region_and_is_shown_as_stale() {
    let mut world = World::new(policy(3));
    world.play("FFP F.P F.P F.P F.P F.P F.P F.P F.P F.P F.P");
    assert_eq!(world.topic(), ["failure@0", "no_data@4", "reminder@10"]);
    let reminder = &world.told.iter().rfind(|told| told.event == alerting::AlertEvent::Reminder).unwrap().notice;
    let stale: Vec<_> = reminder.regions.iter().map(|facts| (facts.region.clone(), facts.stale)).collect();
    assert_eq!(stale, [(region(0), false), (region(1), true)]);
    // The region comes back well: it still takes two runs.
    world.play("FPP");
    assert!(!world.topic().contains(&"recovery@11".to_owned()));
    world.play("FPP");
    assert_eq!(world.topic().last().unwrap(), "recovery@12");
}

#[test]
fn other_votes_die_with_their_region() {
    let mut world = World::new(policy(3));
    // One failing vote is no incident: it does not wait for its region.
    world.play("PFP P.P P.P P.P P.P P.F");
    assert_eq!(world.topic(), ["no_data@4"]);
    world.result(&result(6, 0, error_of('F')), at_second(370));
    world.tick(7);
    assert!(world.topic().contains(&"failure@7".to_owned()), "two live votes are enough: {:?}", world.topic());
}

#[test]
fn a_tick_that_is_repeated_late_does_not_end_a_silence() {
    let mut world = World::new(policy(3));
    world.play("PPP PP. PP. PP. PP. PP.");
    let told = world.topic();
    assert!(told.iter().any(|told| told.starts_with("no_data@")), "{told:?}");
    world.tick(2);
    world.tick(world.minute + 1);
    assert_eq!(world.topic(), told);
}
