//! The names of the journey: eight steps, eleven requests and the clean-up.

use serde::{Deserialize, Serialize};

/// One of the eight steps; its [`name`](Step::name) is also the `Step`
/// dimension of the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 1: a session for one bank and one login.
    StartSession,
    /// 2: the account-details flow inside the session.
    StartAccountDetailsFlow,
    /// 3: the bank is chosen, then the flow's state is read (3a).
    SelectTestBank,
    /// 4: the interface, then user name and password, each encrypted.
    EncryptedResponses,
    /// 5: the return from the bank's own page.
    CompleteFlow,
    /// 6: the account, encrypted.
    SelectAccount,
    /// 7: the consent that the flow earned.
    GetConsent,
    /// 8: account details, then the balance, under the consent.
    AccountDetailsAndBalance,
}

impl Step {
    /// The steps in their order.
    pub const ALL: [Self; 8] = [
        Self::StartSession,
        Self::StartAccountDetailsFlow,
        Self::SelectTestBank,
        Self::EncryptedResponses,
        Self::CompleteFlow,
        Self::SelectAccount,
        Self::GetConsent,
        Self::AccountDetailsAndBalance,
    ];

    /// The step's number, 1 to 8.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The name in metrics, reports and alerts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StartSession => "start_session",
            Self::StartAccountDetailsFlow => "start_account_details_flow",
            Self::SelectTestBank => "select_test_bank",
            Self::EncryptedResponses => "encrypted_responses",
            Self::CompleteFlow => "complete_flow",
            Self::SelectAccount => "select_account",
            Self::GetConsent => "get_consent",
            Self::AccountDetailsAndBalance => "account_details_and_balance",
        }
    }

    /// The name for a person.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::StartSession => "Start session",
            Self::StartAccountDetailsFlow => "Start account-details flow",
            Self::SelectTestBank => "Select test bank",
            Self::EncryptedResponses => "Encrypted responses",
            Self::CompleteFlow => "Complete flow",
            Self::SelectAccount => "Select account",
            Self::GetConsent => "Get consent",
            Self::AccountDetailsAndBalance => "Account details and balance",
        }
    }
}

/// One of the eleven requests. Polls belong to the request that they repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// 1: PUT session.
    StartSession,
    /// 2: PUT account-details flow.
    StartFlow,
    /// 3: POST bank code and country.
    SelectBank,
    /// 4: GET the flow's state, form and key.
    GetFlowConfiguration,
    /// 5: POST the encrypted choice of interface.
    ChooseInterface,
    /// 6: POST the encrypted user name and password.
    LogIn,
    /// 7: POST the return from the redirect.
    CompleteFlow,
    /// 8: POST the encrypted account.
    SelectAccount,
    /// 9: POST for the consent.
    GetConsent,
    /// 10: POST for the account's details.
    GetAccountDetails,
    /// 11: POST for the account's balance.
    GetBalance,
}

impl Request {
    /// The requests in their order.
    pub const ALL: [Self; 11] = [
        Self::StartSession,
        Self::StartFlow,
        Self::SelectBank,
        Self::GetFlowConfiguration,
        Self::ChooseInterface,
        Self::LogIn,
        Self::CompleteFlow,
        Self::SelectAccount,
        Self::GetConsent,
        Self::GetAccountDetails,
        Self::GetBalance,
    ];

    /// The request's number, 1 to 11.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The request with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|request| request.number() == number)
    }

    /// The step that the request belongs to.
    #[must_use]
    pub const fn step(self) -> Step {
        match self {
            Self::StartSession => Step::StartSession,
            Self::StartFlow => Step::StartAccountDetailsFlow,
            Self::SelectBank | Self::GetFlowConfiguration => Step::SelectTestBank,
            Self::ChooseInterface | Self::LogIn => Step::EncryptedResponses,
            Self::CompleteFlow => Step::CompleteFlow,
            Self::SelectAccount => Step::SelectAccount,
            Self::GetConsent => Step::GetConsent,
            Self::GetAccountDetails | Self::GetBalance => Step::AccountDetailsAndBalance,
        }
    }

    /// The name for a person.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::StartSession => "start session",
            Self::StartFlow => "start flow",
            Self::SelectBank => "select bank",
            Self::GetFlowConfiguration => "get flow configuration",
            Self::ChooseInterface => "choose interface",
            Self::LogIn => "log in",
            Self::CompleteFlow => "complete flow",
            Self::SelectAccount => "select account",
            Self::GetConsent => "get consent",
            Self::GetAccountDetails => "get account details",
            Self::GetBalance => "get balance",
        }
    }
}

/// How a run or a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All was as it should be.
    Passed,
    /// It worked, or could not be judged, with a fault that wakes nobody.
    Degraded,
    /// It did not work.
    Failed,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// All was as it should be.
    Passed,
    /// It ended with a fault that wakes nobody.
    Degraded,
    /// It did not work.
    Failed,
    /// An earlier step had ended the journey.
    NotRun,
}

impl From<Outcome> for StepOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Passed,
            Outcome::Degraded => Self::Degraded,
            Outcome::Failed => Self::Failed,
        }
    }
}

words!(Outcome { Passed => "passed", Degraded => "degraded", Failed => "failed" });
words!(StepOutcome { Passed => "passed", Degraded => "degraded", Failed => "failed", NotRun => "not_run" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_requests_count_from_one_and_keep_their_json_names() {
        for (index, step) in Step::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(step.number()), index + 1);
            assert_eq!(serde_json::to_value(step).unwrap(), step.name());
        }
        for (index, request) in Request::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(request.number()), index + 1);
            assert_eq!(Request::from_number(request.number()), Some(request));
        }
        assert_eq!(Request::from_number(12), None);
    }

    #[test]
    fn requests_follow_the_order_of_their_steps() {
        assert!(Request::ALL.is_sorted_by_key(|request| request.step()));
    }
}
