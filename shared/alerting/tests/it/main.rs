//! What people are told, when, and what they are not told.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail the test")]

mod article;
mod certificates;
mod changes;
mod channels;
mod errors;
mod payloads;
mod properties;
mod results;
mod silence;
mod texts;
mod transitions;
mod votes;
mod world;
