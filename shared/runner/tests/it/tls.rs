//! Certificates, their dates, and the phases of a handshake.

use std::sync::Arc;
use std::time::Duration;

use model::report::PresentedCertificate;
use rcgen::string::BmpString;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, DnValue, IsCa, KeyPair,
    date_time_ymd,
};
use runner::Http;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;

use crate::probe::{OneRequest, once, run, timeouts};
use crate::server::tls;

const NOW: Duration = Duration::ZERO;

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        Self { issuer: CertifiedIssuer::self_signed(authority(name), KeyPair::generate().unwrap()).unwrap() }
    }

    /// Another authority under this one, that ends on the first of June.
    fn under(&self, name: &str, last_year: i32) -> Self {
        let mut params = authority(name);
        params.not_after = date_time_ymd(last_year, 6, 1);
        Self { issuer: CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.issuer).unwrap() }
    }

    fn http(&self) -> Http {
        Http::new(Some(self.issuer.pem().as_bytes())).unwrap()
    }

    fn server(&self, name: &str, last_year: i32) -> Arc<ServerConfig> {
        self.server_called(&[], name, last_year, &[])
    }

    /// A server with these common names that presents these authorities, too.
    fn server_called(
        &self,
        common_names: &[DnValue],
        name: &str,
        last_year: i32,
        intermediates: &[&Self],
    ) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(last_year, 6, 1);
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "Bank");
        for common_name in common_names {
            params.distinguished_name.push(DnType::CommonName, common_name.clone());
        }
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let chain = intermediates.iter().map(|authority| authority.issuer.der().clone());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                [certificate.der().clone()].into_iter().chain(chain).collect(),
                key.serialize_der().try_into().unwrap(),
            );
        Arc::new(config.unwrap())
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// Subject and end of each certificate.
fn ends(chain: &[PresentedCertificate]) -> Vec<(Option<&str>, String)> {
    chain.iter().map(|one| (one.subject.as_deref(), one.not_after.to_string())).collect()
}

#[tokio::test]
async fn the_handshake_is_timed_apart_from_tcp() {
    let authority = Authority::new("test authority");
    let server = tls(authority.server("127.0.0.1", 2060), Duration::from_millis(150), false).await;
    let (exchange, error) = once(&authority.http(), &format!("https://{}/", server.address)).await;
    assert_eq!(error, None);
    let (tcp, handshake) = (exchange.timings.connect_ms.unwrap(), exchange.timings.tls_ms.unwrap());
    assert!(handshake.get() >= 150.0 && tcp.get() < handshake.get(), "{tcp:?} {handshake:?}");
}

#[tokio::test]
async fn a_bad_certificate_is_refused_and_its_dates_are_reported() {
    let authority = Authority::new("test authority");
    let stranger = Authority::new("a stranger");
    for (config, said, reported) in [
        (authority.server("127.0.0.1", 2021), "expired at 2021-06-01", "2021-06-01T00:00:00Z"),
        (authority.server("bank.example", 2061), "for another name", "2061-06-01T00:00:00Z"),
        (stranger.server("127.0.0.1", 2062), "not trusted here", "2062-06-01T00:00:00Z"),
    ] {
        let server = tls(config, NOW, false).await;
        let mut journey = OneRequest::to(format!("https://{}/", server.address));
        let report = run(&authority.http(), &mut journey, false, timeouts()).await;
        let failure = report.error.unwrap().failure;
        assert_eq!(failure.error_type.name(), "tls");
        assert!(failure.message.contains(said), "{}", failure.message);
        assert_eq!(report.certificates[0].not_after.to_string(), reported);
        assert_eq!(report.certificates[0].fingerprint.len(), 64);
        let chain = &report.steps[0].requests[0].exchange.certificate_chain;
        assert_eq!(ends(chain), [(None, reported.to_owned())]);
    }
}

#[tokio::test]
async fn a_good_certificate_is_reported_with_the_end_of_its_chain() {
    let authority = Authority::new("test authority");
    let server = tls(authority.server("127.0.0.1", 2055), NOW, false).await;
    let mut journey = OneRequest::to(format!("https://{}/", server.address));
    let report = run(&authority.http(), &mut journey, false, timeouts()).await;
    assert_eq!(report.error, None);
    let [certificate] = report.certificates.as_slice() else { unreachable!("one host") };
    assert_eq!(certificate.host, "127.0.0.1");
    assert_eq!(certificate.not_before.to_string(), "2020-01-01T00:00:00Z");
    assert_eq!(certificate.not_after.to_string(), "2055-06-01T00:00:00Z");
}

