//! The search through plain text, in one pass: what was taken out is not
//! looked at again.

use super::{Redactor, names, patterns};

/// Takes out what is known by value, by form, or by the name in front of `=`.
pub(super) fn redact(redactor: &Redactor, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let at = text.len() - rest.len();
        let end = if let Some(end) = mark_at(text, at) {
            out.push_str(text.get(at..end).unwrap_or_default());
            end
        } else if let Some((end, mark)) = secret_at(redactor, text, at) {
            out.push_str(&mark);
            end
        } else {
            out.push(c);
            at + c.len_utf8()
        };
        rest = text.get(end..).unwrap_or_default();
    }
    out
}

/// Whether a text is a mark of ours already, so that it is not marked again.
pub(super) fn is_mark(text: &str) -> bool {
    mark_at(text, 0) == Some(text.len())
}

fn secret_at(redactor: &Redactor, text: &str, at: usize) -> Option<(usize, String)> {
    if let Some((end, mark)) = redactor.known.find_at(text.as_bytes(), at) {
        return Some((end, mark.to_owned()));
    }
    let by_form = patterns::find_at(text, at);
    let (end, kind) = by_form.or_else(|| parameter_at(text, at)).or_else(|| user_information_at(text, at))?;
    Some((end, redactor.mark(kind, text.get(at..end)?)))
}

/// The value of `name=value`, as in a query, a fragment, or a form.
fn parameter_at(text: &str, at: usize) -> Option<(usize, &'static str)> {
    let before = text.get(..at)?.strip_suffix('=')?;
    let name_start =
        before.rfind(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-')).map_or(0, |at| at + 1);
    let name = before.get(name_start..)?;
    let value = text.get(at..)?;
    let ends = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '&' | '#' | '"' | '\'' | '<' | '>' | ';' | ',' | ')')
    };
    let value = value.get(..value.find(ends).unwrap_or(value.len()))?;
    let secret = !value.is_empty() && names::is_secret(name, &[]) && !names::is_code(name, value);
    secret.then_some((at + value.len(), "parameter"))
}

/// The user information of a URL (RFC 3986, section 3.2.1).
fn user_information_at(text: &str, at: usize) -> Option<(usize, &'static str)> {
    text.get(..at)?.strip_suffix("://")?;
    let authority = text.get(at..)?;
    let length =
        authority.find(|c: char| matches!(c, '/' | '?' | '#' | '"') || c.is_whitespace()).unwrap_or(authority.len());
    let user = authority.get(..length)?.rfind('@').filter(|user| *user > 0)?;
    Some((at + user, "user"))
}

/// Where a mark of ours ends that begins at `at`: `[words fingerprint]`.
fn mark_at(text: &str, at: usize) -> Option<usize> {
    let inside = text.get(at..)?.strip_prefix('[')?;
    let length = inside.find(']').filter(|length| *length <= super::LONGEST_MARK)?;
    let (kind, fingerprint) = inside.get(..length)?.rsplit_once(' ')?;
    let plain = kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let hex = fingerprint.len() == 8 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
    (plain && hex).then_some(at + length + 2)
}
