//! The short texts: subject, SMS, one line, and the opening of the long one.

use super::beside::{gist_beside, headline_beside, opening_beside};
use super::words::{ascii, concerned, count, fitted, kind, lasting, moment, plain, sentence};
use super::{LONGEST_SMS, LONGEST_SUBJECT};
use crate::notice::Notice;
use crate::notification::{AlertEvent, Severity};

/// The word that stands first: what happened, at a glance.
pub(super) fn headline(notice: &Notice) -> &'static str {
    if let Some(headline) = headline_beside(notice) {
        return headline;
    }
    match notice.event {
        AlertEvent::Failure => "DOWN",
        AlertEvent::Recovery if notice.still.is_some() => "UP, STILL DEGRADED",
        AlertEvent::Recovery => "UP",
        AlertEvent::Degraded => "DEGRADED",
        AlertEvent::DegradedRecovery => "WELL AGAIN",
        AlertEvent::Reminder => "STILL DOWN",
        AlertEvent::CertificateExpiring => "CERTIFICATE ENDS",
        AlertEvent::CertificateRenewed => "CERTIFICATE RENEWED",
        AlertEvent::NoData if matches!(notice.severity, Severity::Critical) => "BLIND",
        AlertEvent::NoData => "NO DATA",
        AlertEvent::NoDataRecovery => "DATA AGAIN",
        AlertEvent::MonitorError => "MONITOR ERROR",
        AlertEvent::MonitorErrorRecovery => "MONITOR WELL AGAIN",
        AlertEvent::Test => "TEST",
        AlertEvent::Acknowledgement => "ACKNOWLEDGED",
    }
}

/// The subject of an e-mail.
pub(super) fn subject(notice: &Notice) -> String {
    fitted(&ascii(&format!("{} {}: {}", headline(notice), notice.target, gist(notice))), LONGEST_SUBJECT)
}

/// One line without a limit.
pub(super) fn summary(notice: &Notice) -> String {
    plain(&format!("{} {}: {}", headline(notice), notice.target, gist(notice)))
}

/// An SMS: the line, since when, and nothing of the bank's own words.
pub(super) fn sms(notice: &Notice) -> String {
    let when = match notice.event {
        AlertEvent::Failure | AlertEvent::Reminder | AlertEvent::Degraded | AlertEvent::NoData => {
            format!(", since {}", notice.since.strftime("%H:%M UTC"))
        }
        _ => String::new(),
    };
    // The end, with the time, is worth more than the middle.
    let line = fitted(&ascii(&summary(notice)), LONGEST_SMS - when.len());
    line + &when
}

/// What a line can say.
pub(super) fn gist(notice: &Notice) -> String {
    if let Some(gist) = gist_beside(notice) {
        return gist;
    }
    let error = || notice.error.as_ref().map(short_error).unwrap_or_default();
    match notice.event {
        AlertEvent::Failure | AlertEvent::Reminder | AlertEvent::Degraded => format!("{}, {}", error(), extent(notice)),
        AlertEvent::MonitorError => error(),
        AlertEvent::Recovery | AlertEvent::DegradedRecovery | AlertEvent::MonitorErrorRecovery => {
            let end = notice.ended_at.unwrap_or(notice.at);
            let runs = match notice.failed_runs {
                0 => String::new(),
                runs => format!(", {} failed", count(runs, "run")),
            };
            format!("after {}{runs}", lasting(notice.since, end))
        }
        AlertEvent::NoData => format!("no results from {}", silent_region(notice)),
        AlertEvent::NoDataRecovery => format!("{} reports again", silent_region(notice)),
        AlertEvent::CertificateExpiring | AlertEvent::CertificateRenewed => certificate(notice),
        AlertEvent::Test => "nothing is wrong".to_owned(),
        AlertEvent::Acknowledgement => "somebody is looking into it".to_owned(),
    }
}

fn short_error(error: &model::error::RunError) -> String {
    let place = error.step.map(|step| format!("step {} {}, ", step.number(), step.name()));
    format!("{}{}", place.unwrap_or_default(), kind(error))
}

fn extent(notice: &Notice) -> String {
    let concerned = concerned(notice);
    match (concerned.as_slice(), notice.rule) {
        ([only], Some(rule)) if rule.configured > 1 => format!("only {}", only.region),
        (some, Some(rule)) => format!("{} of {} regions", some.len(), rule.configured),
        (some, None) => format!("{} regions", some.len()),
    }
}

fn silent_region(notice: &Notice) -> &str {
    notice.silent_region.as_ref().map_or("any region", model::names::Region::as_str)
}

fn certificate(notice: &Notice) -> String {
    let facts = |facts: &crate::CertificateFacts| match facts.days_left {
        past if past < 0 => format!("{} ended {}", facts.host, moment(facts.not_after)),
        days => format!("{} has {} left", facts.host, count(days.unsigned_abs(), "day")),
    };
    notice.certificate.as_ref().map(facts).unwrap_or_default()
}

/// The opening sentence of the long text.
pub(super) fn opening_sentence(notice: &Notice) -> String {
    if let Some(opening) = opening_beside(notice) {
        return sentence(&opening);
    }
    let name = plain(&notice.name);
    let end = notice.ended_at.unwrap_or(notice.at);
    sentence(&match notice.event {
        AlertEvent::Failure => format!("{name} is down"),
        AlertEvent::Reminder => format!("{name} is still down, after {}", lasting(notice.since, notice.at)),
        AlertEvent::Recovery if notice.still.is_some() => {
            format!("{name} is up again after {}, but still degraded", lasting(notice.since, end))
        }
        AlertEvent::Recovery => format!("{name} is up again after {}", lasting(notice.since, end)),
        AlertEvent::Degraded => format!("{name} is degraded"),
        AlertEvent::DegradedRecovery => format!("{name} is well again after {}", lasting(notice.since, end)),
        AlertEvent::NoData if notice.severity == Severity::Critical => {
            let region = silent_region(notice);
            format!("{name}: nothing comes from {region}, nor from any other region; nobody is watching")
        }
        AlertEvent::NoData => format!("{name}: nothing comes from {}, other regions report", silent_region(notice)),
        AlertEvent::NoDataRecovery => format!("{name}: {} reports again", silent_region(notice)),
        AlertEvent::MonitorError => format!("{name}: the monitor itself needs attention, the API may be well"),
        AlertEvent::MonitorErrorRecovery => format!("{name}: the monitor itself is well again"),
        AlertEvent::CertificateExpiring => format!("{name}: the certificate of {}", certificate(notice)),
        AlertEvent::CertificateRenewed => format!("{name}: a newer certificate: {}", certificate(notice)),
        AlertEvent::Test => "This is a test of the alerts. Nothing is wrong".to_owned(),
        AlertEvent::Acknowledgement => format!("{name}: somebody is looking into it"),
    })
}
