//! The command on a terminal, which Python's pty module plays.

use std::process::Command;

use playground::Playground;

use crate::support::{At, Told, bank, command, told, venv_python};

const SPAWN: &str = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

fn on_a_terminal(bank: &Playground, variables: &[(&str, &str)]) -> Told {
    let run = command(&["run"]);
    let mut terminal = Command::new(venv_python());
    terminal.args(["-c", SPAWN]).arg(run.get_program()).args(run.get_args()).env_clear().at(bank);
    told(terminal.envs(variables.iter().copied()).stdin(std::process::Stdio::null()))
}

#[tokio::test]
async fn colours_are_for_terminals_that_want_them() {
    let bank = bank(&[]).await;
    let told = on_a_terminal(&bank, &[]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.out.contains("\u{1b}[32mpassed"), "{told:?}");
    for plain in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let told = on_a_terminal(&bank, &[plain]);
        assert!(!told.out.contains('\u{1b}') && told.out.contains("passed"), "{told:?}");
    }
}

#[tokio::test]
async fn a_run_shows_how_far_it_is_and_takes_that_away_again() {
    let bank = bank(&["6:delay=1200ms*1", "8:reset*1"]).await;
    let told = on_a_terminal(&bank, &[]);
    let (progress, table) = told.out.rsplit_once("  \r").expect("a line that was cleared");
    for line in [
        "\rklarna-playground  ✓✓✓  4 of 8: log in, 1 s",
        "\rklarna-playground  ✓✓✓✓✓✗  closing the session",
        "\rklarna-playground, second attempt  ✓✓✓✓✓✓✓  8 of 8: get balance",
    ] {
        assert!(progress.contains(line), "{line}: {told:?}");
    }
    assert!(!table.contains("of 8"), "{told:?}");
    assert_eq!(told.code, Some(0), "{told:?}");
}
