//! A run that is ended from outside.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use playground::Playground;

use crate::files::{files, text};
use crate::support::{At, bank, command, flat};

/// Starts a run and returns it once the bank holds up its fifth request.
fn held_up(bank: &Playground, arguments: &[&str]) -> Child {
    let mut child =
        command(&["run"]).args(arguments).at(bank).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while bank.requests().len() < 5 {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    child
}

fn signal(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

#[tokio::test]
async fn a_signal_ends_the_run_closes_the_session_and_shows_what_was_done() {
    for (name, code) in [("-INT", 130), ("-TERM", 143)] {
        let bank = bank(&["5:delay=30s"]).await;
        let child = held_up(&bank, &[]);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert_eq!(bank.open_sessions(), 0);
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(
            flat(&told).contains("request 5 (choose interface): ") && flat(&told).contains("was stopped"),
            "{told}"
        );
        assert!(told.contains("  3  Select test bank              passed"), "{told}");
        assert!(told.contains("Clean-up                      done"), "{told}");
    }
}

#[tokio::test]
async fn a_run_that_was_ended_writes_its_files() {
    let bank = bank(&["5:delay=30s"]).await;
    let files = files("ended");
    let [har, junit] = [&files.har, &files.junit].map(|path| path.to_str().unwrap());
    let child = held_up(&bank, &["--har", har, "--junit", junit]);
    signal(&child, "-INT");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    assert!(text(&files.har).contains("\"_error\": \"stopped: "));
    assert!(text(&files.junit).contains("<error type=\"stopped\""));
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let bank = bank(&["5:delay=30s", "cleanup:delay=30s"]).await;
    let mut child = held_up(&bank, &[]);
    signal(&child, "-INT");
    let mut complaint = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut complaint).unwrap();
    assert!(complaint.starts_with("xs2a-monitor: ending: closing the session at the bank"), "{complaint}");
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let mut told = String::new();
    child.stdout.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(told, "", "nothing waited for the clean-up");
}
