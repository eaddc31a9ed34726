//! What is monitored: the configuration file and the environment, parsed once.
//!
//! [`Environment::parse`] reads the variables, [`Config::parse`] the file;
//! environment beats file. Nothing here touches the process: text and a map go
//! in, a finished configuration or one [`ConfigError`] comes out.

mod channel;
mod cron;
mod environment;
mod error;
mod file;
mod maintenance;
mod policy;
mod target;
mod values;

use std::time::Duration;

pub use channel::{Channel, ChannelKind};
pub use cron::{Cron, CronError};
pub use environment::{Environment, Token, VARIABLES, Variable};
pub use error::ConfigError;
pub use maintenance::Maintenance;
pub use policy::{Policy, Quorum, Reminders};
pub use target::{DegradedAfter, MetricDetail, PsuContext, StepLimits, Target};

use crate::event::Selection;
use crate::names::{Region, TargetId};

/// A finished configuration: every value checked, every default filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The region of the aggregator.
    pub home_region: Region,
    /// The regions that probe, in order, each once.
    pub regions: Vec<Region>,
    /// How often a region, or the regions in turn, run.
    pub interval: Duration,
    /// How the regions share the work.
    pub schedule: Schedule,
    /// The time limits of a run.
    pub timeouts: Timeouts,
    /// What is monitored; at least one, ids unique.
    pub targets: Vec<Target>,
    /// When somebody is told.
    pub policy: Policy,
    /// Who is told, over what; ids unique.
    pub channels: Vec<Channel>,
    /// When nobody is told.
    pub maintenances: Vec<Maintenance>,
}

/// How the regions share the work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// All regions run in every interval.
    #[default]
    Parallel,
    /// One region in each interval, in turn.
    RoundRobin,
}

/// The time limits of a run, from the outside in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The whole run where no outer deadline is known.
    pub run: Duration,
    /// Kept at the end for publishing.
    pub publish: Duration,
    /// One attempt at the journey.
    pub attempt: Duration,
    /// Kept for each attempt's clean-up.
    pub cleanup: Duration,
    /// One request, from the name lookup to the last byte.
    pub request: Duration,
    /// The connection of a request: name, TCP and TLS.
    pub connect: Duration,
    /// All polls of one request.
    pub poll: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            run: Duration::from_secs(58),
            publish: Duration::from_secs(5),
            attempt: Duration::from_secs(25),
            cleanup: Duration::from_secs(3),
            request: Duration::from_secs(10),
            connect: Duration::from_secs(3),
            poll: Duration::from_secs(15),
        }
    }
}

impl Config {
    /// Parses a configuration. With no text: one target `klarna-playground`.
    /// A token may be missing: only runs need one ([`Config::require_tokens`]).
    ///
    /// # Errors
    /// The first thing that is wrong, with line and column where the file has one.
    pub fn parse(text: Option<&str>, environment: &Environment) -> Result<Self, ConfigError> {
        let (config, windows) = file::parse(text.unwrap_or_default(), environment)?;
        let maintenances = windows.into_iter().map(|window| window.finish(&config.targets));
        Ok(Self { maintenances: maintenances.collect::<Result<_, _>>()?, ..config })
    }

    /// Parses what runs need: every target has a token, and no maintenance
    /// window is there. Only who tells people asks for those, and with them come
    /// the time zones of the world, a twentieth of the probe's package.
    ///
    /// # Errors
    /// As [`Config::parse`], and [`ConfigError::NoToken`] of the first target
    /// without a token.
    pub fn parse_for_runs(text: Option<&str>, environment: &Environment) -> Result<Self, ConfigError> {
        let (config, _windows) = file::parse(text.unwrap_or_default(), environment)?;
        config.require_tokens()?;
        Ok(config)
    }

    /// Makes sure that every target has a token, which is what runs need.
    ///
    /// # Errors
    /// [`ConfigError::NoToken`] of the first target without one.
    pub fn require_tokens(&self) -> Result<(), ConfigError> {
        self.targets.iter().try_for_each(|target| target.require_token().map(drop))
    }

    /// The region whose alarm watches the aggregator's heartbeat: an alarm sees
    /// only metrics of its own region, and one at home would fall silent with it.
    /// The first region that is not home; home, if it is the only one.
    #[must_use]
    pub fn watch_region(&self) -> &Region {
        self.regions.iter().find(|region| **region != self.home_region).unwrap_or(&self.home_region)
    }

    /// The targets that an event asks for.
    ///
    /// # Errors
    /// [`ConfigError::UnknownTarget`] for an id that the configuration does not have.
    pub fn select(&self, selection: &Selection) -> Result<Vec<&Target>, ConfigError> {
        match selection {
            Selection::All => Ok(self.targets.iter().collect()),
            Selection::Only(ids) => ids.iter().map(|id| self.target(id)).collect(),
        }
    }

    /// The target with this id.
    ///
    /// # Errors
    /// [`ConfigError::UnknownTarget`] when there is none.
    pub fn target(&self, id: &TargetId) -> Result<&Target, ConfigError> {
        self.targets.iter().find(|target| target.id == *id).ok_or_else(|| ConfigError::UnknownTarget {
            id: id.clone(),
            known: self.targets.iter().map(|target| target.id.as_str()).collect::<Vec<_>>().join(", "),
        })
    }
}

#[cfg(test)]
mod tests;
