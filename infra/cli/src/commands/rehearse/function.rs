//! A function of ours under the Lambda runtime.

use std::path::PathBuf;
use std::time::Duration;

use model::names::Region;

use super::RehearsalError;
use super::cloud::{Cloud, program};
use super::kit;
use super::leash::{Finished, Leashed, Output, Program};
use super::plan::{Plan, RegionPlan};

/// What an invocation may take beyond the run's own budget: the cold start, and
/// the publishing at its end.
const AROUND_THE_RUN: Duration = Duration::from_secs(15);

/// A function in a region, waiting for invocations as in Lambda.
pub(crate) struct Function {
    pub(crate) region: Region,
    process: Leashed,
    /// cargo-lambda, ready for the event.
    call: Program,
    limit: Duration,
}

/// What it is invoked with.
#[derive(Clone)]
pub(crate) enum Event {
    Text(String),
    File(PathBuf),
}

impl Function {
    /// Starts it in every region of the plan, in their order.
    pub(crate) fn in_every_region(name: &str, plan: &Plan, cloud: &Cloud) -> Result<Vec<Self>, RehearsalError> {
        let places = plan.regions.iter().zip(cloud.lambda_ports());
        places.map(|(region, port)| Self::start(name, plan, cloud, region, port)).collect()
    }

    /// Starts it under the region's Lambda runtime, which is on the port.
    fn start(name: &str, plan: &Plan, cloud: &Cloud, place: &RegionPlan, port: u16) -> Result<Self, RehearsalError> {
        let region = place.region.clone();
        let command = vec![kit::function(name)?.display().to_string()];
        let mut function = program(plan, &format!("{name}-{region}"), command, Output::Log);
        function.environment.extend(place.variables.clone());
        let topic = cloud.topic_arn(&region).map(|arn| ("RUN_RESULT_TOPIC_ARN", arn));
        let variables = [
            ("AWS_REGION", region.to_string()),
            ("AWS_ENDPOINT_URL", cloud.aws_url()),
            ("AWS_LAMBDA_RUNTIME_API", format!("http://127.0.0.1:{port}/.rt/{name}")),
            ("AWS_LAMBDA_FUNCTION_NAME", name.to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128".to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("MONITOR_CONFIG", plan.config_file.display().to_string()),
            ("REPORT_FOLDER", plan.kit.reports.display().to_string()),
        ];
        function.environment.extend(variables.into_iter().chain(topic).map(|(key, value)| (key.to_owned(), value)));
        let mut command = plan.kit.cargo_lambda();
        let address = ["invoke", "--invoke-address", "127.0.0.1", "--invoke-port", &port.to_string(), name];
        command.extend(address.map(str::to_owned));
        let call = program(plan, &format!("invoke-{name}-{region}"), command, Output::Ours);
        let limit = plan.config.timeouts.run + AROUND_THE_RUN;
        Ok(Self { region, process: Leashed::start(function)?, call, limit })
    }

    /// Invokes it once, ends it, and answers what cargo-lambda said and the
    /// function's log.
    pub(crate) async fn invoke(mut self, event: Event) -> Result<(Finished, String), RehearsalError> {
        let (option, value) = match event {
            Event::Text(text) => ("--data-ascii", text),
            Event::File(path) => ("--data-file", path.display().to_string()),
        };
        self.call.command.extend([option.to_owned(), value]);
        let call = Leashed::start(self.call)?;
        let finished = self.process.during(call.finish(self.limit)).await?;
        Ok((finished, self.process.stop().await))
    }
}
