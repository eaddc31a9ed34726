//! What a run looks like once it is rendered.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod log;
mod metrics;
mod sample;
mod terminal;
