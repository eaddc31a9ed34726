//! The runner against servers that misbehave on the socket.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::unreachable,
    reason = "a test stops where it goes wrong"
)]

mod faults;
mod probe;
mod progress;
mod server;
mod tls;
