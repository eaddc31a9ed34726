//! The reports that runs leave in S3: of every run that did not pass at once,
//! and the last one that did, to compare with.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use aws::{AwsError, Bucket, If, Object};
use jiff::{SignedDuration, Timestamp};
use model::journey::Outcome;
use model::names::{BucketName, Region, ReportUri, TargetId, keys};
use model::report::RunReport;
use report::Baseline;

use crate::watch::{PANICKED, Watched, watch};

/// How long a report to compare with is good enough: writing costs money, and
/// what a healthy run looks like changes slowly.
const FRESH: SignedDuration = SignedDuration::from_mins(15);
const PAGE: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";

/// Where the reports of a region's runs are kept.
pub(crate) struct Reports {
    bucket: Bucket,
    name: BucketName,
    region: Region,
    /// The most time that one run's reports may take: its run result waits.
    limit: Duration,
    known: RefCell<BTreeMap<TargetId, Known>>,
}

/// What this process did for a target.
#[derive(Clone, Copy, Default)]
struct Known {
    /// The minute of the passed run that was written last; none after a run that did not pass.
    latest: Option<Timestamp>,
    /// The minute of the passed run whose page was kept last.
    kept: Option<Timestamp>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// The run's page; none when it has none.
    pub(crate) page: Option<ReportUri>,
    /// What went wrong, one sentence each.
    pub(crate) faults: Vec<String>,
}

impl Reports {
    pub(crate) fn new(bucket: Bucket, name: BucketName, region: Region, limit: Duration) -> Self {
        Self { bucket, name, region, limit, known: RefCell::default() }
    }

    /// Keeps what a run leaves, within the limit and whatever happens.
    pub(crate) async fn keep(&self, report: &RunReport) -> Kept {
        let failed = |why: String| {
            let fault = format!("report of {}: {why}", report.target);
            Kept { page: None, faults: vec![fault] }
        };
        let work = async {
            if passed_at_once(report) { self.keep_latest(report).await } else { self.keep_page(report).await }
        };
        // On the heap, like the runs: the futures of the calls are large.
        match watch(self.limit, Box::pin(work)).await {
            Watched::Ended(kept) => kept,
            Watched::Overran => failed(format!("S3 did not take it within {} ms", self.limit.as_millis())),
            Watched::Panicked => failed(PANICKED.to_owned()),
        }
    }

    /// The report that later ones are compared with.
    async fn keep_latest(&self, report: &RunReport) -> Kept {
        let at = report.scheduled_at;
        if self.known(report).latest.is_some_and(|latest| at.duration_since(latest).abs() < FRESH) {
            return Kept::default();
        }
        let key = keys::latest(&report.target, &self.region);
        let fault = match self.put_json(&key, report, If::Any).await {
            Ok(()) => {
                self.note(report, |known| known.latest = Some(at));
                None
            }
            Err(fault) => Some(fault),
        };
        Kept { page: None, faults: fault.into_iter().collect() }
    }

    /// Page and report of a run that did not pass at once.
    async fn keep_page(&self, report: &RunReport) -> Kept {
        self.note(report, |known| known.latest = None);
        let (baseline, fault) = match self.baseline(report).await {
            Ok(baseline) => (baseline, None),
            Err(error) => (None, Some(fault(report, &error))),
        };
        let baseline_key = baseline.as_ref().map(|passed| self.page_key(passed));
        let link = baseline_key.and_then(|key| aws::console_link(&self.region, &self.name, &key));
        let link = link.map(String::from);
        let compared = baseline.as_ref().map(|report| Baseline { report, link: link.as_deref() });
        let key = self.page_key(report);
        let json_key = keys::report_json(&report.target, &self.region, report.scheduled_at);
        let (page, json, kept) = tokio::join!(
            self.put_page(&key, report, compared.as_ref()),
            self.put_json(&json_key, report, If::First),
            self.keep_baseline(baseline.as_ref()),
        );
        let uri = page.is_ok().then(|| ReportUri::new(&self.name, &key).ok()).flatten();
        let faults = [page, json, kept].into_iter().filter_map(Result::err).chain(fault);
        Kept { page: uri, faults: faults.collect() }
    }

    /// The last run that passed; none when there is none that can be read.
    async fn baseline(&self, report: &RunReport) -> Result<Option<RunReport>, AwsError> {
        let read = match self.bucket.get(&keys::latest(&report.target, &self.region)).await {
            // S3 says so of a missing object when the bucket may not be listed.
            Err(error) if error.is_denied() => None,
            read => read?,
        };
        // One of another version, or what somebody else put there, is nothing to compare with.
        let passed = read.and_then(|json| RunReport::read(&json).ok());
        let region = Some(&self.region);
        let fits = |passed: &RunReport| passed.target == report.target && passed.region.as_ref() == region;
        Ok(passed.filter(|passed| fits(passed) && passed_at_once(passed)))
    }

    /// The page of the run that was compared with, for the link: `latest` moves on.
    async fn keep_baseline(&self, baseline: Option<&RunReport>) -> Result<(), String> {
        let Some(passed) = baseline else { return Ok(()) };
        let at = Some(passed.scheduled_at);
        if self.known(passed).kept == at {
            return Ok(());
        }
        self.put_page(&self.page_key(passed), passed, None).await?;
        self.note(passed, |known| known.kept = at);
        Ok(())
    }

    async fn put_page(&self, key: &str, report: &RunReport, baseline: Option<&Baseline<'_>>) -> Result<(), String> {
        let page = report::html(report, baseline);
        self.put(key, report, (PAGE, page.as_bytes()), If::First).await
    }

    async fn put_json(&self, key: &str, report: &RunReport, condition: If) -> Result<(), String> {
        let json = serde_json::to_vec(report).map_err(|error| fault(report, &error))?;
        self.put(key, report, (JSON, &json), condition).await
    }

    async fn put(
        &self,
        key: &str,
        report: &RunReport,
        (content_type, body): (&'static str, &[u8]),
        condition: If,
    ) -> Result<(), String> {
        let object = Object { content_type, cache_control: None, body };
        // The first result for a key wins everywhere, so the first report does, too.
        self.bucket.put(key, &object, condition).await.map(|_put| ()).map_err(|error| fault(report, &error))
    }

    fn page_key(&self, report: &RunReport) -> String {
        keys::report_page(&report.target, &self.region, report.scheduled_at)
    }

    fn known(&self, report: &RunReport) -> Known {
        self.known.borrow().get(&report.target).copied().unwrap_or_default()
    }

    fn note(&self, report: &RunReport, change: impl FnOnce(&mut Known)) {
        change(self.known.borrow_mut().entry(report.target.clone()).or_default());
    }
}

/// Whether a run is one to compare with, and not one to look into.
pub(crate) fn passed_at_once(report: &RunReport) -> bool {
    report.outcome == Outcome::Passed && !report.recovered
}

fn fault(report: &RunReport, error: &impl ToString) -> String {
    format!("report of {}: {}", report.target, error.to_string())
}
