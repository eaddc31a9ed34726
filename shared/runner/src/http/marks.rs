//! What the hooks saw of the request under way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use model::report::{CertificateReport, PresentedCertificate};

/// The instants between the phases of a new connection; all none when a
/// kept-alive one was used.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    pub(super) dns_start: Option<Instant>,
    pub(super) dns_end: Option<Instant>,
    pub(super) dial_start: Option<Instant>,
    pub(super) tls_start: Option<Instant>,
    pub(super) dial_end: Option<Instant>,
    /// What the server presented, verified or not.
    pub(super) certificate: Option<CertificateReport>,
    /// The certificates one by one, their names not redacted yet.
    pub(super) certificate_chain: Vec<PresentedCertificate>,
}

/// The one place that all hooks of a client write to.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot(Arc<Mutex<Marks>>);

impl Slot {
    pub(super) fn marks(&self) -> MutexGuard<'_, Marks> {
        // A panic elsewhere does not make a mark wrong.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Empties the slot for the next request.
    pub(super) fn take(&self) -> Marks {
        std::mem::take(&mut *self.marks())
    }
}

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Dns,
    Connect,
    Tls,
    FirstByte,
    Download,
}

impl Marks {
    /// The phase under way; `head` says whether the answer's head has arrived.
    pub(super) fn phase(&self, head: bool) -> Phase {
        let dialling = self.dial_start.is_some() && self.dial_end.is_none();
        match () {
            () if head => Phase::Download,
            () if dialling && self.tls_start.is_some() => Phase::Tls,
            () if dialling && self.dns_start.is_some() && self.dns_end.is_none() => Phase::Dns,
            () if dialling => Phase::Connect,
            () => Phase::FirstByte,
        }
    }
}
