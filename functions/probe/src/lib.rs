//! The probe Lambda: runs the targets of an event at the same time, publishes
//! each run as it ends, and answers with the reports.
//!
//! [`Probe::start`] is the cold start, [`Probe::handle`] one invocation. A
//! failing bank is a value in the answer; `Err` means that we failed.
//!
//! What one run needs beside it ([`setup`], [`login()`], [`Publisher`]) is
//! public for the command line, so that its runs are the same.

mod answer;
mod budget;
mod error;
mod handler;
mod lambda;
mod login;
mod own_failure;
mod publish;
pub mod report_file;
mod reports;
mod secrets;
pub mod setup;
mod start;
mod turns;
mod watch;

pub use answer::Answer;
pub use budget::minute;
pub use error::{HandlerError, StartError};
pub use handler::Invocation;
pub use lambda::serve;
pub use login::{LoginError, login};
pub use publish::Publisher;
pub use start::Probe;
