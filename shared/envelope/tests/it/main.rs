//! Envelopes against implementations that are not ours, in both directions, and against every
//! way a key can be wrong.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail the test")]

mod foreign;
mod invalid_keys;
mod known_answers;
mod openssl;
mod properties;
mod support;
mod tokens;
