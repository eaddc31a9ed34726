use std::io::{self, Write};

use crate::SystemError;

/// Writes one line to standard output, at once.
///
/// # Errors
/// [`SystemError::Stream`] when the reader is gone.
pub fn stdout_line(line: &str) -> Result<(), SystemError> {
    write_line(io::stdout().lock(), line).map_err(|reason| SystemError::Stream { stream: "standard output", reason })
}

/// Writes one line to standard error, at once.
///
/// # Errors
/// [`SystemError::Stream`] when the reader is gone.
pub fn stderr_line(line: &str) -> Result<(), SystemError> {
    write_line(io::stderr().lock(), line).map_err(|reason| SystemError::Stream { stream: "standard error", reason })
}

/// In one write, so that lines of several processes on one pipe stay whole.
fn write_line(mut stream: impl Write, line: &str) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(line.len() + 1);
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\n');
    stream.write_all(&bytes)?;
    stream.flush()
}
