//! What is asked, and who answers it.

use std::time::Duration;

use serde_json::Value;

use crate::answer::{Answer, Refusal};
use crate::bank::{Bank, lock};
use crate::consent::{self, Use};
use crate::journal::RequestKind;
use crate::session::{Flow, Session};
use crate::{api, wizard};

/// A request as far as its first line tells.
#[derive(Debug)]
pub(crate) enum Call {
    StartSession,
    CloseSession(String),
    InSession(String, SessionCall),
    UseConsent(String, Use),
    Wizard { flow: String, nonce: Option<String>, step: bool },
}

/// A request about an open session.
#[derive(Debug)]
pub(crate) enum SessionCall {
    Read,
    StartFlow(String),
    ReadFlow(String),
    AbortFlow(String),
    FetchConsent,
}

impl Call {
    /// Which of the eleven requests this is, a poll of one, the clean-up, or none of them.
    pub(crate) fn kind(&self, bank: &Bank, body: Option<&Value>) -> RequestKind {
        let number = match self {
            Self::StartSession => Some(1),
            Self::CloseSession(_) => return RequestKind::CleanUp,
            Self::InSession(_, SessionCall::StartFlow(_)) => Some(2),
            Self::InSession(_, SessionCall::FetchConsent) => Some(9),
            Self::InSession(_, SessionCall::ReadFlow(flow)) => {
                // The flow's own URL can only be polled for the request that started the flow.
                let polled = repeated(bank, flow).filter(|number| *number == 2);
                return polled.map_or(RequestKind::Other, RequestKind::Poll);
            }
            Self::UseConsent(_, Use::AccountDetails) => Some(10),
            Self::UseConsent(_, Use::Balances) => Some(11),
            Self::Wizard { flow, step: false, .. } => {
                return repeated(bank, flow).map_or(RequestKind::Number(4), RequestKind::Poll);
            }
            Self::Wizard { flow, .. } => with_flow(bank, flow, |flow| wizard::number(flow, body)).flatten(),
            Self::InSession(..) | Self::UseConsent(..) => None,
        };
        number.map_or(RequestKind::Other, RequestKind::Number)
    }

    /// Whether it fetches the consent or uses it.
    pub(crate) fn is_of_consent(&self) -> bool {
        matches!(self, Self::UseConsent(..) | Self::InSession(_, SessionCall::FetchConsent))
    }

    /// Does what is asked.
    pub(crate) fn answer(&self, bank: &Bank, body: Option<&Value>) -> Result<Answer, Refusal> {
        let owner = match self {
            Self::StartSession => return api::start_session(bank, body),
            Self::CloseSession(id) => return api::close_session(bank, id, body),
            Self::InSession(id, _) => bank.session(id)?,
            Self::UseConsent(id, _) => bank.owner(id, "consent_id")?,
            Self::Wizard { flow, .. } => bank.owner(flow, "flow_id")?,
        };
        let mut session = lock(&owner);
        let answer = self.answer_in(bank, &mut session, body)?;
        let delay = if session.binding.slow { bank.slow_delay } else { Duration::ZERO };
        Ok(Answer { delay, ..answer })
    }

    fn answer_in(&self, bank: &Bank, session: &mut Session, body: Option<&Value>) -> Result<Answer, Refusal> {
        match self {
            Self::InSession(_, call) => call.answer(bank, session, body),
            Self::UseConsent(_, what) => consent::apply(bank, session, *what, body),
            Self::Wizard { flow, nonce, step: true } => wizard::step(bank, session, (flow, nonce.as_deref()), body),
            Self::Wizard { flow, nonce, step: false } => wizard::show(bank, session, flow, nonce.as_deref()),
            Self::StartSession | Self::CloseSession(_) => Err(wizard::unknown()),
        }
    }

    /// The Consent API tells its limits with every answer (Klarna docs, Rate Limiting); the figures
    /// are ours, none are published.
    pub(crate) fn rate_limit_headers(&self) -> Vec<(&'static str, String)> {
        let consent = matches!(self, Self::UseConsent(..) | Self::InSession(_, SessionCall::FetchConsent));
        let figures = [("ratelimit-limit", "100"), ("ratelimit-remaining", "99"), ("ratelimit-reset", "60")];
        let headers = figures.map(|(name, figure)| (name, figure.to_owned()));
        if consent { headers.into() } else { Vec::new() }
    }

    /// The id of the flow that the request is about, where it has one.
    pub(crate) fn flow(&self) -> Option<&str> {
        match self {
            Self::Wizard { flow, .. }
            | Self::InSession(_, SessionCall::ReadFlow(flow) | SessionCall::AbortFlow(flow)) => Some(flow),
            _ => None,
        }
    }
}

impl SessionCall {
    fn answer(&self, bank: &Bank, session: &mut Session, body: Option<&Value>) -> Result<Answer, Refusal> {
        let flow = match self {
            Self::Read => return Ok(api::read_session(bank, session)),
            Self::StartFlow(kind) => return api::start_flow(bank, session, kind, body),
            Self::FetchConsent => return consent::fetch(bank, session, body),
            Self::ReadFlow(id) | Self::AbortFlow(id) => session.flow(id).ok_or_else(wizard::unknown)?.0,
        };
        Ok(match self {
            Self::AbortFlow(_) => api::abort_flow(flow),
            _ => api::read_flow(bank, flow),
        })
    }
}

/// The request that a poll of this flow repeats at the moment.
fn repeated(bank: &Bank, flow: &str) -> Option<u8> {
    with_flow(bank, flow, |flow| flow.repeats).flatten()
}

/// Looks at a flow, or changes it.
pub(crate) fn with_flow<T>(bank: &Bank, id: &str, look: impl FnOnce(&mut Flow) -> T) -> Option<T> {
    let owner = bank.owner(id, "flow_id").ok()?;
    let mut session = lock(&owner);
    session.flow(id).map(|(flow, _)| look(flow))
}
