//! The reports that runs leave in S3: of every run that did not pass at once,
//! and the last one that did, to compare with.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use aws::{Bucket, If, Object};
use jiff::{SignedDuration, Timestamp};
use model::names::{BucketName, Region, ReportUri, TargetId, keys};
use model::report::RunReport;
use report::Baseline;
use system::log;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep};

use crate::watch::{PANICKED, Watched, watch};

/// How long a report to compare with is good enough: writing costs money, and
/// what a healthy run looks like changes slowly.
const FRESH: SignedDuration = SignedDuration::from_mins(15);
const PAGE: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";

/// The most runs whose reports are in the making at once. A page takes tens of
/// milliseconds of the little processor that a small function has, and all runs
/// share it: a fleet that fails together must not lose its run results to it.
const SLOTS: usize = 4;

/// Where the reports of a region's runs are kept.
pub(crate) struct Reports {
    bucket: Bucket,
    name: BucketName,
    region: Region,
    /// The most time that a run result waits for its page.
    limit: Duration,
    slots: Semaphore,
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

/// The page of a run, and what is still to be kept.
#[derive(Debug, Default)]
pub(crate) struct Page<'a> {
    /// Where it stands; none when the run has none.
    pub(crate) uri: Option<ReportUri>,
    /// What went wrong, one sentence each.
    pub(crate) faults: Vec<String>,
    /// What [`Reports::rest`] goes on with.
    pub(crate) rest: Option<Rest<'a>>,
}

/// A run whose page was tried, and whose other reports are still to be kept.
#[derive(Debug)]
pub(crate) struct Rest<'a> {
    slot: SemaphorePermit<'a>,
    /// The run that the page was compared with.
    baseline: Option<RunReport>,
}

impl Reports {
    pub(crate) fn new(bucket: Bucket, name: BucketName, region: Region, limit: Duration) -> Self {
        Self { bucket, name, region, limit, slots: Semaphore::new(SLOTS), known: RefCell::default() }
    }

