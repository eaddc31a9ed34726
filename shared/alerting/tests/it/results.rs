//! Results that come early, late, twice, or should not come at all.

use alerting::{Disposition, Vote};
use model::config::Schedule;

use crate::world::{World, at_second, error_of, policy, region, result};

#[test]
fn a_result_that_does_not_count_is_set_aside_and_changes_nothing() {
    let mut world = World::new(policy(3));
    world.play("PPP PPP PPP PPP PPP PPP PPP PPP");
    let now = at_second(8 * 60 + 30);
    let failed = |minute| result(minute, 0, error_of('F'));
    let cases = [
        (failed(7), now, Disposition::Duplicate),
        (failed(2), now, Disposition::TooOld),
        (failed(-500_000), now, Disposition::TooOld),
        (failed(10), now, Disposition::FromTheFuture),
        (failed(500_000), now, Disposition::FromTheFuture),
        (
            model::run_result::RunResult { target: "other".parse().unwrap(), ..failed(8) },
            now,
            Disposition::UnknownTarget,
        ),
        (model::run_result::RunResult { region: Some(region(4)), ..failed(8) }, now, Disposition::UnknownRegion),
        (model::run_result::RunResult { region: None, ..failed(8) }, now, Disposition::UnknownRegion),
        (model::run_result::RunResult { schema_version: 99, ..failed(8) }, now, Disposition::OtherSchemaVersion),
    ];
    for (result, now, expected) in cases {
        let before = world.state.clone();
        assert_eq!(world.result(&result, now), expected);
        assert_eq!(world.state, before, "{expected:?}");
    }
    assert!(world.told.is_empty());
}

#[test]
fn a_clock_that_is_a_little_ahead_is_believed() {
    let mut world = World::new(policy(1));
    assert_eq!(world.result(&result(1, 0, error_of('F')), at_second(5)), Disposition::Taken);
    assert_eq!(world.topic(), ["failure@0"]);
}

#[test]
fn the_seconds_of_a_scheduled_time_do_not_make_another_run() {
    let mut world = World::new(policy(3));
    let mut same = result(0, 0, error_of('F'));
    assert_eq!(world.result(&same, at_second(10)), Disposition::Taken);
    same.scheduled_at = at_second(59);
    assert_eq!(world.result(&same, at_second(20)), Disposition::Duplicate);
}

#[test]
fn the_first_result_for_a_key_wins() {
    let mut world = World::new(policy(1));
    world.result(&result(0, 0, None), at_second(10));
    world.result(&result(0, 0, error_of('F')), at_second(11));
    world.play(". ");
    assert!(world.told.is_empty());
}

#[test]
fn bad_news_goes_out_as_soon_as_enough_regions_brought_it() {
    let mut world = World::new(policy(3));
    world.play("PPP");
    world.result(&result(1, 0, error_of('F')), at_second(70));
    assert!(world.told.is_empty());
    world.result(&result(1, 2, error_of('F')), at_second(71));
    assert_eq!(world.topic(), ["failure@1"]);
    // What was told is not taken back by the third.
    assert_eq!(world.result(&result(1, 1, None), at_second(72)), Disposition::Late);
    world.tick(2);
    assert_eq!(world.topic(), ["failure@1"]);
}

#[test]
fn good_news_waits_for_all_regions_or_the_next_interval() {
    let mut world = World::new(policy(3));
    world.play("FFF PPP");
    world.result(&result(2, 0, None), at_second(130));
    world.result(&result(2, 1, None), at_second(131));
    assert_eq!(world.state.status, Vote::Failing);
    world.tick(3);
    assert_eq!(world.topic(), ["failure@0", "recovery@3"]);

    let mut world = World::new(policy(3));
    world.play("FFF PPP");
    for number in 0..3 {
        world.result(&result(2, number, None), at_second(130));
    }
    assert_eq!(world.topic(), ["failure@0", "recovery@2"]);
}

#[test]
fn a_region_that_died_is_not_waited_for() {
    let mut world = World::new(policy(3));
    world.play("FFF FF. FF. FF. FF. FF.");
    world.result(&result(6, 0, None), at_second(370));
    world.result(&result(6, 1, None), at_second(371));
    world.result(&result(7, 0, None), at_second(430));
    world.result(&result(7, 1, None), at_second(431));
    assert!(world.topic().contains(&"recovery@7".to_owned()), "{:?}", world.topic());
}

#[test]
fn results_that_come_in_the_wrong_order_count_in_the_right_one() {
    let mut policy = policy(1);
    policy.rules.failed_runs = 3;
    let mut world = World::new(policy);
    world.play("F");
    // Minute 2 comes before minute 1.
    world.result(&result(2, 0, error_of('F')), at_second(70 + 60));
    assert!(world.told.is_empty());
    world.result(&result(1, 0, error_of('F')), at_second(71 + 60));
    world.tick(3);
    world.result(&result(3, 0, error_of('F')), at_second(190));
    assert_eq!(world.topic().len(), 1, "{:?}", world.topic());
}

#[test]
fn under_round_robin_each_region_has_its_own_minute_and_a_longer_patience() {
    let mut policy = policy(3);
    policy.schedule = Schedule::RoundRobin;
    let mut world = World::new(policy);
    // 10:00 is the turn of the first region.
    world.play("P.. .P. ..P F.. .P. ..F P.. .P. ..P P.. .P. ..P");
    assert_eq!(world.topic(), ["failure@5", "recovery@9"]);
    let mut world = World::new(world.policy);
    world.play("P.. .P. ..P .. .P. ..P .. .P. ..P");
    assert!(world.told.is_empty(), "nine minutes are three turns: {:?}", world.topic());
    world.play("...");
    assert_eq!(world.topic(), ["no_data@10"].map(String::from), "{:?}", world.state.incidents);
}
