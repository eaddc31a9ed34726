//! The certificates of the hosts spoken to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The certificate that a host presented.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub struct CertificateReport {
    /// The host's name.
    pub host: String,
    /// SHA-256 of the leaf, hex.
    pub fingerprint: String,
    /// From when the leaf is valid (RFC 3339, UTC).
    #[cfg_attr(any(test, feature = "schema"), schemars(with = "String"))]
    pub not_before: Timestamp,
    /// When the chain stops working (RFC 3339, UTC): the earliest end of a
    /// certificate that the chain needs.
    #[cfg_attr(any(test, feature = "schema"), schemars(with = "String"))]
    pub not_after: Timestamp,
}

/// One certificate of a chain as a server presented it, needed or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
pub struct PresentedCertificate {
    /// The common name of its subject, redacted, at most
    /// [`LONGEST_SUBJECT`](Self::LONGEST_SUBJECT) characters; none when it has none.
    pub subject: Option<String>,
    /// SHA-256, hex.
    pub fingerprint: String,
    /// From when it is valid (RFC 3339, UTC).
    #[cfg_attr(any(test, feature = "schema"), schemars(with = "String"))]
    pub not_before: Timestamp,
    /// Until when it is valid (RFC 3339, UTC).
    #[cfg_attr(any(test, feature = "schema"), schemars(with = "String"))]
    pub not_after: Timestamp,
}

impl PresentedCertificate {
    /// The most certificates of a chain that are kept: real ones have two to four.
    pub const MOST: usize = 5;
    /// The longest common name that is kept, in characters (RFC 5280, appendix
    /// A.1: `ub-common-name`).
    pub const LONGEST_SUBJECT: usize = 64;
}
