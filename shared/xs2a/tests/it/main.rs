//! The journey against the playground, over sockets.

#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

mod bank;
mod faults;
mod journey;
