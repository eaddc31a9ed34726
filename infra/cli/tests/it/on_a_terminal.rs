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
    let told = on_a_terminal(&bank, &[("NO_COLOR", "1")]);
    assert!(!told.out.contains('\u{1b}') && told.out.contains("passed"), "{told:?}");
}

#[tokio::test]
async fn a_run_that_takes_its_time_says_that_it_goes_on() {
    let bank = bank(&["1:delay=3s*1"]).await;
    let told = on_a_terminal(&bank, &[]);
    assert!(told.out.contains("\rrunning klarna-playground for 2 s"), "{told:?}");
    assert_eq!(told.code, Some(0), "{told:?}");
}
