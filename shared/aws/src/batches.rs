//! How data share calls: as few as the limits allow (Amazon `CloudWatch` API
//! Reference, `PutMetricData`: 1,000 metrics and 1 MB).

use report::Datum;

/// The most data in one call.
const MOST_DATA: usize = 1_000;
/// The most bytes in one call, a tenth below the limit: sizes are estimates.
const MOST_BYTES: usize = 900_000;
/// What a datum takes beside its texts: keys, unit, number, time.
const DATUM_OVERHEAD: usize = 128;
/// What a dimension takes beside its texts.
const DIMENSION_OVERHEAD: usize = 24;

/// Cuts the data into runs, in order, each of which fits into one call.
pub(crate) fn batches(data: &[Datum]) -> Vec<&[Datum]> {
    let mut batches = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let (batch, later) = rest.split_at(fitting(rest));
        batches.push(batch);
        rest = later;
    }
    batches
}

/// How many of the first data fit into one call; at least one.
fn fitting(data: &[Datum]) -> usize {
    let mut bytes = 0;
    let fits = |datum: &&Datum| {
        bytes += size(datum);
        bytes <= MOST_BYTES
    };
    let count = data.iter().take(MOST_DATA).take_while(fits).count();
    count.max(1)
}

fn size(datum: &Datum) -> usize {
    let dimension = |(name, value): &(&str, String)| name.len() + value.len() + DIMENSION_OVERHEAD;
    let dimensions: usize = datum.dimensions.iter().map(dimension).sum();
    DATUM_OVERHEAD + datum.name.len() + dimensions
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use report::Unit;

    use super::*;

    fn datum(value: f64, target: &str) -> Datum {
        Datum {
            name: "RunSuccess",
            unit: Unit::Count,
            value,
            dimensions: vec![("Target", target.to_owned())],
            timestamp: Timestamp::UNIX_EPOCH,
        }
    }

    fn sizes(data: &[Datum]) -> Vec<usize> {
        let batches = batches(data);
        assert_eq!(batches.concat(), data);
        batches.iter().map(|batch| batch.len()).collect()
    }

    #[test]
    fn calls_are_as_few_as_the_limits_allow() {
        let many = vec![datum(1.0, "a"); 2_001];
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&many[..1_000]), [1_000]);
        assert_eq!(sizes(&many[..1_001]), [1_000, 1]);
        assert_eq!(sizes(&many), [1_000, 1_000, 1]);
    }

    #[test]
    fn large_data_share_a_call_by_size_and_a_huge_one_has_its_own() {
        let large = vec![datum(1.0, &"x".repeat(100_000)); 10];
        assert_eq!(sizes(&large), [8, 2]);
        let huge = datum(1.0, &"x".repeat(2_000_000));
        assert_eq!(sizes(&[huge.clone(), datum(1.0, "a"), huge]), [1, 1, 1]);
    }
}
