//! What a person sees: text, colour, complaints.

use std::io::{self, IsTerminal, Write};

use report::Style;

use crate::surroundings::Surroundings;

/// Sentences are easiest to read up to this width.
const WIDTH: usize = 100;

/// How a report is laid out on standard output. Colours only on a terminal,
/// and not when `NO_COLOR` is set (no-color.org).
pub(crate) fn style(surroundings: &Surroundings) -> Style {
    let color = io::stdout().is_terminal() && !surroundings.no_color;
    Style { color, width: WIDTH }
}

/// Writes text to standard output. A reader that has gone, as `head` does, is
/// not our fault: the rest is dropped.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).ok();
}

/// Says on standard error what is wrong, in one line.
pub(crate) fn complain(sentence: &str) {
    tell(&format!("xs2a-monitor: {}", report::printable(sentence)));
}

/// Writes a line to standard error.
pub(crate) fn tell(line: &str) {
    system::stderr_line(line).ok();
}
