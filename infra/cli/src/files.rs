//! The files that a run is written to beside its answer.

use std::path::{Path, PathBuf};

use model::report::RunReport;
use report::Baseline;

use crate::arguments::Files;
use crate::error::CliError;

/// The files, and what the page compares with: read before the run begins, so
/// that a mistake costs no run.
pub(crate) struct Written<'a> {
    files: &'a Files,
    against: Option<RunReport>,
}

impl<'a> Written<'a> {
    /// `read` is the report that is shown again, where it is a file.
    ///
    /// # Errors
    /// When two of the files are one, when the report to compare with cannot be
    /// read, and when its run did not pass at once.
    pub(crate) fn prepare(files: &'a Files, read: Option<&Path>) -> Result<Self, CliError> {
        refuse_one_for_two(files, read)?;
        let against = files.against.as_deref().map(passed).transpose()?;
        Ok(Self { files, against })
    }

    /// Whether an option says where something of the run goes.
    pub(crate) fn is_told_where(&self) -> bool {
        let Files { html, har, junit, against: _ } = self.files;
        html.is_some() || har.is_some() || junit.is_some()
    }

    /// Writes all that can be written, whatever becomes of the others. `folder`
    /// is where earlier runs may lie to compare with.
    ///
    /// # Errors
    /// The first file that could not be written, or [`CliError::AgainstOther`].
    pub(crate) fn write(&self, report: &RunReport, folder: Option<&Path>) -> Result<(), CliError> {
        let Files { html, har, junit, against: _ } = self.files;
        let html = html.as_deref().map_or(Ok(()), |path| write("--html", path, &self.page(report, folder)?));
        let har = har.as_deref().map_or(Ok(()), |path| write("--har", path, &format!("{:#}\n", report::har(report))));
        let junit = junit.as_deref().map_or(Ok(()), |path| write("--junit", path, &report::junit(report)));
        html.and(har).and(junit)
    }

    /// The page of a run.
    ///
    /// # Errors
    /// [`CliError::AgainstOther`] when the run to compare with was of another target.
    pub(crate) fn page(&self, report: &RunReport, folder: Option<&Path>) -> Result<String, CliError> {
        if let Some(passed) = &self.against {
            if passed.target != report.target {
                return Err(CliError::AgainstOther(passed.target.clone(), report.target.clone()));
            }
            return Ok(report::html(report, Some(&Baseline { report: passed, link: None })));
        }
        let passed = folder.and_then(|folder| probe::report_file::passed_before(folder, report));
        let baseline = passed.as_ref().map(|(link, report)| Baseline { report, link: Some(link) });
        Ok(report::html(report, baseline.as_ref()))
    }
}

/// The report of `--against`.
fn passed(path: &Path) -> Result<RunReport, CliError> {
    let refused = |reason| CliError::File { option: "--against", path: path.to_owned(), reason };
    let report = parse(path, &system::read_file(path).map_err(refused)?)?;
    if report.passed_at_once() { Ok(report) } else { Err(CliError::Against(path.to_owned())) }
}

fn refuse_one_for_two(files: &Files, read: Option<&Path>) -> Result<(), CliError> {
    let inputs = [read, files.against.as_deref()].into_iter().flatten();
    let mut taken: Vec<PathBuf> = inputs.map(system::real_path).collect();
    for path in [&files.html, &files.har, &files.junit].into_iter().flatten() {
        let place = system::real_path(path);
        if taken.contains(&place) {
            return Err(CliError::OneFileForTwo(path.clone()));
        }
        taken.push(place);
    }
    Ok(())
}

/// Writes one file that an option names.
///
/// # Errors
/// [`CliError::File`] with the option.
pub(crate) fn write(option: &'static str, path: &Path, text: &str) -> Result<(), CliError> {
    let refused = |reason| CliError::File { option, path: path.to_owned(), reason };
    system::write_file(path, text.as_bytes()).map_err(refused)
}

/// A report of a file.
///
/// # Errors
/// [`CliError::Report`] with the file and the reason.
pub(crate) fn parse(path: &Path, json: &[u8]) -> Result<RunReport, CliError> {
    RunReport::read(json).map_err(|reason| CliError::Report { path: path.to_owned(), reason })
}
