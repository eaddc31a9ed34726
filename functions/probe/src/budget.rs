//! The time of an invocation, from the outside in.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use model::config::Timeouts;

/// The most that a Lambda invocation lasts (AWS Lambda Developer Guide, Quotas).
/// A deadline beyond it is an emulator's, and no time at all.
const LONGEST_INVOCATION: SignedDuration = SignedDuration::from_mins(15);

/// When the runs of an invocation must have ended, so that publishing fits in.
/// `deadline` counts milliseconds since 1970, as Lambda gives it; one in the
/// past or too far ahead gives way to the configured length of a run.
pub(crate) fn end_of_runs(deadline: u64, now: Timestamp, timeouts: &Timeouts) -> Timestamp {
    let deadline = i64::try_from(deadline).ok().and_then(|deadline| Timestamp::from_millisecond(deadline).ok());
    let sane = deadline.filter(|deadline| *deadline > now && deadline.duration_since(now) <= LONGEST_INVOCATION);
    let end = sane.unwrap_or_else(|| now.saturating_add(timeouts.run).unwrap_or(now));
    end.saturating_sub(timeouts.publish).unwrap_or(now)
}

/// The time from `now` to `end`; zero when it has passed.
pub(crate) fn left(end: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(end.duration_since(now)).unwrap_or_default()
}

/// The minute that a run begun at `time` stands for.
#[must_use]
pub fn minute(time: Timestamp) -> Timestamp {
    let second = time.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-25T10:00:07.9Z";

    #[test]
    fn the_deadline_counts_unless_it_cannot_be_one() {
        let now: Timestamp = NOW.parse().unwrap();
        let now_ms = u64::try_from(now.as_millisecond()).unwrap();
        let timeouts =
            Timeouts { run: Duration::from_secs(40), publish: Duration::from_secs(5), ..Timeouts::default() };
        for (deadline, seconds) in [
            (now_ms + 58_000, 53),
            (now_ms + 900_000, 895),
            (now_ms + 3_000, 0),
            (now_ms, 35),
            (now_ms + 900_001, 35),
            (600_000, 35),
            (0, 35),
            (u64::MAX, 35),
        ] {
            let left = left(end_of_runs(deadline, now, &timeouts), now);
            assert_eq!(left, Duration::from_secs(seconds), "deadline {deadline}");
        }
    }

    #[test]
    fn a_run_stands_for_its_minute() {
        for (time, expected) in [(NOW, "2026-11-25T10:00:00Z"), ("2026-11-25T10:00:00Z", "2026-11-25T10:00:00Z")] {
            assert_eq!(minute(time.parse().unwrap()).to_string(), expected);
        }
    }
}
