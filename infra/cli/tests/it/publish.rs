//! `run --publish aws` against the local AWS.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::{At, bank, command, project, told, venv_python};

/// The local AWS; it ends when its standard input is closed.
struct LocalAws {
    child: Child,
    url: String,
}

impl LocalAws {
    fn start() -> Self {
        let mut child = Command::new(venv_python())
            .arg("infra/local/aws.py")
            .current_dir(project())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        Self { child, url: ready["endpoint_url"].as_str().unwrap().to_owned() }
    }

    fn metrics(&self, start: &str, end: &str) -> Value {
        let read = Command::new(venv_python())
            .args(["infra/local/read_metrics.py", "--endpoint-url", &self.url, "--regions", "eu-west-1"])
            .args(["--start", start, "--end", end])
            .envs(CREDENTIALS)
            .current_dir(project())
            .output()
            .unwrap();
        serde_json::from_slice(&read.stdout).unwrap_or_else(|error| panic!("{error}: {read:?}"))
    }
}

impl Drop for LocalAws {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().ok();
    }
}

const CREDENTIALS: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "testing"),
    ("AWS_SECRET_ACCESS_KEY", "testing"),
    ("AWS_CONFIG_FILE", "/dev/null"),
    ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
];

#[tokio::test]
async fn the_metrics_of_the_run_are_in_cloudwatch() {
    let (bank, aws) = (bank(&[]).await, LocalAws::start());
    let told = told(
        command(&["run", "--json", "--publish", "aws"])
            .at(&bank)
            .env("AWS_ENDPOINT_URL", &aws.url)
            .env("AWS_REGION", "eu-west-1")
            .envs(CREDENTIALS),
    );
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
    let report: Value = serde_json::from_str(&told.out).unwrap();
    let minute: jiff::Timestamp = report["scheduled_at"].as_str().unwrap().parse().unwrap();
    let end = minute + jiff::SignedDuration::from_mins(1);
    let read = aws.metrics(&minute.to_string(), &end.to_string());
    let metrics = read["regions"][0]["metrics"].as_array().unwrap();
    let success = metrics.iter().find(|metric| metric["name"] == "RunSuccess").unwrap();
    assert_eq!(success["datapoints"][0]["average"], 1.0);
    assert_eq!(metrics.len(), 2 + 8, "{metrics:?}");
}

#[tokio::test]
async fn metrics_that_do_not_arrive_are_told_after_the_report_with_exit_code_1() {
    let bank = bank(&[]).await;
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let told = told(
        command(&["run", "--publish", "aws"])
            .at(&bank)
            .env("AWS_ENDPOINT_URL", format!("http://{nobody}"))
            .env("AWS_REGION", "eu-west-1")
            .envs(CREDENTIALS),
    );
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.out.contains(": passed in "), "{}", told.out);
    assert!(told.err.starts_with("xs2a-monitor: ") && told.err.contains("CloudWatch PutMetricData"), "{}", told.err);
}
