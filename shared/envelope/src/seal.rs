//! Sealing an answer.

use aes::Aes256;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use rand_core::CryptoRng;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::hex;
use crate::key::PublicKey;

/// An encrypted answer, as the body of the POST has it: these three fields and no other
/// (docs.openbanking.klarna.com, Auth API, Encryption).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Envelope {
    /// The answer under AES-256-CBC with PKCS#7 padding: base64, standard alphabet, padded.
    pub ct: String,
    /// The initialization vector: 32 lower-case hex digits.
    pub iv: String,
    /// The AES key under RSA: base64 of exactly as many bytes as the modulus has.
    pub ek: String,
}

/// Encrypts an answer to a form with the key of that form.
///
/// The AES key and the initialization vector are drawn from `rng` anew for each call, and the AES
/// key is wiped from memory before the call returns. The plaintext is the caller's to wipe.
///
/// # Errors
/// [`SealError::Empty`] for an empty plaintext: no answer to a form is empty, so it is a fault of
/// the caller's. [`SealError::Rsa`] if the RSA library fails, which a checked key gives no cause to.
pub fn seal(key: &PublicKey, plaintext: &[u8], rng: &mut (impl CryptoRng + ?Sized)) -> Result<Envelope, SealError> {
    if plaintext.is_empty() {
        return Err(SealError::Empty);
    }
    let mut content_key = Zeroizing::new([0; 32]);
    let mut iv = [0; 16];
    rng.fill_bytes(&mut *content_key);
    rng.fill_bytes(&mut iv);

    let ct = cbc::Encryptor::<Aes256>::new((&*content_key).into(), (&iv).into()).encrypt_padded_vec::<Pkcs7>(plaintext);
    // What RSA encrypts is the text of the key, 64 ASCII digits, not its 32 bytes.
    let mut content_key_hex = Zeroizing::new([0; 64]);
    hex::write(&*content_key, &mut *content_key_hex);
    let ek = key.rsa().pkcs1v15_encrypt_with_rng(rng, &*content_key_hex)?;

    Ok(Envelope { ct: BASE64_STANDARD.encode(ct), iv: hex::string(&iv), ek: BASE64_STANDARD.encode(ek) })
}

/// Why an answer could not be sealed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// There is nothing to seal.
    #[error("the plaintext is empty")]
    Empty,
    /// The RSA library failed.
    #[error("the RSA encryption failed")]
    Rsa(#[from] rsa::Error),
}
