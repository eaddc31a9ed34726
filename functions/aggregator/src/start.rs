use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use alerting::Policy;
use aws::{Bucket, Clients, Settings};
use model::config::{Config, Environment};
use model::names::{Region, TopicArn};
use runner::Http;
use url::Url;

use crate::StartError;
use crate::send::{Places, Senders};
use crate::store::Store;

/// The most time for one operation of AWS, its retries included: four of them
/// and a tool's answer fit into a lease.
const OPERATION: Duration = Duration::from_secs(4);

/// The aggregator, ready for invocations: everything that is built once per process.
pub struct Aggregator {
    pub(crate) policy: Policy,
    /// The topics that are believed.
    pub(crate) topics: Vec<TopicArn>,
    pub(crate) store: Store,
    pub(crate) senders: Senders,
    /// Of the own region: the metrics of failed notifications.
    pub(crate) home: Clients,
    /// Of the region whose alarm watches the heartbeat: an alarm does not see
    /// another region's metric.
    pub(crate) watch: Clients,
    /// Where the overview goes; none: there is no overview.
    pub(crate) overview: Option<Bucket>,
    /// Where the metrics are.
    pub(crate) dashboard: Option<Url>,
}

impl Aggregator {
    /// The cold start, from the variables of the process. No network is used.
    ///
    /// # Errors
    /// The first thing that is wrong with a variable or the configuration.
    pub async fn start(variables: &BTreeMap<String, String>) -> Result<Self, StartError> {
        let environment = Environment::parse(variables).map_err(StartError::Environment)?;
        let config = config(&environment)?;
        let missing = |name| StartError::Missing {
            name,
            advice: "the home stack sets it; this program runs under AWS Lambda or an emulator of it",
        };
        let region = environment.region.clone().ok_or_else(|| missing("AWS_REGION"))?;
        let table = environment.state_table.clone().ok_or_else(|| missing("STATE_TABLE"))?;
        let alert_topic = environment.alert_topic_arn.clone().ok_or_else(|| missing("ALERT_TOPIC_ARN"))?;
        let topics = environment.run_result_topic_arns.clone();
        if topics.is_empty() {
            return Err(missing("RUN_RESULT_TOPIC_ARNS"));
        }
        let settings = |region: &Region| Settings {
            region: region.clone(),
            endpoint_url: environment.endpoint_url.clone(),
            credentials: aws::credentials(variables),
            operation_timeout: OPERATION,
        };
        let home = Clients::load(&settings(&region)).await;
        let watch = match config.watch_region() {
            other if *other == region => home.clone(),
            other => Clients::load(&settings(other)).await,
        };
        let http = Http::new(None).map_err(StartError::Http)?;
        Ok(Self {
            policy: Policy::from(&config),
            topics,
            store: Store::new(home.table(&table)),
            senders: Senders::new(home.clone(), alert_topic, http, Places::from(&environment)),
            overview: environment.report_bucket.as_ref().map(|bucket| home.bucket(bucket)),
            dashboard: environment.dashboard_url,
            home,
            watch,
        })
    }
}

fn config(environment: &Environment) -> Result<Config, StartError> {
    let Some(path) = &environment.config_file else {
        return Config::parse(None, environment).map_err(StartError::DefaultConfig);
    };
    let path = Path::new(path);
    let text = system::read_text(path).map_err(StartError::File)?;
    Config::parse(Some(&text), environment).map_err(|reason| StartError::Config { path: path.to_owned(), reason })
}
