use std::collections::BTreeSet;

use model::config::MetricDetail;
use model::error::{Category, ErrorType, Failure};
use model::journey::{Request, Step};
use model::report::{RunReport, StepReport};
use report::{Datum, metrics};

use crate::sample::{after_first_attempt, failed, http_503, minute, passed};

const CATALOGUE: &str = include_str!("metric-catalogue.txt");

/// As `RunSuccess{Target=klarna-playground} = 1`.
fn told(report: &RunReport, detail: MetricDetail, home: bool) -> Vec<String> {
    let text = |datum: &Datum| {
        let dimensions: Vec<String> = datum.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}{{{}}} = {}", datum.name, dimensions.join(","), datum.value)
    };
    metrics(report, detail, home).iter().map(text).collect()
}

fn wrong_login() -> Failure {
    let category = Category::parse("USER.ACCESS_DENIED.CREDENTIALS").unwrap();
    Failure::api_error(category, "the API named a category")
}

#[test]
fn the_catalogue_holds_every_metric_its_dimensions_and_its_unit() {
    let runs = [
        passed(),
        failed(http_503(), Request::SelectBank),
        failed(wrong_login(), Request::LogIn),
        after_first_attempt(passed(), http_503(), Request::SelectBank),
    ];
    let lines: BTreeSet<String> = runs
        .iter()
        .flat_map(|run| metrics(run, MetricDetail::Full, true))
        .map(|datum| {
            let names: Vec<&str> = datum.dimensions.iter().map(|(name, _)| *name).collect();
            format!("{} {{{}}} {:?}\n", datum.name, names.join(", "), datum.unit)
        })
        .collect();
    assert_eq!(lines.into_iter().collect::<String>(), CATALOGUE);
}

#[test]
fn a_passed_run_counts_as_success_with_every_step() {
    let data = metrics(&passed(), MetricDetail::Full, false);
    assert!(data.iter().all(|datum| datum.timestamp == minute()));
    let told = told(&passed(), MetricDetail::Full, false);
    assert_eq!(told[0], "RunSuccess{Target=klarna-playground} = 1");
    assert_eq!(told[1], "RunDuration{Target=klarna-playground} = 843.4");
    assert_eq!(told[2], "StepDuration{Target=klarna-playground,Step=start_session} = 100");
    assert_eq!(told.len(), 2 + 8);
}

#[test]
fn a_failed_run_names_its_step_and_error_and_leaves_out_what_did_not_run() {
    let told = told(&failed(http_503(), Request::SelectBank), MetricDetail::Full, false);
    assert_eq!(told[0], "RunSuccess{Target=klarna-playground} = 0");
    assert_eq!(told.iter().filter(|line| line.starts_with("StepDuration")).count(), 3);
    assert_eq!(
        told[5..],
        [
            "StepFailure{Target=klarna-playground,Step=select_test_bank} = 1",
            "StepFailure{Target=klarna-playground,Step=select_test_bank,ErrorType=http_status} = 1",
        ]
    );
}

#[test]
fn a_degraded_run_is_a_success_without_a_failed_step() {
    let limited = Failure::new(ErrorType::RateLimited, "too many requests");
    let told = told(&failed(limited, Request::SelectBank), MetricDetail::Full, false);
    assert_eq!(told[0], "RunSuccess{Target=klarna-playground} = 1");
    assert!(!told.iter().any(|line| line.starts_with("StepFailure")), "{told:?}");
}

#[test]
fn a_fault_of_ours_is_a_monitor_error_and_no_verdict_on_the_bank() {
    let told = told(&failed(wrong_login(), Request::LogIn), MetricDetail::Run, false);
    assert_eq!(told[0], "MonitorError{Target=klarna-playground} = 1");
    assert!(!told.iter().any(|line| line.starts_with("RunSuccess")), "{told:?}");
}

#[test]
fn a_run_that_never_began_has_no_duration() {
    let mut run = failed(Failure::new(ErrorType::Internal, "no token"), Request::StartSession);
    run.steps = Step::ALL.into_iter().map(StepReport::not_run).collect();
    assert_eq!(told(&run, MetricDetail::Run, false), ["MonitorError{Target=klarna-playground} = 1"]);
}

#[test]
fn a_recovered_run_says_so() {
    let run = after_first_attempt(passed(), http_503(), Request::SelectBank);
    let told = told(&run, MetricDetail::Run, false);
    assert_eq!(told[0], "RunSuccess{Target=klarna-playground} = 1");
    assert_eq!(told[2], "RunRecovered{Target=klarna-playground} = 1");
}

#[test]
fn certificates_come_from_the_home_region_only() {
    let run = passed();
    let told = told(&run, MetricDetail::Run, true);
    assert_eq!(told.last().unwrap(), "CertificateDaysToExpiry{Target=klarna-playground,Host=bank.example} = 57.5");
    assert_eq!(told.len(), metrics(&run, MetricDetail::Run, false).len() + 1);
}
