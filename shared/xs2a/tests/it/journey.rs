//! The journey when all is well, and when the bank is only different.

use model::journey::{Outcome, StepOutcome};
use playground::{KeySize, Settings};

use crate::bank::{Bank, requests};

#[tokio::test]
async fn eight_steps_and_eleven_requests_pass_and_the_session_is_closed() {
    let bank = Bank::open(Settings::default()).await;
    let report = bank.run().await;
    assert_eq!((report.outcome, &report.error), (Outcome::Passed, &None));
    assert!(report.steps.iter().all(|step| step.outcome == StepOutcome::Passed));
    let numbers: Vec<u8> = requests(&report).iter().map(|request| request.number).collect();
    assert_eq!(numbers, (1..=11).collect::<Vec<u8>>());
    assert_eq!((report.cleanup.error.as_ref(), bank.playground.open_sessions()), (None, 0));
    assert!(report.cleanup.request.is_some_and(|request| request.method == "DELETE"));
    assert!(!report.recovered && report.attempts.is_empty());
}

#[tokio::test]
async fn the_phases_of_new_connections_are_told_apart_over_tls() {
    let bank = Bank::open(Settings { tls: true, ..Settings::default() }).await;
    let report = bank.run().await;
    assert_eq!(report.error, None);
    let requests = requests(&report);
    let (first, reused) = (&requests[0].exchange, &requests[1].exchange);
    assert!(first.timings.connect_ms.is_some() && first.timings.tls_ms.is_some());
    assert!(reused.timings.connect_ms.is_none() && reused.timings.first_byte_ms.is_some());
    assert_eq!(first.tls_version.as_deref(), Some("TLSv1.3"));
    assert_eq!(report.certificates.len(), 1);
}

#[tokio::test]
async fn processing_in_between_is_polled_and_larger_keys_are_used() {
    let settings = Settings { processing_polls: 2, key_bits: KeySize::Bits4096, ..Settings::default() };
    let bank = Bank::open(settings).await;
    let report = bank.run().await;
    assert_eq!(report.error, None);
    let polls: usize = requests(&report).iter().map(|request| request.polls.len()).sum();
    assert!(polls >= 8, "{polls} polls");
}

#[tokio::test]
async fn a_consent_call_is_repeated_while_the_bank_is_processing() {
    let bank = Bank::with_faults(&["10:state=PROCESSING*2"]).await;
    let report = bank.run().await;
    assert_eq!(report.error, None);
    let polls: Vec<usize> = requests(&report).iter().map(|request| request.polls.len()).collect();
    assert_eq!(polls, [0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0]);
}

#[tokio::test]
async fn a_failed_first_attempt_that_does_not_fail_again_is_recovered() {
    let mut bank = Bank::with_faults(&["9:status=503*1"]).await;
    bank.target.confirm = true;
    let report = bank.run().await;
    assert_eq!((report.outcome, report.recovered, report.attempts.len()), (Outcome::Passed, true, 1));
    let first = &report.attempts[0];
    assert_eq!(first.error.as_ref().unwrap().request, Some(9));
    assert_eq!(bank.playground.open_sessions(), 0, "both sessions are closed");
}

#[tokio::test]
async fn the_decided_attempt_is_slow_beyond_the_targets_limit() {
    let mut bank = Bank::with_faults(&["10:delay=80ms"]).await;
    let text = "[[target]]\nid = \"a\"\ndegraded_after = { steps = { account_details_and_balance = \"50ms\" } }";
    let environment = model::config::Environment::default();
    let limits = model::config::Config::parse(Some(text), &environment).unwrap().targets.remove(0).degraded_after;
    bank.target.degraded_after = limits;
    let report = bank.run().await;
    let error = report.error.unwrap();
    assert_eq!((report.outcome, error.failure.error_type.name()), (Outcome::Degraded, "slow"));
    assert_eq!(error.step.unwrap().number(), 8);
}
