//! The shipped configuration that behaves as the article's.

use std::collections::BTreeMap;

use alerting::Policy;
use jiff::SignedDuration;
use model::config::{Config, Environment};
use model::report::CertificateReport;

use crate::world::{World, at, at_second, result};

fn world() -> World {
    let token = BTreeMap::from([("KOSMA_AUTH_TOKEN".to_owned(), "canary".to_owned())]);
    let environment = Environment::parse(&token).unwrap();
    let file = include_str!("../../../../infra/examples/article.toml");
    let config = Config::parse(Some(file), &environment).unwrap();
    assert!(!config.targets[0].confirm);
    let mut policy = Policy::from(&config);
    // The runs of these tests are those of a target with this id.
    policy.targets[0].id = "bank".parse().unwrap();
    World::new(policy)
}

#[test]
fn one_failed_run_anywhere_is_told_at_once_and_one_good_run_ends_it() {
    let mut world = world();
    world.play("PPP PFP PPP PPP FPP FFF FPF PPP");
    let story = ["failure@1", "recovery@2", "failure@4", "recovery@7"];
    assert_eq!(world.on("email-1"), story);
    assert_eq!(world.on("call-1"), story, "by phone as by e-mail");
}

#[test]
fn the_first_failed_run_does_not_wait_for_the_other_regions() {
    let mut world = world();
    world.play("PPP");
    world.result(&result(1, 1, crate::world::error_of('F')), at_second(61));
    assert_eq!(world.on("email-1"), ["failure@1"]);
    assert_eq!(world.told[0].decided_at, at_second(61));
}

#[test]
fn degraded_runs_are_not_told() {
    let mut world = world();
    world.play("DDD DDD DDD DDD DDD PPP");
    assert!(world.on("email-1").is_empty());
    assert!(world.on("call-1").is_empty());
}

#[test]
fn a_certificate_is_told_once_thirty_days_before_its_end() {
    let mut world = world();
    for (minute, seconds_left) in [(0, 61), (1, 1), (2, -59), (3, -119)] {
        let mut run = result(minute, 0, None);
        run.certificates = vec![CertificateReport {
            host: "api.bank.example".to_owned(),
            fingerprint: "ab".repeat(32),
            not_before: at(0),
            not_after: at(minute) + SignedDuration::from_hours(30 * 24) + SignedDuration::from_secs(seconds_left),
        }];
        world.result(&run, at(minute));
    }
    assert_eq!(world.on("email-1"), ["certificate_expiring@2"]);
    assert!(world.on("call-1").is_empty());
}
