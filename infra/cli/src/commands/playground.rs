//! `playground`: the simulated bank, until it is told to end.

use std::process::ExitCode;

use playground::{Playground, Settings, StartError};
use serde_json::{Map, Value, json};

use crate::arguments::PlaygroundOptions;
use crate::error::CliError;
use crate::signals::Ending;

pub(crate) async fn run(options: PlaygroundOptions) -> Result<ExitCode, CliError> {
    let mut ending = Ending::listen().map_err(CliError::Runtime)?;
    let defaults = Settings::default();
    let bank = Playground::start(Settings {
        auth_port: options.auth_port,
        api_port: options.api_port,
        token: options.token.unwrap_or(defaults.token),
        dialect: options.dialect,
        faults: options.faults,
        tls: options.tls_ca_out.is_some(),
        ..Settings::default()
    })
    .await
    .map_err(not_started)?;
    let mut ready: Map<String, Value> =
        [("auth_base_url", bank.auth_base_url()), ("api_base_url", bank.api_base_url()), ("token", bank.token())]
            .map(|(key, value)| (key.to_owned(), json!(value)))
            .into_iter()
            .collect();
    if let (Some(path), Some(pem)) = (&options.tls_ca_out, bank.ca_certificate_pem()) {
        system::write_file(path, pem.as_bytes())?;
        ready.insert("ca_file".to_owned(), json!(path));
    }
    system::stdout_line(&Value::Object(ready).to_string())?;
    ending.signalled().await;
    Ok(ExitCode::SUCCESS)
}

/// Names the argument that is at fault.
pub(crate) fn not_started(source: StartError) -> CliError {
    let argument = match &source {
        StartError::Bind { .. } => "--auth-port, --api-port: ",
        StartError::Region { .. } => "--fault: ",
        _ => "",
    };
    CliError::Playground { argument, source }
}
