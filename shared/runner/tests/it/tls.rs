//! Certificates, their dates, and the phases of a handshake.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
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
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    fn http(&self) -> Http {
        Http::new(Some(self.issuer.pem().as_bytes())).unwrap()
    }

    fn server(&self, name: &str, last_year: i32) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(last_year, 6, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.serialize_der().try_into().unwrap());
        Arc::new(config.unwrap())
    }
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
