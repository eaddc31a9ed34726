//! Environment, configuration file and extra root of this process.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use aws::Clients;
use model::config::{Config, Environment};
use model::names::Region;
use runner::Http;

use crate::error::CliError;

/// The most time for one operation of AWS: a person waits for it.
pub(crate) const AWS_TIMEOUT: Duration = Duration::from_secs(10);

/// The configuration of the project, seen from its folder.
pub(crate) const SHIPPED_CONFIG: &str = "infra/monitor.toml";

/// The environment, read once.
pub(crate) struct Surroundings {
    /// Every variable, for the AWS clients.
    pub(crate) variables: BTreeMap<String, String>,
    /// Ours, parsed.
    pub(crate) environment: Environment,
    /// Whether `NO_COLOR` or a terminal that shows none asks for plain text.
    pub(crate) no_color: bool,
}

impl Surroundings {
    /// # Errors
    /// For a variable that is set and malformed.
    pub(crate) fn of_process() -> Result<Self, CliError> {
        let variables = probe::setup::variables()?;
        let environment = Environment::parse(&variables).map_err(CliError::Environment)?;
        let no_color = variables.get("NO_COLOR").is_some_and(|value| !value.is_empty())
            || variables.get("TERM").is_some_and(|kind| kind == "dumb");
        Ok(Self { variables, environment, no_color })
    }

    /// The configuration: of the file that the argument names, else of
    /// `MONITOR_CONFIG`, else the default.
    ///
    /// # Errors
    /// When the file cannot be read or is wrong.
    pub(crate) fn config(&self, argument: Option<&Path>) -> Result<Config, CliError> {
        Ok(probe::setup::config(argument.map(|path| ("--config", path)), &self.environment)?)
    }

    /// The configuration of a deployment: as above, but with neither argument nor
    /// variable the project's own file, where it lies in the working folder; and
    /// which file it is.
    ///
    /// # Errors
    /// When the file cannot be read or is wrong.
    pub(crate) fn deployed_config(&self, argument: Option<&Path>) -> Result<(Config, String), CliError> {
        let shipped = Path::new(SHIPPED_CONFIG);
        let named = argument.or(self.environment.config_file.as_deref().map(Path::new));
        let argument = argument.or((named.is_none() && shipped.exists()).then_some(shipped));
        let file = named
            .or(argument)
            .map_or("no file: one target, Klarna's playground".to_owned(), |file| file.display().to_string());
        Ok((self.config(argument)?, file))
    }

    /// The same configuration for a run: every target has a token.
    ///
    /// # Errors
    /// As [`Self::config`], and when a target has no token.
    pub(crate) fn config_for_runs(&self, argument: Option<&Path>) -> Result<Config, CliError> {
        Ok(probe::setup::config_for_runs(argument.map(|path| ("--config", path)), &self.environment)?)
    }

    /// The HTTP base, with the root of `XS2A_EXTRA_CA_FILE`.
    ///
    /// # Errors
    /// When that file cannot be read or holds no certificate.
    pub(crate) fn http(&self) -> Result<Http, CliError> {
        Ok(probe::setup::http(&self.environment)?)
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
        let region = self.region(purpose)?;
        Ok(probe::setup::clients(region, &self.environment, &self.variables, AWS_TIMEOUT).await)
    }
}
