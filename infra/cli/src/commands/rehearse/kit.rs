//! The parts of a local cloud, and where they lie.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{RehearsalError, environment};
use crate::commands::report;
use crate::surroundings::Surroundings;

/// What the set-up installs.
const PYTHON: &str = ".local/venv/bin/python";
const CARGO_LAMBDA: &str = ".local/venv/bin/cargo-lambda";
/// The programs for Python.
const SCRIPTS: &str = "infra/local";

/// Absolute paths, checked.
pub(crate) struct Kit {
    python: PathBuf,
    scripts: PathBuf,
    cargo_lambda: PathBuf,
    pub(crate) reports: PathBuf,
    /// Beside the reports.
    pub(crate) logs: PathBuf,
    /// What every process gets.
    pub(crate) environment: BTreeMap<String, String>,
}

impl Kit {
    /// Looks for everything that the set-up installs.
    ///
    /// # Errors
    /// [`RehearsalError::NotSetUp`] for what is not there.
    pub(crate) fn find(surroundings: &Surroundings) -> Result<Self, RehearsalError> {
        let reports = surroundings.environment.report_folder.as_deref().unwrap_or(report::FOLDER);
        let reports = std::path::absolute(reports).map_err(RehearsalError::OwnFolder)?;
        Ok(Self {
            python: existing(Path::new(PYTHON))?,
            scripts: existing(Path::new(SCRIPTS))?,
            cargo_lambda: existing(Path::new(CARGO_LAMBDA))?,
            logs: reports.with_file_name("logs"),
            reports,
            environment: environment::of_children(&surroundings.variables),
        })
    }

    /// The start of a command: one of our programs for Python.
    pub(crate) fn script(&self, name: &str) -> Vec<String> {
        vec![self.python.display().to_string(), self.scripts.join(name).display().to_string()]
    }

    /// The start of a command: cargo-lambda.
    pub(crate) fn cargo_lambda(&self) -> Vec<String> {
        vec![self.cargo_lambda.display().to_string(), "lambda".to_owned()]
    }
}

/// A function's executable: cargo builds it beside this program.
///
/// # Errors
/// [`RehearsalError::NotSetUp`] when it was not built.
#[expect(clippy::disallowed_methods, reason = "only the command has to find programs beside itself")]
pub(crate) fn function(name: &str) -> Result<PathBuf, RehearsalError> {
    existing(&std::env::current_exe().map_err(RehearsalError::OwnFolder)?.with_file_name(name))
}

/// The path, absolute, of what has to be there.
pub(crate) fn existing(path: &Path) -> Result<PathBuf, RehearsalError> {
    let path = std::path::absolute(path).map_err(RehearsalError::OwnFolder)?;
    if path.exists() { Ok(path) } else { Err(RehearsalError::NotSetUp(path)) }
}
