//! The command as its user meets it: exit codes, standard output, standard error.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the helpers of a test fail it by panicking, like the test itself"
)]

mod architecture;
mod article_client;
mod aws;
mod bad_input;
mod deployment;
mod drill;
mod files;
mod local_aws;
mod local_cloud;
mod on_a_terminal;
mod operate;
mod playground_command;
mod publish;
mod readme;
mod rehearsal;
mod report;
mod run;
mod schema;
mod secrets;
mod signals;
#[path = "../../../../shared/aws/tests/it/stub.rs"]
mod stub;
mod support;
mod table;
mod validate;
