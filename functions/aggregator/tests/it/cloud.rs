//! The local AWS, the emulator of the Lambda runtime, and the aggregator under
//! it: what the tests stand on.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use model::names::keys;
use serde_json::{Value, json};

use crate::http::{Reply, connect, exchange};

pub(crate) const HOME: &str = "us-east-1";
pub(crate) const REGIONS: [&str; 3] = ["us-east-1", "us-east-2", "us-west-1"];
/// The bucket that the local AWS has for reports of the home region.
const REPORTS: &str = "xs2a-monitor-reports-us-east-1";
/// What the bank's and the tools' secrets are in these tests.
pub(crate) const SECRET: &str = "canary-7f3a9c";
/// Nothing in these tests takes so long.
const PATIENCE: Duration = Duration::from_mins(1);
/// Far longer than any answer takes.
const AGAIN: Duration = Duration::from_secs(15);

pub(crate) struct Cloud {
    aws: Child,
    emulator: Child,
    pub(crate) aws_port: u16,
    pub(crate) lambda_port: u16,
    pub(crate) alert_topic: String,
    /// By region.
    pub(crate) topics: BTreeMap<String, String>,
}

/// The aggregator as a process.
pub(crate) struct Function(Child);

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Lost {
    /// The function died.
    Killed,
    /// The function told an error.
    #[expect(dead_code, reason = "a test that fails shows it")]
    Failed(Value),
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn program(name: &str) -> PathBuf {
    let path = project().join(".local/venv/bin").join(name);
    assert!(path.exists(), "infra/local/setup makes {}; `make test` calls it", path.display());
    path
}

#[expect(clippy::disallowed_methods, reason = "the programs that are started are on the tester's PATH")]
fn command(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.env_clear().current_dir(project()).stdin(Stdio::piped());
    for name in ["PATH", "HOME"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

impl Cloud {
    /// Starts it with the topics, the secrets, and a subscription for each of
    /// the test configuration's channels that have one.
    pub(crate) fn start() -> Self {
        let mut aws = command(&program("python")).arg("infra/local/aws.py").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(aws.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let aws_port = ready["endpoint_url"].as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap();
        let lambda_port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let emulator = command(&program("cargo-lambda"))
            .args(["lambda", "watch", "--only-lambda-apis", "--ignore-changes"])
            .args(["--invoke-address", "127.0.0.1", "--invoke-port", &lambda_port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for(lambda_port);
        let (alert_topic, topics) = (String::new(), BTreeMap::new());
        let mut cloud = Self { aws, emulator, aws_port, lambda_port, alert_topic, topics };
        cloud.prepare();
        cloud
    }

    fn prepare(&mut self) {
        self.alert_topic = self.create_topic(HOME, "alerts");
        self.topics = REGIONS.iter().map(|region| ((*region).to_owned(), self.create_topic(region, "runs"))).collect();
        for kind in ["slack", "teams"] {
            let url = format!("{}/providers/{kind}/{SECRET}", self.aws_url());
            self.put_parameter(&format!("/channels/{kind}"), &url);
        }
        for kind in ["pagerduty", "opsgenie", "webhook"] {
            self.put_parameter(&format!("/channels/{kind}"), SECRET);
        }
        for (id, protocol, endpoint) in [("email", "email", "team@example.com"), ("sms", "sms", "+31201234567")] {
            let policy = json!({"channels": [id]}).to_string();
            self.sns(
                HOME,
                &[
                    ("Action", "Subscribe"),
                    ("TopicArn", &self.alert_topic),
                    ("Protocol", protocol),
                    ("Endpoint", endpoint),
                    ("Attributes.entry.1.key", "FilterPolicy"),
                    ("Attributes.entry.1.value", &policy),
                ],
            );
        }
    }

    pub(crate) fn aws_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.aws_port)
    }

    /// A call of the local AWS's own controls.
    pub(crate) fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let reply = self.request((method, path), &[("content-type", "application/json")], body.as_bytes());
        assert!(reply.status < 300, "{method} {path}: {reply:?}");
        reply.json()
    }

    /// Everything that was received since a number.
    pub(crate) fn inbox(&self, after: u64) -> Vec<Value> {
        let messages = self.control("GET", &format!("/local/inbox?after={after}"), &Value::Null);
        messages["messages"].as_array().unwrap().clone()
    }

    pub(crate) fn create_table(&self, name: &str) {
        let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
        let text = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
        self.dynamodb(
            "CreateTable",
            &json!({
                "TableName": name,
                "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
                "AttributeDefinitions": [text("pk"), text("sk")],
                "BillingMode": "PAY_PER_REQUEST",
            }),
        );
    }

    /// The items of a table by their keys.
    pub(crate) fn items(&self, table: &str) -> BTreeMap<(String, String), Value> {
        let scan = self.dynamodb("Scan", &json!({"TableName": table, "ConsistentRead": true}));
        assert!(scan["LastEvaluatedKey"].is_null(), "the table is larger than a page");
        let key = |item: &Value, name: &str| item[name]["S"].as_str().unwrap().to_owned();
        let items = scan["Items"].as_array().unwrap().iter();
        items.map(|item| ((key(item, "pk"), key(item, "sk")), item.clone())).collect()
    }

    /// Half a minute goes by on the wall clock, as far as leases can tell.
    pub(crate) fn end_leases(&self, table: &str) {
        for ((pk, sk), item) in self.items(table) {
            if pk == "OUTBOX" && !item["lease_until"].is_null() {
                let update = json!({
                    "TableName": table,
                    "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
                    "UpdateExpression": "SET lease_until = :past",
                    // What a killed process has sent may still be acted upon.
                    "ConditionExpression": "attribute_exists(lease_until)",
                    "ExpressionAttributeValues": {":past": {"N": "1"}},
                });
                let reply = self.json_call("dynamodb", "DynamoDB_20120810.UpdateItem", &update);
                assert!(matches!(reply.status, 200 | 400), "{reply:?}");
            }
        }
    }

    pub(crate) fn dynamodb(&self, operation: &str, body: &Value) -> Value {
        self.json_service("dynamodb", &format!("DynamoDB_20120810.{operation}"), body)
    }

    pub(crate) fn put_parameter(&self, name: &str, value: &str) {
        let body = json!({"Name": name, "Value": value, "Type": "SecureString", "Overwrite": true});
        self.json_service("ssm", "AmazonSSM.PutParameter", &body);
    }

    fn json_service(&self, service: &str, target: &str, body: &Value) -> Value {
        let reply = self.json_call(service, target, body);
        assert_eq!(reply.status, 200, "{target}: {}", String::from_utf8_lossy(&reply.body));
        reply.json()
    }

    fn json_call(&self, service: &str, target: &str, body: &Value) -> Reply {
        let authorization = authorization(HOME, service);
        let headers = [
            ("x-amz-target", target),
            ("content-type", "application/x-amz-json-1.0"),
            ("authorization", authorization.as_str()),
        ];
        self.request(("POST", "/"), &headers, body.to_string().as_bytes())
    }

    /// The overview page; none: there is none yet.
    pub(crate) fn overview(&self) -> Option<String> {
        let settings = aws::Settings {
            region: HOME.parse().unwrap(),
            endpoint_url: self.aws_url().parse().ok(),
            credentials: Some(aws::Credentials::new("testing", "testing", None, None, "test")),
            operation_timeout: PATIENCE,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let page = runtime.block_on(async {
            let clients = aws::Clients::load(&settings).await;
            clients.bucket(&REPORTS.parse().unwrap()).get(keys::OVERVIEW).await
        });
        page.unwrap().map(|page| String::from_utf8(page).unwrap())
    }

    fn create_topic(&self, region: &str, name: &str) -> String {
        let answer = self.sns(region, &[("Action", "CreateTopic"), ("Name", name)]);
        let (_, rest) = answer.split_once("<TopicArn>").unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    }

    fn sns(&self, region: &str, parameters: &[(&str, &str)]) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let form = form.append_pair("Version", "2010-03-31").extend_pairs(parameters).finish();
        let authorization = authorization(region, "sns");
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("authorization", authorization.as_str())];
        let reply = self.request(("POST", "/"), &headers, form.as_bytes());
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        String::from_utf8(reply.body).unwrap()
    }

    fn request(&self, line: (&str, &str), headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let stream = connect(self.aws_port).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        exchange(stream, line, headers, body).unwrap_or_else(|error| panic!("{line:?}: {error}"))
    }

    /// Starts the aggregator for a table.
    pub(crate) fn function(&self, table: &str, config: &Path) -> Function {
        let topics: Vec<&str> = self.topics.values().map(String::as_str).collect();
        let child = command(Path::new(env!("CARGO_BIN_EXE_aggregator")))
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing")
            .env("AWS_REGION", HOME)
            .env("AWS_ENDPOINT_URL", self.aws_url())
            .env("AWS_LAMBDA_RUNTIME_API", format!("http://127.0.0.1:{}/.rt/aggregator", self.lambda_port))
            .env("AWS_LAMBDA_FUNCTION_NAME", "aggregator")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("MONITOR_CONFIG", config)
            .env("STATE_TABLE", table)
            .env("ALERT_TOPIC_ARN", &self.alert_topic)
            .env("RUN_RESULT_TOPIC_ARNS", topics.join(","))
            .env("DASHBOARD_URL", "https://example.com/dashboard")
            .env("PROBE_LOG_GROUP", "/logs/probe")
            .env("REPORT_BUCKET", REPORTS)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Function(child)
    }

    /// Invokes the aggregator. An event that the emulator handed to a function
    /// that was gone already is never answered, and is handed over again.
    pub(crate) fn invoke(&self, function: &mut Function, event: &Value) -> Result<Value, Lost> {
        let (mut stream, mut answers) = self.begin(event);
        let end = Instant::now() + PATIENCE;
        let mut again = Instant::now() + AGAIN;
        loop {
            match answers.recv_timeout(Duration::from_millis(2)) {
                Ok(reply) if reply.status == 200 && reply.json().get("errorType").is_none() => return Ok(reply.json()),
                Ok(reply) => return Err(Lost::Failed(reply.json())),
                Err(RecvTimeoutError::Timeout) => {
                    assert!(Instant::now() < end, "no answer to {event}");
                    if function.0.try_wait().unwrap().is_some() {
                        stream.shutdown(std::net::Shutdown::Both).ok();
                        return Err(Lost::Killed);
                    }
                    if Instant::now() > again {
                        stream.shutdown(std::net::Shutdown::Both).ok();
                        (stream, answers) = self.begin(event);
                        again = Instant::now() + AGAIN;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Err(Lost::Killed),
            }
        }
    }

    /// Invokes it without looking after the process.
    pub(crate) fn begin(&self, event: &Value) -> (std::net::TcpStream, Receiver<Reply>) {
        let stream = connect(self.lambda_port).unwrap();
        let (send, answers) = channel();
        let (other, body) = (stream.try_clone().unwrap(), event.to_string());
        thread::spawn(move || {
            let path = "/2015-03-31/functions/aggregator/invocations";
            if let Ok(reply) = exchange(other, ("POST", path), &[("content-type", "application/json")], body.as_bytes())
            {
                send.send(reply).ok();
            }
        });
        (stream, answers)
    }
}

fn authorization(region: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=testing/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=none"
    )
}

fn wait_for(port: u16) {
    let end = Instant::now() + PATIENCE;
    while connect(port).is_err() {
        assert!(Instant::now() < end, "nothing listens on {port}");
        thread::sleep(Duration::from_millis(5));
    }
}

impl Function {
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        for child in [&mut self.emulator, &mut self.aws] {
            child.kill().ok();
            child.wait().ok();
        }
    }
}
