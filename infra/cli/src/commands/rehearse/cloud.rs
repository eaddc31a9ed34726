//! The local AWS and the emulators of the Lambda runtime.

use std::path::{Path, PathBuf};
use std::time::Duration;

use model::names::Region;
use serde::Deserialize;
use url::Url;

use super::leash::{Leashed, Output, Program};
use super::local_aws::LocalAws;
use super::loopback::Loopback;
use super::plan::Plan;
use super::prepare::{Prepared, prepare};
use super::{RehearsalError, sockets};

/// Ports that are tried for one Lambda runtime.
const PORTS: usize = 3;

/// The local AWS, and one Lambda runtime for each region, as AWS has it.
pub(crate) struct Cloud {
    aws: Leashed,
    url: Url,
    prepared: Prepared,
    config_file: PathBuf,
    lambdas: Vec<Lambda>,
}

/// What the local AWS says when it is ready.
#[derive(Deserialize)]
struct Ready {
    endpoint_url: Url,
}

impl Cloud {
    /// Starts them all at once and prepares what the functions need.
    pub(crate) async fn start(plan: &Plan) -> Result<Self, RehearsalError> {
        let mut aws = Leashed::start(program(plan, "local-aws", plan.kit.script("aws.py"), Output::Ours))?;
        let lambdas = plan.regions.iter().map(|place| Lambda::launch(plan, &place.region));
        let mut lambdas = lambdas.collect::<Result<Vec<_>, _>>()?;
        for lambda in &mut lambdas {
            lambda.ready(plan).await?;
        }
        let ready: Ready = understood("what the local AWS says", &aws.announcement().await?)?;
        let url = ready.endpoint_url;
        let config_file = plan.monitor_file.write_copy(&plan.kit.logs, address(&url))?;
        let prepared = aws.during(prepare(plan, address(&url))).await?;
        Ok(Self { aws, url, prepared, config_file, lambdas })
    }

    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn aws_url(&self) -> &str {
        address(&self.url)
    }

    /// What the local AWS can beside AWS's own API.
    pub(crate) fn local_aws(&self) -> Result<LocalAws, RehearsalError> {
        let no_port = || RehearsalError::Unreadable {
            what: "the address of the local AWS".to_owned(),
            reason: format!("{} has no port", self.url),
        };
        Ok(LocalAws(Loopback { port: self.url.port().ok_or_else(no_port)? }))
    }

    /// The configuration file for the functions.
    pub(crate) fn config_file(&self) -> &Path {
        &self.config_file
    }

    /// The run-result topic of a region.
    pub(crate) fn topic_arn(&self, region: &Region) -> Option<&str> {
        self.prepared.topics.get(region.as_str()).map(String::as_str)
    }

    /// The run-result topics of all regions.
    pub(crate) fn topic_arns(&self) -> impl Iterator<Item = &str> {
        self.prepared.topics.values().map(String::as_str)
    }

    pub(crate) fn alert_topic_arn(&self) -> &str {
        &self.prepared.alert_topic
    }

    /// The Lambda runtime of a region.
    pub(crate) fn lambda(&self, region: &Region) -> Result<Loopback, RehearsalError> {
        let lambda = self.lambdas.iter().find(|lambda| lambda.region == *region);
        let missing = || RehearsalError::Failed {
            name: format!("the Lambda runtime in {region}"),
            reason: "none was started".to_owned(),
        };
        lambda.map(|lambda| Loopback { port: lambda.port }).ok_or_else(missing)
    }

    pub(crate) async fn stop(self) {
        for process in self.lambdas.into_iter().map(|lambda| lambda.process).chain([self.aws]) {
            process.stop().await;
        }
    }
}

/// As paths are appended to it.
fn address(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
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

/// A JSON document as what it should be.
pub(crate) fn understood<T: for<'a> Deserialize<'a>>(what: &str, text: &str) -> Result<T, RehearsalError> {
    let unreadable =
        |error: serde_json::Error| RehearsalError::Unreadable { what: what.to_owned(), reason: error.to_string() };
    serde_json::from_str(text).map_err(unreadable)
}
