//! One bank, one login, and what is expected of them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use url::Url;

use super::{ConfigError, Token};
use crate::journey::Step;
use crate::names::TargetId;
use crate::origin::{BaseUrl, Origin, Role};

/// A target, finished.
#[expect(clippy::struct_excessive_bools, reason = "independent switches, named as in the file")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its id, unique.
    pub id: TargetId,
    /// Its name for a person.
    pub name: String,
    /// Words for the alert's text and attributes.
    pub tags: Vec<String>,
    /// Where sessions are started.
    pub api_base_url: BaseUrl,
    /// The wizard's host.
    pub auth_base_url: BaseUrl,
    /// Origins allowed beside those of the base URLs.
    pub allowed_origins: Vec<(Origin, Role)>,
    /// Whether the wizard gets the API token, which it does not need
    /// (Klarna Open Banking docs, Authentication).
    pub auth_token_on_wizard: bool,
    /// The API token; runs need one, see [`Target::require_token`].
    pub token: Option<Token>,
    /// The bank's code.
    pub bank_code: String,
    /// The bank's country, two letters.
    pub country_code: String,
    /// The option of the interface form.
    pub interface: String,
    /// The login's user name.
    pub user_name: String,
    /// The login's password; none means the test bank's, which takes any.
    pub password_parameter: Option<String>,
    /// Whose request the session is made for.
    pub psu: PsuContext,
    /// Whether consent calls say that the consumer is present.
    pub attended: bool,
    /// The least available balance, in minor units; none: not checked.
    pub min_available: Option<i64>,
    /// From when a run counts as slow.
    pub degraded_after: DegradedAfter,
    /// Whether a failed attempt is confirmed by a second one.
    pub confirm: bool,
    /// How many metrics are sent.
    pub metrics: MetricDetail,
    /// Whether runs go on without notifications.
    pub muted: bool,
    /// Where the on-call engineer reads on.
    pub runbook_url: Option<Url>,
}

/// The consumer's address and browser (PSU: payment service user, PSD2). A
/// monitor states its own, not a made-up one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PsuContext {
    /// The address that the requests come from.
    pub ip_address: IpAddr,
    /// The user agent.
    pub user_agent: String,
}

/// Limits beyond which a passed run counts as degraded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DegradedAfter {
    /// For the attempt that decided.
    pub run: Option<Duration>,
    /// For its steps.
    pub steps: StepLimits,
}

/// Limits by step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepLimits(pub(super) BTreeMap<Step, Duration>);

impl StepLimits {
    /// The step's limit.
    #[must_use]
    pub fn get(&self, step: Step) -> Option<Duration> {
        self.0.get(&step).copied()
    }
}

/// How many metrics a target sends; each metric costs money every month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricDetail {
    /// Run and step metrics.
    #[default]
    Full,
    /// Run metrics only.
    Run,
}

impl Target {
    /// The API token, for whoever makes runs.
    ///
    /// # Errors
    /// [`ConfigError::NoToken`] when the target has none.
    pub fn require_token(&self) -> Result<&Token, ConfigError> {
        self.token.as_ref().ok_or_else(|| ConfigError::NoToken(self.id.clone()))
    }

    /// Whether a URL may be called in this role.
    #[must_use]
    pub fn allows(&self, origin: &Origin, role: Role) -> bool {
        let base = match role {
            Role::Api => self.api_base_url.origin(),
            Role::Auth => self.auth_base_url.origin(),
        };
        base == origin || self.allowed_origins.iter().any(|(allowed, with)| allowed == origin && *with == role)
    }
}
