//! The command as a process, and a bank for it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use playground::{FaultRule, Playground, Settings};

/// The checkout.
pub(crate) fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The command without anything of the tester's environment but the way to programs.
#[expect(clippy::disallowed_methods, reason = "the programs that a rehearsal starts are on the tester's PATH")]
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xs2a-monitor"));
    command.args(arguments).env_clear().current_dir(project());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

pub(crate) async fn bank(faults: &[&str]) -> Playground {
    let faults = faults.iter().map(|rule| rule.parse::<FaultRule>().unwrap()).collect();
    Playground::start(Settings { faults, ..Settings::default() }).await.unwrap()
}

/// Leads a command to a bank.
pub(crate) trait At {
    fn at(&mut self, bank: &Playground) -> &mut Self;
}

impl At for Command {
    fn at(&mut self, bank: &Playground) -> &mut Self {
        self.env("XS2A_API_BASE_URL", bank.api_base_url())
            .env("XS2A_AUTH_BASE_URL", bank.auth_base_url())
            .env("KOSMA_AUTH_TOKEN", bank.token())
    }
}

/// A finished command.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn told(command: &mut Command) -> Told {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Told { code: status.code(), out: text(stdout), err: text(stderr) }
}

/// The text on one line, so that it does not matter where sentences were wrapped.
pub(crate) fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A configuration file of one test.
#[expect(clippy::disallowed_methods, reason = "a test's own file")]
pub(crate) fn config_file(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// The Python of the set-up, for tests that need one.
pub(crate) fn venv_python() -> PathBuf {
    let python = project().join(".local/venv/bin/python");
    assert!(python.exists(), "infra/local/setup makes {}; `make test` calls it", python.display());
    python
}
