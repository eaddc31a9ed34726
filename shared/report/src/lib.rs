//! A run rendered: metrics, log line, terminal, HAR, JUnit.
//!
//! Pure: a report goes in, data or text comes out. Whoever sends or prints it
//! is elsewhere.

mod har;
mod junit;
mod log;
mod metrics;
mod terminal;

pub use har::har;
pub use junit::junit;
pub use log::{LogContext, log_line};
pub use metrics::{Datum, NAMESPACE, Unit, aggregator_heartbeat, metrics, notification_failed};
pub use terminal::{Style, paint::printable, render};
