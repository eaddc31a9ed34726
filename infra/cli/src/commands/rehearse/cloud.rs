//! The local AWS and the emulators of the Lambda runtime.

use std::net::TcpListener;

use model::names::Region;

use super::RehearsalError;
use super::http::{Post, post};
use super::leash::{Leashed, Program};
use super::plan::Plan;

/// The run-result topic of every region.
const TOPIC: &str = "xs2a-monitor-run-results";
/// The account of the local AWS.
const ACCOUNT: &str = "123456789012";

/// The local AWS, and one Lambda runtime for each region, as AWS has it.
pub(crate) struct Cloud {
    aws: Server,
    lambdas: Vec<Server>,
}

struct Server {
    port: u16,
    process: Leashed,
}

impl Cloud {
    /// Starts them all at once, with the run-result topic in every region.
    pub(crate) async fn start(plan: &Plan) -> Result<Self, RehearsalError> {
        let mut ports = free_ports(plan.regions.len() + 1)?.into_iter();
        let mut port = || ports.next().unwrap_or_default();
        let mut aws = launch(plan, "local-aws", port(), aws_command)?;
        let mut lambdas = Vec::new();
        for region in &plan.regions {
            let name = format!("lambda-runtime-{}", region.region);
            lambdas.push(launch(plan, &name, port(), lambda_command)?);
        }
        for server in lambdas.iter_mut().chain([&mut aws]) {
            server.process.listens(server.port).await?;
        }
        for region in &plan.regions {
            create_topic(aws.port, &region.region).await?;
        }
        Ok(Self { aws, lambdas })
    }

    pub(crate) fn aws_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.aws.port)
    }

    /// The ports of the Lambda runtimes, in the order of the regions.
    pub(crate) fn lambda_ports(&self) -> impl Iterator<Item = u16> {
        self.lambdas.iter().map(|lambda| lambda.port)
    }

    pub(crate) async fn stop(self) {
        for server in self.lambdas.into_iter().chain([self.aws]) {
            server.process.stop().await;
        }
    }
}

/// The topic's name is fixed, so is its ARN.
pub(crate) fn topic_arn(region: &Region) -> String {
    format!("arn:aws:sns:{region}:{ACCOUNT}:{TOPIC}")
}

fn launch(
    plan: &Plan,
    name: &str,
    port: u16,
    command: fn(&Plan, u16) -> Vec<String>,
) -> Result<Server, RehearsalError> {
    let process = Leashed::start(Program {
        name: name.to_owned(),
        command: command(plan, port),
        environment: plan.environment.clone(),
        logs: &plan.logs,
    })?;
    Ok(Server { port, process })
}

fn aws_command(plan: &Plan, port: u16) -> Vec<String> {
    let program = [plan.python.display().to_string(), "infra/local/aws.py".to_owned()];
    program.into_iter().chain(["--port".to_owned(), port.to_string()]).collect()
}

/// The emulator alone: the probe is started by us, with the region's variables.
fn lambda_command(plan: &Plan, port: u16) -> Vec<String> {
    let fixed = "lambda watch --only-lambda-apis --ignore-changes --invoke-address 127.0.0.1 --invoke-port";
    let program = plan.cargo_lambda.display().to_string();
    std::iter::once(program).chain(fixed.split(' ').map(str::to_owned)).chain([port.to_string()]).collect()
}

/// The local AWS takes the region from the scope in the signature (AWS
/// Signature Version 4) and checks nothing else of it.
async fn create_topic(port: u16, region: &Region) -> Result<(), RehearsalError> {
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=testing/20260101/{region}/sns/aws4_request, SignedHeaders=host, Signature=0"
    );
    let headers = [("authorization", scope.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let call = format!("creating the run-result topic of {region}");
    let body = format!("Action=CreateTopic&Name={TOPIC}&Version=2010-03-31");
    post(Post { call, port, path: "/".to_owned(), headers: &headers, body }).await.map(drop)
}

/// Held all at once, so that they differ.
fn free_ports(count: usize) -> Result<Vec<u16>, RehearsalError> {
    let listen = |_| TcpListener::bind(("127.0.0.1", 0)).map_err(RehearsalError::NoPort);
    let held: Vec<TcpListener> = (0..count).map(listen).collect::<Result<_, _>>()?;
    let port = |listener: &TcpListener| Ok(listener.local_addr().map_err(RehearsalError::NoPort)?.port());
    held.iter().map(port).collect()
}
