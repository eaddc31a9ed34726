use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::{command, told};

/// A playground as a process; killed when dropped.
struct Running {
    child: Child,
    ready: Value,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = command(&[&["playground"], arguments].concat()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { ready: serde_json::from_str(&line).unwrap(), child }
    }

    fn run(&self) -> Command {
        let text = |key: &str| self.ready[key].as_str().unwrap().to_owned();
        let mut run = command(&["run"]);
        run.env("XS2A_API_BASE_URL", text("api_base_url"))
            .env("XS2A_AUTH_BASE_URL", text("auth_base_url"))
            .env("KOSMA_AUTH_TOKEN", text("token"));
        if let Some(path) = self.ready["ca_file"].as_str() {
            run.env("XS2A_EXTRA_CA_FILE", path);
        }
        run
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn it_says_where_it_listens_plays_faults_and_ends_on_signals_with_exit_code_0() {
    for signal in ["-TERM", "-INT"] {
        let mut running = Running::start(&["--token", "of-my-own", "--fault", "8:status=500"]);
        assert_eq!(running.ready["token"], "of-my-own");
        let told = told(&mut running.run());
        assert!(told.out.contains("8 select account"), "{told:?}");
        let pid = running.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        assert_eq!(running.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn it_speaks_tls_under_a_ca_that_it_writes() {
    let file = format!("{}/playground-ca.pem", env!("CARGO_TARGET_TMPDIR"));
    let running = Running::start(&["--tls-ca-out", &file]);
    assert!(running.ready["api_base_url"].as_str().unwrap().starts_with("https://"));
    let told = told(&mut running.run());
    assert_eq!(told.code, Some(0), "{told:?}");
}
