//! A run rendered: metrics, log line, terminal, HAR, JUnit, HTML.
//!
//! Pure: a report goes in, data or text comes out. Whoever sends or prints it
//! is elsewhere.

mod attempt;
mod compare;
mod har;
mod junit;
mod log;
mod metrics;
pub mod overview;
mod page;
mod phases;
mod terminal;
mod wording;

pub use har::har;
pub use junit::junit;
pub use log::{LogContext, log_line};
pub use metrics::{Datum, NAMESPACE, Unit, aggregator_heartbeat, metrics, notification_failed};
pub use page::{Baseline, html};
pub use terminal::{Style, paint::printable, render};
