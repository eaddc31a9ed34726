//! What people are told, when, and what they are not told.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail the test")]

mod ailing;
mod article;
mod calls;
mod certificates;
mod changes;
mod channels;
mod errors;
mod mirror;
mod payloads;
mod properties;
mod reports;
mod results;
mod retired;
mod silence;
mod texts;
mod transitions;
mod votes;
mod world;
