//! What leaves the probe: metrics, run results, report files.

use std::path::Path;
use std::time::Duration;

use aws::Clients;
use futures_util::StreamExt;
use futures_util::stream::unfold;
use model::report::RunReport;
use model::run_result::RunResult;
use report::Datum;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

/// How long the data of a run that ended wait for those of others. The metrics
/// of all runs of an invocation go out together, because calls cost money and
/// are counted by their number; but a slow target delays the others' metrics
/// no longer than this. They carry the scheduled minute, so nothing shifts.
const LINGER: Duration = Duration::from_secs(5);

/// The most calls for metrics under way at once: more than an invocation makes
/// with one each [`LINGER`], each ending after a few seconds.
const MOST_CALLS: usize = 8;

/// Where runs are published, and for how long one publication may take.
pub(crate) struct Publisher {
    pub(crate) aws: Clients,
    pub(crate) topic_arn: Option<String>,
    pub(crate) report_folder: Option<String>,
    pub(crate) is_home_region: bool,
    /// The most time for one round of publishing.
    pub(crate) limit: Duration,
}

impl Publisher {
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
        match timeout(self.limit, self.aws.put_metrics(data)).await {
            Ok(report) => report.errors.iter().map(ToString::to_string).collect(),
            Err(_elapsed) => vec![format!("not all of {} metric data could be sent in time", data.len())],
        }
    }

    /// Sends the run result to the region's topic, where there is one.
    pub(crate) async fn run_result(&self, report: &RunReport) -> Option<String> {
        let topic_arn = self.topic_arn.as_ref()?;
        let published = self.aws.publish_run_result(topic_arn, &RunResult::from(report)).await;
        published.err().map(|error| format!("run result of {}: {error}", report.target))
    }

    /// Writes the full report to the folder, where there is one.
    pub(crate) fn report_file(&self, report: &RunReport) -> Option<String> {
        let folder = self.report_folder.as_ref()?;
        let path = Path::new(folder).join(report_path(report));
        let json = match serde_json::to_vec_pretty(report) {
            Ok(json) => json,
            Err(error) => return Some(format!("report of {}: {error}", report.target)),
        };
        system::write_file(&path, &json).err().map(|error| error.to_string())
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

/// Target, region, minute and run: `TARGET/REGION/20261125T100000Z-RUN_ID.json`.
/// No part holds a separator or a colon, which some file systems refuse.
fn report_path(report: &RunReport) -> String {
    let region = report.region.as_ref().map_or("local", |region| region.as_str());
    let minute = report.scheduled_at.strftime("%Y%m%dT%H%M%SZ");
    format!("{}/{region}/{minute}-{}.json", report.target, report.run_id)
}
