//! The whole cloud on this machine: the probe under the Lambda runtime in three
//! regions, the local AWS, and boto3 to read the metrics back. `make test` has
//! set up what it needs.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::secrets::assert_no_secret;
use crate::support::{Told, command, project, told};

const REGIONS: [&str; 3] = ["us-east-1", "us-east-2", "us-west-1"];

#[test]
fn a_healthy_bank_passes_in_every_region_and_its_metrics_arrive() {
    let folder = folder("healthy");
    let told = rehearse(&folder, &[]);
    assert_eq!(told.code, Some(0), "{told:?}");
    for region in REGIONS {
        assert!(told.out.contains(&format!("klarna-playground in {region}: passed in ")), "{}", told.out);
        let reports = files(&folder.join("reports/klarna-playground").join(region));
        assert_eq!(reports.len(), 1, "{reports:?}");
    }
    assert_eq!(row(&told, "RunSuccess"), ["1", "1", "1"]);
    assert_eq!(row(&told, "StepDuration account_details_and_balance").len(), 3);
    assert!(told.out.contains("Rehearsal passed in "), "{}", told.out);
    assert_no_secret("standard output", &told.out);
    assert_no_secret("standard error", &told.err);
    for file in all_files(&folder) {
        assert_no_secret(&file.display().to_string(), &content(&file));
    }
    let log = content(&folder.join("logs/probe-us-east-1.log"));
    assert!(log.contains("\"run.outcome\":\"passed\""), "{log}");
}

#[test]
fn an_outage_in_one_region_shows_there_only_and_is_exit_code_1() {
    let told = rehearse(&folder("outage"), &["--fault", "5:status=503@us-west-1"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert_eq!(row(&told, "RunSuccess"), ["1", "1", "0"]);
    assert_eq!(row(&told, "StepFailure encrypted_responses http_status"), ["-", "-", "1"]);
    assert!(told.out.ends_with(":\n  klarna-playground failed in us-west-1\n"), "{}", told.out);
}

#[test]
fn a_rehearsal_that_ends_early_stops_what_it_started_however_it_ends() {
    for (signal, code) in [("-TERM", Some(143)), ("-INT", Some(130)), ("-KILL", None)] {
        let folder = folder("ended");
        let mut child = rehearse_command(&folder, &["--fault", "all:delay=30s"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("running the probe")), "it ended before the probe ran");
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), code, "{signal}");
        // Every process that it started has a file of this folder open as its output.
        let left = Command::new("sh").args(["-c", OPEN_LOGS, "sh"]).arg(folder.join("logs")).output().unwrap();
        assert_eq!(String::from_utf8(left.stdout).unwrap(), "", "{signal}");
    }
}

/// Waits, some seconds at most, until no process writes to the logs any more.
const OPEN_LOGS: &str = r#"
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    open=$(for fd in /proc/[0-9]*/fd/2; do readlink "$fd"; done 2>/dev/null | grep -F "$1/")
    [ -z "$open" ] && exit
    sleep 0.1
done
echo "$open""#;

fn rehearse(folder: &Path, arguments: &[&str]) -> Told {
    told(&mut rehearse_command(folder, arguments))
}

fn rehearse_command(folder: &Path, arguments: &[&str]) -> Command {
    build_probe();
    let mut rehearsal = command(&[&["rehearse"], arguments].concat());
    rehearsal.env("REPORT_FOLDER", folder.join("reports"));
    rehearsal
}

/// `cargo test --workspace` builds it anyway; a test of this crate alone does not.
fn build_probe() {
    let probe = Path::new(env!("CARGO_BIN_EXE_xs2a-monitor")).with_file_name("probe");
    if !probe.exists() {
        let built = Command::new(env!("CARGO")).args(["build", "--package", "probe"]).current_dir(project()).status();
        assert!(built.unwrap().success());
    }
}

/// A folder that is empty at first.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rehearsal").join(name);
    std::fs::remove_dir_all(&folder).ok();
    folder
}

/// The values in the row of the metric table that begins so.
fn row<'a>(told: &'a Told, name: &str) -> Vec<&'a str> {
    let row = told.out.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    row.unwrap_or_else(|| panic!("no {name} in {}", told.out)).split_whitespace().collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let (folders, mut found): (Vec<_>, Vec<_>) = files(folder).into_iter().partition(|path| path.is_dir());
    found.extend(folders.iter().flat_map(|folder| all_files(folder)));
    found
}

#[expect(clippy::disallowed_methods, reason = "what the rehearsal has written")]
fn content(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
