//! What is rehearsed: what is monitored, from which minute on, against which banks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use model::config::{Config, Environment};
use model::names::Region;
use playground::{FaultRule, Playground, Settings};

use super::kit::{Kit, existing};
use super::monitor_file::{EXAMPLE_CHANNELS, MonitorFile};
use super::{RehearsalError, canary};
use crate::commands::playground::not_started;
use crate::commands::run::minute;
use crate::error::CliError;
use crate::surroundings::{SHIPPED_CONFIG, Surroundings};

/// What is asked for.
pub(crate) struct Scene {
    /// The file of `--config`.
    pub(crate) config: Option<PathBuf>,
    pub(crate) faults: Vec<FaultRule>,
    pub(crate) place: Place,
    /// Whether a configuration without channels gets those of the example.
    pub(crate) needs_channels: bool,
}

/// Where the function runs.
pub(crate) enum Place {
    EveryRegion,
    HomeRegion,
}

/// A region and the bank that it sees.
pub(crate) struct RegionPlan {
    pub(crate) region: Region,
    /// Lead a function to the bank.
    pub(crate) variables: BTreeMap<String, String>,
    /// Ends when it is dropped.
    bank: Playground,
}

pub(crate) struct Plan {
    pub(crate) config: Config,
    pub(crate) config_file: PathBuf,
    pub(crate) monitor_file: MonitorFile,
    /// Whether the channels are those of the example.
    pub(crate) example_channels: bool,
    pub(crate) regions: Vec<RegionPlan>,
    pub(crate) faults: Vec<FaultRule>,
    /// The first minute that runs stand for.
    pub(crate) minute: Timestamp,
    pub(crate) kit: Kit,
}

impl Plan {
    /// Reads the configuration, finds everything and starts the banks, all of them healthy.
    pub(crate) async fn new(scene: Scene, surroundings: &Surroundings) -> Result<Self, CliError> {
        let (named_by, config_file) = config_file(scene.config, surroundings)?;
        let first = bank().await?;
        let (mut config, token_from) = parse(named_by, &config_file, &first)?;
        refuse_unknown_regions(&scene.faults, &config)?;
        let kit = Kit::find(surroundings)?;
        let mut monitor_file = MonitorFile::read(&config_file)?;
        let example_channels = scene.needs_channels && config.channels.is_empty();
        if example_channels {
            let examples = existing(Path::new(EXAMPLE_CHANNELS))?;
            config.channels = parse(EXAMPLE_CHANNELS, &examples, &first)?.0.channels;
            monitor_file = monitor_file.with_channels_of(MonitorFile::read(&examples)?);
        }
        let regions = match scene.place {
            Place::EveryRegion => config.regions.clone(),
            Place::HomeRegion => vec![config.home_region.clone()],
        };
        let regions = banks(regions, first, token_from).await?;
        let (faults, minute) = (scene.faults, minute(system::now()));
        Ok(Self { config, config_file, monitor_file, example_channels, regions, faults, minute, kit })
    }

    /// From now on the banks have the faults that are meant for them.
    pub(crate) fn begin_faults(&self) {
        for place in &self.regions {
            let here = self.faults.iter().filter(|rule| is_for(rule, &place.region));
            place.bank.set_faults(here.cloned().collect());
        }
    }

    /// From now on the banks are healthy.
    pub(crate) fn end_faults(&self) {
        self.regions.iter().for_each(|place| place.bank.set_faults(Vec::new()));
    }

    pub(crate) fn region_list(&self) -> String {
        let names: Vec<&str> = self.regions.iter().map(|plan| plan.region.as_str()).collect();
        names.join(", ")
    }

    /// The minute after the first one.
    pub(crate) fn next_minute(&self) -> Timestamp {
        self.minute + SignedDuration::from_mins(1)
    }
}

/// Whether the bank of a region has a fault.
pub(crate) fn is_for(rule: &FaultRule, region: &Region) -> bool {
    rule.region().is_none_or(|name| name == region.as_str())
}

/// The file, and who names it.
fn config_file(
    argument: Option<PathBuf>,
    surroundings: &Surroundings,
) -> Result<(&'static str, PathBuf), RehearsalError> {
    let from_variable = || Some(("MONITOR_CONFIG", PathBuf::from(surroundings.environment.config_file.as_ref()?)));
    match argument.map(|path| ("--config", path)).or_else(from_variable) {
        // Read again later, so it must not depend on a folder.
        Some((named_by, path)) => {
            std::path::absolute(&path).map(|path| (named_by, path)).map_err(RehearsalError::OwnFolder)
        }
        None => existing(Path::new(SHIPPED_CONFIG)).map(|path| (SHIPPED_CONFIG, path)),
    }
}

async fn bank() -> Result<Playground, CliError> {
    let settings = Settings { token: canary::TOKEN.to_owned(), ..Settings::default() };
    Playground::start(settings).await.map_err(not_started)
}

/// One bank a region, so that a rule for one region leaves the others alone.
async fn banks(regions: Vec<Region>, first: Playground, token_from: TokenFrom) -> Result<Vec<RegionPlan>, CliError> {
    let mut first = Some(first);
    let mut plans = Vec::with_capacity(regions.len());
    for region in regions {
        let bank = match first.take() {
            Some(bank) => bank,
            None => bank().await?,
        };
        plans.push(RegionPlan { region, variables: variables(&bank, token_from), bank });
    }
    Ok(plans)
}

/// Where the probes have the banks' token from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TokenFrom {
    /// The parameters that the configuration names.
    Parameters,
    /// The environment, which beats the file: not all targets name a parameter.
    Environment,
}

fn parse(named_by: &'static str, file: &Path, bank: &Playground) -> Result<(Config, TokenFrom), CliError> {
    let with = |token_from| {
        let environment = Environment::parse(&variables(bank, token_from)).map_err(CliError::Environment)?;
        Ok((probe::setup::config(Some((named_by, file)), &environment)?, token_from))
    };
    let (config, token_from) = with(TokenFrom::Parameters)?;
    match config.require_tokens() {
        Ok(()) => Ok((config, token_from)),
        Err(_) => with(TokenFrom::Environment),
    }
}

fn variables(bank: &Playground, token_from: TokenFrom) -> BTreeMap<String, String> {
    let token = (token_from == TokenFrom::Environment).then_some(("KOSMA_AUTH_TOKEN", bank.token()));
    [("XS2A_API_BASE_URL", bank.api_base_url()), ("XS2A_AUTH_BASE_URL", bank.auth_base_url())]
        .into_iter()
        .chain(token)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn refuse_unknown_regions(faults: &[FaultRule], config: &Config) -> Result<(), CliError> {
    let known = |name: &str| config.regions.iter().any(|region| region.as_str() == name);
    match faults.iter().find(|rule| rule.region().is_some_and(|name| !known(name))) {
        Some(rule) => Err(CliError::FaultRegion(rule.clone())),
        None => Ok(()),
    }
}
