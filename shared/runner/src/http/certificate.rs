//! The dates of a certificate chain.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use model::report::CertificateReport;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest, Sha256};

/// Describes what a server presented; none when the leaf is no certificate.
///
/// The chain's end is when it really stops working, `works_at` tells: a server
/// may present an expired certificate that its chain does not need.
pub(super) fn describe(
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    name: &ServerName<'_>,
    now: UnixTime,
    works_at: impl Fn(UnixTime) -> bool,
) -> Option<CertificateReport> {
    let (not_before, leaf_end) = validity(leaf)?;
    let mut ends: Vec<Timestamp> =
        intermediates.iter().filter_map(|der| validity(der)).map(|(_, end)| end).chain([leaf_end]).collect();
    ends.sort_unstable();
    let now = i64::try_from(now.as_secs()).ok()?;
    let breaks = |end: &&Timestamp| {
        let after = u64::try_from(end.as_second() + 1).unwrap_or_default();
        end.as_second() >= now && !works_at(UnixTime::since_unix_epoch(std::time::Duration::from_secs(after)))
    };
    let not_after = if leaf_end.as_second() < now { leaf_end } else { *ends.iter().find(breaks).unwrap_or(&leaf_end) };
    Some(CertificateReport { host: host(name), fingerprint: fingerprint(leaf), not_before, not_after })
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

/// `notBefore` and `notAfter` of a certificate (RFC 5280, section 4.1: the
/// fifth field of the first field, the fourth where the version is left out).
fn validity(der: &[u8]) -> Option<(Timestamp, Timestamp)> {
    let (_, certificate, _) = element(der)?;
    let (_, mut fields, _) = element(certificate)?;
    if fields.first() == Some(&0xa0) {
        fields = element(fields)?.2; // version
    }
    for _ in ["serial number", "signature", "issuer"] {
        fields = element(fields)?.2;
    }
    let (_, validity, _) = element(fields)?;
    let (start_tag, start, rest) = element(validity)?;
    let (end_tag, end, _) = element(rest)?;
    Some((time(start_tag, start)?, time(end_tag, end)?))
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
