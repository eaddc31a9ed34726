//! Moments that come again, as five fields of cron (POSIX, crontab).

use std::str::FromStr;

use jiff::civil::{DateTime, Weekday};
use serde::Deserialize;

const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// Minute, hour, day of the month, month, day of the week (0 and 7 are
/// Sunday): `*`, numbers, names, ranges, lists and `/step`. When both days are
/// given, one of them is enough.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Cron {
    minute: Field,
    hour: Field,
    day: Field,
    month: Field,
    weekday: Field,
}

/// The numbers that a field allows, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    allowed: u64,
    /// Whether the field is `*`.
    any: bool,
}

/// Why a text is not a moment that comes again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Not five fields.
    #[error("cron has five fields (minute, hour, day of the month, month, day of the week), not {0}")]
    Fields(usize),
    /// A field that cannot be read.
    #[error("`{text}` is not a {name} for cron: {low} to {high}, *, a-b, a,b or */n")]
    Field {
        /// The field.
        text: String,
        /// What it is.
        name: &'static str,
        /// The smallest number.
        low: u32,
        /// The largest number.
        high: u32,
    },
}

impl Cron {
    /// Whether the minute of a local time is one of the moments.
    #[must_use]
    pub fn matches(&self, at: DateTime) -> bool {
        let weekday = at.weekday().since(Weekday::Sunday);
        let day = self.day.allows(at.day());
        let weekday = self.weekday.allows(weekday);
        let day = if self.day.any || self.weekday.any { day && weekday } else { day || weekday };
        day && self.minute.allows(at.minute()) && self.hour.allows(at.hour()) && self.month.allows(at.month())
    }
}

impl Field {
    fn allows(self, number: i8) -> bool {
        u32::try_from(number).is_ok_and(|number| self.allowed & (1 << number) != 0)
    }

    fn parse(text: &str, name: &'static str, (low, high): (u32, u32), words: &[&str]) -> Result<Self, CronError> {
        let mut allowed = 0;
        for part in text.split(',') {
            let numbers = range(part, (low, high), words);
            let (from, to, step) =
                numbers.ok_or_else(|| CronError::Field { text: text.to_owned(), name, low, high })?;
            (from..=to).step_by(step).for_each(|number| allowed |= 1_u64 << number);
        }
        Ok(Self { allowed, any: text == "*" })
    }
}

/// `*`, `a`, `a-b`, each with `/step`: first, last, step.
fn range(part: &str, (low, high): (u32, u32), words: &[&str]) -> Option<(u32, u32, usize)> {
    let (span, step) = match part.split_once('/') {
        Some((span, step)) => (span, Some(step.parse().ok().filter(|step| *step > 0)?)),
        None => (part, None),
    };
    let number = |text: &str| -> Option<u32> {
        let word = words.iter().position(|word| word.eq_ignore_ascii_case(text));
        let number = word.map_or_else(|| text.parse().ok(), |at| u32::try_from(at).ok()?.checked_add(low))?;
        (low..=high).contains(&number).then_some(number)
    };
    let (from, to) = match span.split_once('-') {
        _ if span == "*" => (low, high),
        Some((from, to)) => (number(from)?, number(to)?),
        None if step.is_some() => (number(span)?, high),
        None => (number(span)?, number(span)?),
    };
    (from <= to).then_some((from, to, step.unwrap_or(1)))
}

impl FromStr for Cron {
    type Err = CronError;
    fn from_str(text: &str) -> Result<Self, CronError> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(CronError::Fields(fields.len()));
        };
        let mut weekday = Field::parse(weekday, "day of the week", (0, 7), &DAYS)?;
        weekday.allowed |= weekday.allowed >> 7;
        Ok(Self {
            minute: Field::parse(minute, "minute", (0, 59), &[])?,
            hour: Field::parse(hour, "hour", (0, 23), &[])?,
            day: Field::parse(day, "day of the month", (1, 31), &[])?,
            month: Field::parse(month, "month", (1, 12), &MONTHS)?,
            weekday,
        })
    }
}

impl TryFrom<String> for Cron {
    type Error = CronError;
    fn try_from(text: String) -> Result<Self, CronError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(cron: &str, at: &str) -> bool {
        cron.parse::<Cron>().unwrap().matches(at.parse().unwrap())
    }

    #[test]
    fn moments_match() {
        // 2026-11-29 is a Sunday.
        let cases = [
            ("* * * * *", "2026-11-29T13:37:00", true),
            ("*/15 * * * *", "2026-11-29T13:45:00", true),
            ("*/15 * * * *", "2026-11-29T13:46:00", false),
            ("5/20 * * * *", "2026-11-29T13:45:00", true),
            ("0 2-4,22 * * *", "2026-11-29T22:00:00", true),
            ("0 2-4,22 * * *", "2026-11-29T05:00:00", false),
            ("0 2 * * 0", "2026-11-29T02:00:00", true),
            ("0 2 * * 7", "2026-11-29T02:00:00", true),
            ("0 2 * * sun", "2026-11-29T02:00:00", true),
            ("0 2 * * MON-FRI", "2026-11-29T02:00:00", false),
            ("0 2 29 * MON", "2026-11-29T02:00:00", true),
            ("0 2 30 * MON", "2026-11-29T02:00:00", false),
            ("0 2 * NOV *", "2026-11-29T02:00:00", true),
            ("0 2 * 12 *", "2026-11-29T02:00:00", false),
        ];
        for (cron, at, expected) in cases {
            assert_eq!(matches(cron, at), expected, "{cron} at {at}");
        }
    }

    #[test]
    fn a_moment_that_cannot_be_is_refused() {
        for (cron, why) in [
            ("", "not 0"),
            ("0 2 * * * *", "not 6"),
            ("60 * * * *", "`60` is not a minute for cron: 0 to 59"),
            ("0 24 * * *", "not a hour"),
            ("0 2 0 * *", "not a day of the month"),
            ("0 2 * SUN *", "not a month"),
            ("0 2 * * 8", "not a day of the week"),
            ("5-1 * * * *", "not a minute"),
            ("*/0 * * * *", "not a minute"),
            ("1,,2 * * * *", "not a minute"),
            ("99999999999 * * * *", "not a minute"),
        ] {
            let error = cron.parse::<Cron>().unwrap_err().to_string();
            assert!(error.contains(why), "{cron}: {error}");
        }
    }
}
