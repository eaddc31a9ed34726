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
