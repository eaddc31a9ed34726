//! Any other tool: the notice as JSON, signed.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use super::Message;

/// The header with the time of sending, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "x-xs2a-monitor-timestamp";
/// The header with the signature: `v1=`, then hex.
pub const SIGNATURE_HEADER: &str = "x-xs2a-monitor-signature";

/// A signed body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What is posted, as it was signed.
    pub body: String,
    /// The value of [`TIMESTAMP_HEADER`].
    pub timestamp: String,
    /// The value of [`SIGNATURE_HEADER`].
    pub signature: String,
}

/// The notice as JSON, with an HMAC-SHA256 (RFC 2104) over the timestamp, a dot
/// and the body. Who checks it refuses an old timestamp: a copy is then of no
/// use to anybody else.
#[must_use]
pub fn webhook(message: &Message<'_>, key: &[u8], sent_at: Timestamp) -> Signed {
    let body = message.texts.https.clone();
    let timestamp = sent_at.as_second().to_string();
    let signature = signature(key, &timestamp, &body);
    Signed { body, timestamp, signature }
}

fn signature(key: &[u8], timestamp: &str, body: &str) -> String {
    // HMAC takes a key of any length.
    let mac = Hmac::<Sha256>::new_from_slice(key).map(|mut mac| {
        for part in [timestamp, ".", body] {
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes()
    });
    let mut signature = "v1=".to_owned();
    for byte in mac.iter().flatten() {
        // Writing to a string cannot fail.
        let _ = write!(signature, "{byte:02x}");
    }
    signature
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer is that of Python's `hmac`.
    #[test]
    fn another_implementation_comes_to_the_same_signature() {
        let expected = "v1=03d95b61b05b4143f0726f4f5d57d4d94e391e087c9a848e4d817ae7270ea270";
        assert_eq!(signature(b"key", "1795599660", r#"{"event":"test"}"#), expected);
    }
}
