//! Times at which nobody is told.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Span as CalendarSpan, Timestamp};
use serde::Deserialize;

use super::cron::Cron;
use super::values::Span;
use super::{ConfigError, file};
use crate::names::TargetId;

/// The longest window: longer ones are a muted target.
const LONGEST: Duration = Duration::from_hours(24);

/// A window that comes again: runs go on, notifications do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maintenance {
    /// When it begins, in its time zone.
    pub cron: Cron,
    /// How long it lasts; at most a day.
    pub duration: Duration,
    /// The time zone of `cron`.
    pub time_zone: TimeZone,
    /// The targets it is for; empty: all.
    pub targets: Vec<TargetId>,
}

impl Maintenance {
    /// Whether a window is open. One that begins in the hour that a time change
    /// skips begins after it; in an hour that comes twice, the first time.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        let Ok(minutes) = i64::try_from(self.duration.as_secs().div_ceil(60)) else { return false };
        let latest = self.time_zone.to_datetime(now);
        // Two hours more: local time may have jumped since the beginning.
        (-120..minutes + 120).any(|back| {
            let Ok(start) = latest.checked_sub(CalendarSpan::new().minutes(back)) else { return false };
            self.cron.matches(start) && self.covers(start, now)
        })
    }

    fn covers(&self, start: jiff::civil::DateTime, now: Timestamp) -> bool {
        let first_minute = start.with().second(0).subsec_nanosecond(0).build();
        let start = first_minute.and_then(|start| self.time_zone.to_timestamp(start));
        let end = start.as_ref().ok().and_then(|start| start.checked_add(self.duration).ok());
        start.is_ok_and(|start| start <= now) && end.is_some_and(|end| now < end)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MaintenanceTable {
    cron: Cron,
    duration: Span,
    /// A name of the IANA time zone database; UTC by default.
    time_zone: Option<String>,
    #[serde(default)]
    targets: Vec<TargetId>,
}

impl MaintenanceTable {
    /// The window, for targets that there are.
    pub(super) fn finish(self, known: &[super::Target]) -> Result<Maintenance, ConfigError> {
        if self.duration.0 > LONGEST {
            return Err(file::key("maintenance.duration", "is longer than 24h; mute the target instead"));
        }
        if let Some(id) = self.targets.iter().find(|id| !known.iter().any(|target| target.id == **id)) {
            return Err(file::key("maintenance.targets", &format!("`{id}` is not a target")));
        }
        let time_zone = self.time_zone.as_deref().map_or(Ok(TimeZone::UTC), zone)?;
        Ok(Maintenance { cron: self.cron, duration: self.duration.0, time_zone, targets: self.targets })
    }
}

fn zone(name: &str) -> Result<TimeZone, ConfigError> {
    let unknown = |_| file::key("maintenance.time_zone", &format!("`{name}` is not a time zone such as Europe/Berlin"));
    TimeZone::get(name).map_err(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(cron: &str, hours: u64, zone: &str) -> Maintenance {
        Maintenance {
            cron: cron.parse().unwrap(),
            duration: Duration::from_hours(hours),
            time_zone: TimeZone::get(zone).unwrap(),
            targets: Vec::new(),
        }
    }

    fn open(window: &Maintenance, at: &str) -> bool {
        window.is_open(at.parse().unwrap())
    }

    #[test]
    fn a_window_is_open_from_its_first_to_before_its_last_moment() {
        let sundays = window("0 2 * * SUN", 2, "Europe/Berlin");
        for (at, expected) in [
            ("2026-11-29T00:59:59Z", false),
            ("2026-11-29T01:00:00Z", true),
            ("2026-11-29T02:59:59Z", true),
            ("2026-11-29T03:00:00Z", false),
            ("2026-11-28T01:30:00Z", false),
        ] {
            assert_eq!(open(&sundays, at), expected, "{at}");
        }
    }

    #[test]
    fn a_window_may_cross_midnight() {
        let nightly = window("30 23 * * *", 1, "UTC");
        assert!(open(&nightly, "2026-12-01T00:29:00Z"));
        assert!(!open(&nightly, "2026-12-01T00:30:00Z"));
    }

    #[test]
    fn a_change_of_the_clock_neither_skips_nor_repeats_a_window() {
        // Berlin, 2026-03-29: 02:00 becomes 03:00; 2026-10-25: 03:00 becomes 02:00.
        let nightly = window("30 2 * * *", 1, "Europe/Berlin");
        assert!(open(&nightly, "2026-03-29T01:30:00Z"), "begins at 03:30 summer time");
        assert!(open(&nightly, "2026-03-29T02:29:00Z"));
        assert!(open(&nightly, "2026-10-25T00:30:00Z"), "the first 02:30");
        assert!(!open(&nightly, "2026-10-25T01:30:00Z"), "the second 02:30");
    }
}
