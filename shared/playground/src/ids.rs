//! Names that the bank gives out: unique within a playground, and different in each start.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A source of identifiers. They need to be fresh, not unguessable: nothing here guards anything.
pub(crate) struct Ids {
    /// Seeded by the operating system through the standard library's hasher.
    seed: RandomState,
    count: AtomicU64,
}

impl Ids {
    pub(crate) fn new() -> Self {
        Self { seed: RandomState::new(), count: AtomicU64::new(0) }
    }

    /// 32 characters of `0-9a-v`, like the API's session and consent ids.
    pub(crate) fn base32(&self) -> String {
        self.bytes::<32>().iter().filter_map(|byte| char::from_digit(u32::from(byte % 32), 32)).collect()
    }

    /// 16 hexadecimal characters, for the parts of a URL.
    pub(crate) fn nonce(&self) -> String {
        format!("{:016x}", self.number())
    }

    /// A version 4 UUID, like the API's form identifiers.
    pub(crate) fn uuid(&self) -> String {
        let (high, low) = (self.number(), self.number());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48) & 0x3fff,
            low & 0xffff_ffff_ffff
        )
    }

    /// A base64 UUID, like the API's account ids.
    pub(crate) fn account_id(&self) -> String {
        STANDARD.encode(self.uuid())
    }

    /// `N` bytes that look random.
    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        for chunk in bytes.chunks_mut(8) {
            let word = self.number().to_be_bytes();
            chunk.iter_mut().zip(word).for_each(|(byte, fresh)| *byte = fresh);
        }
        bytes
    }

    fn number(&self) -> u64 {
        self.seed.hash_one(self.count.fetch_add(1, Ordering::Relaxed))
    }
}
