//! `report`: a run's report, shown again.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use model::UnreadableReport;
use model::report::RunReport;

use crate::arguments::{Files, ReportOptions};
use crate::error::CliError;
use crate::files::{Written, parse, write};
use crate::screen;
use crate::surroundings::Surroundings;

/// Where local runs leave their reports when `REPORT_FOLDER` does not say.
pub(crate) const FOLDER: &str = ".local/reports";

pub(crate) fn run(options: &ReportOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let files = Written::prepare(&options.files)?;
    let (report, page) = match options.report.as_deref() {
        None => last(&options.files, surroundings)?,
        Some(path) if path == Path::new("-") => (from_standard_input(&options.files)?, None),
        Some(path) => of_file(path, &files, &options.files)?,
    };
    files.write(&report)?;
    screen::answer(&report::render(&report, &screen::style(surroundings)))?;
    if let Some(page) = page.as_deref().or(options.files.html.as_deref()) {
        screen::answer(&format!("\nPage         {}\n", page.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The last run of the folder. Its page is made anew, by this version.
fn last(files: &Files, surroundings: &Surroundings) -> Result<(RunReport, Option<PathBuf>), CliError> {
    let folder = surroundings.environment.report_folder.as_deref().unwrap_or(FOLDER);
    let newest = newest(Path::new(folder)).ok_or_else(|| CliError::NoReport(folder.into()))?;
    let report = parse(&newest, &system::read_file(&newest)?)?;
    if is_told_where(files) {
        return Ok((report, None));
    }
    let page = probe::report_file::write(folder, &report).map_err(|fault| CliError::Publish(vec![fault]))?;
    Ok((report, Some(page)))
}

fn from_standard_input(files: &Files) -> Result<RunReport, CliError> {
    if !is_told_where(files) {
        return Err(CliError::NoOutput);
    }
    let mut json = Vec::new();
    let most = UnreadableReport::LARGEST as u64 + 1;
    io::stdin().lock().take(most).read_to_end(&mut json).map_err(CliError::Input)?;
    parse(Path::new("standard input"), &json)
}

/// Its page stands beside it, unless an option says where something goes.
fn of_file(path: &Path, written: &Written<'_>, files: &Files) -> Result<(RunReport, Option<PathBuf>), CliError> {
    let report = parse(path, &system::read_file(path)?)?;
    if is_told_where(files) {
        return Ok((report, None));
    }
    let page = path.with_extension("html");
    write("the page", &page, &written.page(&report))?;
    Ok((report, Some(page)))
}

fn is_told_where(files: &Files) -> bool {
    files.html.is_some() || files.har.is_some() || files.junit.is_some()
}

/// The report that was written last: `FOLDER/TARGET/REGION/*.json`. By the time
/// of the file, not of the run: a drill plays minutes that are yet to come.
fn newest(folder: &Path) -> Option<PathBuf> {
    let inside = |folder: PathBuf| -> Vec<PathBuf> {
        let names = system::file_names(&folder).unwrap_or_default();
        names.into_iter().map(|name| folder.join(name)).collect()
    };
    let files = inside(folder.to_owned()).into_iter().flat_map(inside).flat_map(inside);
    let reports = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    reports.max_by_key(|path| (system::modified(path).unwrap_or(SystemTime::UNIX_EPOCH), path.clone()))
}
