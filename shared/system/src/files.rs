use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::SystemError;

/// Reads a whole file.
///
/// # Errors
/// [`SystemError::Read`] with the path and the reason.
#[expect(clippy::disallowed_methods, reason = "the one place that reads files")]
pub fn read_file(path: &Path) -> Result<Vec<u8>, SystemError> {
    fs::read(path).map_err(|reason| SystemError::Read { path: path.to_owned(), reason })
}

/// Reads a whole file as UTF-8 text.
///
/// # Errors
/// [`SystemError::Read`] with the path and the reason.
pub fn read_text(path: &Path) -> Result<String, SystemError> {
    String::from_utf8(read_file(path)?).map_err(|error| SystemError::Read {
        path: path.to_owned(),
        reason: io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()),
    })
}

/// Writes a file and the folders above it. It appears whole or not at all: the
/// contents go to `PATH.partial` first, which is then renamed.
///
/// # Errors
/// [`SystemError::Write`] with the path and the reason.
#[expect(clippy::disallowed_methods, reason = "the one place that writes files")]
pub fn write_file(path: &Path, contents: &[u8]) -> Result<(), SystemError> {
    let refused = |at: &Path| {
        let path = at.to_owned();
        |reason| SystemError::Write { path, reason }
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(refused(folder))?;
    }
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    fs::write(&partial, contents).map_err(refused(&partial))?;
    fs::rename(&partial, path).map_err(refused(path))
}
