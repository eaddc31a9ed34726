//! The local AWS and the emulators of the Lambda runtime.

use std::collections::BTreeMap;
use std::time::Duration;

use model::config::{Config, Token};
use model::names::Region;
use serde::Deserialize;

use super::leash::{Leashed, Output, Program};
use super::plan::Plan;
use super::{RehearsalError, canary, sockets};

/// The run-result topic of every region.
const TOPIC: &str = "xs2a-monitor-run-results";
/// For topics and parameters of all regions.
const PREPARING: Duration = Duration::from_secs(30);
/// Ports that are tried for one Lambda runtime.
const PORTS: usize = 3;

/// The local AWS, and one Lambda runtime for each region, as AWS has it.
pub(crate) struct Cloud {
    aws: Leashed,
    url: String,
    /// The run-result topic's ARN by region.
    topics: BTreeMap<String, String>,
    lambdas: Vec<Lambda>,
}

/// What the local AWS says when it is ready.
#[derive(Deserialize)]
struct Ready {
    endpoint_url: String,
}

/// What `prepare.py` has made.
#[derive(Deserialize)]
struct Prepared {
    topics: BTreeMap<String, String>,
}

impl Cloud {
    /// Starts them all at once; every region gets the topic for run results and
    /// the parameters that the configuration names.
    pub(crate) async fn start(plan: &Plan) -> Result<Self, RehearsalError> {
        let mut aws = Leashed::start(program(plan, "local-aws", plan.kit.script("aws.py"), Output::Ours))?;
        let lambdas = plan.regions.iter().map(|region| Lambda::launch(plan, &region.region));
        let mut lambdas = lambdas.collect::<Result<Vec<_>, _>>()?;
        for lambda in &mut lambdas {
            lambda.ready(plan).await?;
        }
        let ready: Ready = understood("what the local AWS says", &aws.announcement().await?)?;
        let topics = aws.during(prepare(plan, &ready.endpoint_url)).await?;
        Ok(Self { aws, url: ready.endpoint_url, topics, lambdas })
    }

    pub(crate) fn aws_url(&self) -> String {
        self.url.clone()
    }

    /// The run-result topic of a region.
    pub(crate) fn topic_arn(&self, region: &Region) -> Option<String> {
        self.topics.get(region.as_str()).cloned()
    }

    /// The ports of the Lambda runtimes, in the order of the plan's regions.
    pub(crate) fn lambda_ports(&self) -> impl Iterator<Item = u16> {
        self.lambdas.iter().map(|lambda| lambda.port)
    }

    pub(crate) async fn stop(self) {
        for process in self.lambdas.into_iter().map(|lambda| lambda.process).chain([self.aws]) {
            process.stop().await;
        }
    }
}

/// The emulator alone: the function is started by us, with the region's variables.
struct Lambda {
    region: Region,
    port: u16,
    process: Leashed,
}

impl Lambda {
    fn launch(plan: &Plan, region: &Region) -> Result<Self, RehearsalError> {
        let port = sockets::free_port()?;
        let fixed = "watch --only-lambda-apis --ignore-changes --invoke-address 127.0.0.1 --invoke-port";
        let mut command = plan.kit.cargo_lambda();
        command.extend(fixed.split(' ').map(str::to_owned).chain([port.to_string()]));
        let name = format!("lambda-runtime-{region}");
        let process = Leashed::start(program(plan, &name, command, Output::Log))?;
        Ok(Self { region: region.clone(), port, process })
    }

    /// The emulator ends when its port was taken meanwhile: then another one is tried.
    async fn ready(&mut self, plan: &Plan) -> Result<(), RehearsalError> {
        for _ in 1..PORTS {
            match self.process.listens(self.port).await {
                Err(RehearsalError::Ended { .. }) => *self = Self::launch(plan, &self.region)?,
                result => return result,
            }
        }
        self.process.listens(self.port).await
    }
}

/// A program of the local cloud.
pub(crate) fn program(plan: &Plan, name: &str, command: Vec<String>, output: Output) -> Program {
    let environment = plan.kit.environment.clone();
    Program { name: name.to_owned(), command, environment, logs: plan.kit.logs.clone(), output }
}

/// Runs one of our programs for Python, which print a JSON document.
pub(crate) async fn document<T: for<'a> Deserialize<'a>>(
    plan: &Plan,
    script: &str,
    arguments: Vec<String>,
    limit: Duration,
) -> Result<T, RehearsalError> {
    let mut command = plan.kit.script(script);
    command.extend(arguments);
    let finished = Leashed::start(program(plan, script, command, Output::Ours))?.finish(limit).await?;
    if !finished.status.success() {
        let reason = finished.log.trim().to_owned();
        return Err(RehearsalError::Failed { name: script.to_owned(), reason });
    }
    understood(&format!("the answer of {script}"), &finished.output)
}

/// Topics and parameters of all regions.
async fn prepare(plan: &Plan, url: &str) -> Result<BTreeMap<String, String>, RehearsalError> {
    let regions: Vec<&str> = plan.regions.iter().map(|plan| plan.region.as_str()).collect();
    let mut arguments: Vec<String> =
        ["--endpoint-url", url, "--regions", &regions.join(","), "--topic", TOPIC].map(str::to_owned).into();
    arguments.extend(parameters(&plan.config).iter().map(|(name, value)| format!("--parameter={name}={value}")));
    let prepared: Prepared = document(plan, "prepare.py", arguments, PREPARING).await?;
    Ok(prepared.topics)
}

/// The SSM parameters that the configuration names, with what the banks take.
fn parameters(config: &Config) -> BTreeMap<&str, &'static str> {
    let passwords = config.targets.iter().filter_map(|target| target.password_parameter.as_deref());
    let tokens = config.targets.iter().filter_map(|target| match &target.token {
        Token::Parameter(name) => Some(name.as_str()),
        Token::Value(_) => None,
    });
    passwords.map(|name| (name, canary::PASSWORD)).chain(tokens.map(|name| (name, canary::TOKEN))).collect()
}

/// A JSON document as what it should be.
pub(crate) fn understood<T: for<'a> Deserialize<'a>>(what: &str, text: &str) -> Result<T, RehearsalError> {
    let unreadable =
        |error: serde_json::Error| RehearsalError::Unreadable { what: what.to_owned(), reason: error.to_string() };
    serde_json::from_str(text).map_err(unreadable)
}
