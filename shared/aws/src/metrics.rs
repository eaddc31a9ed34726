use std::collections::VecDeque;

use aws_sdk_cloudwatch::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudwatch::operation::put_metric_data::PutMetricDataError;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};
use report::{Datum, NAMESPACE, Unit};

use crate::batches::batches;
use crate::{AwsError, Clients, Operation};

/// The most batches that are split in one go: enough to single out half a dozen
/// bad data of a thousand, not to try a thousand bad ones one by one.
const MOST_SPLITS: usize = 64;
/// The HTTP status of a request that is too large.
const TOO_LARGE: u16 = 413;

/// What became of the data.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PutReport {
    /// How many arrived.
    pub sent: usize,
    /// Why others did not, each reason once; empty when all arrived.
    pub errors: Vec<AwsError>,
}

impl Clients {
    /// Sends the data in as few calls as the limits allow. A batch that the
    /// service refuses as invalid is split in halves, so that one bad datum
    /// costs only itself; a batch that fails otherwise does not stop the next.
    pub async fn put_metrics(&self, data: &[Datum]) -> PutReport {
        let mut report = PutReport::default();
        let mut splits = 0;
        let mut waiting = VecDeque::from(batches(data));
        while let Some(batch) = waiting.pop_front() {
            match self.put_batch(batch).await {
                Ok(()) => report.sent += batch.len(),
                Err(error) if batch.len() > 1 && splits < MOST_SPLITS && refused_as_invalid(&error) => {
                    splits += 1;
                    let (first, second) = batch.split_at(batch.len() / 2);
                    waiting.push_front(second);
                    waiting.push_front(first);
                }
                Err(error) => report.lose(batch, AwsError::call(Operation::PutMetricData, &error)),
            }
        }
        report
    }

    async fn put_batch(&self, batch: &[Datum]) -> Result<(), SdkError<PutMetricDataError>> {
        self.cloudwatch
            .put_metric_data()
            .namespace(NAMESPACE)
            .set_metric_data(Some(batch.iter().map(metric_datum).collect()))
            .send()
            .await?;
        Ok(())
    }
}

impl PutReport {
    /// Counts a batch as lost, together with others that were lost for the same reason.
    fn lose(&mut self, batch: &[Datum], reason: AwsError) {
        for error in &mut self.errors {
            if let AwsError::DataLost { count, cause, .. } = error
                && **cause == reason
            {
                *count += batch.len();
                return;
            }
        }
        let first = batch.first().map(label).unwrap_or_default();
        self.errors.push(AwsError::DataLost { count: batch.len(), first, cause: Box::new(reason) });
    }
}

/// By the error's code, which comes as its shape or as the shorter name of
/// older protocols (Smithy, AWS query compatibility).
fn refused_as_invalid(error: &SdkError<PutMetricDataError>) -> bool {
    let SdkError::ServiceError(refusal) = error else {
        return false;
    };
    let code = refusal.err().code().unwrap_or_default();
    let invalid = ["InvalidParameter", "MissingParameter", "MissingRequiredParameter", "InvalidFormat", "Validation"];
    refusal.raw().status().as_u16() == TOO_LARGE || invalid.iter().any(|start| code.starts_with(start))
}

fn label(datum: &Datum) -> String {
    let dimensions: Vec<String> = datum.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{} {{{}}}", datum.name, dimensions.join(", "))
}

fn metric_datum(datum: &Datum) -> MetricDatum {
    let unit = match datum.unit {
        Unit::Count => StandardUnit::Count,
        Unit::Milliseconds => StandardUnit::Milliseconds,
        Unit::None => StandardUnit::None,
    };
    let dimension = |(name, value): &(&str, String)| Dimension::builder().name(*name).value(value).build();
    MetricDatum::builder()
        .metric_name(datum.name)
        .unit(unit)
        .value(datum.value)
        .timestamp(DateTime::from_secs(datum.timestamp.as_second()))
        .set_dimensions(Some(datum.dimensions.iter().map(dimension).collect()))
        .build()
}
