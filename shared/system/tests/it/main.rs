//! Files as a user meets them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use system::{read_text, write_file};

/// A folder of this test's own, gone when it ends.
struct Folder(PathBuf);

impl Folder {
    #[expect(clippy::disallowed_methods, reason = "a test's own folder")]
    fn new(name: &str) -> io::Result<Self> {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_written_file_is_whole_and_alone_in_its_new_folder() {
    let folder = Folder::new("written").unwrap();
    let path = folder.0.join("a/b/report.json");

    write_file(&path, b"old").unwrap();
    write_file(&path, b"{}").unwrap();

    assert_eq!(read_text(&path).unwrap(), "{}");
    assert_eq!(fs::read_dir(folder.0.join("a/b")).unwrap().count(), 1);
}

#[test]
fn errors_name_the_path_and_the_reason() {
    let folder = Folder::new("errors").unwrap();
    let missing = folder.0.join("missing.toml");
    let error = read_text(&missing).unwrap_err().to_string();
    assert!(error.contains(&missing.display().to_string()) && error.contains("No such file"), "{error}");

    let latin = folder.0.join("latin.toml");
    write_file(&latin, b"caf\xe9").unwrap();
    let error = read_text(&latin).unwrap_err().to_string();
    assert!(error.contains("latin.toml") && error.contains("utf-8"), "{error}");

    let error = write_file(&latin.join("below.json"), b"").unwrap_err();
    assert!(error.to_string().contains("latin.toml"), "{error}");
}

/// A device or a pipe must not become a file, nor a link be cut from what it leads to.
#[test]
fn what_is_no_file_of_its_own_is_written_into() {
    let folder = Folder::new("into").unwrap();
    let (file, link) = (folder.0.join("file"), folder.0.join("link"));
    write_file(&file, b"old").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();

    write_file(&link, b"new").unwrap();
    write_file(Path::new("/dev/null"), b"lost").unwrap();

    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(read_text(&file).unwrap(), "new");
    assert!(!fs::symlink_metadata("/dev/null").unwrap().is_file());
    assert!(write_file(&folder.0, b"a folder").is_err());
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2);
}
