//! The full report as files, for local use.

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

/// Of the runs whose reports stand in a folder the one of the same target and
/// region that passed at once and was started last before this one, and the name
/// of its page.
#[must_use]
pub fn passed_before(folder: &Path, report: &RunReport) -> Option<(String, RunReport)> {
    let mut files = system::newest_first(folder, "json").ok()?;
    // Drills play the same minutes again, and some that are yet to come.
    let minute = keys::minute(report.scheduled_at);
    files.retain(|file| !is_later(&file.stem, &minute));
    let mut last: Option<(String, RunReport)> = None;
    for file in files.into_iter().take(MOST_LOOKED_AT) {
        // A run that was written before another one started was started before it, too.
        if last.as_ref().is_some_and(|(_, run)| file.written_at < run.started_at) {
            break;
        }
        let Some(run) = read(folder, &file.stem).filter(|run| is_comparable(run, report)) else { continue };
        if last.as_ref().is_none_or(|(_, best)| best.started_at < run.started_at) {
            last = Some((format!("{}.html", file.stem), run));
        }
    }
    last
}

/// Whether a name is that of a later minute's run. A name may be a person's own.
fn is_later(stem: &str, minute: &str) -> bool {
    stem.starts_with(|c: char| c.is_ascii_digit()) && stem.get(..minute.len()) > Some(minute)
}

/// None of what is no report of this version.
fn read(folder: &Path, stem: &str) -> Option<RunReport> {
    RunReport::read(&system::read_file(&folder.join(format!("{stem}.json"))).ok()?).ok()
}

/// A run in a drill has a simulated minute and a real start: it is earlier by both.
fn is_comparable(run: &RunReport, report: &RunReport) -> bool {
    let is_alike = (&run.target, &run.region) == (&report.target, &report.region);
    let is_earlier = run.started_at < report.started_at && run.scheduled_at <= report.scheduled_at;
    is_alike && is_earlier && run.passed_at_once()
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
