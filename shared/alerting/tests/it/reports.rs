//! Which report an alert leads to.

use alerting::{AlertEvent, Notice, TargetState, Vote};
use model::names::ReportUri;

use crate::world::{World, at, error_of, policy, result};

fn page(minute: i64, region: usize) -> ReportUri {
    format!("s3://reports-{region}/reports/bank/{minute}.html").parse().unwrap()
}

/// Plays a minute of all regions; the bad runs have the page of their minute and region.
fn play(world: &mut World, minute: i64, letters: &str) {
    for (region, letter) in letters.chars().enumerate() {
        let bad = letter != 'P';
        let run = result(minute, region, error_of(letter)).with_report(bad.then(|| page(minute, region)));
        world.result(&run, at(minute));
    }
}

fn last(world: &World, event: AlertEvent) -> &Notice {
    &world.told.iter().rfind(|told| told.event == event).unwrap().notice
}

#[test]
fn a_failure_leads_to_the_last_bad_run_of_the_first_region_that_fails() {
    let mut world = World::new(policy(3));
    play(&mut world, 0, "PPP");
    play(&mut world, 1, "PFF");
    let (region, uri) = last(&world, AlertEvent::Failure).report().unwrap();
    assert_eq!((region.as_str(), uri), ("us-east-2", &page(1, 1)));

    for minute in 2..12 {
        play(&mut world, minute, "PFF");
    }
    let reminded = last(&world, AlertEvent::Reminder);
    assert!(reminded.at > at(1) && reminded.report().unwrap().1 != &page(1, 1), "the newest one");
}

#[test]
fn a_region_that_fails_comes_before_one_that_is_only_degraded() {
    let mut world = World::new(policy(3));
    for minute in 0..3 {
        play(&mut world, minute, "DDP");
    }
    assert_eq!(last(&world, AlertEvent::Degraded).report().unwrap().1, &page(2, 0));
    play(&mut world, 3, "DFF");
    let notice = last(&world, AlertEvent::Failure);
    assert_eq!(notice.regions[0].vote, Vote::Degraded);
    assert_eq!(notice.report().unwrap().1, &page(3, 1));
}

#[test]
fn a_recovery_leads_to_no_report_of_a_run_that_failed() {
    let mut world = World::new(policy(3));
    play(&mut world, 0, "FFF");
    play(&mut world, 1, "PPP");
    play(&mut world, 2, "PPP");
    assert_eq!(last(&world, AlertEvent::Recovery).report(), None);
}

#[test]
fn a_state_from_before_there_were_reports_can_be_read() {
    let mut world = World::new(policy(3));
    play(&mut world, 0, "FFF");
    let stored = serde_json::to_string(&world.state).unwrap();
    assert_eq!(serde_json::from_str::<TargetState>(&stored).unwrap(), world.state);
    let mut older = stored;
    for region in 0..3 {
        let field = format!(",\"report\":\"{}\"", page(0, region));
        assert!(older.contains(&field), "{older}");
        older = older.replace(&field, "");
    }
    assert!(serde_json::from_str::<TargetState>(&older).is_ok());
}
