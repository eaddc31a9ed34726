//! The pages that a rehearsal leaves, for a person to open.

use std::io;
use std::path::{Path, PathBuf};

use aws::{Clients, Settings};
use model::journey::Outcome;
use model::names::{BucketName, NameError, Region, keys};
use model::report::RunReport;

use super::cloud::Cloud;
use super::plan::Plan;
use super::probes::RegionRun;
use crate::commands::report::remember;
use crate::screen;
use crate::surroundings::AWS_TIMEOUT;

/// The overview as it is in the end, and as it was in the outage.
pub(crate) const OVERVIEW: &str = "overview.html";
pub(crate) const OUTAGE: &str = "overview-outage.html";

/// Tells a function its region's bucket.
pub(crate) const REPORT_BUCKET: &str = "REPORT_BUCKET";

/// The bucket that the local AWS has in a region.
pub(crate) fn report_bucket(region: &Region) -> String {
    format!("xs2a-monitor-reports-{region}")
}

/// Where the pages of runs stand on this machine, by the links that an overview
/// has to them: no console shows what is in the local AWS.
#[derive(Default)]
pub(crate) struct AtHand(Vec<(String, String)>);

impl AtHand {
    /// Takes in the runs that an overview links to, those that did not pass at once.
    pub(crate) fn add(&mut self, plan: &Plan, runs: &[RegionRun]) {
        for run in runs {
            let bad = run.reports.iter().filter(|report| !report.passed_at_once());
            self.0.extend(bad.filter_map(|report| links(plan, &run.region, report)));
        }
    }

    /// The overview with links to these pages, from the folder that has them all.
    fn lead_from(&self, overview: &str) -> String {
        self.0.iter().fold(overview.to_owned(), |page, (there, here)| page.replace(there, here))
    }
}

/// The attribute that links to a run's page in a deployment, and the one that does here.
fn links(plan: &Plan, region: &Region, report: &RunReport) -> Option<(String, String)> {
    let key = keys::report_page(&report.target, region, report.scheduled_at);
    let there = aws::console_link(region, &bucket_name(region).ok()?, &key)?;
    let page = of(plan, report);
    let here = page.strip_prefix(&plan.kit.reports).ok()?.to_str()?;
    Some((format!("href=\"{}\"", there.as_str().replace('&', "&amp;")), format!("href=\"{here}\"")))
}

fn bucket_name(region: &Region) -> Result<BucketName, NameError> {
    report_bucket(region).parse()
}

/// The page of a run.
pub(crate) fn of(plan: &Plan, report: &RunReport) -> PathBuf {
    probe::report_file::page(&plan.kit.reports, report)
}

/// The first run that did not pass.
pub(crate) fn first_bad(runs: &[RegionRun]) -> Option<&RunReport> {
    reports(runs).find(|report| report.outcome != Outcome::Passed)
}

/// The page of the first run that did not pass, else of the first one.
pub(crate) fn most_interesting(plan: &Plan, runs: &[RegionRun]) -> Option<PathBuf> {
    first_bad(runs).or_else(|| reports(runs).next()).map(|report| of(plan, report))
}

fn reports(runs: &[RegionRun]) -> impl Iterator<Item = &RunReport> {
    runs.iter().flat_map(|run| &run.reports)
}

/// Removes the overviews of an earlier drill, which would be taken for those of
/// this one. What cannot be removed is told.
pub(crate) fn forget_overviews(plan: &Plan) {
    for name in [OVERVIEW, OUTAGE] {
        match std::fs::remove_file(plan.kit.reports.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => screen::complain(&format!(
                "{name}: that of an earlier drill cannot be removed: {error}; it says nothing of this drill"
            )),
            _ => {}
        }
    }
}

/// Copies the overview out of the local AWS, under a name of its own; none when
/// it has none yet. A failure costs this page only, and is told.
pub(crate) async fn overview(plan: &Plan, cloud: &Cloud, name: &str, at_hand: &AtHand) -> Option<PathBuf> {
    let copied = copy_overview(plan, cloud, name, at_hand).await;
    copied.unwrap_or_else(|reason| {
        screen::complain(&format!("{name}: the overview cannot be kept: {reason}; all else goes on without it"));
        None
    })
}

async fn copy_overview(plan: &Plan, cloud: &Cloud, name: &str, at_hand: &AtHand) -> Result<Option<PathBuf>, String> {
    let region = &plan.config.home_region;
    let bucket = bucket_name(region).map_err(|error| error.to_string())?;
    let settings = Settings {
        region: region.clone(),
        endpoint_url: Some(cloud.url().clone()),
        credentials: aws::credentials(&plan.kit.environment),
        operation_timeout: AWS_TIMEOUT,
    };
    let page = Clients::load(&settings).await.bucket(&bucket).get(keys::OVERVIEW).await;
    let Some(page) = page.map_err(|error| error.to_string())? else { return Ok(None) };
    let path = plan.kit.reports.join(name);
    let page = at_hand.lead_from(&String::from_utf8_lossy(&page));
    system::write_file(&path, page.as_bytes()).map_err(|error| error.to_string())?;
    Ok(Some(path))
}

/// Tells where the page is, the last thing of all, and keeps it in mind for `report`.
pub(crate) fn tell(plan: &Plan, page: Option<&Path>) {
    screen::print(&line("Page", page));
    if let Some(page) = page {
        remember(&plan.kit.reports, page);
    }
}

/// The line that tells where a page is; nothing without one.
pub(crate) fn line(what: &str, page: Option<&Path>) -> String {
    page.map(|page| format!("{what:<8} {}\n", page.display())).unwrap_or_default()
}
