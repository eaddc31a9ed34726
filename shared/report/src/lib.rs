//! A run rendered: metrics, log line, terminal.
//!
//! Pure: a report goes in, data or text comes out. Whoever sends or prints it
//! is elsewhere.

mod log;
mod metrics;
mod terminal;

pub use log::{LogContext, log_line};
pub use metrics::{Datum, NAMESPACE, Unit, aggregator_heartbeat, metrics, notification_failed};
pub use terminal::{Style, paint::printable, render};
