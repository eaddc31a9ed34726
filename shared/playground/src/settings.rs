//! What a playground is started with.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::time::Duration;

use crate::fault::FaultRule;

/// How a [`Playground`](crate::Playground) listens and behaves. Start from [`Settings::default`].
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address both hosts listen on. Default 127.0.0.1; anything else opens the bank to others.
    pub address: IpAddr,
    /// The port of the Auth API (the wizard); 0, the default, takes a free one.
    pub auth_port: u16,
    /// The port of the XS2A and Consent API; 0, the default, takes a free one.
    pub api_port: u16,
    /// The token that the API host wants as `Authorization: Token …`. Default `playground-token`.
    pub token: String,
    /// Which clients are served. Default [`Dialect::Documented`].
    pub dialect: Dialect,
    /// The faults to play, first match wins. Default none.
    pub faults: Vec<FaultRule>,
    /// HTTPS with a test CA of this playground's own. Default off.
    pub tls: bool,
    /// How many times each posted wizard step answers `PROCESSING` first. Default 0.
    pub processing_polls: u32,
    /// The size of the keys that forms are encrypted to. Default 2048 bits.
    pub key_bits: KeySize,
    /// How long every answer takes once the user `slow` has logged in. Default 20 seconds.
    pub slow_delay: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            auth_port: 0,
            api_port: 0,
            token: "playground-token".to_owned(),
            dialect: Dialect::Documented,
            faults: Vec::new(),
            tls: false,
            processing_polls: 0,
            key_bits: KeySize::Bits2048,
            slow_delay: Duration::from_secs(20),
        }
    }
}

/// Whose reading of the contract the bank enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// The published documentation, to the letter: whatever it does not name is refused.
    #[default]
    Documented,
    /// The documentation, and the habits of one published example client on top of it.
    Article,
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        match text {
            "documented" => Ok(Self::Documented),
            "article" => Ok(Self::Article),
            _ => Err(UnknownDialect(text.to_owned())),
        }
    }
}

/// The text names no dialect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown dialect {0:?}: use documented or article")]
pub struct UnknownDialect(String);

/// The modulus of the form keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeySize {
    /// 2048 bits, 16 prepared keys.
    #[default]
    Bits2048,
    /// 4096 bits, 4 prepared keys; about six times slower.
    Bits4096,
}
