//! A command that starts a local cloud, and what it leaves behind. `make test`
//! has set up what it needs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::secrets::assert_no_secret;
use crate::support::{Told, command, project};

/// The very secrets that the command plants.
#[path = "../../src/commands/rehearse/canary.rs"]
mod canary;

/// A command that starts a local cloud, for a developer who has much in the environment.
pub(crate) fn local(folder: &Path, arguments: &[&str]) -> Command {
    build_functions();
    let mut command = command(arguments);
    command
        .env("REPORT_FOLDER", folder.join("reports"))
        .envs([("AWS_PROFILE", "of-a-developer"), ("AWS_REGION", "eu-north-1"), ("KOSMA_AUTH_TOKEN", "of-a-developer")])
        .envs([("http_proxy", "http://127.0.0.1:1"), ("XS2A_API_BASE_URL", "https://bank.example")]);
    command
}

/// Builds them with the profile of this test, into the same folder. The selection is that of a test of the whole
/// workspace, which leaves nothing to do there; a test of this crate alone would find old ones or none.
#[expect(clippy::disallowed_methods, reason = "the environment is read to be taken away")]
fn build_functions() {
    let profile = Path::new(env!("CARGO_BIN_EXE_xs2a-monitor")).parent().and_then(Path::file_name).unwrap();
    let profile = if profile == "debug" { "dev".as_ref() } else { profile };
    let mut cargo = Command::new(env!("CARGO"));
    // What this test is told of its own package: ring's build script would run again for it, and so all would be built.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_MANIFEST_") || name.starts_with("CARGO_PKG_")) {
            cargo.env_remove(name);
        }
    }
    let built = cargo
        .args([
            "build",
            "--quiet",
            "--offline",
            "--workspace",
            "--bin",
            "probe",
            "--bin",
            "aggregator",
            "--test",
            "it",
            "--profile",
        ])
        .arg(profile)
        .arg("--target-dir")
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap())
        .current_dir(project())
        .status();
    assert!(built.unwrap().success());
}

/// Searches all that was told and written for secrets, the planted ones too.
pub(crate) fn search(folder: &Path, told: &Told) {
    let streams = [("standard output".to_owned(), told.out.clone()), ("standard error".to_owned(), told.err.clone())];
    let files = all_files(folder).into_iter().map(|file| (file.display().to_string(), content(&file)));
    for (place, text) in streams.into_iter().chain(files) {
        assert_no_secret(&place, &text);
        for planted in [canary::TOKEN, canary::PASSWORD, canary::CHANNEL_KEY] {
            assert!(!text.contains(planted), "{planted} stands in {place}:\n{text}");
        }
    }
}

/// A folder that is empty at first.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rehearsal").join(name);
    std::fs::remove_dir_all(&folder).ok();
    folder
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let (folders, mut found): (Vec<_>, Vec<_>) = files(folder).into_iter().partition(|path| path.is_dir());
    found.extend(folders.iter().flat_map(|folder| all_files(folder)));
    found
}

#[expect(clippy::disallowed_methods, reason = "what the rehearsal has written")]
pub(crate) fn content(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
