//! A simulated bank: both hosts of Klarna's XS2A API on loopback, with real HTTP, real decryption
//! and faults to order.
//!
//! It is a reading of the published contract (docs.openbanking.klarna.com) of its own: it shares no
//! code with the client that is tested against it, so a misreading on one side shows. Where the
//! documentation is silent, a comment says that the behaviour is our guess.
//!
//! ```
//! # async fn example() -> Result<(), playground::StartError> {
//! use playground::{Playground, Settings};
//!
//! let bank = Playground::start(Settings::default()).await?;
//! let url = format!("{}/xs2a/v1/sessions", bank.api_base_url());
//! // ... talk to it, then look at bank.requests(); it is gone when dropped.
//! # Ok(())
//! # }
//! ```

mod answer;
mod api;
mod bank;
mod bend;
mod call;
mod consent;
mod crypto;
mod dialect;
mod fault;
mod fixtures;
mod form;
mod ids;
mod journal;
mod jwt;
mod payload;
mod plan;
mod route;
mod schema;
mod server;
mod service;
mod session;
mod settings;
mod shape;
mod steps;
mod tls;
mod twist;
mod wire;
mod wizard;

pub use fault::{FaultRule, RuleError};
pub use journal::{RecordedRequest, RequestKind};
pub use server::StartError;
pub use settings::{Dialect, KeySize, Settings, UnknownDialect};

use std::fmt::{self, Debug, Formatter};

use server::Server;

/// A running bank. Dropping it closes its ports and connections and ends its threads; the drop
/// waits for that, some milliseconds.
pub struct Playground {
    server: Server,
}

impl Debug for Playground {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (api, auth) = (self.api_base_url(), self.auth_base_url());
        f.debug_struct("Playground").field("api", &api).field("auth", &auth).finish_non_exhaustive()
    }
}

impl Playground {
    /// Starts a bank on threads of its own; any tokio runtime will do for the caller.
    ///
    /// # Errors
    /// When a port cannot be had, when a fault rule names a region, or when the system refuses
    /// threads or the TLS set-up fails.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        Ok(Self { server: Server::start(settings).await? })
    }

    /// Scheme, host and port of the Auth API (the wizard), without a closing slash.
    #[must_use]
    pub fn auth_base_url(&self) -> &str {
        &self.server.shared.bank.auth_url
    }

    /// Scheme, host and port of the XS2A and Consent API, without a closing slash.
    #[must_use]
    pub fn api_base_url(&self) -> &str {
        &self.server.shared.bank.api_url
    }

    /// The token that the API wants.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.server.shared.bank.token
    }

    /// The test CA in PEM, when the bank speaks TLS. Each start makes its own.
    #[must_use]
    pub fn ca_certificate_pem(&self) -> Option<&str> {
        self.server.ca_pem.as_deref()
    }

    /// What the bank was asked, oldest first; at most the last 10,000 requests.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.server.shared.journal.all()
    }

    /// How many sessions nobody has closed. The bank forgets the oldest when there are more than
    /// 10,000.
    #[must_use]
    pub fn open_sessions(&self) -> usize {
        self.server.shared.bank.open_sessions()
    }

    /// Plays these faults from now on, in place of the ones before. A region in a rule is ignored
    /// here; [`Playground::start`] refuses it.
    pub fn set_faults(&self, faults: Vec<FaultRule>) {
        self.server.shared.plan.set(faults);
    }
}
