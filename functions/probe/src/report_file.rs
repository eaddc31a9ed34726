//! The full report as files, for local use.

use std::iter;
use std::path::{Path, PathBuf};

use model::names::keys;
use model::report::RunReport;
use report::Baseline;
use system::SystemError;

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
    let passed = passed_before(&place.folder, report);
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

/// Where [`write()`] leaves the page of a run.
#[must_use]
pub fn page(folder: &Path, report: &RunReport) -> PathBuf {
    Place::of(folder, report).file("html")
}

/// Of the runs whose reports stand in a folder the newest one of the same target
/// and region that passed at once before this one, and the name of its page.
#[must_use]
pub fn passed_before(folder: &Path, report: &RunReport) -> Option<(String, RunReport)> {
    let names = system::file_names(folder).ok()?;
    let mut names: Vec<&str> = names.iter().filter_map(|name| name.strip_suffix(".json")).collect();
    // A drill plays minutes that are yet to come, into the same folder.
    let minute = keys::minute(report.scheduled_at);
    names.retain(|name| !name.starts_with(|c: char| c.is_ascii_digit()) || name.get(..minute.len()) <= Some(&minute));
    names.sort_unstable_by(|one, other| other.cmp(one));
    // A file that is no report of this version is not compared with.
    let read = |name: &str| {
        let json = system::read_file(&folder.join(format!("{name}.json"))).ok()?;
        Some((format!("{name}.html"), RunReport::read(&json).ok()?))
    };
    let alike = |run: &RunReport| (&run.target, &run.region) == (&report.target, &report.region);
    let earlier = |run: &RunReport| run.started_at < report.started_at && run.scheduled_at <= report.scheduled_at;
    let runs = names.into_iter().take(MOST_LOOKED_AT).filter_map(read);
    let mut passed = runs.filter(|(_, run)| alike(run) && run.passed_at_once() && earlier(run));
    // The names of one minute's runs do not tell which came first.
    let first = passed.next()?;
    let minute = first.1.scheduled_at;
    let same_minute = passed.take_while(|(_, run)| run.scheduled_at == minute);
    iter::once(first).chain(same_minute).max_by_key(|(_, run)| run.started_at)
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
}
