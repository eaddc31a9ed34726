//! What the bank keeps for a session.

use serde_json::Value;
use url::Url;

use crate::crypto::FormKey;
use crate::fixtures::TestBank;
use crate::ids::Ids;

/// One session: one bank and one login for its life (Klarna docs, Session).
pub(crate) struct Session {
    pub(crate) id: String,
    /// `consent_scope` as the client sent it; null when it did not.
    pub(crate) scope: Value,
    pub(crate) binding: Binding,
    pub(crate) flows: Vec<Flow>,
    pub(crate) consent: Option<Consent>,
}

/// What binds a session once it is known.
#[derive(Default)]
pub(crate) struct Binding {
    pub(crate) bank: Option<TestBank>,
    /// Not connected by PSD2, so there is no consent to fetch.
    pub(crate) fallback: bool,
    /// The user `slow` has logged in.
    pub(crate) slow: bool,
    pub(crate) return_url: Option<Url>,
}

/// One account-details flow.
pub(crate) struct Flow {
    pub(crate) id: String,
    /// The last part of `auth_url`.
    pub(crate) start: String,
    /// The last part of the `next` that was given out last.
    pub(crate) next: String,
    pub(crate) stage: Stage,
    /// The form that was given out last, until it is answered.
    pub(crate) page: Option<Page>,
    /// How many more polls answer `PROCESSING`.
    pub(crate) waiting: u32,
    /// The request that polls repeat at the moment.
    pub(crate) repeats: Option<u8>,
    /// Why the last answer was not taken: the form's key and the broken rule.
    pub(crate) remarks: Vec<(String, &'static str)>,
    /// The place of the chosen account among the fixtures; set at the start when the flow names it.
    pub(crate) account: Option<usize>,
    /// The full error category of a flow that failed.
    pub(crate) category: Option<String>,
}

/// Where a flow stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    Bank,
    Interface,
    Login,
    OneTimePassword,
    /// With the redirect's id.
    Redirect(String),
    Account,
    Finished,
    Aborted,
    Failed,
}

/// A form that is waiting for its answer.
pub(crate) struct Page {
    pub(crate) form: String,
    pub(crate) key: &'static FormKey,
}

/// The consent of a session, once fetched.
pub(crate) struct Consent {
    pub(crate) id: String,
    /// The only token that the next call may carry.
    pub(crate) token: String,
    /// The accounts' present ids, in the order of the fixtures.
    pub(crate) accounts: Vec<String>,
}

impl Session {
    pub(crate) fn has_finished_flow(&self) -> bool {
        self.flows.iter().any(|flow| flow.stage == Stage::Finished)
    }

    /// The flow with this id beside what binds its session.
    pub(crate) fn flow(&mut self, id: &str) -> Option<(&mut Flow, &mut Binding)> {
        let flow = self.flows.iter_mut().find(|flow| flow.id == id)?;
        Some((flow, &mut self.binding))
    }
}

impl Flow {
    pub(crate) fn new(ids: &Ids, account: Option<usize>) -> Self {
        Self {
            id: ids.base32(),
            start: ids.nonce(),
            next: ids.nonce(),
            stage: Stage::Bank,
            page: None,
            waiting: 0,
            repeats: None,
            remarks: Vec::new(),
            account,
            category: None,
        }
    }

    pub(crate) fn state(&self) -> &'static str {
        match self.stage {
            Stage::Finished => "FINISHED",
            Stage::Aborted => "ABORTED",
            Stage::Failed => "EXCEPTION",
            _ if self.waiting > 0 => "PROCESSING",
            _ => "CONSUMER_INPUT_NEEDED",
        }
    }

    pub(crate) fn fail(&mut self, category: &str) {
        self.stage = Stage::Failed;
        self.category = Some(category.to_owned());
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Finished | Stage::Aborted | Stage::Failed)
    }
}
