//! The search through plain text, in one pass: what was taken out is not
//! looked at again.

use super::spelling::readings;
use super::{Redactor, names, patterns};

/// What is taken out, and the mark that stands for it.
struct Found {
    start: usize,
    end: usize,
    mark: String,
}

/// Takes out what is known by value, by form, or by the name in front of `=`.
pub(super) fn redact(redactor: &Redactor, text: &str) -> String {
    replaced(redactor, text, |at, byte| find_at(redactor, text, at, byte))
}

/// Takes out the known values that JSON escapes, also where a body has them
/// as they are: a search from quote to quote would not see them.
pub(super) fn redact_across_quotes(redactor: &Redactor, text: &str) -> String {
    replaced(redactor, text, |at, _| {
        let Found { start, end, mark } = known_at(redactor, text, at)?;
        let value = text.get(start..end)?;
        // The others stay for the search between the quotes.
        let mark = if value.contains(['"', '\\']) { mark } else { value.to_owned() };
        Some(Found { start, end, mark })
    })
}

fn replaced(redactor: &Redactor, text: &str, find: impl Fn(usize, u8) -> Option<Found>) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut at, mut copied) = (0, 0);
    while let Some(byte) = text.as_bytes().get(at) {
        if let Some(end) = redactor.mark_at(text, at) {
            at = end;
        } else if let Some(Found { start, end, mark }) = find(at, *byte) {
            out.push_str(text.get(copied..start).unwrap_or_default());
            out.push_str(&mark);
            (at, copied) = (end, end);
        } else {
            at = text.ceil_char_boundary(at + 1);
        }
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    out
}

/// Whether a text ends with `name=` and the name is secret; brings the name.
pub(super) fn assigned_name(text: &str) -> Option<&str> {
    secret_name(text.strip_suffix('=')?)
}

fn find_at(redactor: &Redactor, text: &str, at: usize, byte: u8) -> Option<Found> {
    let by_form = || {
        let (end, kind) = patterns::find_at(text, at)?;
        Some(Found { start: at, end, mark: redactor.mark(kind, text.get(at..end)?) })
    };
    let known = known_at(redactor, text, at);
    known.or_else(by_form).or_else(|| match byte {
        b'=' | b'%' | b'\\' | b'&' => parameter_at(redactor, text, at),
        b':' => user_information_at(redactor, text, at),
        _ => None,
    })
}

/// A known value, or the word that begins like a long one.
fn known_at(redactor: &Redactor, text: &str, at: usize) -> Option<Found> {
    let (end, mark) = redactor.known.find_at(text, at)?;
    if let Some(mark) = mark {
        return Some(Found { start: at, end, mark: mark.to_owned() });
    }
    let end = token_end(text, end);
    Some(Found { start: at, end, mark: redactor.mark("part", text.get(at..end)?) })
}

/// Where the word ends that a value's beginning stands in.
fn token_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.' | '=' | '%')).unwrap_or(rest.len())
}

/// The value after a `=`, however that is spelled, with quotes around it or
/// without, as in a query, a fragment, or a form.
fn parameter_at(redactor: &Redactor, text: &str, at: usize) -> Option<Found> {
    let (_, after) = readings(text, at).find(|(c, _)| *c == '=')?;
    let name = secret_name(text.get(..at)?)?;
    let quoted = readings(text, after).find(|(c, _)| matches!(c, '"' | '\''));
    let start = quoted.map_or(after, |(_, start)| start);
    let rest = text.get(start..)?;
    let length = match quoted {
        Some(_) => quoted_length(rest, text.get(after..start)?),
        None => bare_length(rest, text.get(at..after)?),
    };
    let value = rest.get(..length).filter(|value| !value.is_empty() && !names::is_code(name, value))?;
    if redactor.mark_at(text, start).is_some() {
        return None;
    }
    let end = start + length;
    if let Some((known_end, Some(mark))) = redactor.known.find_at(text, start)
        && !text.get(known_end..end).is_some_and(|rest| rest.contains(char::is_alphanumeric))
    {
        return Some(Found { start, end: known_end, mark: mark.to_owned() });
    }
    Some(Found { start, end, mark: redactor.mark("parameter", value) })
}

/// The secret name that a text ends with; its first letters may be the rest of
/// an escape, such as the `3F` of `%3Fpin`.
fn secret_name(text: &str) -> Option<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let length = text.chars().rev().take_while(|c| is_name(*c)).count();
    let (before, name) = text.split_at_checked(text.len() - length)?;
    let skipped: &[usize] = match before.chars().next_back() {
        Some('%') => &[0, 2, 4, 6],
        Some('\\') => &[0, 1, 5],
        _ => &[0],
    };
    skipped.iter().filter_map(|skipped| name.get(*skipped..)).find(|name| names::is_secret(name, &[]))
}

/// Up to the same quote again, but not an escaped one; to the end without it.
fn quoted_length(value: &str, quote: &str) -> usize {
    let mut quotes = value.match_indices(quote);
    quotes.find(|(at, _)| !value.get(..*at).unwrap_or_default().ends_with('\\')).map_or(value.len(), |(at, _)| at)
}

/// Up to what ends a parameter; one that is encoded ends like its `=` began.
fn bare_length(value: &str, equals: &str) -> usize {
    let ends = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '&' | '#' | '"' | '\'' | '<' | '>' | ';' | ',' | ')')
    };
    let length = value.find(ends).unwrap_or(value.len());
    let value = value.get(..length).unwrap_or_default();
    let Some(escape) = equals.strip_suffix("3D").or_else(|| equals.strip_suffix("3d")) else { return length };
    let encoded = value.match_indices(escape).find(|(at, _)| {
        let code = value.get(at + escape.len()..at + escape.len() + 2);
        matches!(code, Some("22" | "23" | "26" | "27"))
    });
    encoded.map_or(length, |(at, _)| at)
}

/// The user information of a URL (RFC 3986, section 3.2.1).
fn user_information_at(redactor: &Redactor, text: &str, at: usize) -> Option<Found> {
    let authority = text.get(at..)?.strip_prefix("://")?;
    let length =
        authority.find(|c: char| matches!(c, '/' | '?' | '#' | '"') || c.is_whitespace()).unwrap_or(authority.len());
    let user = authority.get(..length)?.rfind('@').filter(|user| *user > 0)?;
    let start = at + 3;
    Some(Found { start, end: start + user, mark: redactor.mark("user", authority.get(..user)?) })
}
