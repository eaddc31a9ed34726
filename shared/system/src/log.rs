//! The log of a function: one line of JSON each on standard output.

use std::panic::PanicHookInfo;

use serde_json::json;

use crate::stdout_line;

/// Writes a line. A closed standard output is no reason to stop: what matters
/// goes elsewhere.
pub fn line(text: &str) {
    stdout_line(text).ok();
}

/// Tells something that went wrong on our side.
pub fn fault(message: &str) {
    line(&json!({"event.name": "xs2a_monitor.fault", "severity": "ERROR", "message": message}).to_string());
}

/// The most sentences that an error repeats; a fleet can fail hundreds of times
/// for one reason.
const MOST_SENTENCES: usize = 5;

/// What went wrong, one sentence each, as one line.
#[must_use]
pub fn summary(sentences: &[String]) -> String {
    let told = sentences.iter().take(MOST_SENTENCES).cloned().collect::<Vec<_>>().join("; ");
    match sentences.len().saturating_sub(MOST_SENTENCES) {
        0 => told,
        more => format!("{told}; and {more} more"),
    }
}

/// Makes every panic a line with its place. Its text is told only where it is
/// fixed: one that was put together may hold anything.
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|panic: &PanicHookInfo<'_>| {
        let text = panic.payload().downcast_ref::<&'static str>();
        let place = panic.location();
        let line_of_panic = json!({
            "event.name": "xs2a_monitor.panic",
            "severity": "ERROR",
            "message": text,
            "code.file.path": place.map(std::panic::Location::file),
            "code.line.number": place.map(std::panic::Location::line),
        });
        line(&line_of_panic.to_string());
    }));
}
