//! Times, durations and shares in words.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::cell::{Cause, Kind};
use crate::wording;

/// `10:05`, in UTC.
pub(super) fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M").to_string()
}

/// `25 Nov 10:05`, in UTC.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%-d %b %H:%M").to_string()
}

/// `2 h 5 min`; below a minute `under a minute`.
pub(super) fn span(duration: SignedDuration) -> String {
    let minutes = duration.as_mins();
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        _ if minutes < 1 => "under a minute".to_owned(),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// A time in milliseconds as a person reads it.
pub(super) fn time(milliseconds: u32) -> String {
    wording::milliseconds(Duration::from_millis(milliseconds.into()).into())
}

/// A share in per cent with two digits, cut and not rounded: 100 % means all.
pub(super) fn share(part: u64, whole: u64) -> Option<String> {
    let hundredths = part.saturating_mul(10_000).checked_div(whole)?;
    Some(match hundredths {
        10_000 => "100 %".to_owned(),
        _ => format!("{}.{:02} %", hundredths / 100, hundredths % 100),
    })
}

/// `1 run`, `2 runs`.
pub(super) fn count(number: impl std::fmt::Display, one: &str) -> String {
    let number = number.to_string();
    if number == "1" { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// The word of a kind of run.
pub(super) const fn kind(kind: Kind, number: u64) -> &'static str {
    match kind {
        Kind::MonitorError if number != 1 => "monitor errors",
        Kind::Passed => "passed",
        Kind::Recovered => "recovered",
        Kind::MonitorError => "monitor error",
        Kind::Degraded => "degraded",
        Kind::Failed => "failed",
    }
}

/// How a run ended and why: `failed, http_status at step 4 (Encrypted responses), request 5`.
pub(super) fn ending(kind: Kind, cause: Option<&Cause>) -> String {
    let kind = self::kind(kind, 1);
    let Some(cause) = cause else { return kind.to_owned() };
    let step = cause.step.map(|step| format!(" at step {} ({})", step.number(), step.title()));
    let request = cause.request.map(|request| format!(", request {}", request.number()));
    format!("{kind}, {}{}{}", cause.error_type, step.unwrap_or_default(), request.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_whole_only_when_nothing_is_missing() {
        for (part, whole, expected) in
            [(0, 0, None), (0, 3, Some("0.00 %")), (2, 3, Some("66.66 %")), (99_999, 100_000, Some("99.99 %"))]
        {
            assert_eq!(share(part, whole).as_deref(), expected);
        }
        assert_eq!(share(4320, 4320).as_deref(), Some("100 %"));
    }

    #[test]
    fn durations_are_said_as_people_say_them() {
        for (seconds, expected) in [
            (0, "under a minute"),
            (60, "1 min"),
            (3600, "1 h"),
            (7500, "2 h 5 min"),
            (86_400, "1 d"),
            (183_600, "2 d 3 h"),
            (-5, "under a minute"),
        ] {
            assert_eq!(span(SignedDuration::from_secs(seconds)), expected);
        }
        for (milliseconds, expected) in [(0, "<1 ms"), (9_999, "9999 ms"), (10_000, "10.0 s"), (25_449, "25.4 s")] {
            assert_eq!(time(milliseconds), expected);
        }
    }
}
