//! The Klarna XS2A journey: 8 steps, 11 requests, and the clean-up.
//!
//! `journey` shows the eight steps in their order. Around it: `wizard` asks
//! the wizard and polls, `form` answers its forms, `answer` reads what comes
//! back, `links` decides which URLs may be followed, `money` judges a balance.
//!
//! Every fact about the API is from docs.openbanking.klarna.com, chapter XS2A.

mod answer;
mod element;
mod field;
mod form;
mod journey;
mod learn;
mod links;
mod money;
mod opened;
mod polls;
mod state;
mod wizard;

use model::config::Target;
use model::redaction::Redactor;
use model::report::RunReport;
use model::secret::Secret;
use rand_core::CryptoRng;
use runner::{Http, Order};

/// The secrets of a target.
#[derive(Clone, Debug)]
pub struct Login {
    /// The API token.
    pub token: Secret,
    /// The password of the test login; none: the test banks' `123456`.
    pub password: Option<Secret>,
}

/// Runs the journey once for a target, with its confirmation and clean-up.
/// A failing bank is a value in the report.
pub async fn run(http: &Http, target: &Target, login: &Login, order: Order, rng: &mut impl CryptoRng) -> RunReport {
    let password = login.password.as_ref().map_or(TEST_BANK_PASSWORD, Secret::expose);
    let mut redactor = Redactor::new(&login.token);
    redactor.learn("password", password);
    let mut journey = journey::Xs2a::new(target, &login.token, password, rng);
    runner::run(http, target, order, redactor, &mut journey).await
}

/// The test banks take any password (Klarna docs, Test banks).
const TEST_BANK_PASSWORD: &str = "123456";
