//! Fault rules from text.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use super::{Aim, FaultRule, Kind, RuleError, State};

impl FromStr for FaultRule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let (request, rest) = text.split_once(':').ok_or_else(|| RuleError::Shape(text.to_owned()))?;
        let (rest, region) = match rest.rsplit_once('@') {
            Some((rest, region)) => (rest, Some(checked_region(region)?)),
            None => (rest, None),
        };
        let (kind, limit) = match rest.rsplit_once('*') {
            Some((kind, limit)) => (kind, Some(checked_limit(limit)?)),
            None => (rest, None),
        };
        let rule = Self { request: request.parse()?, kind: kind.parse()?, limit, region };
        rule.check_possible()?;
        Ok(rule)
    }
}

impl FaultRule {
    /// A rule that can never show would make a rehearsal pass for the wrong reason.
    fn check_possible(&self) -> Result<(), RuleError> {
        let allowed = match (&self.kind, self.request) {
            (Kind::Reset | Kind::Delay(_) | Kind::Empty | Kind::NotJson, Aim::Accept) => {
                return Ok(());
            }
            (_, Aim::Accept) => "accept knows reset, delay=D, empty and not-json",
            (Kind::BadKey, Aim::Number(1 | 2 | 8..) | Aim::CleanUp) => "only the answers 3 to 7 carry a key",
            (Kind::ForeignUrl, Aim::Number(8 | 10 | 11) | Aim::CleanUp) => "only the answers 1 to 7 and 9 carry a URL",
            _ => return Ok(()),
        };
        let (kind, request) = (self.kind.name(), self.request.to_string());
        Err(RuleError::Impossible { kind, request, allowed })
    }
}

impl FromStr for Aim {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        match text {
            "cleanup" => Ok(Self::CleanUp),
            "all" => Ok(Self::All),
            "accept" => Ok(Self::Accept),
            _ => match text.parse() {
                Ok(number @ 1..=11) => Ok(Self::Number(number)),
                _ => Err(RuleError::Request(text.to_owned())),
            },
        }
    }
}

impl FromStr for Kind {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let given = value.unwrap_or_default();
        let kind = match name {
            "status" => Self::Status(number(given, 200..=599).ok_or_else(|| {
                wrong_value("status", given, "write an HTTP status from 200 to 599, such as status=503")
            })?),
            "delay" => Self::Delay(duration("delay", given)?),
            "drip" => Self::Drip(duration("drip", given)?),
            "missing" => Self::Missing(field("missing", given)?),
            "type" => Self::Type(field("type", given)?),
            "state" => Self::State(given.parse()?),
            "category" => Self::Category(category(given)?),
            "rate-limit" => Self::RateLimit(number(given, 0..=86_400).ok_or_else(|| {
                wrong_value("rate-limit", given, "write the seconds until the reset, such as rate-limit=30")
            })?),
            _ => return plain(name, text, value),
        };
        Ok(kind)
    }
}

/// The kinds that take no value.
fn plain(name: &str, text: &str, value: Option<&str>) -> Result<Kind, RuleError> {
    let kind = match name {
        "reset" => Kind::Reset,
        "truncate" => Kind::Truncate,
        "not-json" => Kind::NotJson,
        "empty" => Kind::Empty,
        "huge" => Kind::Huge,
        "bad-key" => Kind::BadKey,
        "redirect" => Kind::Redirect,
        "foreign-url" => Kind::ForeignUrl,
        _ => return Err(RuleError::Kind(text.to_owned())),
    };
    match value {
        None => Ok(kind),
        Some(value) => Err(wrong_value(kind.name(), value, "it takes no value")),
    }
}

impl FromStr for State {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        match text {
            "EXCEPTION" => Ok(Self::Exception),
            "ABORTED" => Ok(Self::Aborted),
            "PROCESSING" => Ok(Self::Processing),
            _ => Err(wrong_value("state", text, "use EXCEPTION, ABORTED or PROCESSING")),
        }
    }
}

fn wrong_value(kind: &'static str, value: &str, allowed: &'static str) -> RuleError {
    RuleError::Value { kind, value: value.to_owned(), allowed }
}

fn number<N: FromStr + PartialOrd>(text: &str, range: RangeInclusive<N>) -> Option<N> {
    text.parse().ok().filter(|number| range.contains(number))
}

fn duration(kind: &'static str, text: &str) -> Result<Duration, RuleError> {
    let (digits, unit) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(digits), _) => (digits, 1),
        (None, Some(digits)) => (digits, 1_000),
        (None, None) => ("", 0),
    };
    number(digits, 1..=3_600_000)
        .map(|count: u64| Duration::from_millis(count * unit))
        .filter(|duration| *duration <= Duration::from_hours(1))
        .ok_or_else(|| {
            wrong_value(kind, text, "write whole seconds or milliseconds up to an hour, such as 15s or 200ms")
        })
}

fn field(kind: &'static str, text: &str) -> Result<String, RuleError> {
    let known = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if text.is_empty() || !text.chars().all(known) || text.split('.').any(str::is_empty) {
        return Err(wrong_value(kind, text, "name a field, such as next or result.key"));
    }
    Ok(text.to_owned())
}

fn category(text: &str) -> Result<String, RuleError> {
    let known = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "_.".contains(c);
    if text.is_empty() || !text.chars().all(known) {
        return Err(wrong_value("category", text, "name an error category, such as BANK or USER.SESSION.TIMEOUT"));
    }
    Ok(text.to_owned())
}

fn checked_limit(text: &str) -> Result<u32, RuleError> {
    number(text, 1..=u32::MAX).ok_or_else(|| RuleError::Limit(text.to_owned()))
}

fn checked_region(text: &str) -> Result<String, RuleError> {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.is_empty() || !text.chars().all(known) {
        return Err(RuleError::Region(text.to_owned()));
    }
    Ok(text.to_owned())
}
