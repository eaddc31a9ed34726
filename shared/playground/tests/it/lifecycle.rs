//! Start, TLS, rude clients and the end.

use std::io::{Read, Write};
use std::net::TcpStream;

use playground::{Dialect, Playground, Settings, StartError};

use crate::client::{Consumer, JSON, send, start};

#[tokio::test]
async fn two_banks_at_once_know_nothing_of_each_other() {
    let (one, other) = (start(Settings::default()).await, start(Settings::default()).await);
    let mut consumer = Consumer::new(&one);
    consumer.pass(1, 1);

    let path = consumer.session["self"].as_str().unwrap().strip_prefix(one.api_base_url()).unwrap();
    let token = format!("authorization: Token {}", other.token());
    let reply = send("GET", &format!("{}{path}", other.api_base_url()), &[&token], "").unwrap();

    assert_eq!(reply.status, 404);
    assert_eq!((one.open_sessions(), other.open_sessions()), (1, 0));
}

#[tokio::test]
async fn dropping_it_closes_both_ports() {
    let bank = start(Settings::default()).await;
    let hosts = [bank.api_base_url(), bank.auth_base_url()].map(|url| url.strip_prefix("http://").unwrap().to_owned());
    let mut open = TcpStream::connect(&hosts[0]).unwrap();

    drop(bank);

    for host in &hosts {
        assert!(TcpStream::connect(host).is_err(), "{host}");
    }
    // The connection that was open has ended as well.
    assert_eq!(open.read(&mut [0; 8]).unwrap_or(0), 0);
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let bank = start(Settings::default()).await;
    let port = bank.api_base_url().rsplit(':').next().unwrap().parse().unwrap();

    let error = Playground::start(Settings { auth_port: port, ..Settings::default() }).await.err();

    let message = error.unwrap().to_string();
    assert_eq!(message, format!("cannot listen on 127.0.0.1:{port}"));
}

#[tokio::test]
async fn a_rule_for_a_region_is_refused() {
    let faults = vec!["7:reset@us-west-1".parse().unwrap()];

    let error = Playground::start(Settings { faults, ..Settings::default() }).await.err().unwrap();

    assert!(matches!(error, StartError::Region { ref region, .. } if region == "us-west-1"));
}

#[test]
fn dialects_read_from_text() {
    assert_eq!("documented".parse(), Ok(Dialect::Documented));
    assert_eq!("article".parse(), Ok(Dialect::Article));
    let error = "klarna".parse::<Dialect>().unwrap_err().to_string();
    assert_eq!(error, "unknown dialect \"klarna\": use documented or article");
}

#[tokio::test]
async fn rude_clients_leave_it_standing() {
    let bank = start(Settings::default()).await;
    let host = bank.api_base_url().strip_prefix("http://").unwrap();
    let rude: [&[u8]; 4] = [
        b"\x16\x03\x01\x00\x05hello",
        b"GET / HTTP/9.9\r\n\r\n",
        b"PUT /xs2a/v1/sessions HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{",
        &b"a".repeat(600_000),
    ];
    for bytes in rude {
        let mut stream = TcpStream::connect(host).unwrap();
        stream.write_all(bytes).ok();
    }
    let _idle = TcpStream::connect(host).unwrap();

    let huge = format!("{{\"language\":\"{}\"}}", "x".repeat(70_000));
    let url = format!("{}/xs2a/v1/sessions", bank.api_base_url());
    let too_much = send("PUT", &url, &[JSON], &huge).unwrap();

    assert_eq!((too_much.status, too_much.places()), (413, vec!["body".to_owned()]));
    Consumer::new(&bank).pass(1, 1);
}

#[tokio::test]
async fn tls_is_served_with_the_test_ca() {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    let bank = start(Settings { tls: true, ..Settings::default() }).await;
    let mut roots = RootCertStore::empty();
    let pem = bank.ca_certificate_pem().unwrap();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let host = bank.auth_base_url().strip_prefix("https://").unwrap();

    for name in ["127.0.0.1", "localhost", "::1"] {
        let stream = tokio::net::TcpStream::connect(host).await.unwrap();
        let name = ServerName::try_from(name).unwrap();
        let mut stream = TlsConnector::from(Arc::new(config.clone())).connect(name, stream).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    }
}
