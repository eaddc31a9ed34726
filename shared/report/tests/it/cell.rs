//! What the history keeps of a run.

use model::error::ErrorType;
use model::journey::{Outcome, Request, Step, StepOutcome};
use model::run_result::{RunResult, StepResult};
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use report::overview::{Cause, Cell, Kind};

use crate::sample;

#[test]
fn a_run_result_becomes_a_cell() {
    let report = sample::failed(sample::http_503(), Request::ChooseInterface);
    let page = "s3://reports-1/reports/a-bank/us-east-1/20261125T100100Z.html";
    let result = RunResult::from(&report).with_report(page.parse().ok());
    let cell = Cell::of(&result, true);
    assert_eq!(cell.to_string(), format!("fq843,100,200,300,400;http_status:4:5 {page}"));
    let passed = RunResult::from(&sample::passed());
    assert_eq!(Cell::of(&passed, false).to_string(), "p843,100,200,300,400,500,600,700,800");
    let recovered = RunResult { recovered: true, steps: Vec::new(), ..passed };
    assert_eq!(Cell::of(&recovered, false).to_string(), "r843");
    let one = StepResult { name: Step::GetConsent, outcome: StepOutcome::Passed, duration_ms: sample::ms(0.4) };
    let degraded = RunResult { outcome: Outcome::Degraded, recovered: false, steps: vec![one], ..recovered };
    assert_eq!(Cell::of(&degraded, false).to_string(), "d843,,,,,,,0");
}

#[test]
fn what_is_no_cell_is_refused() {
    for text in [
        "",
        "x843",
        "p",
        "p-1",
        "p+1",
        "pq",
        "p1,2,3,4,5,6,7,8,9,0",
        "p1,-2",
        "p1;",
        "p1;http_status",
        "p1;http_status:9:0",
        "p1;http_status:0:12",
        "p1;wrong:1:1",
        "p1;http_status:1:1:1",
        "p1 https://example.com",
        "p1 ",
        "p99999999999",
    ] {
        assert!(text.parse::<Cell>().is_err(), "{text}");
    }
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Passed),
        Just(Kind::Recovered),
        Just(Kind::MonitorError),
        Just(Kind::Degraded),
        Just(Kind::Failed)
    ]
}

fn causes() -> impl Strategy<Value = Cause> {
    let types = prop_oneof![Just(ErrorType::Dns), Just(ErrorType::ApiError), Just(ErrorType::Internal)];
    (types, 0..9_usize, 0..12_u8).prop_map(|(error_type, step, request)| Cause {
        error_type,
        step: step.checked_sub(1).map(|step| Step::ALL[step]),
        request: Request::from_number(request),
    })
}

proptest! {
    #[test]
    fn a_cell_reads_back_as_it_was_written(
        (kind, quiet, duration) in (kinds(), any::<bool>(), any::<u32>()),
        steps in any::<[Option<u32>; 8]>(),
        cause in proptest::option::of(causes()),
        key in proptest::option::of("[a-z0-9]{1,9}/[A-Za-z0-9_-]{1,30}"),
    ) {
        let report = key.map(|key| format!("s3://reports-1/{key}").parse().unwrap());
        let cell = Cell { kind, quiet, duration, steps, cause, report };
        assert_eq!(cell.to_string().parse::<Cell>(), Ok(cell));
    }
}
