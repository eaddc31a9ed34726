//! A journey of one request, and the run of it.

use std::time::Duration;

use jiff::Timestamp;
use model::config::{Config, Environment, Timeouts, Token};
use model::error::Failure;
use model::journey::{Request, Step};
use model::redaction::Redactor;
use model::report::{Exchange, RunReport};
use model::secret::Secret;
use runner::{Attempt, Call, CleanUp, Http, Journey, Method, Order, Progress, Stop};

pub(crate) struct OneRequest {
    pub(crate) url: String,
    pub(crate) times: usize,
    pub(crate) clean_ups: usize,
}

impl OneRequest {
    pub(crate) fn to(url: impl Into<String>) -> Self {
        Self { url: url.into(), times: 1, clean_ups: 0 }
    }

    fn call(&self) -> Call {
        Call::new(Method::Get, self.url.parse().unwrap(), "{url}")
    }
}

impl Journey for OneRequest {
    type Opened = bool;

    async fn walk(&mut self, attempt: &mut Attempt, opened: &mut bool) -> Result<(), Failure> {
        *opened = true;
        let call = self.call();
        let times = self.times;
        attempt
            .step(Step::StartSession, async |attempt| {
                for _ in 0..times {
                    attempt.call(Request::StartSession, call.clone()).await?;
                }
                Ok(())
            })
            .await
    }

    async fn clean_up(&mut self, _: &mut CleanUp<'_>, opened: bool) -> Result<(), Failure> {
        self.clean_ups += usize::from(opened);
        Ok(())
    }
}

pub(crate) fn timeouts() -> Timeouts {
    Timeouts { request: Duration::from_millis(700), connect: Duration::from_millis(400), ..Timeouts::default() }
}

pub(crate) async fn run(http: &Http, journey: &mut OneRequest, confirm: bool, timeouts: Timeouts) -> RunReport {
    run_until(http, journey, confirm, timeouts, Stop::never()).await
}

pub(crate) async fn run_until(
    http: &Http,
    journey: &mut OneRequest,
    confirm: bool,
    timeouts: Timeouts,
    stop: Stop,
) -> RunReport {
    run_order(http, journey, confirm, Order { stop, ..order(timeouts) }).await
}

/// A run that is confirmed, and watched.
pub(crate) async fn run_watched(http: &Http, journey: &mut OneRequest, progress: Progress) -> RunReport {
    run_order(http, journey, true, Order { progress, ..order(timeouts()) }).await
}

async fn run_order(http: &Http, journey: &mut OneRequest, confirm: bool, order: Order) -> RunReport {
    let token = Secret::new("canary-token".to_owned()).unwrap();
    let environment = Environment { token: Some(Token::Value(token.clone())), ..Environment::default() };
    let mut target = Config::parse(None, &environment).unwrap().targets.remove(0);
    target.confirm = confirm;
    runner::run(http, &target, order, Redactor::new(&token), journey).await
}

fn order(timeouts: Timeouts) -> Order {
    Order {
        run_id: "0".repeat(32),
        region: None,
        scheduled_at: Timestamp::UNIX_EPOCH,
        started_at: Timestamp::UNIX_EPOCH,
        budget: Duration::from_secs(53),
        timeouts,
        stop: Stop::never(),
        progress: Progress::untold(),
    }
}

/// Runs one request; brings its exchange, and the error's type and message.
pub(crate) async fn once(http: &Http, url: &str) -> (Exchange, Option<(String, String)>) {
    let report = run(http, &mut OneRequest::to(url), false, timeouts()).await;
    let error = report.error.map(|error| (error.failure.error_type.name().to_owned(), error.failure.message));
    (report.steps[0].requests[0].exchange.clone(), error)
}
