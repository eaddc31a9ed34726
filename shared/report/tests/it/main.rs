//! What a run looks like once it is rendered.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod cell;
mod compare;
mod har;
mod junit;
mod log;
mod metrics;
mod overview;
mod page;
mod sample;
mod terminal;
