use std::convert::Infallible;
use std::fmt;

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng, TryCryptoRng, TryRng};

use crate::SystemError;

/// Randomness fit for keys: a `ChaCha20` stream with a seed of 256 bits from the
/// operating system. The system is asked once, where its refusal can still be
/// told; drawing from the stream cannot fail.
pub struct Entropy(ChaCha20Rng);

impl Entropy {
    /// A fresh stream, independent of every other.
    ///
    /// # Errors
    /// [`SystemError::Entropy`] when the system gives no seed.
    #[expect(clippy::disallowed_methods, reason = "the one place that draws randomness")]
    pub fn from_system() -> Result<Self, SystemError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(SystemError::Entropy)?;
        Ok(Self(ChaCha20Rng::from_seed(seed)))
    }

    /// A new id for a run: 32 hex digits, unique for all practical purposes.
    pub fn new_run_id(&mut self) -> String {
        let mut id = [0; 16];
        self.fill_bytes(&mut id);
        format!("{:032x}", u128::from_be_bytes(id))
    }
}

impl fmt::Debug for Entropy {
    /// Shows nothing of the stream's state.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}

impl TryRng for Entropy {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        self.0.try_fill_bytes(destination)
    }
}

impl TryCryptoRng for Entropy {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_ids_are_32_hex_digits_and_differ() {
        let mut ids: Vec<String> = (0..4).map(|_| Entropy::from_system().unwrap().new_run_id()).collect();
        let mut one = Entropy::from_system().unwrap();
        ids.extend([one.new_run_id(), one.new_run_id()]);
        for id in &ids {
            assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 6);
    }
}
