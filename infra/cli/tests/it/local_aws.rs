//! The local AWS with what the home stack makes, for one test. It ends with this.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::{project, venv_python};

pub(crate) const HOME: &str = "us-east-1";
/// The default of `STATE_TABLE`.
pub(crate) const TABLE: &str = "xs2a-monitor";

pub(crate) struct LocalAws {
    process: Child,
    pub(crate) url: String,
}

impl LocalAws {
    pub(crate) fn start() -> Self {
        let mut process = script("aws.py").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let url = ready["endpoint_url"].as_str().unwrap().to_owned();
        make_home(&url);
        Self { process, url }
    }
}

impl Drop for LocalAws {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().ok();
    }
}

fn script(name: &str) -> Command {
    let mut command = Command::new(venv_python());
    command.arg(project().join("infra/local").join(name)).env_clear();
    command
}

fn make_home(url: &str) {
    let made = script("prepare.py")
        .args(["--endpoint-url", url, "--regions", HOME, "--topic", "run-results"])
        .args(["--home", HOME, "--table", TABLE, "--alert-topic", "alerts", "--function", "aggregator"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
}
