//! Small matters of wording.

use jiff::Timestamp;
use model::error::{Blame, RunError};
use model::journey::Request;
use model::names::Region;

use crate::notice::{Notice, RegionFacts, Spread};
use crate::vote::Vote;

/// `2026-11-25 10:01 UTC`.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// How long from one moment to another, in whole minutes: `2 h 5 min`.
pub(super) fn lasting(from: Timestamp, to: Timestamp) -> String {
    spelled(&units(from, to), |(number, unit)| format!("{number} {}", unit.short))
}

/// The same as a voice says it: `2 hours 5 minutes`.
pub(super) fn lasting_aloud(from: Timestamp, to: Timestamp) -> String {
    spelled(&units(from, to), |(number, unit)| count(number.unsigned_abs(), unit.long))
}

#[derive(Clone, Copy)]
struct Unit {
    short: &'static str,
    long: &'static str,
}

const DAY: Unit = Unit { short: "d", long: "day" };
const HOUR: Unit = Unit { short: "h", long: "hour" };
const MINUTE: Unit = Unit { short: "min", long: "minute" };

/// The two largest units that are worth a word; none for less than a minute.
fn units(from: Timestamp, to: Timestamp) -> Vec<(i64, Unit)> {
    let minutes = (to.duration_since(from).as_secs() / 60).max(0);
    match (minutes / (24 * 60), minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => Vec::new(),
        (0, 0, minutes) => vec![(minutes, MINUTE)],
        (0, hours, minutes) => vec![(hours, HOUR), (minutes, MINUTE)],
        (days, hours, _) => vec![(days, DAY), (hours, HOUR)],
    }
}

fn spelled(units: &[(i64, Unit)], one: impl Fn(&(i64, Unit)) -> String) -> String {
    if units.is_empty() {
        return "less than a minute".to_owned();
    }
    units.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// `1 run`, `2 runs`.
pub(super) fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// Without line breaks and what cannot be seen: texts of the bank go here.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if model::text::is_unsafe(c) { ' ' } else { c }).collect()
}

/// As much as fits, and an ellipsis of three dots, which every alphabet has.
pub(crate) fn fitted(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        text.to_owned()
    } else {
        text.chars().take(most.saturating_sub(3)).chain("...".chars()).collect()
    }
}

/// The text with a question mark for each character that is not printable ASCII.
pub(super) fn ascii(text: &str) -> String {
    text.chars().map(|c| if c == ' ' || c.is_ascii_graphic() { c } else { '?' }).collect()
}

/// The text with its first letter in upper case, and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{first}{}{stop}", rest.as_str())
}

/// `Step 4 (Encrypted responses), request 5 (choose interface)`.
pub(super) fn place(error: &RunError) -> String {
    let request = error.request.and_then(Request::from_number);
    match (error.step, request) {
        (Some(step), Some(request)) => {
            format!("Step {} ({}), request {} ({})", step.number(), step.title(), request.number(), request.title())
        }
        (Some(step), None) => format!("Step {} ({})", step.number(), step.title()),
        (None, _) => "The run, before its first step".to_owned(),
    }
}

/// `http_status, HTTP 503`, with the API's category where there is one.
pub(super) fn kind(error: &RunError) -> String {
    let failure = &error.failure;
    let mut words = vec![failure.error_type.to_string()];
    words.extend(failure.http_status.map(|status| format!("HTTP {status}")));
    words.extend(failure.category.as_ref().map(|category| category.as_str().to_owned()));
    words.join(", ")
}

/// The regions that the notice is about: those that are bad now, or that were.
pub(super) fn concerned(notice: &Notice) -> Vec<&RegionFacts> {
    let bad: Vec<&RegionFacts> = notice.regions.iter().filter(|facts| facts.vote != Vote::Passing).collect();
    if bad.is_empty() || notice.is_over() { notice.regions.iter().collect() } else { bad }
}

/// `us-east-1, us-west-1`.
pub(super) fn names<'a>(regions: impl Iterator<Item = &'a Region>) -> String {
    regions.map(Region::as_str).collect::<Vec<_>>().join(", ")
}

/// Whose fault it looks like, and what speaks for it.
pub(super) fn fault(blame: Blame, spread: Option<Spread>) -> String {
    let whose = match blame {
        Blame::Provider => "It looks like that of the API's provider",
        Blame::Bank => "It looks like that of the bank behind the API",
        Blame::Network => "It looks like that of the network on the way",
        Blame::Us => "It is ours",
    };
    let why = match spread {
        None => String::new(),
        Some(_) if blame == Blame::Us => String::new(),
        Some(Spread { failing: 1, configured, .. }) if configured > 1 => match blame {
            Blame::Network => ": only one region fails so far, so look at it and at the way from there".to_owned(),
            _ => ", though only one region fails so far: look at the way from there, too".to_owned(),
        },
        Some(Spread { failing, configured, alike }) => {
            let who = match (failing, configured) {
                (1, 1) => "the only region fails".to_owned(),
                _ if failing == configured => "every region fails".to_owned(),
                _ => format!("{failing} of {configured} regions fail so far"),
            };
            let how = match (failing, alike) {
                (1, _) => "",
                (_, true) => ", all at the same step",
                (_, false) => ", not all at the same step",
            };
            format!(": {who}{how}")
        }
    };
    format!("{whose}{why}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_as_long_as_a_person_would_say() {
        let from = |text: &str| lasting(text.parse().unwrap(), "2026-11-25T10:00:00Z".parse().unwrap());
        assert_eq!(from("2026-11-25T09:59:30Z"), "less than a minute");
        assert_eq!(from("2026-11-25T09:59:00Z"), "1 min");
        assert_eq!(from("2026-11-25T07:55:00Z"), "2 h 5 min");
        assert_eq!(from("2026-11-23T07:00:00Z"), "2 d 3 h");
        assert_eq!(from("2026-11-26T07:00:00Z"), "less than a minute");
        let aloud = |text: &str| lasting_aloud(text.parse().unwrap(), "2026-11-25T10:00:00Z".parse().unwrap());
        assert_eq!(aloud("2026-11-25T08:55:00Z"), "1 hour 5 minutes");
        assert_eq!(aloud("2026-11-25T09:59:30Z"), "less than a minute");
    }
}
