//! Runs a journey of HTTP requests and keeps the whole record of it.
//!
//! The runner knows nothing of the journey's API: it records every exchange
//! (also when it fails), keeps the deadlines, confirms a failed attempt, always
//! cleans up, and redacts before anything is stored. What went wrong at the
//! other side is a [`Failure`](model::error::Failure) in the report, never an `Err`
//! of [`run`].

mod attempt;
mod call;
mod deliver;
mod http;
mod progress;
mod run;
mod stop;

pub use attempt::{Attempt, CleanUp};
pub use call::{Answer, Call, Method};
pub use http::{Http, HttpError};
pub use progress::{Moment, Progress};
pub use run::{Journey, Order, run};
pub use stop::Stop;
