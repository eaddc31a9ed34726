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
use tokio::sync::SemaphorePermit;
use tokio::time::Instant;

use crate::turns::{Turns, Work};
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
    /// The most time that a run result waits for its page. Twice as much is left
    /// when the last run has ended.
    limit: Duration,
    turns: Turns,
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

/// A page that had its turn. It does not hold the report that it was compared
/// with: of a fleet that fails together, all would be in memory at once.
#[derive(Debug)]
pub(crate) struct Page {
    /// Where it stands; none when it could not be kept.
    pub(crate) uri: Option<ReportUri>,
    /// The minute of the run that it was compared with.
    compared: Option<Timestamp>,
    /// What went wrong, one sentence each.
    faults: Vec<String>,
}

impl Reports {
    pub(crate) fn new(bucket: Bucket, name: BucketName, region: Region, limit: Duration) -> Self {
        Self { bucket, name, region, limit, turns: Turns::new(), known: RefCell::default() }
    }

    /// Keeps the page of a run that did not pass at once, within the limit and
    /// whatever happens; none when its turn does not come, because too many did
    /// not pass at once.
    pub(crate) async fn page(&self, report: &RunReport) -> Option<Page> {
        if report.passed_at_once() {
            return None;
        }
        self.note(report, |known| known.latest = None);
        let now = Instant::now();
        let _turn = self.turns.take(Work::AwaitedPage, now + self.limit / 4).await?;
        Some(self.keep_page(report, now + self.limit).await)
    }

    /// Keeps what no run result waits for, whatever happens, also the page when
    /// [`Reports::page`] brought none: what went wrong, one sentence each. The
    /// pages of all runs come first. It ends within twice the limit after
    /// `end_of_runs`; what gets no turn until then is told in the log only, for
    /// nothing is broken.
    pub(crate) async fn rest(&self, report: &RunReport, page: Option<Page>, end_of_runs: Instant) -> Vec<String> {
        if report.passed_at_once() {
            return self.keep_latest(report).await.err().into_iter().collect();
        }
        let page = match page {
            None => self.late_page(report, end_of_runs).await,
            tried => tried,
        };
        let Some(Page { compared, mut faults, .. }) = page else { return Vec::new() };
        if let Some(_turn) = self.turn(report, Work::Rest, end_of_runs).await {
            faults.extend(self.keep_beside(report, compared, self.end(end_of_runs)).await);
        }
        faults
    }

    async fn late_page(&self, report: &RunReport, end_of_runs: Instant) -> Option<Page> {
        let _turn = self.turn(report, Work::LatePage, end_of_runs).await?;
        Some(self.keep_page(report, self.end(end_of_runs)).await)
    }

    /// A turn that leaves at least half of the limit for its work.
    async fn turn(&self, report: &RunReport, work: Work, end_of_runs: Instant) -> Option<SemaphorePermit<'_>> {
        let turn = self.turns.take(work, end_of_runs + self.limit * 3 / 2).await;
        if turn.is_none() {
            let kept = if work == Work::Rest { "only its page" } else { "none" };
            let why = "no time was left, too many runs did not pass at once";
            log::fault(&fault(report, &format!("{kept} is kept: {why}")));
        }
        turn
    }

    fn end(&self, end_of_runs: Instant) -> Instant {
        end_of_runs + self.limit * 2
    }

    /// The report that later ones are compared with. Without a turn the next
    /// run that passes writes it.
    async fn keep_latest(&self, report: &RunReport) -> Result<(), String> {
        let at = report.scheduled_at;
        if self.known(report).latest.is_some_and(|latest| at.duration_since(latest).abs() < FRESH) {
            return Ok(());
        }
        let Some(_turn) = self.turns.take(Work::Rest, Instant::now() + self.limit / 4).await else { return Ok(()) };
        let put = self.put_json(keys::latest(&report.target, &self.region), report, If::Any);
        let put = within(self.limit, "S3 did not take the run that passed", put).await;
        put.map_err(|why| fault(report, &why))?;
        self.note(report, |known| known.latest = Some(at));
        Ok(())
    }

    /// The page of a run, within the limit and before `end`.
    async fn keep_page(&self, report: &RunReport, end: Instant) -> Page {
        let end = end.min(Instant::now() + self.limit);
        // The page comes first: it does without what it would be compared with.
        let read = within(self.limit / 4, "S3 did not send the last run that passed", self.baseline(report)).await;
        let (baseline, unread) = split(read);
        let baseline = baseline.flatten();
        let put = self.put_compared(report, baseline.as_ref());
        let put = within(end.duration_since(Instant::now()), "S3 did not take the page", put).await;
        let (uri, unput) = split(put);
        let faults = [unread, unput].into_iter().flatten().map(|why| fault(report, &why)).collect();
        Page { uri, compared: baseline.map(|passed| passed.scheduled_at), faults }
    }

    /// The report as JSON, and the page that the run's page links to, within the
    /// limit and before `end`: what went wrong, one sentence each.
    async fn keep_beside(&self, report: &RunReport, compared: Option<Timestamp>, end: Instant) -> Vec<String> {
        let limit = self.limit.min(end.duration_since(Instant::now()));
        let json =
            self.put_json(keys::report_json(&report.target, &self.region, report.scheduled_at), report, If::First);
        let (json, page) = tokio::join!(
            within(limit, "S3 did not take the JSON", json),
            within(limit, "S3 did not take the page compared with", self.keep_compared(report, compared)),
        );
        [json, page].into_iter().filter_map(Result::err).map(|why| fault(report, &why)).collect()
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
        let alike = |passed: &RunReport| passed.target == report.target && passed.region.as_ref() == region;
        // A minute that runs twice may pass first: its page is this one's, too.
        let fits = |passed: &RunReport| alike(passed) && passed.scheduled_at < report.scheduled_at;
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

    /// The page of the run that was compared with, for the link: `latest` moves
    /// on, with the next run that passes. Until then it can be read again.
    async fn keep_compared(&self, report: &RunReport, compared: Option<Timestamp>) -> Result<(), String> {
        if compared.is_none() || self.known(report).kept == compared {
            return Ok(());
        }
        let passed = self.baseline(report).await?;
        let Some(passed) = passed.filter(|passed| Some(passed.scheduled_at) == compared) else { return Ok(()) };
        self.put_page(&self.page_key(&passed), &passed, None).await?;
        self.note(report, |known| known.kept = compared);
        Ok(())
    }

    async fn put_page(&self, key: &str, report: &RunReport, baseline: Option<&Baseline<'_>>) -> Result<(), String> {
        let page = report::html(report, baseline);
        self.put(key, (PAGE, page.as_bytes()), If::First).await
    }

    async fn put_json(&self, key: String, report: &RunReport, condition: If) -> Result<(), String> {
        let json = serde_json::to_vec(report).map_err(|error| error.to_string())?;
        self.put(&key, (JSON, &json), condition).await
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
