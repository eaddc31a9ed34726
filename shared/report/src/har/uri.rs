//! URLs as the archive's strict readers want them: only what RFC 3986 allows.
//! What browsers let pass, and the marks of redaction, is percent-encoded.

use std::fmt::Write as _;

use url::{Host, Position, Url};

/// What stands before a text that is no URL (CSS Values and Units, "invalid
/// URLs", and what browsers load for it: nothing).
const INVALID: &str = "about:invalid#";

/// A URL of the report, if it is relative one from `base`.
pub(super) fn uri(text: &str, base: Option<&Url>) -> String {
    let url = Url::options().base_url(base).parse(text);
    url.map_or_else(|_| INVALID.to_owned() + &encoded(text, ""), |url| absolute(&url))
}

fn absolute(url: &Url) -> String {
    let brackets = if matches!(url.host(), Some(Host::Ipv6(_))) { "[]" } else { "" };
    let mut uri = encoded(&url[..Position::BeforePath], brackets);
    uri += &encoded(&url[Position::BeforePath..Position::AfterQuery], "");
    if let Some(fragment) = url.fragment() {
        uri += "#";
        uri += &encoded(fragment, "");
    }
    uri
}

/// `also`: what this part of a URL may hold beside the characters that stand
/// for themselves in any (RFC 3986, appendix A).
fn encoded(text: &str, also: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, byte) in text.bytes().enumerate() {
        let is_escape =
            || text.as_bytes().get(index + 1..index + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
        let is_plain = byte.is_ascii_alphanumeric()
            || b"-._~:/?@!$&'()*+,;=".contains(&byte)
            || also.as_bytes().contains(&byte)
            || (byte == b'%' && is_escape());
        if is_plain {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
