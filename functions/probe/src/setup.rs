//! What a process reads and builds once, whether it serves Lambda or a person.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use aws::{Clients, Settings};
use model::config::{Config, ConfigError, Environment, VARIABLES};
use model::names::Region;
use runner::Http;

use crate::StartError;

/// The environment variables of the process.
///
/// # Errors
/// [`StartError::System`] when one of the monitor's own is not UTF-8.
pub fn variables() -> Result<BTreeMap<String, String>, StartError> {
    let ours = |name: &str| VARIABLES.iter().any(|variable| variable.name == name);
    system::variables(ours).map_err(StartError::System)
}

/// Where a configuration comes from: the argument or variable that names the
/// file, and the file; none: the default.
type Source<'a> = Option<(&'static str, &'a Path)>;

/// The configuration: of the file that an argument of the command line names,
/// given with the argument's name; else of `MONITOR_CONFIG`; else the default.
///
/// # Errors
/// When the file cannot be read or is wrong.
pub fn config(argument: Option<(&'static str, &Path)>, environment: &Environment) -> Result<Config, StartError> {
    let source = source(argument, environment);
    Config::parse(text(source)?.as_deref(), environment).map_err(|reason| wrong(source, reason))
}

/// What whoever makes runs needs of the configuration
/// ([`Config::parse_for_runs`]).
///
/// # Errors
/// As [`config`], and when a target has no token.
pub fn config_for_runs(
    argument: Option<(&'static str, &Path)>,
    environment: &Environment,
) -> Result<Config, StartError> {
    let source = source(argument, environment);
    Config::parse_for_runs(text(source)?.as_deref(), environment).map_err(|reason| wrong(source, reason))
}

fn source<'a>(argument: Source<'a>, environment: &'a Environment) -> Source<'a> {
    argument.or_else(|| Some(("MONITOR_CONFIG", Path::new(environment.config_file.as_deref()?))))
}

fn text(source: Source<'_>) -> Result<Option<String>, StartError> {
    let read = |(named_by, path)| system::read_text(path).map_err(|reason| StartError::File { named_by, reason });
    source.map(read).transpose()
}

fn wrong(source: Source<'_>, reason: ConfigError) -> StartError {
    match source {
        Some((_, path)) => StartError::Config { path: path.to_owned(), reason },
        None => StartError::DefaultConfig(reason),
    }
}

/// The HTTP base, with the root of `XS2A_EXTRA_CA_FILE`.
///
/// # Errors
/// When that file cannot be read or holds no certificate.
pub fn http(environment: &Environment) -> Result<Http, StartError> {
    let Some(path) = &environment.extra_ca_file else {
        return Http::new(None).map_err(StartError::Http);
    };
    let unreadable = |reason| StartError::File { named_by: "XS2A_EXTRA_CA_FILE", reason };
    let pem = system::read_file(Path::new(path)).map_err(unreadable)?;
    Http::new(Some(&pem)).map_err(|reason| StartError::ExtraRoot { path: path.clone(), reason })
}

/// The AWS clients of a region, for a person at the command line; each of their
/// operations ends within `operation_timeout`. Building them costs milliseconds
/// and megabytes; nothing is sent yet.
pub async fn clients(
    region: Region,
    environment: &Environment,
    variables: &BTreeMap<String, String>,
    operation_timeout: Duration,
) -> Clients {
    Clients::load(&aws_settings(region, environment, variables, operation_timeout)).await
}

/// What the AWS clients of a process need to know.
pub(crate) fn aws_settings(
    region: Region,
    environment: &Environment,
    variables: &BTreeMap<String, String>,
    operation_timeout: Duration,
) -> Settings {
    let endpoint_url = environment.endpoint_url.clone();
    let credentials = aws::credentials(variables);
    Settings { region, endpoint_url, credentials, operation_timeout }
}
