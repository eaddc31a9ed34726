//! What holds for any runs, regions, quorum and schedule.

use std::collections::{BTreeMap, BTreeSet};

use alerting::{AlertEvent, Event, Notification, Policy, TargetState, decide, silence};
use jiff::Timestamp;
use model::config::{Quorum, Schedule};
use model::run_result::RunResult;
use proptest::prelude::*;

use crate::world::{World, at_second, error_of, policy, result};

fn any_policy() -> impl Strategy<Value = Policy> {
    let quorum = prop_oneof![
        Just(Quorum::MoreThanHalf),
        (1_usize..6).prop_map(Quorum::Count),
        (1_u8..=100).prop_map(Quorum::Percent),
    ];
    let schedule = prop::sample::select(vec![Schedule::Parallel, Schedule::RoundRobin]);
    (1_usize..=5, 1_u32..3, 1_u32..4, 1_u32..4, quorum, schedule).prop_map(
        |(regions, failed, degraded, recovery, quorum, schedule)| {
            let mut policy = policy(regions);
            policy.schedule = schedule;
            policy.rules.failed_runs = failed;
            policy.rules.degraded_runs = degraded;
            policy.rules.recovery_runs = recovery;
            policy.rules.min_regions = quorum;
            policy
        },
    )
}

/// Runs for a policy: failures come in stretches, as they do.
fn any_runs(policy: &Policy, gaps: bool) -> impl Strategy<Value = Vec<String>> + use<> {
    let regions = policy.regions.len();
    let turns = policy.schedule == Schedule::RoundRobin;
    let letters = |class: &str| prop::string::string_regex(&format!("{class}{{{regions}}}")).unwrap();
    let minute = prop_oneof![
        letters(if gaps { "[PPPFDM.]" } else { "[PPPFDM]" }),
        letters("F"),
        letters("P"),
        letters("[DP]"),
        letters(if gaps { "[.]" } else { "M" })
    ];
    prop::collection::vec(minute, 5..40).prop_map(move |minutes| {
        // Under round-robin the others' letters are blanked.
        let mine = |minute: usize, number: usize| !turns || minute % regions == number;
        let keep = |minute: usize, letters: &str| -> String {
            letters.chars().enumerate().map(|(at, letter)| if mine(minute, at) { letter } else { '.' }).collect()
        };
        minutes.iter().enumerate().map(|(minute, letters)| keep(minute, letters)).collect()
    })
}

/// Without gaps: a region that comes back after its death is not waited for.
fn any_story_without_gaps() -> impl Strategy<Value = (Policy, Vec<String>)> {
    any_policy().prop_flat_map(|policy| (Just(policy.clone()), any_runs(&policy, false)))
}

fn any_story() -> impl Strategy<Value = (Policy, Vec<String>)> {
    any_policy().prop_flat_map(|policy| (Just(policy.clone()), any_runs(&policy, true)))
}

fn results(minutes: &[String]) -> Vec<Vec<RunResult>> {
    let of_minute = |(minute, letters): (usize, &String)| {
        let minute = i64::try_from(minute).unwrap();
        let runs = letters.chars().enumerate().filter(|(_, letter)| *letter != '.');
        runs.map(|(number, letter)| result(minute, number, error_of(letter))).collect()
    };
    minutes.iter().enumerate().map(of_minute).collect()
}

/// Delivers the results of each minute in an order, then the tick.
fn deliver(policy: &Policy, minutes: &[Vec<RunResult>]) -> (TargetState, Vec<Notification>) {
    deliver_askew(policy, minutes, &[0])
}