#[tokio::test]
async fn each_certificate_of_the_chain_is_reported_once_for_a_connection() {
    let root = Authority::new("test authority");
    let middle = root.under("an intermediate", 2040);
    let config = middle.server_called(&["bank.example".into()], "127.0.0.1", 2055, &[&middle]);
    let server = tls(config, NOW, false).await;
    let mut journey = OneRequest { times: 2, ..OneRequest::to(format!("https://{}/", server.address)) };
    let report = run(&root.http(), &mut journey, false, timeouts()).await;
    assert_eq!(report.error, None);
    let requests = &report.steps[0].requests;
    let chain = &requests[0].exchange.certificate_chain;
    let intermediate = (Some("an intermediate"), "2040-06-01T00:00:00Z".to_owned());
    assert_eq!(ends(chain), [(Some("bank.example"), "2055-06-01T00:00:00Z".to_owned()), intermediate]);
    assert_eq!(chain[0].not_before.to_string(), "2020-01-01T00:00:00Z");
    assert_ne!(chain[0].fingerprint, chain[1].fingerprint);
    let whole = &report.certificates[0];
    assert_eq!((&whole.fingerprint, whole.not_after), (&chain[0].fingerprint, chain[1].not_after));
}

#[tokio::test]
async fn a_chain_is_cut_and_its_names_are_redacted_and_cut() {
    let root = Authority::new("test authority");
    let authorities: [Authority; 9] = std::array::from_fn(|_| root.under("one of many", 2040));
    let config = root.server_called(&[], "127.0.0.1", 2055, &authorities.each_ref());
    let server = tls(config, NOW, false).await;
    let (exchange, error) = once(&root.http(), &format!("https://{}/", server.address)).await;
    assert_eq!((error, exchange.certificate_chain.len()), (None, PresentedCertificate::MOST));
    for (names, told) in [
        (vec![], None),
        (vec!["".into()], None),
        (vec![DnValue::PrintableString("a bank".try_into().unwrap())], Some("a bank")),
        (vec![DnValue::BmpString(BmpString::try_from("a bank").unwrap())], None),
        (vec!["a < b \u{202e}".into()], Some("a < b \u{202e}")),
        (vec!["of canary-token".into()], Some("of [token ")),
        (vec!["x".repeat(500).as_str().into()], Some(&*"x".repeat(64))),
        (vec![format!("{}canary-token", "x".repeat(56)).as_str().into()], Some(&*"x".repeat(56))),
    ] {
        let server = tls(root.server_called(&names, "127.0.0.1", 2055, &[]), NOW, false).await;
        let (exchange, _) = once(&root.http(), &format!("https://{}/", server.address)).await;
        let subject = exchange.certificate_chain[0].subject.as_deref();
        assert!(subject.is_some() == told.is_some(), "{names:?} {subject:?}");
        let (subject, told) = (subject.unwrap_or_default(), told.unwrap_or_default());
        assert!(subject.starts_with(told) && subject.chars().count() <= 64, "{subject} {told}");
        assert!(!subject.contains("canary"), "{subject}");
    }
}

#[tokio::test]
async fn a_handshake_that_is_cut_short_or_never_comes_is_told_as_such() {
    let authority = Authority::new("test authority");
    let server = tls(authority.server("127.0.0.1", 2060), NOW, true).await;
    let (_, error) = once(&authority.http(), &format!("https://{}/", server.address)).await;
    assert_eq!(error.unwrap().0, "tls");
    let server = tls(authority.server("127.0.0.1", 2060), Duration::from_mins(1), false).await;
    let (exchange, error) = once(&authority.http(), &format!("https://{}/", server.address)).await;
    let (error_type, message) = error.unwrap();
    assert_eq!(error_type, "timeout");
    assert!(message.contains("during the TLS handshake"), "{message}");
    assert!(exchange.timings.tls_ms.is_some());
}

#[test]
fn an_extra_root_must_be_one() {
    for bad in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert!(Http::new(Some(bad.as_bytes())).is_err(), "{bad}");
    }
}
