//! A playground and a target that points at it.

use std::time::Duration;

use jiff::Timestamp;
use model::config::{Config, Environment, Target, Timeouts};
use model::report::{RequestReport, RunReport};
use model::secret::Secret;
use playground::{Playground, Settings};
use runner::{Http, Order, Progress, Stop};
use xs2a::Login;

pub(crate) struct Bank {
    pub(crate) playground: Playground,
    pub(crate) target: Target,
    pub(crate) timeouts: Timeouts,
    pub(crate) password: Option<Secret>,
}

impl Bank {
    pub(crate) async fn open(settings: Settings) -> Self {
        let playground = Playground::start(settings).await.unwrap();
        let variables = [
            ("XS2A_API_BASE_URL", playground.api_base_url()),
            ("XS2A_AUTH_BASE_URL", playground.auth_base_url()),
            ("KOSMA_AUTH_TOKEN", playground.token()),
        ];
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let environment = Environment::parse(&variables).unwrap();
        let mut target = Config::parse(None, &environment).unwrap().targets.remove(0);
        // A confirmation would meet the same fault again; its own tests switch it on.
        target.confirm = false;
        let timeouts = Timeouts { request: Duration::from_secs(5), ..Timeouts::default() };
        Self { playground, target, timeouts, password: None }
    }

    pub(crate) async fn with_faults(rules: &[&str]) -> Self {
        let faults = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        Self::open(Settings { faults, ..Settings::default() }).await
    }

    pub(crate) async fn run(&self) -> RunReport {
        self.run_with_token(self.playground.token()).await
    }

    pub(crate) async fn run_with_token(&self, token: &str) -> RunReport {
        let http = Http::new(self.playground.ca_certificate_pem().map(str::as_bytes)).unwrap();
        let login = Login { token: Secret::new(token.to_owned()).unwrap(), password: self.password.clone() };
        run(&http, &self.target, &login, self.timeouts).await
    }
}

/// One run, with an order like that of the probe.
pub(crate) async fn run(http: &Http, target: &Target, login: &Login, timeouts: Timeouts) -> RunReport {
    let order = Order {
        run_id: "0123456789abcdef0123456789abcdef".to_owned(),
        region: Some("us-east-1".parse().unwrap()),
        scheduled_at: Timestamp::UNIX_EPOCH,
        started_at: Timestamp::UNIX_EPOCH,
        budget: timeouts.run.saturating_sub(timeouts.publish),
        timeouts,
        stop: Stop::never(),
        progress: Progress::untold(),
    };
    xs2a::run(http, target, login, order, &mut system::Entropy::from_system().unwrap()).await
}

pub(crate) fn requests(report: &RunReport) -> Vec<&RequestReport> {
    report.steps.iter().flat_map(|step| &step.requests).collect()
}
