//! The table of error types: what follows from each, and what to do about it.

use super::{Blame, CategoryRoot, ErrorType, ToldAs};
use crate::journey::Outcome;

/// What follows from an error: the run's outcome, the blame, the notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The run's outcome.
    pub outcome: Outcome,
    /// Whose fault it looks like.
    pub blame: Blame,
    /// How it is told.
    pub told_as: ToldAs,
}

impl Verdict {
    /// The table of error types; `root` counts for [`ErrorType::ApiError`] only.
    #[must_use]
    pub fn of(error_type: ErrorType, root: Option<CategoryRoot>) -> Self {
        use ErrorType as E;
        let (outcome, blame, told_as) = match error_type {
            E::Dns | E::Connect | E::Tls | E::Timeout | E::Connection | E::Deadline => {
                (Outcome::Failed, Blame::Network, ToldAs::Failure)
            }
            E::Credentials | E::FormRejected | E::Stopped | E::Internal => {
                (Outcome::Failed, Blame::Us, ToldAs::MonitorError)
            }
            E::RateLimited => (Outcome::Degraded, Blame::Us, ToldAs::Degraded),
            E::Slow => (Outcome::Degraded, Blame::Provider, ToldAs::Degraded),
            E::ApiError => return Self::of_category(root.unwrap_or(CategoryRoot::Technical)),
            E::HttpStatus | E::Contract | E::Envelope | E::BlockedUrl | E::FlowAborted | E::Assertion => {
                (Outcome::Failed, Blame::Provider, ToldAs::Failure)
            }
        };
        Self { outcome, blame, told_as }
    }

    fn of_category(root: CategoryRoot) -> Self {
        let (outcome, blame, told_as) = match root {
            CategoryRoot::Technical => (Outcome::Failed, Blame::Provider, ToldAs::Failure),
            CategoryRoot::Bank => (Outcome::Failed, Blame::Bank, ToldAs::Failure),
            CategoryRoot::Maintenance => (Outcome::Degraded, Blame::Bank, ToldAs::Degraded),
            CategoryRoot::User | CategoryRoot::NotSupported | CategoryRoot::Consent => {
                (Outcome::Failed, Blame::Us, ToldAs::MonitorError)
            }
        };
        Self { outcome, blame, told_as }
    }
}

/// What the person who reads an error does next.
pub(super) fn advice(error_type: ErrorType, root: Option<CategoryRoot>) -> &'static str {
    use ErrorType as E;
    match error_type {
        E::Dns => "check the host name in the target's base URLs, then the provider's DNS",
        E::Connect => "check that the host and port are right and reachable from here, then the provider's status",
        E::Tls => "look at the certificate dates and names in the report; for a private CA set XS2A_EXTRA_CA_FILE",
        E::Timeout => "see in the report which phase took the time, then ask the provider",
        E::Connection => "see in the report how far the answer got; a load balancer in between is a usual cause",
        E::Credentials => {
            "renew the token (it lives 180 days) in KOSMA_AUTH_TOKEN or its SSM parameter; for a request that carries \
             none, ask the provider"
        }
        E::RateLimited => "wait for the time the API named, or run less often",
        E::ApiError => category_advice(root.unwrap_or(CategoryRoot::Technical)),
        E::FormRejected => "check user_name, password and interface of the target against what the form asks",
        E::HttpStatus => "look at the answer in the report, then ask the provider",
        E::Contract => {
            "compare the answer in the report with the API's documentation; the provider may have changed it"
        }
        E::Envelope => "the form's key is broken or too weak; ask the provider, and send nothing until it is right",
        E::BlockedUrl => {
            "check api_base_url and auth_base_url of the target first; add an origin to allowed_origins only if it is \
             known to be the provider's, and ask the provider if it is not"
        }
        E::FlowAborted => {
            "the API gave no reason; ask the provider with the session id, which stands in the URLs of the report"
        }
        E::Assertion => "look at the account and balance in the report; min_available is the target's threshold",
        E::Slow => "see in the report which step took the time; degraded_after is the target's threshold",
        E::Deadline => "see in the report where the time went; many polls or many slow requests add up",
        E::Stopped => "nothing is known of the rest; run it again",
        E::Internal => "this is a fault of the monitor: please report it with the log line of the run",
    }
}

fn category_advice(root: CategoryRoot) -> &'static str {
    match root {
        CategoryRoot::Bank => {
            "the bank behind the API fails; wait, or ask the provider with the session id, which stands in the URLs of the report"
        }
        CategoryRoot::Maintenance => "the bank announced maintenance; nothing to do but wait",
        CategoryRoot::User => "check user_name and password of the target; do not retry by hand, it may lock the login",
        CategoryRoot::NotSupported => "check bank_code, country_code and interface of the target",
        CategoryRoot::Consent => "check what the consent covers, then start a new run",
        CategoryRoot::Technical => {
            "the API fails; ask the provider with the session id, which stands in the URLs of the report"
        }
    }
}
