//! The journey when the bank fails: each fault is told by its type and place.

use std::time::Duration;

use model::error::Blame;
use model::journey::{Outcome, StepOutcome};
use model::report::RunReport;
use model::run_result::RunResult;
use playground::Settings;

use crate::bank::{Bank, requests};

async fn check(rule: &str, expected: (Outcome, &str, Option<u8>)) {
    let mut bank = Bank::with_faults(&[rule]).await;
    bank.timeouts.request = Duration::from_millis(600);
    bank.timeouts.poll = Duration::from_millis(500);
    let report = bank.run().await;
    let error = report.error.as_ref().unwrap_or_else(|| panic!("{rule}: passed"));
    let seen = (report.outcome, error.failure.error_type.name(), error.request);
    assert_eq!(seen, expected, "{rule}: {}", error.failure.message);
    if let Some(number) = error.request {
        let failed = requests(&report).into_iter().find(|request| request.number == number).unwrap();
        assert_eq!(failed.error.as_ref(), Some(&error.failure), "{rule}");
        assert_eq!(error.step.unwrap(), failed.name.step(), "{rule}");
    }
    let after = report.steps.iter().skip_while(|step| step.outcome == StepOutcome::Passed).skip(1);
    assert!(after.into_iter().all(|step| step.outcome == StepOutcome::NotRun), "{rule}");
    assert_eq!(bank.playground.open_sessions(), 0, "{rule}: the session is left open");
}

#[tokio::test]
async fn every_kind_of_fault_has_its_type() {
    use Outcome::{Degraded, Failed};
    for (rule, outcome, error_type, request) in [
        ("5:status=503", Failed, "http_status", 5),
        ("10:status=401", Failed, "credentials", 10),
        ("2:status=403", Failed, "credentials", 2),
        ("3:rate-limit=7", Degraded, "rate_limited", 3),
        ("9:redirect", Failed, "http_status", 9),
        ("4:delay=5s", Failed, "timeout", 4),
        ("11:drip=100ms", Failed, "timeout", 11),
        ("6:reset", Failed, "connection", 6),
        ("7:truncate", Failed, "connection", 7),
        ("8:not-json", Failed, "contract", 8),
        ("9:empty", Failed, "contract", 9),
        ("10:huge", Failed, "contract", 10),
        ("9:missing=consent_token", Failed, "contract", 9),
        ("7:missing=elements", Failed, "contract", 7),
        ("11:type=amount", Failed, "contract", 11),
        ("6:state=EXCEPTION", Failed, "api_error", 6),
        ("8:state=ABORTED", Failed, "flow_aborted", 8),
        ("6:state=PROCESSING", Failed, "deadline", 6),
        ("10:state=PROCESSING", Failed, "deadline", 10),
        ("2:state=EXCEPTION", Failed, "api_error", 2),
        ("9:state=ABORTED", Failed, "flow_aborted", 9),
        ("11:state=EXCEPTION", Failed, "api_error", 11),
        ("6:category=BANK.DOWN", Failed, "api_error", 6),
        ("9:category=MAINTENANCE", Degraded, "api_error", 9),
        ("4:bad-key", Failed, "envelope", 4),
        ("4:foreign-url", Failed, "blocked_url", 4),
        ("1:foreign-url", Failed, "blocked_url", 1),
    ] {
        check(rule, (outcome, error_type, Some(request))).await;
    }
}

#[tokio::test]
async fn the_test_banks_user_names_are_told_apart() {
    for (user, error_type, blame) in [
        ("wrong", "api_error", Blame::Us),
        ("invalid", "form_rejected", Blame::Us),
        ("technical", "api_error", Blame::Provider),
        ("bank-technical", "api_error", Blame::Bank),
        ("bank-maintenance", "api_error", Blame::Bank),
    ] {
        let mut bank = Bank::open(Settings::default()).await;
        bank.target.user_name = user.to_owned();
        let report = bank.run().await;
        let error = report.error.unwrap();
        assert_eq!((error.failure.error_type.name(), error.blame), (error_type, blame), "{user}: {error:?}");
        assert_eq!(error.request, Some(6), "{user}");
    }
}

#[tokio::test]
async fn a_bank_that_is_not_there_is_a_failed_run() {
    let mut bank = Bank::open(Settings::default()).await;
    let gone = Bank::open(Settings::default()).await;
    bank.target.api_base_url = gone.target.api_base_url.clone();
    drop(gone);
    let report = bank.run().await;
    let error = report.error.unwrap();
    assert_eq!((error.failure.error_type.name(), error.blame, error.request), ("connect", Blame::Network, Some(1)));
    assert_eq!(report.cleanup.request, None, "nothing was opened");
}

#[tokio::test]
async fn a_wrong_token_is_ours() {
    let bank = Bank::open(Settings::default()).await;
    let report = bank.run_with_token("not-the-token").await;
    let error = report.error.unwrap();
    assert_eq!((error.failure.error_type.name(), error.blame), ("credentials", Blame::Us));
}

#[tokio::test]
async fn a_session_that_may_be_open_is_told() {
    let left_open = |report: &RunReport| RunResult::from(report).session_left_open;
    for rule in
        ["1:not-json", "1:empty", "1:truncate", "cleanup:status=500", "cleanup:state=EXCEPTION", "cleanup:reset"]
    {
        let report = Bank::with_faults(&[rule]).await.run().await;
        assert!(left_open(&report) && report.cleanup.error.is_some(), "{rule}");
    }
    for rule in ["1:status=503", "1:missing=self", "1:missing=session_id", "1:missing=flows"] {
        let bank = Bank::with_faults(&[rule]).await;
        let report = bank.run().await;
        assert!(report.outcome == Outcome::Failed && !left_open(&report), "{rule}: {:?}", report.cleanup.error);
        assert_eq!(bank.playground.open_sessions(), 0, "{rule}");
    }
}

#[tokio::test]
async fn the_second_attempt_decides_only_when_it_tells_something() {
    for (rules, expected, recovered) in [
        (["5:status=503*2", "5:delay=1ms"], (Outcome::Failed, Some("http_status")), false),
        (["5:status=503*1", "5:rate-limit=5*1"], (Outcome::Failed, Some("http_status")), false),
        (["5:status=503*1", "5:status=401*1"], (Outcome::Failed, Some("http_status")), false),
        (["5:status=503*1", "7:empty*1"], (Outcome::Failed, Some("contract")), false),
        (["5:status=503*1", "11:delay=1ms"], (Outcome::Passed, None), true),
    ] {
        let mut bank = Bank::with_faults(&rules).await;
        bank.target.confirm = true;
        let report = bank.run().await;
        let error = report.error.as_ref().map(|error| error.failure.error_type.name());
        assert_eq!(((report.outcome, error), report.recovered), (expected, recovered), "{rules:?}");
        assert_eq!(report.attempts.len(), 1, "{rules:?}");
    }
}

#[tokio::test]
async fn what_is_ours_or_blocked_is_not_confirmed() {
    for rule in ["3:status=401", "3:rate-limit=1", "1:foreign-url", "6:category=USER.ACCESS_DENIED"] {
        let mut bank = Bank::with_faults(&[rule]).await;
        bank.target.confirm = true;
        let report = bank.run().await;
        assert!(report.error.is_some() && report.attempts.is_empty(), "{rule}");
    }
    let mut bank = Bank::with_faults(&["3:status=503"]).await;
    bank.target.confirm = true;
    bank.timeouts.run = Duration::from_secs(24);
    assert!(bank.run().await.attempts.is_empty(), "less than 20 s are left");
}
