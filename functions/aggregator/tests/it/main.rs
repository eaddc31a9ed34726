//! The aggregator as a process: under the emulator of the Lambda runtime,
//! against the local AWS, over real sockets.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of a test fail it by panicking, like the test itself"
)]

mod bad_input;
mod channels;
mod cloud;
mod concurrency;
mod crash;
mod events;
mod http;
mod operator;
mod overview;
