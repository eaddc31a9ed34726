//! JSON Web Tokens, read without being verified.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD_INDIFFERENT as BASE64_URL;
use serde_json::{Map, Value};

/// The payload of a token of three parts, for the form key as well as for `client_token`.
///
/// It is decoded and not verified: nothing in it may be trusted more than the connection that it
/// came over. The signature is not looked at. Base64url padding may be there or not.
///
/// # Errors
/// A token that has not three parts, or whose payload is not the base64url form of a JSON object.
pub fn payload(token: &str) -> Result<Value, JwtError> {
    let [_, payload, _] = split(token)?;
    object(payload, "payload").map(Value::Object)
}

/// Header and payload of a token; see [`payload`].
pub(crate) fn header_and_payload(token: &str) -> Result<(Object, Object), JwtError> {
    let [header, payload, _] = split(token)?;
    Ok((object(header, "header")?, object(payload, "payload")?))
}

/// The members of a JSON object.
pub(crate) type Object = Map<String, Value>;

/// Why a token cannot be read. The messages name the part and never its content.
#[derive(Debug, thiserror::Error)]
pub enum JwtError {
    /// A token is `header.payload.signature` (RFC 7519, section 3).
    #[error("a token has 3 parts, this one {found}")]
    Parts {
        /// How many there are.
        found: usize,
    },
    /// Nothing stands between the dots.
    #[error("the {part} of the token is empty")]
    Empty {
        /// `header` or `payload`.
        part: &'static str,
    },
    /// The part is not base64url.
    #[error("the {part} of the token is not base64url")]
    Base64 {
        /// `header` or `payload`.
        part: &'static str,
    },
    /// The decoded part is not JSON, or has a number beyond the range of a double.
    #[error("the {part} of the token is not JSON: {reason}")]
    Json {
        /// `header` or `payload`.
        part: &'static str,
        /// What the parser met, with line and column but none of the text.
        reason: serde_json::Error,
    },
    /// The decoded part is JSON, but a list, a string or the like.
    #[error("the {part} of the token is not a JSON object")]
    Object {
        /// `header` or `payload`.
        part: &'static str,
    },
}

fn split(token: &str) -> Result<[&str; 3], JwtError> {
    let mut parts = token.split('.');
    if let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    {
        return Ok([header, payload, signature]);
    }
    let found = token.split('.').count();
    Err(JwtError::Parts { found })
}

fn object(encoded: &str, part: &'static str) -> Result<Object, JwtError> {
    if encoded.is_empty() {
        return Err(JwtError::Empty { part });
    }
    let json = BASE64_URL.decode(encoded).map_err(|_| JwtError::Base64 { part })?;
    match serde_json::from_slice(&json) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(JwtError::Object { part }),
        Err(reason) => Err(JwtError::Json { part, reason }),
    }
}
