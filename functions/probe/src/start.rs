use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use aws::Clients;
use model::config::{Config, Environment};
use model::names::Region;
use runner::Http;

use crate::StartError;
use crate::publish::Publisher;
use crate::reports::Reports;
use crate::secrets::Secrets;
use crate::setup;

/// The probe, ready for invocations: everything that is built once per process.
pub struct Probe {
    pub(crate) config: Config,
    pub(crate) region: Region,
    pub(crate) http: Http,
    pub(crate) aws: Clients,
    pub(crate) secrets: Secrets,
    pub(crate) publisher: Publisher,
    pub(crate) reports: Option<Reports>,
    pub(crate) report_folder: Option<String>,
    pub(crate) started_before: AtomicBool,
}

impl Probe {
    /// The cold start, from the variables of the process. No network is used.
    ///
    /// # Errors
    /// The first thing that is wrong with a variable, the configuration, or a
    /// file that one of them names.
    pub fn start(variables: &BTreeMap<String, String>) -> Result<Self, StartError> {
        let environment = Environment::parse(variables).map_err(StartError::Environment)?;
        let config = setup::config_for_runs(None, &environment)?;
        let http = setup::http(&environment)?;
        let region = environment.region.clone().ok_or(StartError::NotLambda("AWS_REGION"))?;
        // A fifth of the time is left for what comes around the calls.
        let limit = config.timeouts.publish * 4 / 5;
        let aws = Clients::new(&setup::aws_settings(region.clone(), &environment, variables, limit));
        let reports = environment.report_bucket.map(|name| {
            // Half of it: what is published after the reports has to fit in, too.
            Reports::new(aws.bucket(&name), name, region.clone(), limit / 2)
        });
        let publisher = Publisher {
            aws: aws.clone(),
            topic_arn: environment.run_result_topic_arn,
            is_home_region: region == config.home_region,
            limit,
        };
        let (secrets, started_before) = (Secrets::default(), AtomicBool::new(false));
        let report_folder = environment.report_folder;
        Ok(Self { config, region, http, aws, secrets, publisher, reports, report_folder, started_before })
    }
}
