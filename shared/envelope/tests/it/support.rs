//! What the tests share: the stored vectors, fixed randomness, and the bank's half of the
//! encryption, which the crate itself does not have.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use aes::Aes256;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use envelope::Envelope;
use rand_core::{TryCryptoRng, TryRng};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A file or folder of `tests/vectors`.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)
}

#[expect(clippy::disallowed_methods, reason = "test vectors are files")]
pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The JSON files of a folder by name, never none of them.
pub(crate) fn vectors(folder: &str) -> Vec<(String, Value)> {
    let mut vectors: Vec<_> = std::fs::read_dir(path(folder))
        .unwrap()
        .map(|entry| {
            let file = entry.unwrap().path();
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            let vector = serde_json::from_str(&read(&file)).unwrap();
            (name, vector)
        })
        .collect();
    vectors.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert!(!vectors.is_empty(), "no vectors in {folder}");
    vectors
}

pub(crate) fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap()
}

pub(crate) fn stored_envelope(vector: &Value) -> Envelope {
    Envelope {
        ct: text(&vector["envelope"], "ct").to_owned(),
        iv: text(&vector["envelope"], "iv").to_owned(),
        ek: text(&vector["envelope"], "ek").to_owned(),
    }
}

pub(crate) fn private_key(name: &str) -> rsa::PrivateKey {
    let pem = read(&path(&format!("keys/{name}.pem")));
    rsa::PrivateKey::from_pkcs8_pem(&pem).unwrap()
}

/// The token that a bank would send with the public half.
pub(crate) fn token_of(key: &rsa::PrivateKey) -> String {
    token(
        &serde_json::json!({"alg": "RS256"}).to_string(),
        &serde_json::json!({"modulus": hex(&key.n_bytes()), "exponent": hex(&key.e_bytes())}).to_string(),
    )
}

pub(crate) fn token(header: &str, payload: &str) -> String {
    let encode = |text| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2lnbmF0dXJl", encode(header), encode(payload))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    assert!(digits.len().is_multiple_of(2));
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

pub(crate) fn unbase64(text: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(text).unwrap()
}

/// Opens an envelope as the bank does, with no tolerance for a short `ek`.
pub(crate) fn open(key: &rsa::PrivateKey, sealed: &Envelope) -> Vec<u8> {
    let ek = unbase64(&sealed.ek);
    assert_eq!(ek.len(), key.size(), "ek is as long as the modulus");
    let content_key_hex = key.pkcs1v15_decrypt(&ek).unwrap();
    assert_eq!(content_key_hex.len(), 64, "RSA carries the digits of the AES key");
    let content_key: [u8; 32] = unhex(str::from_utf8(&content_key_hex).unwrap()).try_into().unwrap();
    let iv: [u8; 16] = unhex(&sealed.iv).try_into().unwrap();
    cbc::Decryptor::<Aes256>::new((&content_key).into(), (&iv).into())
        .decrypt_padded_vec::<Pkcs7>(&unbase64(&sealed.ct))
        .unwrap()
}

/// The same bytes for the same seed: SHA-256 of the seed and a counter, block after block.
pub(crate) struct FixedRandomness {
    seed: String,
    counter: u64,
}

impl FixedRandomness {
    pub(crate) fn new(seed: &str) -> Self {
        Self { seed: seed.to_owned(), counter: 0 }
    }
}

impl TryRng for FixedRandomness {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::new().chain_update(&self.seed).chain_update(self.counter.to_be_bytes()).finalize();
            self.counter += 1;
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for FixedRandomness {}
