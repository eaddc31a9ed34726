//! Secrets are planted, then every output is searched for them, whatever goes
//! wrong at the bank.

mod echoed;

use std::time::Duration;

use model::config::{Config, Environment, MetricDetail, Target};
use model::report::RunReport;
use model::run_result::RunResult;
use model::secret::Secret;
use playground::{Playground, Settings};
use report::{Baseline, LogContext, Style, har, html, junit, log_line, metrics, render};
use runner::{Http, Order, Progress, Stop};
use system::Entropy;
use xs2a::Login;

use crate::support::{At, command, told};

const TOKEN: &str = "canary-token-5f0c1d";
const PASSWORD: &str = "canary-password-8ba2";

/// Planted by us, of the bank's accounts, and what the header of a JWT begins
/// with: the key, `client_token` and `consent_token` are such. (A shorter
/// beginning turns up in encrypted forms by chance.)
pub(crate) const SECRETS: [&str; 14] = [
    TOKEN,
    PASSWORD,
    "DE43000000005686751168",
    "DE18000000006636981175",
    "DE55000000004896641138",
    "DE28000000008746441159",
    "DE90000000008116641159",
    "NzRiOWMzOWItNDQxYi00ZGYzLWIyZjItODA5Y2Y1MWFjNzQ0",
    "YmI5NDAzNGUtMjkxNy00ZjhjLWI1NWMtNzNmZTk5N2VjYjE2",
    "ZTkwYTZmN2ItYzE0ZC00MzhlLWE1ZDctNGY2MmI4MTkzY2Uw",
    "Mustermann",
    "5686751168",
    "6636981175",
    "eyJhbGciOiJ",
];

pub(crate) fn assert_no_secret(place: &str, text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} stands in {place}:\n{text}");
    }
}

/// One of each kind that shows in a different way.
const FAULTS: [&str; 7] =
    ["status=500", "status=401", "not-json", "truncate", "empty", "redirect", "category=USER.ACCESS_DENIED"];

#[tokio::test]
async fn no_output_holds_a_secret_whatever_goes_wrong() {
    let bank = bank().await;
    let target = target(&bank, false);
    let http = Http::new(None).unwrap();
    let passed = journey(&http, &target).await;
    let faults = (1..=11).flat_map(|number| FAULTS.map(|kind| format!("{number}:{kind}")));
    for fault in faults.chain(["cleanup:status=500".to_owned(), "cleanup:delay=1ms".to_owned()]) {
        bank.set_faults(vec![fault.parse().unwrap()]);
        let report = journey(&http, &target).await;
        search(&fault, &report, &passed);
    }
}

/// The second attempt learns other secrets than the first, and both are told.
#[tokio::test]
async fn no_output_holds_a_secret_of_either_attempt() {
    let bank = bank().await;
    let target = target(&bank, true);
    let http = Http::new(None).unwrap();
    let passed = journey(&http, &target).await;
    for fault in (1..=11).flat_map(|number| [format!("{number}:status=503*1"), format!("{number}:truncate")]) {
        bank.set_faults(vec![fault.parse().unwrap()]);
        let report = journey(&http, &target).await;
        assert_eq!(report.attempts.len(), 1, "{fault}: {:?}", report.error);
        search(&fault, &report, &passed);
    }
}

#[tokio::test]
async fn the_command_prints_no_secret() {
    let bank = bank().await;
    let once = (1..=11).map(|number| format!("{number}:status=503*1"));
    let others = ["cleanup:delay=1ms", "6:not-json", "8:status=500", "10:truncate", "11:status=401"];
    for fault in once.chain(others.map(str::to_owned)) {
        for arguments in [&["run"][..], &["run", "--json"]] {
            bank.set_faults(vec![fault.parse().unwrap()]);
            let told = told(command(arguments).at(&bank));
            assert_no_secret(&format!("standard output, {fault}"), &told.out);
            assert_no_secret(&format!("standard error, {fault}"), &told.err);
            let recovered = ["passed on the second attempt", "\"recovered\": true"];
            let recovered = recovered.iter().any(|words| told.out.contains(words));
            assert_eq!(recovered, fault.ends_with("*1"), "{fault}: {}", told.out);
        }
    }
}

fn search(fault: &str, report: &RunReport, passed: &RunReport) {
    for (place, text) in outputs(report, passed) {
        assert_no_secret(&format!("{place}, {fault}"), &text);
    }
}

fn outputs(report: &RunReport, passed: &RunReport) -> [(&'static str, String); 9] {
    [
        ("the report", serde_json::to_string(report).unwrap()),
        ("the run result", serde_json::to_string(&RunResult::from(report)).unwrap()),
        ("the log line", log_line(report, &LogContext::default())),
        ("the table", render(report, &Style { color: false, width: 400 })),
        ("the HTTP archive", har(report).to_string()),
        ("the JUnit file", junit(report)),
        ("the page", html(report, None)),
        ("the page that compares", html(report, Some(&Baseline { report: passed, link: None }))),
        ("the metrics", format!("{:?}", metrics(report, MetricDetail::Full, true))),
    ]
}

async fn bank() -> Playground {
    let settings = Settings { token: TOKEN.to_owned(), ..Settings::default() };
    Playground::start(settings).await.unwrap()
}

fn target(bank: &Playground, confirm: bool) -> Target {
    target_at(bank.api_base_url(), bank.auth_base_url(), confirm)
}

fn target_at(api: &str, auth: &str, confirm: bool) -> Target {
    let variables = [("XS2A_API_BASE_URL", api), ("XS2A_AUTH_BASE_URL", auth), ("KOSMA_AUTH_TOKEN", TOKEN)];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let environment = Environment::parse(&variables).unwrap();
    let text = format!("[[target]]\nid = \"canary\"\nconfirm = {confirm}\n");
    Config::parse(Some(&text), &environment).unwrap().targets.remove(0)
}

async fn journey(http: &Http, target: &Target) -> RunReport {
    journey_with(http, target, TOKEN, PASSWORD).await
}

async fn journey_with(http: &Http, target: &Target, token: &str, password: &str) -> RunReport {
    let mut entropy = Entropy::from_system().unwrap();
    let secret = |text: &str| Secret::new(text.to_owned()).unwrap();
    let login = Login { token: secret(token), password: Some(secret(password)) };
    let order = Order {
        run_id: entropy.new_run_id(),
        region: None,
        scheduled_at: system::now(),
        started_at: system::now(),
        budget: Duration::from_secs(50),
        timeouts: model::config::Timeouts::default(),
        stop: Stop::never(),
        progress: Progress::untold(),
    };
    xs2a::run(http, target, &login, order, &mut entropy).await
}
