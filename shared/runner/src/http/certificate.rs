//! The names and dates of a certificate chain.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use model::report::{CertificateReport, PresentedCertificate};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest, Sha256};

/// The most certificates of a chain whose ends are looked at: real ones have two to four.
const MOST: usize = 8;
/// `id-at-commonName`, 2.5.4.3, as DER (RFC 5280, appendix A.1).
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

/// Describes what a server presented; none when the leaf is no certificate.
/// `end` is the end of its chain where it is known, else that of the leaf counts.
pub(super) fn describe(
    leaf: &CertificateDer<'_>,
    name: &ServerName<'_>,
    end: Option<Timestamp>,
) -> Option<CertificateReport> {
    let Fields { not_before, not_after: leaf_end, .. } = fields(leaf)?;
    let not_after = end.unwrap_or(leaf_end);
    Some(CertificateReport { host: host(name), fingerprint: fingerprint(leaf), not_before, not_after })
}

/// The chain as it was presented, with names that are not redacted yet; what
/// is no certificate is left out.
pub(super) fn presented(leaf: &CertificateDer<'_>, intermediates: &[CertificateDer<'_>]) -> Vec<PresentedCertificate> {
    let chain = [leaf].into_iter().chain(intermediates).take(PresentedCertificate::MOST);
    let described = chain.filter_map(|der| {
        let Fields { not_before, not_after, subject } = fields(der)?;
        let subject = common_name(subject).map(str::to_owned);
        Some(PresentedCertificate { subject, fingerprint: fingerprint(der), not_before, not_after })
    });
    described.collect()
}

/// When a chain that works now stops working, `works_at` tells: a server may
/// present an expired certificate that its chain does not need.
pub(super) fn end(
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    now: UnixTime,
    works_at: impl Fn(UnixTime) -> bool,
) -> Option<Timestamp> {
    let chain = [leaf].into_iter().chain(intermediates).take(MOST);
    let mut ends: Vec<Timestamp> = chain.filter_map(|der| fields(der)).map(|fields| fields.not_after).collect();
    ends.sort_unstable();
    ends.dedup();
    ends.into_iter().find(|end| {
        let after = u64::try_from(end.as_second() + 1).unwrap_or_default();
        after > now.as_secs() && !works_at(UnixTime::since_unix_epoch(Duration::from_secs(after)))
    })
}

/// The same instant.
pub(super) fn timestamp(time: UnixTime) -> Option<Timestamp> {
    i64::try_from(time.as_secs()).ok().and_then(|second| Timestamp::from_second(second).ok())
}

fn host(name: &ServerName<'_>) -> String {
    name.to_str().into_owned()
}

fn fingerprint(der: &[u8]) -> String {
    Sha256::digest(der).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// What is read of a certificate.
struct Fields<'a> {
    not_before: Timestamp,
    not_after: Timestamp,
    /// The content of the subject's `Name`.
    subject: &'a [u8],
}

/// `validity` and `subject` of a certificate (RFC 5280, section 4.1: the fifth
/// and the sixth field of the first field, one less where the version is left out).
fn fields(der: &[u8]) -> Option<Fields<'_>> {
    let (_, certificate, _) = element(der)?;
    let (_, mut fields, _) = element(certificate)?;
    if fields.first() == Some(&0xa0) {
        fields = element(fields)?.2; // version
    }
    for _ in ["serial number", "signature", "issuer"] {
        fields = element(fields)?.2;
    }
    let (_, validity, fields) = element(fields)?;
    let (start_tag, start, rest) = element(validity)?;
    let (end_tag, end, _) = element(rest)?;
    // Dates are told also where the name cannot be read.
    let subject = element(fields).map_or(&[][..], |(_, subject, _)| subject);
    Some(Fields { not_before: time(start_tag, start)?, not_after: time(end_tag, end)?, subject })
}

/// The common name of a `Name`, the most specific of several (RFC 5280,
/// section 4.1.2.4: sets of a type and a value, from the root down).
fn common_name(name: &[u8]) -> Option<&str> {
    elements(name).flat_map(elements).filter_map(common_name_value).last()
}

/// An attribute's value if it is a common name in `UTF8String`,
/// `PrintableString` or `IA5String`; the others are not in use any more.
fn common_name_value(attribute: &[u8]) -> Option<&str> {
    let (_, kind, rest) = element(attribute)?;
    let (tag, value, _) = element(rest)?;
    let is_text = matches!(tag, 0x0c | 0x13 | 0x16) && !value.is_empty();
    (kind == COMMON_NAME && is_text).then(|| std::str::from_utf8(value).ok())?
}

/// The contents of DER elements that follow each other.
fn elements(mut der: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (_, content, rest) = element(der)?;
        der = rest;
        Some(content)
    })
}

/// One DER element: its tag, its content, what follows (X.690, section 8.1).
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `UTCTime` or `GeneralizedTime`, both to the second and in UTC (RFC 5280,
/// section 4.1.2.5).
fn time(tag: u8, text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let full = match tag {
        0x17 => format!("{}{text}", if text.get(..2)? >= "50" { "19" } else { "20" }),
        0x18 => text.to_owned(),
        _ => return None,
    };
    let civil = DateTime::strptime("%Y%m%d%H%M%SZ", full).ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}
