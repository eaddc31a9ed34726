//! `report`: a run's report, shown again.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use model::UnreadableReport;
use model::report::RunReport;

use crate::arguments::ReportOptions;
use crate::error::CliError;
use crate::files::{Written, parse, write};
use crate::screen;
use crate::surroundings::Surroundings;

/// Where local runs leave their reports when `REPORT_FOLDER` does not say.
pub(crate) const FOLDER: &str = ".local/reports";

/// In that folder: the path of the page that was told last.
const LAST: &str = "last-page";

pub(crate) fn run(options: &ReportOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let read = options.report.as_deref();
    let written = Written::prepare(&options.files, read)?;
    let (report, file) = match read {
        Some(path) if path == Path::new("-") => (from_standard_input()?, None),
        Some(path) => (from_file(path)?, Some(path.to_owned())),
        None => {
            let file = last(surroundings)?;
            (from_file(&file)?, Some(file))
        }
    };
    let folder = file.as_deref().map(folder_of);
    let mut page = options.files.html.clone();
    if let (Some(file), false) = (&file, written.is_told_where()) {
        let beside = beside(file)?;
        write("the page", &beside, &written.page(&report, folder)?)?;
        page = Some(beside);
    }
    written.write(&report, folder)?;
    screen::answer(&report::render(&report, &screen::style(surroundings)))?;
    if let Some(page) = page {
        screen::answer(&format!("\nPage         {}\n", page.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Keeps in mind which page was told last; what cannot be kept is found by its path all the same.
pub(crate) fn remember(folder: &Path, page: &Path) {
    if let Some(page) = std::path::absolute(page).ok().as_deref().and_then(Path::to_str) {
        system::write_file(&folder.join(LAST), page.as_bytes()).ok();
    }
}

/// The report of the page that was told last.
fn last(surroundings: &Surroundings) -> Result<PathBuf, CliError> {
    let folder = Path::new(surroundings.environment.report_folder.as_deref().unwrap_or(FOLDER));
    let page = system::read_text(&folder.join(LAST)).map_err(|_| CliError::NoReport(folder.to_owned()))?;
    Ok(Path::new(page.trim_end()).with_extension("json"))
}

fn from_standard_input() -> Result<RunReport, CliError> {
    let mut json = Vec::new();
    let most = UnreadableReport::LARGEST as u64 + 1;
    io::stdin().lock().take(most).read_to_end(&mut json).map_err(CliError::Input)?;
    parse(Path::new("standard input"), &json)
}

fn from_file(path: &Path) -> Result<RunReport, CliError> {
    if path.starts_with("s3:") {
        return Err(CliError::InS3(path.display().to_string()));
    }
    parse(path, &system::read_file(path)?)
}

/// Where the page of a report goes that nobody named a file for.
///
/// # Errors
/// [`CliError::OneFileForTwo`] when the report itself stands there.
fn beside(report: &Path) -> Result<PathBuf, CliError> {
    let page = report.with_extension("html");
    if system::real_path(&page) == system::real_path(report) {
        return Err(CliError::OneFileForTwo(page));
    }
    Ok(page)
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}
