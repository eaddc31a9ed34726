//! What a person asks of a deployment: written to its table, and told plainly.

use std::process::Command;

use crate::local_aws::LocalAws;
use crate::support::{Told, command, config_file, flat, told};

const CONFIG: &str =
    "[[target]]\nid = \"bank\"\n[[channel]]\nid = \"mail\"\ntype = \"email\"\naddress = \"a@example.com\"\n";

fn run(aws: Option<&LocalAws>, name: &str, arguments: &[&str]) -> Told {
    let mut run: Command = command(arguments);
    run.env("MONITOR_CONFIG", config_file(name, CONFIG))
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing");
    if let Some(aws) = aws {
        run.env("AWS_ENDPOINT_URL", &aws.url);
    }
    told(&mut run)
}

#[test]
fn silence_is_asked_for_and_ended() {
    let aws = LocalAws::start();
    for target in ["bank", "all"] {
        let muted = run(Some(&aws), "mute.toml", &["mute", "--target", target, "--for", "2h", "--reason", "release"]);
        assert_eq!((muted.code, muted.err.lines().count()), (Some(0), 1), "{muted:?}");
        assert!(muted.err.starts_with("table xs2a-monitor in us-east-1, configuration "), "{muted:?}");
        assert!(muted.out.contains("Muted") && muted.out.contains("UTC"), "{muted:?}");
        let unmuted = run(Some(&aws), "mute.toml", &["unmute", "--target", target]);
        assert_eq!((unmuted.code, unmuted.err.lines().count()), (Some(0), 1), "{unmuted:?}");
    }
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let aws = LocalAws::start();
    for (arguments, words) in [
        (
            &["mute", "--target", "other", "--for", "2h", "--reason", "x"][..],
            "no target `other`; the configuration has bank",
        ),
        (&["unmute", "--target", "other"], "no target `other`"),
        (&["ack", "--incident", "bank.availability.20260101T0000Z"], "nothing is open"),
        (&["ack", "--incident", ""], "every alert tells its own"),
        (&["mute", "--target", "bank", "--for", "2h", "--reason", ""], "--reason"),
        (&["mute", "--target", "bank", "--for", "soon", "--reason", "x"], "30m, 2h"),
        (&["mute", "--target", "bank", "--for", "-2h", "--reason", "x"], "--for"),
        (&["mute", "--target", "", "--for", "2h", "--reason", "x"], "--target"),
        (&["mute", "--target", "bank", "--for", "9000d", "--reason", "x"], "at most a year"),
    ] {
        let told = run(Some(&aws), "not-there.toml", arguments);
        assert_eq!(told.code, Some(2), "{told:?}");
        assert!(flat(&told.err).contains(words), "{told:?}");
    }
}

#[test]
fn without_a_deployment_the_error_says_what_to_do() {
    let aws = LocalAws::start();
    let mut run = command(&["unmute", "--target", "bank"]);
    run.env("MONITOR_CONFIG", config_file("no-table.toml", CONFIG))
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .env("AWS_ENDPOINT_URL", &aws.url)
        .env("STATE_TABLE", "another");
    let told = told(&mut run);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.err.contains("STATE_TABLE") && told.err.lines().count() == 2, "{told:?}");
}
