//! A function of ours under the Lambda runtime.

use std::collections::BTreeMap;
use std::time::Duration;

use hyper::Method;
use model::names::Region;
use serde_json::Value;

use super::RehearsalError;
use super::cloud::{Cloud, program};
use super::kit;
use super::leash::{Finished, Leashed, Output, Program};
use super::loopback::{Call, Loopback};
use super::plan::Plan;

/// What an invocation may take beyond the run's own budget: the cold start, and
/// the publishing at its end.
const AROUND_THE_RUN: Duration = Duration::from_secs(15);

/// Which function, and where.
pub(crate) struct Deployment<'a> {
    pub(crate) name: &'a str,
    pub(crate) region: &'a Region,
    /// What it needs beside what every function gets.
    pub(crate) variables: BTreeMap<String, String>,
}

/// A function in a region, waiting for invocations as in Lambda.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) region: Region,
    process: Leashed,
    lambda: Loopback,
    limit: Duration,
}

impl Function {
    /// Starts it under the Lambda runtime of its region.
    pub(crate) fn start(deployment: Deployment<'_>, plan: &Plan, cloud: &Cloud) -> Result<Self, RehearsalError> {
        let Deployment { name, region, variables } = deployment;
        let lambda = cloud.lambda(region)?;
        let command = vec![kit::function(name)?.display().to_string()];
        let mut function = program(plan, &format!("{name}-{region}"), command, Output::Log);
        let fixed = [
            ("AWS_REGION", region.to_string()),
            ("AWS_ENDPOINT_URL", cloud.aws_url().to_owned()),
            ("AWS_LAMBDA_RUNTIME_API", format!("http://127.0.0.1:{}/.rt/{name}", lambda.port)),
            ("AWS_LAMBDA_FUNCTION_NAME", name.to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128".to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("MONITOR_CONFIG", cloud.config_file().display().to_string()),
            ("REPORT_FOLDER", plan.kit.reports.display().to_string()),
        ];
        function.environment.extend(fixed.map(|(key, value)| (key.to_owned(), value)));
        function.environment.extend(variables);
        let limit = plan.config.timeouts.run + AROUND_THE_RUN;
        let (name, region) = (name.to_owned(), region.clone());
        Ok(Self { name, region, process: Leashed::start(function)?, lambda, limit })
    }

    /// Invokes it and returns its answer.
    ///
    /// # Errors
    /// Also when the function answers with an error.
    pub(crate) async fn invoke(&mut self, event: &Value) -> Result<String, RehearsalError> {
        let what = format!("invoking {} in {}", self.name, self.region);
        let path = invocations(&self.name);
        let call = Call { what: &what, method: Method::POST, path: &path, body: Some(event), limit: self.limit };
        self.process.during(self.lambda.call(&call)).await
    }

    /// Has cargo-lambda invoke it, and returns what that said.
    pub(crate) async fn invoke_by(&mut self, caller: Program) -> Result<Finished, RehearsalError> {
        let call = Leashed::start(caller)?;
        self.process.during(call.finish(self.limit)).await
    }

    /// Where it is invoked, for the local AWS.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.lambda.port, invocations(&self.name))
    }

    /// The port of its Lambda runtime.
    pub(crate) fn port(&self) -> u16 {
        self.lambda.port
    }

    /// Ends it and returns its log.
    pub(crate) async fn stop(self) -> String {
        self.process.stop().await
    }
}

/// The path of AWS Lambda's own API (AWS Lambda API reference, Invoke).
fn invocations(name: &str) -> String {
    format!("/2015-03-31/functions/{name}/invocations")
}
