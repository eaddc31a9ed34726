//! The form encryption of the XS2A API, public half.
//!
//! An answer to a form of the bank's wizard is sent as an [`Envelope`]: the answer under a fresh
//! AES key, the AES key under the RSA key that came with the form
//! (docs.openbanking.klarna.com, Auth API, Encryption).
//!
//! Three choices look wrong and are the bank's contract, so they are not ours to change:
//!
//! - AES-256-CBC without an integrity check. The contract has no field for a tag, and whoever can
//!   alter an envelope can as well make a new one, since the key is public. What protects the
//!   answer on its way is TLS.
//! - RSA with PKCS#1 v1.5 padding. Its well-known attacks (Bleichenbacher, Marvin;
//!   RUSTSEC-2023-0071) are against the holder of the private half. This crate encrypts and has
//!   no private half.
//! - The signature of the key's JWT is not verified: the API publishes no key to verify it with.
//!   The key is as good as the TLS connection that brought it.
//!
//! Same input, same output: no I/O, no clock, and randomness is an argument.

mod hex;
pub mod jwt;
mod key;
mod seal;

pub use key::{KeyError, PublicKey};
pub use seal::{Envelope, SealError, seal};
