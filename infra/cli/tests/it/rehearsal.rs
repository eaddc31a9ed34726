//! The whole cloud on this machine: the probe under the Lambda runtime in three
//! regions, the local AWS, and boto3 to read the metrics back. `make test` has
//! set up what it needs.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::local_cloud::{content, files, folder, local, search};
use crate::support::{Told, command, config_file, flat, told};

const REGIONS: [&str; 3] = ["us-east-1", "us-east-2", "us-west-1"];

#[test]
fn a_healthy_bank_passes_in_every_region_and_its_metrics_arrive() {
    let folder = folder("healthy");
    let told = rehearse(&folder, &[]);
    assert_eq!(told.code, Some(0), "{told:?}");
    for region in REGIONS {
        assert!(told.out.contains(&format!("klarna-playground in {region}: passed in ")), "{}", told.out);
        let reports = files(&folder.join("reports/klarna-playground").join(region));
        assert_eq!(reports.len(), 2, "the report and its page: {reports:?}");
    }
    assert_eq!(row(&told, "RunSuccess"), ["1", "1", "1"]);
    assert_eq!(row(&told, "StepDuration account_details_and_balance").len(), 3);
    assert_eq!(row(&told, "AggregatorHeartbeat"), ["-", "1", "-"]);
    let verdict = "Status us-east-1 us-east-2 us-west-1 Told klarna-playground passing passing passing passing nothing";
    assert!(flat(&told.out).contains(verdict), "{}", told.out);
    let (rest, page) = told.out.trim_end().rsplit_once("\nPage     ").expect("the path of the page");
    assert!(rest.lines().last().unwrap().starts_with("Rehearsal passed in "), "{}", told.out);
    assert!(content(Path::new(page)).starts_with("<!"), "{page}");
    search(&folder, &told);
    let log = content(&folder.join("logs/probe-us-east-1.log"));
    assert!(log.contains("\"run.outcome\":\"passed\""), "{log}");
}

#[test]
fn an_outage_everywhere_is_failing_for_the_aggregator_and_told_to_nobody_without_a_channel() {
    let told = rehearse(&folder("verdict"), &["--fault", "5:status=503"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    let verdict = "klarna-playground failing failing failing failing failure, to nobody: no channel is configured";
    assert!(flat(&told.out).contains(verdict), "{}", told.out);
    let reasons = "Rehearsal failed in ";
    let reasons = told.out.lines().skip_while(|line| !line.starts_with(reasons)).skip(1);
    let reasons: Vec<&str> = reasons.take_while(|line| line.starts_with("  ")).collect();
    assert_eq!(reasons, REGIONS.map(|region| format!("  klarna-playground failed in {region}")), "{}", told.out);
}

#[test]
fn an_outage_in_one_region_shows_there_only_and_is_exit_code_1() {
    let told = rehearse(&folder("outage"), &["--fault", "5:status=503@us-west-1"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert_eq!(row(&told, "RunSuccess"), ["1", "1", "0"]);
    assert_eq!(row(&told, "StepFailure encrypted_responses http_status"), ["-", "-", "1"]);
    let (rest, page) = told.out.trim_end().rsplit_once("\nPage     ").expect("the path of the page");
    assert!(rest.ends_with(":\n  klarna-playground failed in us-west-1"), "{}", told.out);
    assert!(page.contains("/klarna-playground/us-west-1/") && content(Path::new(page)).contains("503"), "{page}");
    let verdict = "klarna-playground passing passing passing failing nothing";
    assert!(flat(&told.out).contains(verdict), "one region is no outage: {}", told.out);
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
fn the_aggregator_is_invoked_with_the_tick_of_its_schedule() {
    let event = "infra/local/events/aggregator.json";
    let arguments = ["invoke", "--function", "aggregator", "--event", event];
    let told = told(&mut local(&folder("tick"), &arguments));
    assert_eq!(told.code, Some(0), "{told:?}");
    let answer: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(answer["targets"][0]["status"], "passing", "{told:?}");
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

/// The values in the row of the metric table that begins so.
fn row<'a>(told: &'a Told, name: &str) -> Vec<&'a str> {
    let row = told.out.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    row.unwrap_or_else(|| panic!("no {name} in {}", told.out)).split_whitespace().collect()
}
