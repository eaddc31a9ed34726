//! The probe Lambda: runs the targets of an event at the same time, publishes
//! each run as it ends, and answers with the reports.
//!
//! [`Probe::start`] is the cold start, [`Probe::handle`] one invocation. A
//! failing bank is a value in the answer; `Err` means that we failed.

mod answer;
mod budget;
mod error;
mod handler;
mod lambda;
mod log;
mod own_failure;
mod publish;
mod secrets;
mod start;

pub use answer::Answer;
pub use error::{HandlerError, StartError};
pub use handler::Invocation;
pub use lambda::serve;
pub use start::Probe;
