//! What a person sees: text, colour, complaints.

use std::io::{self, IsTerminal, Write};

use report::Style;

use crate::error::CliError;
use crate::surroundings::Surroundings;

/// Sentences are easiest to read up to this width.
const WIDTH: usize = 100;

/// How a report is laid out on standard output. Colours only on a terminal,
/// and not when `NO_COLOR` is set (no-color.org) or `TERM` is `dumb`.
pub(crate) fn style(surroundings: &Surroundings) -> Style {
    let color = io::stdout().is_terminal() && !surroundings.no_color;
    Style { color, width: WIDTH }
}

/// Writes what a command was asked for to standard output.
///
/// # Errors
/// [`CliError::Output`], as for a full disk. A reader that has gone, as `head`
/// does, is no error: the rest is dropped.
pub(crate) fn answer(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    unless_reader_left(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// The same for what was already written, help and version.
pub(crate) fn unless_reader_left(written: io::Result<()>) -> Result<(), CliError> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CliError::Output(error)),
        _ => Ok(()),
    }
}

/// Writes text that goes with an answer to standard output; what cannot be
/// written is dropped.
pub(crate) fn print(text: &str) {
    answer(text).ok();
}

/// Says on standard error what is wrong, in one line.
pub(crate) fn complain(sentence: &str) {
    tell(&format!("xs2a-monitor: {}", report::printable(sentence)));
}

/// Writes a line to standard error.
pub(crate) fn tell(line: &str) {
    system::stderr_line(line).ok();
}
