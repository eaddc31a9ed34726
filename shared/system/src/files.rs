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

/// The names of what stands in a folder, in no order; one that is not UTF-8 is
/// left out.
///
/// # Errors
/// [`SystemError::Read`] with the path and the reason.
pub fn file_names(folder: &Path) -> Result<Vec<String>, SystemError> {
    let names = || fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>();
    let names = names().map_err(|reason| SystemError::Read { path: folder.to_owned(), reason })?;
    Ok(names.into_iter().filter_map(|name| name.into_string().ok()).collect())
}

/// Writes a file and the folders above it. It appears whole or not at all: the
/// contents go to `PATH.partial` first, which is then renamed. What is there and
/// is no file of its own (a link, a pipe, a device) is written into.
///
/// # Errors
/// [`SystemError::Write`] with the path and the reason.
#[expect(clippy::disallowed_methods, reason = "the one place that writes files")]
pub fn write_file(path: &Path, contents: &[u8]) -> Result<(), SystemError> {
    let refused = |at: &Path| {
        let path = at.to_owned();
        |reason| SystemError::Write { path, reason }
    };
    if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file()) {
        return fs::write(path, contents).map_err(refused(path));
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(refused(folder))?;
    }
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    fs::write(&partial, contents).map_err(refused(&partial))?;
    fs::rename(&partial, path).map_err(refused(path))
}
