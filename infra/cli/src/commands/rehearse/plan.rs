//! What is rehearsed: where things lie, what is monitored, which faults play.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use model::config::{Config, Environment, VARIABLES};
use model::names::Region;
use playground::{FaultRule, Playground, Settings};

use super::RehearsalError;
use crate::arguments::RehearseOptions;
use crate::commands::playground::not_started;
use crate::commands::run::minute;
use crate::error::CliError;
use crate::surroundings::Surroundings;

/// The configuration when nothing else is named.
const SHIPPED_CONFIG: &str = "infra/monitor.toml";
/// Where reports go when `REPORT_FOLDER` does not say; the logs stand beside them.
const REPORTS: &str = ".local/reports";
/// What the set-up installs.
const PYTHON: &str = ".local/venv/bin/python";
const CARGO_LAMBDA: &str = ".local/venv/bin/cargo-lambda";

/// A region and the bank that it sees.
pub(crate) struct RegionPlan {
    pub(crate) region: Region,
    pub(crate) bank: Playground,
}

pub(crate) struct Plan {
    pub(crate) config: Config,
    pub(crate) config_file: PathBuf,
    pub(crate) regions: Vec<RegionPlan>,
    /// The minute that all runs stand for.
    pub(crate) minute: Timestamp,
    pub(crate) python: PathBuf,
    pub(crate) cargo_lambda: PathBuf,
    /// The probe, built beside this program.
    pub(crate) probe: PathBuf,
    pub(crate) reports: PathBuf,
    pub(crate) logs: PathBuf,
    /// What every process gets: ours without AWS's and the monitor's own
    /// variables, so that no profile and no real bank is touched.
    pub(crate) environment: BTreeMap<String, String>,
}

impl Plan {
    /// Finds everything and starts the banks.
    pub(crate) async fn new(options: RehearseOptions, surroundings: &Surroundings) -> Result<Self, CliError> {
        let probe = std::env::current_exe().map_err(RehearsalError::OwnFolder)?.with_file_name("probe");
        let python = existing(Path::new(PYTHON))?;
        let cargo_lambda = existing(Path::new(CARGO_LAMBDA))?;
        let probe = existing(&probe)?;
        let from_variable = || surroundings.environment.config_file.as_ref().map(PathBuf::from);
        let named = options.config.config.or_else(from_variable);
        let config_file = existing(&named.unwrap_or_else(|| PathBuf::from(SHIPPED_CONFIG)))?;
        let first = Playground::start(Settings::default()).await.map_err(not_started)?;
        let config = parse(&config_file, &first)?;
        refuse_unknown_regions(&options.faults, &config)?;
        let regions = banks(first, &config, &options.faults).await?;
        let reports = surroundings.environment.report_folder.as_deref().unwrap_or(REPORTS);
        let reports = std::path::absolute(reports).map_err(RehearsalError::OwnFolder)?;
        Ok(Self {
            regions,
            config,
            config_file,
            minute: minute(system::now()),
            python,
            cargo_lambda,
            probe,
            logs: reports.with_file_name("logs"),
            reports,
            environment: clean_environment(&surroundings.variables),
        })
    }

    pub(crate) fn region_list(&self) -> String {
        let names: Vec<&str> = self.regions.iter().map(|plan| plan.region.as_str()).collect();
        names.join(", ")
    }

    /// The end of the minute.
    pub(crate) fn minute_end(&self) -> Timestamp {
        self.minute + SignedDuration::from_mins(1)
    }
}

fn existing(path: &Path) -> Result<PathBuf, RehearsalError> {
    std::path::absolute(path).ok().filter(|path| path.exists()).ok_or_else(|| RehearsalError::NotSetUp(path.to_owned()))
}

fn parse(file: &Path, bank: &Playground) -> Result<Config, CliError> {
    let text = system::read_text(file)?;
    let environment = Environment::parse(&bank_variables(bank)).map_err(CliError::Environment)?;
    Config::parse(Some(&text), &environment).map_err(|source| CliError::Config { path: file.to_owned(), source })
}

/// The variables that lead a probe to a bank.
pub(crate) fn bank_variables(bank: &Playground) -> BTreeMap<String, String> {
    [
        ("XS2A_API_BASE_URL", bank.api_base_url()),
        ("XS2A_AUTH_BASE_URL", bank.auth_base_url()),
        ("KOSMA_AUTH_TOKEN", bank.token()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn refuse_unknown_regions(faults: &[FaultRule], config: &Config) -> Result<(), CliError> {
    let known = |name: &str| config.regions.iter().any(|region| region.as_str() == name);
    match faults.iter().find(|rule| rule.region().is_some_and(|name| !known(name))) {
        Some(rule) => Err(CliError::FaultRegion(rule.clone())),
        None => Ok(()),
    }
}

/// One bank a region, so that a rule for one region leaves the others alone.
async fn banks(first: Playground, config: &Config, faults: &[FaultRule]) -> Result<Vec<RegionPlan>, CliError> {
    let mut first = Some(first);
    let mut plans = Vec::new();
    for region in &config.regions {
        let bank = match first.take() {
            Some(bank) => bank,
            None => Playground::start(Settings::default()).await.map_err(not_started)?,
        };
        let here = |rule: &&FaultRule| rule.region().is_none_or(|name| name == region.as_str());
        bank.set_faults(faults.iter().filter(here).cloned().collect());
        plans.push(RegionPlan { region: region.clone(), bank });
    }
    Ok(plans)
}

fn clean_environment(variables: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let ours = |name: &str| VARIABLES.iter().any(|variable| variable.name == name);
    let kept = variables.iter().filter(|(name, _)| !name.starts_with("AWS_") && !ours(name));
    let mut environment: BTreeMap<String, String> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    // Dummies, and no profile, machine or proxy that could lead to a real account.
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("NO_PROXY", "127.0.0.1,localhost"),
        ("no_proxy", "127.0.0.1,localhost"),
    ] {
        environment.insert(name.to_owned(), value.to_owned());
    }
    environment
}
