//! The files that a run is written to beside its answer.

use std::path::Path;

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
    /// # Errors
    /// When the report to compare with cannot be read.
    pub(crate) fn prepare(files: &'a Files) -> Result<Self, CliError> {
        let read = |path: &Path| {
            let refused = |reason| CliError::File { option: "--against", path: path.to_owned(), reason };
            let json = system::read_file(path).map_err(refused)?;
            parse(path, &json)
        };
        Ok(Self { files, against: files.against.as_deref().map(read).transpose()? })
    }

    /// Writes all that can be written, whatever becomes of the others.
    ///
    /// # Errors
    /// The first file that could not be written.
    pub(crate) fn write(&self, report: &RunReport) -> Result<(), CliError> {
        let Files { html, har, junit, against: _ } = self.files;
        let html = html.as_deref().map_or(Ok(()), |path| write("--html", path, &self.page(report)));
        let har = har.as_deref().map_or(Ok(()), |path| write("--har", path, &format!("{:#}\n", report::har(report))));
        let junit = junit.as_deref().map_or(Ok(()), |path| write("--junit", path, &report::junit(report)));
        html.and(har).and(junit)
    }

    /// The page of a run.
    pub(crate) fn page(&self, report: &RunReport) -> String {
        let baseline = self.against.as_ref().map(|report| Baseline { report, link: None });
        report::html(report, baseline.as_ref())
    }
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
