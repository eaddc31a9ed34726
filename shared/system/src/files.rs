use std::cmp::Reverse;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

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

/// A file by its name and the time at which it was last written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFile {
    /// The name without the folder and the extension.
    pub stem: String,
    /// By the clock of the file system.
    pub written_at: Timestamp,
}

/// The files of a folder that have an extension, the one written last first.
/// Left out are those with a name that is not UTF-8, and those that go meanwhile.
///
/// # Errors
/// [`SystemError::Read`] with the path and the reason.
pub fn newest_first(folder: &Path, extension: &str) -> Result<Vec<WrittenFile>, SystemError> {
    let entries = || fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>();
    let entries = entries().map_err(|reason| SystemError::Read { path: folder.to_owned(), reason })?;
    let mut files: Vec<_> = entries.iter().filter_map(|entry| written_file(entry, extension)).collect();
    files.sort_unstable_by_key(|file| Reverse(file.written_at));
    Ok(files)
}

fn written_file(entry: &fs::DirEntry, extension: &str) -> Option<WrittenFile> {
    let name = entry.file_name().into_string().ok()?;
    let stem = name.strip_suffix(extension)?.strip_suffix('.')?.to_owned();
    let written_at = Timestamp::try_from(entry.metadata().ok()?.modified().ok()?).ok()?;
    Some(WrittenFile { stem, written_at })
}

/// The one path among all that lead to a file, which may not be there yet: links
/// are followed, `.` and `..` are gone. As it was given where nothing is known
/// of it.
#[must_use]
pub fn real_path(path: &Path) -> PathBuf {
    let beside = || {
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
    };
    fs::canonicalize(path).ok().or_else(beside).unwrap_or_else(|| path.to_owned())
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
