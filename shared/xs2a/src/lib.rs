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
    if is_personal(&target.user_name) {
        redactor.learn("user_name", &target.user_name);
    }
    let mut journey = journey::Xs2a::new(target, &login.token, password, rng);
    runner::run(http, target, order, redactor, &mut journey).await
}

/// The test banks take any password (Klarna docs, Test banks).
const TEST_BANK_PASSWORD: &str = "123456";

/// The user names that say what the test banks do (Klarna docs, Test Bank PSD2).
const TEST_BANK_USER_NAMES: [&str; 15] = [
    "acin-demo-data",
    "bank-maintenance",
    "bank-technical",
    "configuration-expected",
    "decoupled",
    "decoupled-abort",
    "decoupled-failed",
    "embedded",
    "invalid",
    "redirect",
    "slow",
    "technical",
    "validate-ip",
    "validate-ip-no-v6",
    "wrong",
];

/// Whether a user name is somebody's: those of the test banks are words that
/// stand in every answer, and hiding them would hide nothing else.
fn is_personal(user_name: &str) -> bool {
    !TEST_BANK_USER_NAMES.contains(&user_name)
}
