//! The bank's public key, checked before it is used.

use std::fmt;

use rsa::BoxedUint;
use rsa::traits::PublicKeyParts as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::hex;
use crate::jwt::{self, JwtError, Object};

/// The public RSA key that came with a form. It belongs to that form and is not kept: the bank
/// may change it at any time (docs.openbanking.klarna.com, Auth API, Encryption).
#[derive(Clone)]
pub struct PublicKey {
    rsa: rsa::PublicKey,
    bits: usize,
    exponent: u32,
}

impl PublicKey {
    /// Reads the form's `key`: a JWT whose payload has `modulus` and `exponent` as hex *strings*
    /// of either case (65537 reads `"10001"`; a JSON number could be meant either way and is
    /// refused). Leading zeros count for nothing.
    ///
    /// Limits: a modulus of 2048 to 8192 bits, an exponent from 3 to 2^32 - 1, both odd, and a
    /// header that does not say that the token is unsigned. A header without `alg` is let through:
    /// as nobody can verify the signature, nothing follows from a missing name.
    ///
    /// # Errors
    /// One [`KeyError`] for each way to be wrong; the first one found.
    pub fn from_jwt(jwt: &str) -> Result<Self, KeyError> {
        let (header, payload) = jwt::header_and_payload(jwt)?;
        if let Some(Value::String(alg)) = header.get("alg")
            && alg.eq_ignore_ascii_case("none")
        {
            return Err(KeyError::Unsigned);
        }
        let (modulus, bits) = checked_modulus(hex_field(&payload, "modulus")?)?;
        let exponent = checked_exponent(hex_field(&payload, "exponent")?)?;
        let rsa = rsa::PublicKey::new(modulus, BoxedUint::from(exponent))?;
        Ok(Self { rsa, bits, exponent })
    }

    /// The size of the modulus in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// 16 hex digits that stay the same for the same key, for logs and reports: the start of the
    /// SHA-256 of the modulus (big-endian, no leading zeros) and the exponent (4 bytes big-endian).
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest =
            Sha256::new().chain_update(self.rsa.n_bytes()).chain_update(self.exponent.to_be_bytes()).finalize();
        hex::string(digest.get(..8).unwrap_or_default())
    }

    pub(crate) fn rsa(&self) -> &rsa::PublicKey {
        &self.rsa
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("bits", &self.bits()).field("fingerprint", &self.fingerprint()).finish()
    }
}

/// Why a form's key is refused. The messages name the place and never print what stands there.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The JWT cannot be read.
    #[error(transparent)]
    Jwt(#[from] JwtError),
    /// The header names the algorithm `none` (RFC 7518, section 3.6).
    #[error("the header of the token says that it is unsigned (alg none)")]
    Unsigned,
    /// The payload lacks the field.
    #[error("{field} is missing")]
    Missing {
        /// `modulus` or `exponent`.
        field: &'static str,
    },
    /// The field is a number, null or the like.
    #[error("{field} is not a string")]
    NotString {
        /// `modulus` or `exponent`.
        field: &'static str,
    },
    /// The field is an empty string.
    #[error("{field} is empty")]
    Empty {
        /// `modulus` or `exponent`.
        field: &'static str,
    },
    /// The field has another character than a hex digit.
    #[error("{field} is not hexadecimal")]
    NotHex {
        /// `modulus` or `exponent`.
        field: &'static str,
    },
    /// Fewer than 2048 bits.
    #[error("modulus has {bits} bits and needs at least {MIN_BITS}")]
    ModulusTooSmall {
        /// The size found.
        bits: usize,
    },
    /// More than 8192 bits: a way to keep us busy.
    #[error("modulus has {bits} bits and may have at most {MAX_BITS}")]
    ModulusTooLarge {
        /// The size found.
        bits: usize,
    },
    /// An even modulus is no product of two large primes.
    #[error("modulus is even")]
    ModulusEven,
    /// Below 3; with 1 the AES key would travel in clear text.
    #[error("exponent is smaller than 3")]
    ExponentTooSmall,
    /// Above 2^32 - 1: a way to keep us busy.
    #[error("exponent is larger than 32 bits")]
    ExponentTooLarge,
    /// An even exponent has no private half.
    #[error("exponent is even")]
    ExponentEven,
    /// The RSA library refuses the key for a reason that none of the checks above names.
    #[error("modulus and exponent are no RSA key")]
    Refused(#[from] rsa::Error),
}

fn hex_field<'a>(payload: &'a Object, field: &'static str) -> Result<&'a str, KeyError> {
    let digits = match payload.get(field) {
        None => return Err(KeyError::Missing { field }),
        Some(Value::String(digits)) => digits,
        Some(_) => return Err(KeyError::NotString { field }),
    };
    if digits.is_empty() {
        return Err(KeyError::Empty { field });
    }
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(KeyError::NotHex { field });
    }
    Ok(digits.trim_start_matches('0'))
}

/// Takes hex digits without leading zeros. The size is known before the number is made.
fn checked_modulus(digits: &str) -> Result<(BoxedUint, usize), KeyError> {
    let bits = bit_length(digits);
    if bits > MAX_BITS {
        return Err(KeyError::ModulusTooLarge { bits });
    }
    if bits < MIN_BITS {
        return Err(KeyError::ModulusTooSmall { bits });
    }
    let modulus = BoxedUint::from_str_radix_vartime(digits, 16).map_err(|_| KeyError::NotHex { field: "modulus" })?;
    if modulus.bit_vartime(0) { Ok((modulus, bits)) } else { Err(KeyError::ModulusEven) }
}

fn checked_exponent(digits: &str) -> Result<u32, KeyError> {
    if digits.len() > 8 {
        return Err(KeyError::ExponentTooLarge);
    }
    // Empty means that all digits were zeros.
    let exponent = u32::from_str_radix(digits, 16).unwrap_or(0);
    match exponent {
        0..3 => Err(KeyError::ExponentTooSmall),
        _ if exponent.is_multiple_of(2) => Err(KeyError::ExponentEven),
        _ => Ok(exponent),
    }
}

fn bit_length(digits: &str) -> usize {
    let first = digits.chars().next().and_then(|digit| digit.to_digit(16));
    let unused = first.map_or(0, |digit| digit.leading_zeros() - (u32::BITS - 4));
    (digits.len() * 4).saturating_sub(unused as usize)
}

const MIN_BITS: usize = 2048;
const MAX_BITS: usize = 8192;
