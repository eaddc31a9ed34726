//! Each row of the table of errors: what a run with the error is told as.

use model::error::{ErrorType, Failure, RunError};
use model::journey::{Request, Step};

use crate::world::{World, api_error, at_second, policy, result};

fn told(error: &RunError) -> Vec<String> {
    let mut world = World::new(policy(3));
    for minute in 0..3 {
        for region in 0..3 {
            world.result(&result(minute, region, Some(error.clone())), at_second(minute * 60 + 10));
        }
        world.minute += 1;
        world.tick(minute + 1);
    }
    world.topic()
}

fn error(error_type: ErrorType) -> RunError {
    RunError::new(Failure::new(error_type, "it went wrong"), Some(Step::GetConsent), Some(Request::GetConsent))
}

#[test]
fn every_error_is_told_as_the_table_says() {
    use ErrorType as E;
    let failures = [
        E::Dns,
        E::Connect,
        E::Tls,
        E::Timeout,
        E::Connection,
        E::HttpStatus,
        E::Contract,
        E::Envelope,
        E::BlockedUrl,
        E::FlowAborted,
        E::Assertion,
        E::Deadline,
    ];
    for kind in failures {
        assert_eq!(told(&error(kind)), ["failure@0"], "{kind}");
    }
    for kind in [E::RateLimited, E::Slow] {
        assert_eq!(told(&error(kind)), ["degraded@2"], "{kind}");
    }
    for kind in [E::Credentials, E::FormRejected, E::Internal] {
        assert_eq!(told(&error(kind)), ["monitor_error@0"], "{kind}");
    }
    for (category, expected) in [
        ("TECHNICAL", "failure@0"),
        ("BANK.UNAVAILABLE", "failure@0"),
        ("MAINTENANCE", "degraded@2"),
        ("USER.ACCESS_DENIED", "monitor_error@0"),
        ("NOT_SUPPORTED", "monitor_error@0"),
        ("CONSENT.EXPIRED", "monitor_error@0"),
    ] {
        assert_eq!(told(&api_error(category)), [expected], "{category}");
    }
}

#[test]
fn a_fault_of_ours_is_an_incident_of_its_own_that_never_rings() {
    let mut world = World::new(policy(3));
    world.play("PPM PPM PPP PPP PPP");
    assert_eq!(world.topic(), ["monitor_error@0", "monitor_error_recovery@3"]);
    assert!(world.on("phone").is_empty());
}

#[test]
fn a_fault_of_ours_ends_when_every_region_that_had_it_is_rid_of_it() {
    let mut world = World::new(policy(3));
    world.play("PMM PPM PPM PPP PPP");
    assert_eq!(world.topic(), ["monitor_error@0", "monitor_error_recovery@4"]);
}

#[test]
fn a_fault_of_ours_neither_votes_nor_ends_an_outage_nor_is_silence() {
    let mut world = World::new(policy(3));
    world.play("FFF MMM MMM MMM MMM MMM");
    assert_eq!(world.topic(), ["failure@0", "monitor_error@1"]);
    world.play("PPP PPP");
    assert_eq!(world.topic()[2..], ["recovery@7".to_owned(), "monitor_error_recovery@7".to_owned()]);
}

#[test]
fn two_regions_do_not_share_a_network() {
    let blame = |minutes: &str| {
        let mut world = World::new(policy(3)).with_quorum(model::config::Quorum::Count(1));
        world.play(minutes);
        world.told[0].notice.blame.map(model::error::Blame::name)
    };
    assert_eq!(blame("PPN"), Some("network"));
    let mut world = World::new(policy(3));
    world.play("NNN");
    assert_eq!(world.told[0].notice.blame.map(model::error::Blame::name), Some("provider"));
}
