//! The bank over real sockets, asked by a client that shares no code with it.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "the helpers of a test fail it by panicking, like the test itself"
)]

mod article;
mod client;
mod faults;
mod journey;
mod lifecycle;
mod rules;
mod strict;
