//! Environment, configuration file and extra root of this process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws::Clients;
use model::config::{Config, Environment};
use model::names::Region;
use runner::Http;

use crate::error::CliError;

/// A person waits for it.
const AWS_TIMEOUT: Duration = Duration::from_secs(10);

/// The environment, read once.
pub(crate) struct Surroundings {
    /// Every variable, for the AWS clients.
    pub(crate) variables: BTreeMap<String, String>,
    /// Ours, parsed.
    pub(crate) environment: Environment,
    /// Whether `NO_COLOR` asks for plain text.
    pub(crate) no_color: bool,
}

impl Surroundings {
    /// # Errors
    /// [`CliError::Environment`] for a variable that is set and malformed.
    pub(crate) fn of_process() -> Result<Self, CliError> {
        let variables = system::variables();
        let environment = Environment::parse(&variables).map_err(CliError::Environment)?;
        let no_color = variables.get("NO_COLOR").is_some_and(|value| !value.is_empty());
        Ok(Self { variables, environment, no_color })
    }

    /// The configuration: of the file that the argument names, else of
    /// `MONITOR_CONFIG`, else the default.
    ///
    /// # Errors
    /// When the file cannot be read or is wrong.
    pub(crate) fn config(&self, argument: Option<&Path>) -> Result<Config, CliError> {
        let variable = || Some(("MONITOR_CONFIG", PathBuf::from(self.environment.config_file.as_ref()?)));
        let named = argument.map(|path| ("--config", path.to_owned())).or_else(variable);
        let Some((origin, path)) = named else {
            return Config::parse(None, &self.environment).map_err(CliError::DefaultConfig);
        };
        let text = system::read_text(&path).map_err(|source| CliError::UnreadableFile { origin, source })?;
        Config::parse(Some(&text), &self.environment).map_err(|source| CliError::Config { path, source })
    }

    /// The HTTP base, with the root of `XS2A_EXTRA_CA_FILE`.
    ///
    /// # Errors
    /// When that file cannot be read or holds no certificate.
    pub(crate) fn http(&self) -> Result<Http, CliError> {
        let origin = "XS2A_EXTRA_CA_FILE";
        let Some(path) = &self.environment.extra_ca_file else {
            return Http::new(None).map_err(|source| CliError::ExtraRoot { path: String::new(), source });
        };
        let pem = system::read_file(Path::new(path)).map_err(|source| CliError::UnreadableFile { origin, source })?;
        Http::new(Some(&pem)).map_err(|source| CliError::ExtraRoot { path: path.clone(), source })
    }

    /// The region this runs in.
    ///
    /// # Errors
    /// [`CliError::NoRegion`] when `AWS_REGION` is not set; `purpose` says what needs it.
    pub(crate) fn region(&self, purpose: &'static str) -> Result<Region, CliError> {
        self.environment.region.clone().ok_or(CliError::NoRegion(purpose))
    }

    /// The AWS clients, for those who need them: building them costs milliseconds and megabytes.
    ///
    /// # Errors
    /// [`CliError::NoRegion`], as above.
    pub(crate) async fn aws(&self, purpose: &'static str) -> Result<Clients, CliError> {
        let settings = aws::Settings {
            region: self.region(purpose)?,
            endpoint_url: self.environment.endpoint_url.clone(),
            credentials: aws::credentials(&self.variables),
            operation_timeout: AWS_TIMEOUT,
        };
        Ok(Clients::load(&settings).await)
    }
}
