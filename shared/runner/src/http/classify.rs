//! A transport error by type and phase, never by its text.

use std::error::Error;
use std::io;

use model::error::ErrorType;
use rustls::{AlertDescription, CertificateError};

use super::certificate::timestamp;
use super::marks::{Marks, Phase};

/// What failed, for a host and port that the caller names in front.
pub(super) fn classify(error: &reqwest::Error, marks: &Marks, head: bool) -> (ErrorType, String) {
    let phase = marks.phase(head);
    if error.is_builder() {
        return (ErrorType::Internal, "the request could not be built".to_owned());
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return (ErrorType::Tls, format!("the TLS handshake failed: {}", tls_reason(tls)));
    }
    if error.is_timeout() {
        return (ErrorType::Timeout, format!("no connection in time, {}", during(phase)));
    }
    if error.is_dns() {
        return (ErrorType::Dns, "the name was not found".to_owned());
    }
    let kind = find::<io::Error>(error).map(io::Error::kind);
    match phase {
        Phase::Dns => (ErrorType::Dns, "the name was not found".to_owned()),
        Phase::Connect => (ErrorType::Connect, connect_reason(kind).to_owned()),
        Phase::Tls => (ErrorType::Tls, "the TLS handshake was cut short".to_owned()),
        Phase::FirstByte => (ErrorType::Connection, first_byte_reason(error, kind).to_owned()),
        Phase::Download => (ErrorType::Connection, download_reason(kind).to_owned()),
    }
}

/// The words for the phase that a time limit ended.
pub(super) fn during(phase: Phase) -> &'static str {
    match phase {
        Phase::Dns => "while looking up the name",
        Phase::Connect => "while connecting",
        Phase::Tls => "during the TLS handshake",
        Phase::FirstByte => "while waiting for the answer",
        Phase::Download => "while reading the answer's body",
    }
}

fn connect_reason(kind: Option<io::ErrorKind>) -> &'static str {
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => "the connection was refused",
        Some(io::ErrorKind::ConnectionReset) => "the connection was reset while connecting",
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => "the host cannot be reached",
        Some(io::ErrorKind::TimedOut) => "the host did not answer the connection",
        _ => "the connection failed",
    }
}

fn first_byte_reason(error: &reqwest::Error, kind: Option<io::ErrorKind>) -> &'static str {
    let hyper = find::<hyper::Error>(error);
    match kind {
        _ if hyper.is_some_and(hyper::Error::is_parse) => "the answer is not valid HTTP",
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => {
            "the connection was reset before the answer"
        }
        _ if hyper.is_some_and(hyper::Error::is_incomplete_message) => "the connection was closed before the answer",
        _ => "the connection broke before the answer",
    }
}

fn download_reason(kind: Option<io::ErrorKind>) -> &'static str {
    match kind {
        Some(io::ErrorKind::ConnectionReset) => "the connection was reset in the middle of the answer",
        Some(io::ErrorKind::UnexpectedEof) => "the answer was cut short",
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => "the answer's body is not valid HTTP",
        _ => "the connection broke in the middle of the answer",
    }
}

fn tls_reason(error: &rustls::Error) -> String {
    use rustls::Error as E;
    match error {
        E::InvalidCertificate(certificate) => certificate_reason(certificate),
        E::AlertReceived(AlertDescription::CertificateRequired) => {
            "the server asks for a client certificate".to_owned()
        }
        E::AlertReceived(alert) => format!("the server sent the alert {alert:?}"),
        E::InvalidMessage(_) => "the server does not speak TLS on this port".to_owned(),
        E::PeerIncompatible(_) => "the server offers no TLS version or cipher of ours".to_owned(),
        _ => "the server broke the protocol".to_owned(),
    }
}

fn certificate_reason(error: &CertificateError) -> String {
    use CertificateError as C;
    let day = |time: &rustls::pki_types::UnixTime| {
        timestamp(*time).map_or_else(|| "an unknown day".to_owned(), |at| at.to_string())
    };
    match error {
        C::ExpiredContext { not_after, .. } => {
            format!("the certificate expired at {}", day(not_after))
        }
        C::Expired => "the certificate has expired".to_owned(),
        C::NotValidYetContext { not_before, .. } => {
            format!("the certificate is valid only from {}", day(not_before))
        }
        C::NotValidYet => "the certificate is not valid yet".to_owned(),
        C::UnknownIssuer => "the certificate is from an authority that is not trusted here".to_owned(),
        C::NotValidForName | C::NotValidForNameContext { .. } => "the certificate is for another name".to_owned(),
        C::BadSignature => "the certificate's signature is wrong".to_owned(),
        C::Revoked => "the certificate is revoked".to_owned(),
        _ => "the certificate is not acceptable".to_owned(),
    }
}

/// The innermost error of a type in the chain. An `io::Error` hides what it
/// wraps from `source()`, so the way leads through its inside.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut found = None;
    let mut next = Some(error);
    while let Some(error) = next {
        found = error.downcast_ref::<E>().or(found);
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match inside {
            Some(inside) => Some(inside as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    found
}