/// The same, with the clock of the messages so many seconds off, in turn.
fn deliver_askew(policy: &Policy, minutes: &[Vec<RunResult>], askew: &[i64]) -> (TargetState, Vec<Notification>) {
    let mut askew = askew.iter().cycle();
    let mut state = TargetState::new("bank".parse().unwrap());
    let mut told = Vec::new();
    let mut step = |event: &Event, now: Timestamp| {
        let decision = decide(policy, &state, event, now);
        state = decision.state;
        told.extend(decision.notifications);
    };
    let tick = Event::Tick(silence(policy, &alerting::FleetState::default(), &[], at_second(0)));
    step(&tick, at_second(0));
    for (minute, results) in (0_i64..).zip(minutes) {
        for (second, result) in (1_i64..).zip(results) {
            let now = at_second(minute * 60 + second + askew.next().unwrap());
            step(&Event::Result(Box::new(result.clone())), now);
        }
        step(&tick, at_second((minute + 1) * 60));
    }
    (state, told)
}

fn ids(told: &[Notification]) -> Vec<&str> {
    told.iter().map(|told| told.notification_id.as_str()).collect()
}

const fn notice_of(recovery: AlertEvent) -> &'static [AlertEvent] {
    match recovery {
        AlertEvent::Recovery => &[AlertEvent::Failure],
        // A recovery that says what is still wrong is a notice, too.
        AlertEvent::DegradedRecovery => &[AlertEvent::Degraded, AlertEvent::Recovery],
        AlertEvent::NoDataRecovery => &[AlertEvent::NoData],
        AlertEvent::MonitorErrorRecovery => &[AlertEvent::MonitorError],
        _ => &[],
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_channel_is_told_an_end_without_the_beginning((policy, minutes) in any_story()) {
        let mut world = World::new(policy);
        world.play(&minutes.join(" "));
        let mut told: BTreeMap<&str, Vec<&Notification>> = BTreeMap::new();
        for notification in &world.told {
            let before = told.entry(notification.channel.as_str()).or_default();
            let same = |other: &&&Notification| {
                let own = other.incident_key == notification.incident_key;
                let rest = notification.event == AlertEvent::DegradedRecovery && other.notice.still.is_some();
                own || rest && notification.channel != "pagerduty"
            };
            if notification.event.closes() {
                let begun = before.iter().filter(same).any(|other| notice_of(notification.event).contains(&other.event));
                prop_assert!(begun, "{} without a beginning", notification.notification_id);
            }
            before.push(notification);
        }
    }

    #[test]
    fn no_notification_is_told_twice_and_no_incident_rings_twice((policy, minutes) in any_story()) {
        let mut world = World::new(policy);
        world.play(&minutes.join(" "));
        let all: BTreeSet<_> = ids(&world.told).into_iter().collect();
        prop_assert_eq!(all.len(), world.told.len());
        let calls: Vec<_> = world.told.iter().filter(|told| told.channel == "phone").map(|told| &told.incident_key).collect();
        prop_assert_eq!(calls.iter().collect::<BTreeSet<_>>().len(), calls.len());
    }

    #[test]
    fn reminders_stop_at_recovery_and_acknowledgement((policy, minutes) in any_story(), taken in 0_usize..40) {
        let mut world = World::new(policy);
        for (number, minute) in minutes.iter().enumerate() {
            world.play(minute);
            if number == taken && !world.state.incidents.open.is_empty() {
                world.acknowledge();
            }
        }
        let mut over = BTreeSet::new();
        for told in world.told.iter().filter(|told| told.channel == "pagerduty") {
            match told.event {
                AlertEvent::Recovery | AlertEvent::Acknowledgement => drop(over.insert(&told.incident_key)),
                // What got worse is news.
                AlertEvent::Failure => drop(over.remove(&told.incident_key)),
                AlertEvent::Reminder => prop_assert!(!over.contains(&told.incident_key), "{}", told.notification_id),
                _ => {}
            }
        }
    }

    #[test]
    fn neither_order_nor_repeats_matter_within_a_minute(
        (policy, minutes) in any_story_without_gaps(),
        seeds in prop::collection::vec(any::<u64>(), 40),
    ) {
        let ordered = results(&minutes);
        let mut shuffled = ordered.clone();
        for (minute, seed) in shuffled.iter_mut().zip(seeds) {
            let len = minute.len().max(1);
            minute.rotate_left(usize::try_from(seed % 7).unwrap() % len);
            if seed % 2 == 0 {
                minute.reverse();
            }
            // A repeat that says something else: the first one counts.
            if let Some(first) = minute.first().cloned() {
                let lie = if first.error.is_none() { error_of('F') } else { None };
                minute.push(RunResult { error: lie, ..first });
            }
        }
        let (one, told_one) = deliver(&policy, &ordered);
        let (other, told_other) = deliver(&policy, &shuffled);
        prop_assert_eq!(ids(&told_one), ids(&told_other));
        prop_assert_eq!((one.status, one.decided, &one.regions), (other.status, other.decided, &other.regions));
    }

    #[test]
    fn clocks_that_differ_by_less_than_a_minute_decide_nothing(
        (mut policy, minutes) in any_story_without_gaps(),
        askew in prop::collection::vec(-55_i64..50, 1..9),
    ) {
        // A reminder goes by the clock.
        policy.rules.reminders.amount = 0;
        let results = results(&minutes);
        let ((one, told_one), (other, told_other)) =
            (deliver(&policy, &results), deliver_askew(&policy, &results, &askew));
        prop_assert_eq!(ids(&told_one), ids(&told_other));
        prop_assert_eq!((one.status, one.decided), (other.status, other.decided));
    }

    #[test]
    fn what_is_delivered_again_later_and_a_tick_more_change_nothing((policy, minutes) in any_story()) {
        let mut world = World::new(policy);
        let results = results(&minutes);
        for (minute, letters) in minutes.iter().enumerate() {
            world.play(letters);
            let (state, fleet, told) = (world.state.clone(), world.fleet.clone(), world.told.len());
            for result in results[minute.saturating_sub(2)..=minute].iter().flatten() {
                world.result(result, at_second(world.minute * 60));
            }
            world.tick(world.minute);
            prop_assert_eq!((&world.state, &world.fleet, world.told.len()), (&state, &fleet, told));
        }
    }

    #[test]
    fn a_phone_that_tells_the_end_tells_each_end_once_after_its_beginning((mut policy, minutes) in any_story()) {
        policy.channels.iter_mut().for_each(|channel| channel.send_recovery = true);
        let mut world = World::new(policy);
        world.play(&minutes.join(" "));
        let mut calls: BTreeMap<&str, Vec<bool>> = BTreeMap::new();
        for told in world.told.iter().filter(|told| told.channel == "phone") {
            calls.entry(told.incident_key.as_str()).or_default().push(told.event.closes());
        }
        prop_assert!(calls.values().all(|ends| [&[false][..], &[false, true]].contains(&ends.as_slice())), "{:?}", calls);
    }

    #[test]
    fn the_same_story_ends_the_same((policy, minutes) in any_story()) {
        let results = results(&minutes);
        prop_assert_eq!(deliver(&policy, &results), deliver(&policy, &results));
    }

    #[test]
    fn when_all_is_well_for_long_enough_nothing_stays_open((policy, minutes) in any_story()) {
        let mut world = World::new(policy);
        world.play(&minutes.join(" "));
        let regions = world.policy.regions.len();
        for _ in 0..(6 * regions) {
            let turns = world.policy.schedule == Schedule::RoundRobin;
            let minute = usize::try_from(world.minute).unwrap();
            let letter = |number| if !turns || minute % regions == number { 'P' } else { '.' };
            world.play(&(0..regions).map(letter).collect::<String>());
        }
        prop_assert_eq!(&world.state.incidents, &alerting::Incidents::default());
        prop_assert_eq!(&world.fleet.incidents, &alerting::Incidents::default());
    }

    #[test]
    fn the_state_does_not_grow((policy, minutes) in any_story()) {
        let mut world = World::new(policy);
        world.play(&minutes.join(" "));
        let window = usize::try_from(world.policy.rules.longest_count()).unwrap() * 5 + 3;
        let size = serde_json::to_string(&world.state).unwrap().len();
        prop_assert!(size < 6_000 + world.policy.regions.len() * window * 700, "{size} bytes");
    }
}
