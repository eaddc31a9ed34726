//! The bank's half of the form encryption (Klarna docs, Auth API, Encryption): AES-256-CBC under a
//! fresh key, and RSA PKCS#1 v1.5 over the hexadecimal text of that key.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Encrypt, PrivateKey};
use serde_json::{Value, json};

use crate::settings::KeySize;

/// Making an RSA key takes seconds in a debug build, so the keys are prepared files.
macro_rules! prepared {
    ($($file:literal)*) => {
        LazyLock::new(|| vec![$(FormKey::parse(include_bytes!(concat!("../keys/", $file, ".der")))),*])
    };
}

static KEYS_2048: LazyLock<Vec<Option<FormKey>>> = prepared!(
    "rsa-2048-00" "rsa-2048-01" "rsa-2048-02" "rsa-2048-03"
    "rsa-2048-04" "rsa-2048-05" "rsa-2048-06" "rsa-2048-07"
    "rsa-2048-08" "rsa-2048-09" "rsa-2048-10" "rsa-2048-11"
    "rsa-2048-12" "rsa-2048-13" "rsa-2048-14" "rsa-2048-15"
);
static KEYS_4096: LazyLock<Vec<Option<FormKey>>> = prepared!("rsa-4096-00" "rsa-4096-01" "rsa-4096-02" "rsa-4096-03");

/// One prepared key pair.
#[derive(Debug)]
pub(crate) struct FormKey {
    private: PrivateKey,
}

/// Hands out the prepared keys in turn, so that neighbouring answers never share one.
pub(crate) struct KeyPool {
    keys: Vec<&'static FormKey>,
    taken: AtomicUsize,
}

impl KeyPool {
    pub(crate) fn new(size: KeySize) -> Self {
        let keys = match size {
            KeySize::Bits2048 => &*KEYS_2048,
            KeySize::Bits4096 => &*KEYS_4096,
        };
        Self { keys: keys.iter().flatten().collect(), taken: AtomicUsize::new(0) }
    }

    /// The next key; `None` only when no prepared file could be read.
    pub(crate) fn next(&self) -> Option<&'static FormKey> {
        let count = self.taken.fetch_add(1, Ordering::Relaxed);
        self.keys.get(count.checked_rem(self.keys.len())?).copied()
    }
}

impl FormKey {
    fn parse(der: &[u8]) -> Option<Self> {
        PrivateKey::from_pkcs8_der(der).ok().map(|private| Self { private })
    }

    /// The payload of the key's JWT: both numbers as hexadecimal text, as jsbn reads them.
    pub(crate) fn public(&self) -> Value {
        let exponent = digits(&self.private.e_bytes());
        let exponent = exponent.trim_start_matches('0');
        json!({"modulus": digits(&self.private.n_bytes()), "exponent": exponent})
    }

    /// The length of the modulus, and so of a full encrypted key, in bytes.
    pub(crate) fn len(&self) -> usize {
        self.private.size()
    }

    /// The form in an encrypted answer. `None` stands for every failure alike: telling a wrong
    /// padding from a wrong key would make the bank a padding oracle.
    pub(crate) fn open(&self, sealed: &Sealed) -> Option<Value> {
        let key = hex::<32>(&self.private.decrypt(Pkcs1v15Encrypt, &sealed.encrypted_key).ok()?)?;
        let text = cbc::Decryptor::<aes::Aes256>::new(&key.into(), &sealed.iv.into())
            .decrypt_padded_vec::<Pkcs7>(&sealed.ciphertext)
            .ok()?;
        serde_json::from_slice(&text).ok()
    }
}

/// An encrypted answer after its base64 and hexadecimal text was read.
pub(crate) struct Sealed {
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) iv: [u8; 16],
    /// As long as the modulus.
    pub(crate) encrypted_key: Vec<u8>,
}

/// `N` bytes from `2 N` hexadecimal digits of either case.
pub(crate) fn hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        for digit in pair {
            *byte = (*byte << 4) | u8::try_from(char::from(*digit).to_digit(16)?).ok()?;
        }
    }
    Some(bytes)
}

/// The lower-case hexadecimal digits of these bytes.
fn digits(bytes: &[u8]) -> String {
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16)).collect()
}
