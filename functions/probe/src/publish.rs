//! What a run sends to AWS: metrics and its run result.

use std::time::Duration;

use aws::Clients;
use futures_util::StreamExt;
use futures_util::stream::unfold;
use model::config::MetricDetail;
use model::names::{ReportUri, TopicArn};
use model::report::RunReport;
use model::run_result::RunResult;
use report::Datum;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use crate::watch::{PANICKED, Watched, watch};

/// How long the data of a run that ended wait for those of others. The metrics
/// of all runs of an invocation go out together, because calls cost money and
/// are counted by their number; but a slow target delays the others' metrics
/// no longer than this. They carry the scheduled minute, so nothing shifts.
const LINGER: Duration = Duration::from_secs(5);

/// The most calls for metrics under way at once: more than an invocation makes
/// with one each [`LINGER`], each ending after a few seconds.
const MOST_CALLS: usize = 8;

/// Where runs are published, and for how long one publication may take.
pub struct Publisher {
    /// `CloudWatch` and SNS of the region that runs.
    pub aws: Clients,
    /// The topic for run results; none: they are not sent.
    pub topic_arn: Option<TopicArn>,
    /// Whether this is the region that tells the certificates.
    pub is_home_region: bool,
    /// The most time for one round of publishing.
    pub limit: Duration,
}

impl Publisher {
    /// Publishes one run: its metrics and its run result, each whatever becomes
    /// of the other. Answers what went wrong, one sentence each.
    pub async fn publish(&self, report: &RunReport, detail: MetricDetail) -> Vec<String> {
        let data = self.data(report, detail);
        let (mut faults, lost) = tokio::join!(self.put(&data), self.run_result(report, None));
        faults.extend(lost);
        faults
    }

    /// The metrics of a run.
    pub(crate) fn data(&self, report: &RunReport, detail: MetricDetail) -> Vec<Datum> {
        report::metrics(report, detail, self.is_home_region)
    }

    /// Sends the data that arrive until the last sender is gone; a slow call
    /// does not hold up the next. Answers what went wrong, one sentence each.
    pub(crate) async fn metrics(&self, arriving: UnboundedReceiver<Vec<Datum>>) -> Vec<String> {
        let batches = unfold(arriving, |mut arriving| async move {
            let data = gather(&mut arriving).await?;
            Some((data, arriving))
        });
        let calls = batches.map(|data| async move { self.put(&data).await });
        calls.buffer_unordered(MOST_CALLS).concat().await
    }

    async fn put(&self, data: &[Datum]) -> Vec<String> {
        match watch(self.limit, self.aws.put_metrics(data)).await {
            Watched::Ended(report) => report.errors.iter().map(ToString::to_string).collect(),
            Watched::Overran => vec![format!("not all of {} metric data could be sent in time", data.len())],
            Watched::Panicked => vec![format!("not all of {} metric data could be sent: {PANICKED}", data.len())],
        }
    }

    /// Sends the run result to the region's topic, where there is one; `page`
    /// is where the run's page stands.
    pub(crate) async fn run_result(&self, report: &RunReport, page: Option<ReportUri>) -> Option<String> {
        let topic_arn = self.topic_arn.as_ref()?;
        let result = RunResult::from(report).with_report(page);
        // On the heap, like the runs: the future of the SDK is large.
        let published = Box::pin(self.aws.publish_run_result(topic_arn.as_str(), &result)).await;
        published.err().map(|error| format!("run result of {}: {error}", report.target))
    }
}

/// The next data and those that follow within [`LINGER`]; none when the last
/// sender is gone.
async fn gather(arriving: &mut UnboundedReceiver<Vec<Datum>>) -> Option<Vec<Datum>> {
    let mut data = arriving.recv().await?;
    // Cut short, it loses nothing: what was received is in `data`.
    let rest = async {
        while let Some(more) = arriving.recv().await {
            data.extend(more);
        }
    };
    timeout(LINGER, rest).await.ok();
    Some(data)
}
