//! Secrets that are known by their form.

use std::ops::Range;

/// A JWT, whole or cut short: `eyJ` begins the base64url of `{"`.
const JWT_START: &str = "eyJ";
/// Shorter runs are words by chance.
const SHORTEST_JWT: usize = 16;
/// ISO 13616: from Norway's 15 characters to the limit of 34.
const IBAN_LENGTHS: std::ops::RangeInclusive<usize> = 15..=34;

/// The first JWT or IBAN at or after `from`, in one pass.
pub(super) fn find(text: &str, from: usize) -> Option<(Range<usize>, &'static str)> {
    let starts = text.get(from..)?.char_indices().map(|(at, _)| from + at);
    starts.into_iter().find_map(|start| {
        let jwt = jwt_at(text, start).map(|range| (range, "jwt"));
        jwt.or_else(|| iban_at(text, start).map(|range| (range, "iban")))
    })
}

fn jwt_at(text: &str, start: usize) -> Option<Range<usize>> {
    if !text.get(start..)?.starts_with(JWT_START) {
        return None;
    }
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=');
    let length = text.get(start..)?.find(|c| !part(c)).unwrap_or(text.len() - start);
    (length >= SHORTEST_JWT).then_some(start..start + length)
}

/// An IBAN with a right checksum, also printed in groups of four.
fn iban_at(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let alone = start == 0 || !bytes.get(start - 1)?.is_ascii_alphanumeric();
    let head = bytes.get(start..start + 4)?;
    let shaped = matches!(head, [a, b, c, d] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic()
        && c.is_ascii_digit() && d.is_ascii_digit());
    if !alone || !shaped {
        return None;
    }
    let mut letters: Vec<u8> = Vec::with_capacity(*IBAN_LENGTHS.end());
    let mut ends: Vec<usize> = Vec::with_capacity(*IBAN_LENGTHS.end());
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b' ' if bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) => {}
            byte if byte.is_ascii_alphanumeric() && letters.len() < *IBAN_LENGTHS.end() => {
                letters.push(byte.to_ascii_uppercase());
                ends.push(at + 1);
            }
            _ => break,
        }
    }
    let longest_first = IBAN_LENGTHS.rev().filter(|length| *length <= letters.len());
    longest_first
        .filter(|length| letters.get(..*length).is_some_and(has_iban_checksum))
        .find_map(|length| ends.get(length - 1).map(|end| start..*end))
}

/// ISO 7064 MOD 97-10 with the first four characters moved to the end.
fn has_iban_checksum(iban: &[u8]) -> bool {
    let (head, tail) = iban.split_at(4.min(iban.len()));
    let remainder = tail.iter().chain(head).fold(0u32, |sum, byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte.saturating_sub(b'A')) + 10) % 97,
    });
    remainder == 1
}
