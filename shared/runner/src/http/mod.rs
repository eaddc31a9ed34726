//! HTTP over TCP and TLS, with the time of every phase.
//!
//! One [`Client`] serves one attempt and one request at a time; so the hooks
//! can write into one shared slot and every mark belongs to the request under
//! way.

mod certificate;
mod classify;
mod exchange;
mod hooks;
mod marks;

use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

pub(crate) use exchange::{Client, Limit};
use marks::Slot;

/// The HTTP base, built once per process: TLS roots and verifier.
#[derive(Clone, Debug)]
pub struct Http {
    config: ClientConfig,
    verifier: Arc<WebPkiServerVerifier>,
}

/// Why the HTTP base cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The extra root is not a PEM certificate.
    #[error("holds no PEM certificate that can serve as a root")]
    ExtraRoot,
    /// The TLS library refuses its own defaults.
    #[error("the TLS library cannot be set up: {0}")]
    Tls(String),
}

impl Http {
    /// The base, with a root to trust beside the public ones (Mozilla's, bundled).
    ///
    /// # Errors
    /// [`HttpError::ExtraRoot`] when the PEM text holds no usable certificate.
    pub fn new(extra_root_pem: Option<&[u8]>) -> Result<Self, HttpError> {
        let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        if let Some(pem) = extra_root_pem {
            let before = roots.len();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|_| HttpError::ExtraRoot)?;
                roots.add(certificate).map_err(|_| HttpError::ExtraRoot)?;
            }
            if roots.len() == before {
                return Err(HttpError::ExtraRoot);
            }
        }
        let roots = Arc::new(roots);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = |error: &dyn std::error::Error| HttpError::Tls(error.to_string());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider))
            .build()
            .map_err(|error| tls(&error))?;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| tls(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config, verifier })
    }

    /// A client with no connection yet: fresh TCP, full TLS handshakes.
    pub(crate) fn client(&self, connect: Duration) -> Result<Client, HttpError> {
        let slot = Slot::default();
        let tls = hooks::watched(&self.config, &self.verifier, &slot);
        #[expect(clippy::disallowed_methods, reason = "the one place that builds the client")]
        let builder = reqwest::Client::builder();
        let client = builder
            .tls_backend_preconfigured(tls)
            .tls_info(true)
            .dns_resolver(hooks::Resolver::new(&slot))
            .connector_layer(hooks::DialLayer::new(&slot))
            .connect_timeout(connect)
            // A monitor reports what the API itself answers.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .http1_only()
            .build()
            .map_err(|error| HttpError::Tls(error.without_url().to_string()))?;
        Ok(Client::new(client, slot))
    }
}
