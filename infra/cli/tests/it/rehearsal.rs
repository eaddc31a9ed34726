//! The whole cloud on this machine: the probe under the Lambda runtime in three
//! regions, the local AWS, and boto3 to read the metrics back. `make test` has
//! set up what it needs.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::secrets::assert_no_secret;
use crate::support::{Told, command, config_file, flat, project, told};

/// The very secrets that the command plants.
#[path = "../../src/commands/rehearse/canary.rs"]
mod canary;

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
    search(&folder, &told);
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
fn a_function_is_invoked_with_any_event_and_finds_its_secrets_in_ssm() {
    let folder = folder("invoked");
    let parameters = "token_parameter = \"/bank/token\"\npassword_parameter = \"/bank/password\"\n";
    let config = config_file("invoked.toml", &format!("[[target]]\nid = \"invoked\"\n{parameters}"));
    let event = config_file("event.json", r#"{"targets": ["invoked"], "publish": "all"}"#);
    let told = told(local(&folder, &["invoke", "--event"]).arg(event).arg("--config").arg(config));
    assert_eq!(told.code, Some(0), "{told:?}");
    let answer: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(answer["reports"][0]["outcome"], "passed", "{told:?}");
    assert!(told.err.contains("\"run.outcome\":\"passed\""), "its log is told: {}", told.err);
    assert!(!told.err.contains("xs2a_monitor.fault"), "all was published: {}", told.err);
    search(&folder, &told);
}

#[test]
fn an_event_that_is_not_ours_is_refused_and_its_field_named() {
    let event = config_file("foreign.json", r#"{"target": "all"}"#);
    let told = told(local(&folder("foreign"), &["invoke", "--event"]).arg(event));
    assert_eq!((told.code, told.out.as_str()), (Some(1), ""), "{told:?}");
    assert!(flat(&told.err).contains("this event is not for the probe: unknown field `target`"), "{}", told.err);
}

#[test]
fn a_file_that_cannot_be_used_is_bad_usage_and_named_with_the_reason() {
    let event = config_file("no-event.json", "{targets");
    let event = event.to_str().unwrap();
    for (arguments, says) in [
        (&["rehearse", "--config", "nope.toml"][..], "--config: cannot read "),
        (&["rehearse", "--config", "nope.toml"], "nope.toml: No such file"),
        (&["rehearse", "--config", "infra"], "infra: Is a directory"),
        (&["invoke", "--event", "nope.json"], "--event: cannot read nope.json: No such file"),
        (&["invoke", "--event", event], "no-event.json is not JSON: key must be a string"),
        (&["invoke", "--event", "infra/local/events/probe.json", "--function", "x"], "'--function <FUNCTION>'"),
    ] {
        let told = told(&mut command(arguments));
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{arguments:?}: {told:?}");
        assert!(told.err.contains(says), "{arguments:?} says {}", told.err);
    }
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

/// Waits, half a minute at most, until no process writes to the logs any more.
const OPEN_LOGS: &str = r#"
try=0
while [ $((try += 1)) -lt 300 ]; do
    open=$(for fd in /proc/[0-9]*/fd/2; do readlink "$fd"; done 2>/dev/null | grep -F "$1/")
    [ -z "$open" ] && exit
    sleep 0.1
done
echo "$open""#;

fn rehearse(folder: &Path, arguments: &[&str]) -> Told {
    told(&mut rehearse_command(folder, arguments))
}

fn rehearse_command(folder: &Path, arguments: &[&str]) -> Command {
    local(folder, &[&["rehearse"], arguments].concat())
}

/// A command that starts a local cloud, for a developer who has much in the environment.
fn local(folder: &Path, arguments: &[&str]) -> Command {
    build_probe();
    let mut command = command(arguments);
    command
        .env("REPORT_FOLDER", folder.join("reports"))
        .envs([("AWS_PROFILE", "of-a-developer"), ("AWS_REGION", "eu-north-1"), ("KOSMA_AUTH_TOKEN", "of-a-developer")])
        .envs([("http_proxy", "http://127.0.0.1:1"), ("XS2A_API_BASE_URL", "https://bank.example")]);
    command
}

/// Builds it with the profile of this test, into the same folder. The selection is that of a test of the whole
/// workspace, which leaves nothing to do there; a test of this crate alone would find an old one or none.
fn build_probe() {
    let profile = Path::new(env!("CARGO_BIN_EXE_xs2a-monitor")).parent().and_then(Path::file_name).unwrap();
    let profile = if profile == "debug" { "dev".as_ref() } else { profile };
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--offline", "--workspace", "--bin", "probe", "--test", "it", "--profile"])
        .arg(profile)
        .arg("--target-dir")
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap())
        .current_dir(project())
        .status();
    assert!(built.unwrap().success());
}

/// Searches all that was told and written for secrets, the planted ones too.
fn search(folder: &Path, told: &Told) {
    let streams = [("standard output".to_owned(), told.out.clone()), ("standard error".to_owned(), told.err.clone())];
    let files = all_files(folder).into_iter().map(|file| (file.display().to_string(), content(&file)));
    for (place, text) in streams.into_iter().chain(files) {
        assert_no_secret(&place, &text);
        for planted in [canary::TOKEN, canary::PASSWORD] {
            assert!(!text.contains(planted), "{planted} stands in {place}:\n{text}");
        }
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
