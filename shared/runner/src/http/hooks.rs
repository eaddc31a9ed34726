//! The hooks into reqwest and rustls that write the marks.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls12Resumption, Tls13ClientSessionValue,
    WebPkiServerVerifier,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, NamedGroup, SignatureScheme};

use super::certificate;
use super::marks::Slot;

/// Name lookup by the system's resolver, timed.
pub(super) struct Resolver(Slot);

impl Resolver {
    pub(super) fn new(slot: &Slot) -> Self {
        Self(slot.clone())
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let slot = self.0.clone();
        Box::pin(async move {
            slot.marks().dns_start = Some(Instant::now());
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // An empty answer would show up as a failed connection.
            if found.is_empty() {
                return Err(std::io::Error::other("no address").into());
            }
            slot.marks().dns_end = Some(Instant::now());
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Marks the start and end of a new connection: name, TCP and TLS together.
#[derive(Clone)]
pub(super) struct DialLayer(Slot);

impl DialLayer {
    pub(super) fn new(slot: &Slot) -> Self {
        Self(slot.clone())
    }
}

impl<S> tower_layer::Layer<S> for DialLayer {
    type Service = Dial<S>;
    fn layer(&self, inner: S) -> Dial<S> {
        Dial { inner, slot: self.0.clone() }
    }
}

#[derive(Clone)]
pub(super) struct Dial<S> {
    inner: S,
    slot: Slot,
}

impl<S, R> tower_service::Service<R> for Dial<S>
where
    S: tower_service::Service<R>,
    S::Future: Send + 'static,
    S::Response: 'static,
    S::Error: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let slot = self.slot.clone();
        slot.marks().dial_start = Some(Instant::now());
        let dial = self.inner.call(request);
        Box::pin(async move {
            let connection = dial.await?;
            slot.marks().dial_end = Some(Instant::now());
            Ok(connection)
        })
    }
}

/// The TLS configuration of one client: nothing resumed, everything watched.
pub(super) fn watched(base: &ClientConfig, verifier: &Arc<WebPkiServerVerifier>, slot: &Slot) -> ClientConfig {
    let mut config = base.clone();
    // A resumed session would hide a bad certificate.
    config.resumption = Resumption::store(Arc::new(NoStore(slot.clone()))).tls12_resumption(Tls12Resumption::Disabled);
    // The wrapper passes every question on to the real verifier.
    config.dangerous().set_certificate_verifier(Arc::new(Watch { inner: Arc::clone(verifier), slot: slot.clone() }));
    config
}

/// Keeps no session. rustls asks it for one just before it writes its first
/// handshake message, which is when TCP is up.
#[derive(Debug)]
struct NoStore(Slot);

impl ClientSessionStore for NoStore {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}
    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }
    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}
    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }
    fn remove_tls12_session(&self, _: &ServerName<'static>) {}
    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}
    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.0.marks().tls_start = Some(Instant::now());
        None
    }
}

/// Notes the certificates that a server presents, before they are judged.
#[derive(Debug)]
struct Watch {
    inner: Arc<WebPkiServerVerifier>,
    slot: Slot,
}

impl ServerCertVerifier for Watch {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verify = |at: UnixTime| self.inner.verify_server_cert(leaf, intermediates, name, ocsp, at);
        let verdict = verify(now);
        let end = match &verdict {
            Ok(_) => certificate::end(leaf, intermediates, now, |at| verify(at).is_ok()),
            Err(rustls::Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
                certificate::timestamp(*not_after)
            }
            Err(_) => None,
        };
        let mut marks = self.slot.marks();
        marks.certificate = certificate::describe(leaf, name, end);
        marks.certificate_chain = certificate::presented(leaf, intermediates);
        verdict
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        self.inner.requires_raw_public_keys()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.inner.root_hint_subjects()
    }
}
