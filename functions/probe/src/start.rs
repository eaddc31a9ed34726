use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use aws::{Clients, Settings};
use model::config::{Config, Environment};
use model::names::Region;
use runner::Http;

use crate::StartError;
use crate::publish::Publisher;
use crate::secrets::Secrets;

/// The probe, ready for invocations: everything that is built once per process.
pub struct Probe {
    pub(crate) config: Config,
    pub(crate) region: Region,
    pub(crate) http: Http,
    pub(crate) aws: Clients,
    pub(crate) secrets: Secrets,
    pub(crate) publisher: Publisher,
    pub(crate) started_before: AtomicBool,
}

impl Probe {
    /// The cold start, from the variables of the process. No network is used.
    ///
    /// # Errors
    /// The first thing that is wrong with a variable, the configuration, or a
    /// file that one of them names.
    pub async fn start(variables: &BTreeMap<String, String>) -> Result<Self, StartError> {
        let environment = Environment::parse(variables).map_err(StartError::Environment)?;
        let config = config(&environment)?;
        let http = http(&environment)?;
        let region = environment.region.ok_or(StartError::NotLambda("AWS_REGION"))?;
        let settings = Settings {
            region: region.clone(),
            endpoint_url: environment.endpoint_url,
            credentials: aws::credentials(variables),
            // A fifth of the time is left for what comes around the calls.
            operation_timeout: config.timeouts.publish * 4 / 5,
        };
        let aws = Clients::load(&settings).await;
        let publisher = Publisher {
            aws: aws.clone(),
            topic_arn: environment.run_result_topic_arn,
            report_folder: environment.report_folder,
            is_home_region: region == config.home_region,
            limit: settings.operation_timeout,
        };
        let (secrets, started_before) = (Secrets::default(), AtomicBool::new(false));
        Ok(Self { config, region, http, aws, secrets, publisher, started_before })
    }
}

fn config(environment: &Environment) -> Result<Config, StartError> {
    let path = &environment.config_file;
    let read = |path: &String| {
        system::read_text(Path::new(path)).map_err(|reason| StartError::File { variable: "MONITOR_CONFIG", reason })
    };
    let text = path.as_ref().map(read).transpose()?;
    Config::parse(text.as_deref(), environment).map_err(|reason| StartError::Config { path: path.clone(), reason })
}

fn http(environment: &Environment) -> Result<Http, StartError> {
    let Some(path) = &environment.extra_ca_file else {
        return Http::new(None).map_err(StartError::Http);
    };
    let pem = system::read_file(Path::new(path))
        .map_err(|reason| StartError::File { variable: "XS2A_EXTRA_CA_FILE", reason })?;
    Http::new(Some(&pem)).map_err(|reason| StartError::ExtraRoot { path: path.clone(), reason })
}
