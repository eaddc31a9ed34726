//! When somebody is told: the counts, the quorum, the reminders.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error as _};

use super::ConfigError;
use super::file::key;

/// The largest count of runs in a row that a policy may ask for. It bounds the
/// results that are kept for each target.
const MOST_RUNS: u32 = 60;

/// The rules by which runs become notifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Failed runs in a row after which a region votes failing.
    pub failed_runs: u32,
    /// Degraded or failed runs in a row after which it votes degraded.
    pub degraded_runs: u32,
    /// Good runs in a row after which it takes such a vote back.
    pub recovery_runs: u32,
    /// Failed runs in a row after which a single region counts as partial.
    pub partial_runs: u32,
    /// How many regions must agree.
    pub min_regions: Quorum,
    /// What follows while a target stays failing.
    pub reminders: Reminders,
    /// Days before a certificate's end at which it is told, descending.
    pub certificate_days: Vec<u16>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            failed_runs: 1,
            degraded_runs: 3,
            recovery_runs: 2,
            partial_runs: 3,
            min_regions: Quorum::MoreThanHalf,
            reminders: Reminders { interval: Duration::from_mins(30), amount: 3 },
            certificate_days: vec![30, 14, 7, 1],
        }
    }
}

impl Policy {
    /// The longest count of runs in a row that a vote looks back on.
    #[must_use]
    pub fn longest_count(&self) -> u32 {
        [self.failed_runs, self.degraded_runs, self.recovery_runs, self.partial_runs].into_iter().max().unwrap_or(1)
    }
}

/// How many of the configured regions must agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quorum {
    /// More than half of them.
    #[default]
    MoreThanHalf,
    /// So many, at least 1.
    Count(usize),
    /// So many per cent of them, 1 to 100, rounded up.
    Percent(u8),
}

impl Quorum {
    /// The number of regions, of so many that are configured; from 1 to all of them.
    #[must_use]
    pub fn of(self, regions: usize) -> usize {
        let wanted = match self {
            Self::MoreThanHalf => regions / 2 + 1,
            Self::Count(count) => count,
            Self::Percent(percent) => (regions * usize::from(percent)).div_ceil(100),
        };
        wanted.clamp(1, regions.max(1))
    }
}

/// Repeats of a failure notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminders {
    /// The time between two of them, whole minutes.
    pub interval: Duration,
    /// How many there are at most; 0: none.
    pub amount: u32,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyTable {
    failed_runs: Option<Count>,
    degraded_runs: Option<Count>,
    recovery_runs: Option<Count>,
    partial_runs: Option<Count>,
    #[serde(default)]
    min_regions: Quorum,
    #[serde(default)]
    reminders: RemindersTable,
    certificate_days: Option<Vec<u16>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RemindersTable {
    interval_minutes: Option<Minutes>,
    amount: Option<u32>,
}

/// Runs in a row: 1 to [`MOST_RUNS`].
struct Count(u32);

/// 1 to a week of minutes.
struct Minutes(u32);

impl PolicyTable {
    /// The policy for this many regions.
    pub(super) fn finish(self, regions: usize) -> Result<Policy, ConfigError> {
        if let Quorum::Count(count) = self.min_regions
            && count > regions
        {
            return Err(key("policy.min_regions", &format!("asks for {count} regions, and there are {regions}")));
        }
        let default = Policy::default();
        let or = |count: Option<Count>, default: u32| count.map_or(default, |count| count.0);
        let mut certificate_days = self.certificate_days.unwrap_or(default.certificate_days);
        certificate_days.sort_unstable_by(|a, b| b.cmp(a));
        certificate_days.dedup();
        Ok(Policy {
            failed_runs: or(self.failed_runs, default.failed_runs),
            degraded_runs: or(self.degraded_runs, default.degraded_runs),
            recovery_runs: or(self.recovery_runs, default.recovery_runs),
            partial_runs: or(self.partial_runs, default.partial_runs),
            min_regions: self.min_regions,
            reminders: self.reminders.finish(default.reminders),
            certificate_days,
        })
    }
}

impl RemindersTable {
    fn finish(self, default: Reminders) -> Reminders {
        let interval =
            self.interval_minutes.map_or(default.interval, |minutes| Duration::from_secs(u64::from(minutes.0) * 60));
        Reminders { interval, amount: self.amount.unwrap_or(default.amount) }
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        in_range(i64::deserialize(deserializer)?, MOST_RUNS, "runs in a row").map(Self)
    }
}

impl<'de> Deserialize<'de> for Minutes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        in_range(i64::deserialize(deserializer)?, 7 * 24 * 60, "minutes").map(Self)
    }
}

fn in_range<E: serde::de::Error>(number: i64, most: u32, unit: &str) -> Result<u32, E> {
    let valid = u32::try_from(number).ok().filter(|number| (1..=most).contains(number));
    valid.ok_or_else(|| E::custom(format!("{number} is not a number of {unit} from 1 to {most}")))
}

impl<'de> Deserialize<'de> for Quorum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Number(usize),
            Text(String),
        }
        let percent = |text: &str| text.strip_suffix('%')?.parse().ok().filter(|percent| (1..=100).contains(percent));
        let quorum = match Raw::deserialize(deserializer) {
            Ok(Raw::Number(count)) if count > 0 => Some(Self::Count(count)),
            Ok(Raw::Text(text)) if text == "more than half" => Some(Self::MoreThanHalf),
            Ok(Raw::Text(text)) => percent(&text).map(Self::Percent),
            _ => None,
        };
        quorum.ok_or_else(|| {
            D::Error::custom("min_regions is a number of regions, a percentage such as \"60%\", or \"more than half\"")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quorum_is_never_zero_and_never_more_than_there_are() {
        let cases = [
            (Quorum::MoreThanHalf, [1, 2, 2, 3, 3]),
            (Quorum::Count(2), [1, 2, 2, 2, 2]),
            (Quorum::Percent(1), [1, 1, 1, 1, 1]),
            (Quorum::Percent(50), [1, 1, 2, 2, 3]),
            (Quorum::Percent(67), [1, 2, 3, 3, 4]),
            (Quorum::Percent(100), [1, 2, 3, 4, 5]),
        ];
        for (quorum, expected) in cases {
            assert_eq!([1, 2, 3, 4, 5].map(|regions| quorum.of(regions)), expected, "{quorum:?}");
        }
    }
}