    /// Keeps the page of a run that did not pass at once, within the limit and
    /// whatever happens. With too many at once there is none, which the log
    /// tells: nothing is broken then.
    pub(crate) async fn page(&self, report: &RunReport) -> Page<'_> {
        if report.passed_at_once() {
            return Page::default();
        }
        self.note(report, |known| known.latest = None);
        let end = Instant::now() + self.limit;
        let Some(slot) = self.slot().await else {
            log::fault(&fault(report, "none is kept, too many runs did not pass at once"));
            return Page::default();
        };
        // The page comes first: it does without what it would be compared with.
        let read = within(self.limit / 4, "S3 did not send the last run that passed", self.baseline(report)).await;
        let (baseline, unread) = split(read);
        let baseline = baseline.flatten();
        let put = self.put_compared(report, baseline.as_ref());
        let put = within(end.duration_since(Instant::now()), "S3 did not take the page", put).await;
        let (uri, unput) = split(put);
        let faults = [unread, unput].into_iter().flatten().map(|why| fault(report, &why)).collect();
        Page { uri, faults, rest: Some(Rest { slot, baseline }) }
    }

    /// Keeps what no run result waits for, within the limit and whatever
    /// happens: what went wrong, one sentence each.
    pub(crate) async fn rest(&self, report: &RunReport, page: Option<Rest<'_>>) -> Vec<String> {
        let kept = match page {
            Some(rest) => self.keep_rest(report, rest).await,
            None if report.passed_at_once() => vec![self.keep_latest(report).await],
            None => Vec::new(),
        };
        kept.into_iter().filter_map(Result::err).map(|why| fault(report, &why)).collect()
    }

    /// The report that later ones are compared with. Without a slot the next
    /// run that passes writes it.
    async fn keep_latest(&self, report: &RunReport) -> Result<(), String> {
        let at = report.scheduled_at;
        if self.known(report).latest.is_some_and(|latest| at.duration_since(latest).abs() < FRESH) {
            return Ok(());
        }
        let Some(_slot) = self.slot().await else { return Ok(()) };
        let key = keys::latest(&report.target, &self.region);
        within(self.limit, "S3 did not take the run that passed", self.put_json(&key, report, If::Any)).await?;
        self.note(report, |known| known.latest = Some(at));
        Ok(())
    }

    /// The report as JSON, and the page that the run's page links to.
    async fn keep_rest(&self, report: &RunReport, Rest { slot, baseline }: Rest<'_>) -> Vec<Result<(), String>> {
        let key = keys::report_json(&report.target, &self.region, report.scheduled_at);
        let (json, page) = tokio::join!(
            within(self.limit, "S3 did not take the JSON", self.put_json(&key, report, If::First)),
            within(self.limit, "S3 did not take the page compared with", self.keep_baseline(baseline.as_ref())),
        );
        drop(slot);
        vec![json, page]
    }

    /// The turn of a run; none when it does not come in time. Time is looked at
    /// first: what is late already is not begun.
    async fn slot(&self) -> Option<SemaphorePermit<'_>> {
        tokio::select! {
            biased;
            () = sleep(self.limit / 4) => None,
            slot = self.slots.acquire() => slot.ok(),
        }
    }

    /// The last run that passed; none when there is none that can be read.
    async fn baseline(&self, report: &RunReport) -> Result<Option<RunReport>, String> {
        let read = match self.bucket.get(&keys::latest(&report.target, &self.region)).await {
            // S3 says so of a missing object when the bucket may not be listed.
            Err(error) if error.is_denied() => None,
            read => read.map_err(|error| error.to_string())?,
        };
        // One of another version, or what somebody else put there, is nothing to compare with.
        let passed = read.and_then(|json| RunReport::read(&json).ok());
        let region = Some(&self.region);
        let fits = |passed: &RunReport| passed.target == report.target && passed.region.as_ref() == region;
        Ok(passed.filter(|passed| fits(passed) && passed.passed_at_once()))
    }

    /// The page of a run beside the one that it is compared with: where it stands.
    async fn put_compared(&self, report: &RunReport, baseline: Option<&RunReport>) -> Result<ReportUri, String> {
        let link = baseline.and_then(|passed| aws::console_link(&self.region, &self.name, &self.page_key(passed)));
        let link = link.map(String::from);
        let baseline = baseline.map(|report| Baseline { report, link: link.as_deref() });
        let key = self.page_key(report);
        self.put_page(&key, report, baseline.as_ref()).await?;
        ReportUri::new(&self.name, &key).map_err(|error| error.to_string())
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
        self.put(key, (PAGE, page.as_bytes()), If::First).await
    }

    async fn put_json(&self, key: &str, report: &RunReport, condition: If) -> Result<(), String> {
        let json = serde_json::to_vec(report).map_err(|error| error.to_string())?;
        self.put(key, (JSON, &json), condition).await
    }

    async fn put(&self, key: &str, (content_type, body): (&'static str, &[u8]), condition: If) -> Result<(), String> {
        let object = Object { content_type, cache_control: None, body };
        // The first result for a key wins everywhere, so the first report does, too.
        self.bucket.put(key, &object, condition).await.map(|_put| ()).map_err(|error| error.to_string())
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

/// Work with S3, for at most so long and whatever happens.
async fn within<T>(limit: Duration, late: &str, work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    // On the heap, like the runs: the futures of the calls are large.
    match watch(limit, Box::pin(work)).await {
        Watched::Ended(result) => result,
        Watched::Overran => Err(format!("{late} in time")),
        Watched::Panicked => Err(PANICKED.to_owned()),
    }
}

fn split<T, E>(result: Result<T, E>) -> (Option<T>, Option<E>) {
    match result {
        Ok(value) => (Some(value), None),
        Err(error) => (None, Some(error)),
    }
}

fn fault(report: &RunReport, why: &str) -> String {
    format!("report of {}: {why}", report.target)
}
