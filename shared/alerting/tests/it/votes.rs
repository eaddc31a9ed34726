//! Votes, quorum and status against a second, plain reading of the rules that
//! keeps everything and has no window.

use alerting::Vote;
use model::config::{self, Quorum};
use proptest::prelude::*;

use crate::world::{World, policy};

#[test]
fn a_region_votes_by_its_rows() {
    // One region is the whole quorum, so that its vote is the status.
    for (runs, failed, degraded, recovery, expected) in [
        ("F", 1, 3, 2, Vote::Failing),
        ("F", 2, 3, 2, Vote::Passing),
        ("FPF", 2, 3, 2, Vote::Passing),
        ("FF", 2, 3, 2, Vote::Failing),
        ("FP", 1, 3, 2, Vote::Failing),
        ("FPFP", 1, 3, 2, Vote::Failing),
        ("FPP", 1, 3, 2, Vote::Passing),
        ("FPD", 1, 3, 2, Vote::Degraded),
        ("FDP", 1, 3, 2, Vote::Passing),
        ("DD", 1, 3, 2, Vote::Passing),
        ("DDD", 1, 3, 2, Vote::Degraded),
        ("DFD", 2, 3, 2, Vote::Degraded),
        ("DDDP", 1, 3, 2, Vote::Degraded),
        ("DDDPDP", 1, 3, 2, Vote::Degraded),
        ("DDDPP", 1, 3, 2, Vote::Passing),
        ("FMF", 2, 3, 2, Vote::Failing),
        ("FPMP", 1, 3, 2, Vote::Passing),
        ("M", 1, 3, 2, Vote::Passing),
    ] {
        let mut policy = policy(1);
        let rules = &mut policy.rules;
        (rules.failed_runs, rules.degraded_runs, rules.recovery_runs) = (failed, degraded, recovery);
        // Longer than any row here: a single region would count alone.
        rules.partial_runs = 9;
        let mut world = World::new(policy);
        for run in runs.chars() {
            world.play(&run.to_string());
        }
        assert_eq!(world.state.status, expected, "{runs} with {failed}, {degraded}, {recovery}");
    }
}

#[test]
fn one_region_alone_makes_the_target_degraded_after_a_while_and_never_rings() {
    let mut world = World::new(policy(3));
    world.play("FPP FPP FPP FPP PPP PPP");
    assert_eq!(world.topic(), ["degraded@2", "degraded_recovery@5"]);
    assert!(world.on("phone").is_empty());
}

#[test]
fn the_quorum_is_a_count_or_a_percentage() {
    for (quorum, failing, expected) in [
        (Quorum::MoreThanHalf, "FFPPP", Vote::Passing),
        (Quorum::MoreThanHalf, "FFFPP", Vote::Failing),
        (Quorum::Count(1), "PPPPF", Vote::Failing),
        (Quorum::Count(5), "FFFFP", Vote::Passing),
        (Quorum::Count(5), "FFFFF", Vote::Failing),
        (Quorum::Percent(60), "FFPPP", Vote::Passing),
        (Quorum::Percent(60), "FFFPP", Vote::Failing),
        (Quorum::Percent(1), "FPPPP", Vote::Failing),
    ] {
        let mut world = World::new(policy(5)).with_quorum(quorum);
        world.play(failing);
        assert_eq!(world.state.status, expected, "{quorum:?} of {failing}");
    }
}

/// The plain reading: the vote after a region's runs, all of them known.
fn vote(runs: &[char], rules: &config::Policy) -> (Vote, bool) {
    let (mut vote, mut partial) = (Vote::Passing, false);
    for end in 1..=runs.len() {
        let last = |many: u32, is: &dyn Fn(char) -> bool| {
            let many = usize::try_from(many).unwrap();
            end >= many && runs[end - many..end].iter().all(|run| is(*run))
        };
        let failed = last(rules.failed_runs, &|run| run == 'F');
        vote = match vote {
            Vote::Failing if !last(rules.recovery_runs, &|run| run != 'F') => Vote::Failing,
            Vote::Failing if runs[end - 1] == 'D' => Vote::Degraded,
            Vote::Failing => Vote::Passing,
            _ if failed => Vote::Failing,
            Vote::Degraded if last(rules.recovery_runs, &|run| run == 'P') => Vote::Passing,
            Vote::Passing if last(rules.degraded_runs, &|run| run != 'P') => Vote::Degraded,
            same => same,
        };
        partial =
            last(rules.partial_runs, &|run| run == 'F') || partial && (vote == Vote::Failing || runs[end - 1] == 'F');
    }
    (vote, partial)
}

fn status(runs: &[Vec<char>], rules: &config::Policy) -> Vote {
    let votes: Vec<_> = runs.iter().map(|runs| vote(runs, rules)).collect();
    let enough = rules.min_regions.of(runs.len());
    let with = |vote: Vote| votes.iter().filter(|(other, _)| *other == vote).count();
    match with(Vote::Failing) {
        failing if failing >= enough => Vote::Failing,
        failing if failing + with(Vote::Degraded) >= enough || votes.iter().any(|(_, partial)| *partial) => {
            Vote::Degraded
        }
        _ => Vote::Passing,
    }
}

fn any_rules() -> impl Strategy<Value = config::Policy> {
    let quorum = prop_oneof![
        Just(Quorum::MoreThanHalf),
        (1_usize..6).prop_map(Quorum::Count),
        (1_u8..=100).prop_map(Quorum::Percent),
    ];
    (1_u32..4, 1_u32..5, 1_u32..4, 1_u32..5, quorum).prop_map(|(failed, degraded, recovery, partial, min_regions)| {
        config::Policy {
            failed_runs: failed,
            degraded_runs: degraded,
            recovery_runs: recovery,
            partial_runs: partial,
            min_regions,
            ..config::Policy::default()
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_window_forgets_nothing_that_matters(
        rules in any_rules(),
        runs in (1_usize..=5).prop_flat_map(|regions| {
            prop::collection::vec(prop::collection::vec(prop::sample::select(vec!['P', 'F', 'F', 'D']), regions), 1..40)
        }),
    ) {
        let regions = runs[0].len();
        let mut policy = policy(regions);
        policy.rules = rules.clone();
        let mut world = World::new(policy);
        let mut so_far = vec![Vec::new(); regions];
        for minute in runs {
            minute.iter().zip(&mut so_far).for_each(|(run, runs)| runs.push(*run));
            world.play(&minute.iter().collect::<String>());
            prop_assert_eq!(world.state.status, status(&so_far, &rules), "after {:?}", so_far);
        }
    }
}
