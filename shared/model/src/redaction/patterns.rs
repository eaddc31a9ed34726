//! Secrets that are known by their form.

use super::spelling::begins_word;

/// A JWT, whole or cut short: `eyJ` begins the base64url of `{"`.
const JWT_START: &str = "eyJ";
/// Shorter runs are words by chance.
const SHORTEST_JWT: usize = 16;
/// The length of an IBAN by country (SWIFT, IBAN Registry, release 99): a
/// random id seldom has a country's code, its very length and a right checksum.
const IBAN_LENGTHS: &str = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29\
    ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21\
    LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27\
    SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

/// The JWT or IBAN that begins at `at`: where it ends, and which it is.
pub(super) fn find_at(text: &str, at: usize) -> Option<(usize, &'static str)> {
    jwt_at(text, at).map(|end| (end, "jwt")).or_else(|| iban_at(text, at).map(|end| (end, "iban")))
}

fn jwt_at(text: &str, start: usize) -> Option<usize> {
    if !text.get(start..)?.starts_with(JWT_START) {
        return None;
    }
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=');
    let length = text.get(start..)?.find(|c| !part(c)).unwrap_or(text.len() - start);
    (length >= SHORTEST_JWT).then_some(start + length)
}

/// An IBAN of its country's length with a right checksum, also printed in groups.
fn iban_at(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let word = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let check_digits = bytes.get(start + 2).zip(bytes.get(start + 3));
    if !check_digits.is_some_and(|(first, second)| first.is_ascii_digit() && second.is_ascii_digit())
        || !begins_word(text, start)
    {
        return None;
    }
    let length = iban_length(bytes.get(start..start + 2)?)?;
    let mut letters: Vec<u8> = Vec::with_capacity(length);
    let mut at = start;
    while letters.len() < length {
        match bytes.get(at)? {
            byte if byte.is_ascii_alphanumeric() => letters.push(byte.to_ascii_uppercase()),
            b' ' if word(at + 1) => {}
            _ => return None,
        }
        at += 1;
    }
    (!word(at) && has_iban_checksum(&letters)).then_some(at)
}

fn iban_length(country: &[u8]) -> Option<usize> {
    let entries = IBAN_LENGTHS.as_bytes().chunks_exact(4);
    let found =
        entries.into_iter().find(|entry| entry.get(..2).is_some_and(|code| code.eq_ignore_ascii_case(country)))?;
    std::str::from_utf8(found.get(2..)?).ok()?.parse().ok()
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
