//! Tokens in the form of a JWT. Nobody checks their signature, so it is made up.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::ids::Ids;

/// A token with this payload that looks like RS256 (Klarna's consent tokens are RS256 with a `kid`).
pub(crate) fn issue(payload: &Value, ids: &Ids) -> String {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": ids.uuid()});
    let signature: [u8; 256] = ids.bytes();
    format!("{}.{}.{}", part(&header), part(payload), URL_SAFE_NO_PAD.encode(signature))
}

/// The same token with another payload; `None` when the text is no token of ours.
pub(crate) fn rewrite(token: &str, change: impl FnOnce(&mut Value)) -> Option<String> {
    let (header, rest) = token.split_once('.')?;
    let (payload, signature) = rest.split_once('.')?;
    let mut payload = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    change(&mut payload);
    Some(format!("{header}.{}.{signature}", part(&payload)))
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
