//! The journey against the playground, over sockets.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops where it goes wrong")]

mod article;
mod bank;
mod faults;
mod journey;
mod other_bank;
