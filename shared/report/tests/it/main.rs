//! What a run looks like once it is rendered.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod har;
mod junit;
mod log;
mod metrics;
mod sample;
mod terminal;
