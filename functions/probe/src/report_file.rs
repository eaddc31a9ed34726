//! The full report as files, for local use.

use std::iter;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use model::names::keys;
use model::report::RunReport;
use report::Baseline;
use system::SystemError;

use crate::reports::passed_at_once;

/// How many files are looked at for the last run that passed.
const MOST_LOOKED_AT: usize = 200;

/// Writes the full report and its page into the folder: the page's path. It
/// shows what changed against the newest run of the same target and region that
/// passed at once, where the folder has one.
///
/// # Errors
/// What went wrong, in one sentence.
pub fn write(folder: &str, report: &RunReport) -> Result<PathBuf, String> {
    let place = Place::of(Path::new(folder), report);
    let passed = place.baseline(report.started_at);
    let baseline = passed.as_ref().map(|(name, report)| Baseline { report, link: Some(name) });
    let page = report::html(report, baseline.as_ref());
    let json = serde_json::to_vec_pretty(report).map_err(|error| format!("report of {}: {error}", report.target))?;
    let write = |extension: &str, contents: &[u8]| {
        let path = place.file(extension);
        system::write_file(&path, contents).map(|()| path)
    };
    let written = write("json", &json).and_then(|_json| write("html", page.as_bytes()));
    written.map_err(|error: SystemError| error.to_string())
}

/// Where [`write`] leaves the page of a run.
#[must_use]
pub fn page(folder: &Path, report: &RunReport) -> PathBuf {
    Place::of(folder, report).file("html")
}

/// Where the files of a run stand: `TARGET/REGION/20261125T100000Z-RUN_ID.*`.
/// No part holds a separator or a colon, which some file systems refuse.
struct Place {
    folder: PathBuf,
    name: String,
}

impl Place {
    fn of(folder: &Path, report: &RunReport) -> Self {
        let region = report.region.as_ref().map_or("local", |region| region.as_str());
        Self {
            folder: folder.join(report.target.as_str()).join(region),
            name: format!("{}-{}", keys::minute(report.scheduled_at), report.run_id),
        }
    }

    fn file(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", self.name))
    }

    /// The newest earlier run that passed at once, and the name of its page.
    fn baseline(&self, than: Timestamp) -> Option<(String, RunReport)> {
        let names = system::file_names(&self.folder).ok()?;
        let mut names: Vec<&str> = names.iter().filter_map(|name| name.strip_suffix(".json")).collect();
        names.sort_unstable_by(|one, other| other.cmp(one));
        let read = |name: &str| Some((format!("{name}.html"), self.read(name)?));
        let runs = names.into_iter().take(MOST_LOOKED_AT).filter_map(read);
        let mut passed = runs.filter(|(_, run)| passed_at_once(run) && run.started_at < than);
        // The names of one minute's runs do not tell which came first.
        let first = passed.next()?;
        let minute = first.1.scheduled_at;
        let same_minute = passed.take_while(|(_, run)| run.scheduled_at == minute);
        iter::once(first).chain(same_minute).max_by_key(|(_, run)| run.started_at)
    }

    /// A file that is no report of this version is not compared with.
    fn read(&self, name: &str) -> Option<RunReport> {
        let json = system::read_file(&self.folder.join(format!("{name}.json"))).ok()?;
        RunReport::read(&json).ok()
    }
}
