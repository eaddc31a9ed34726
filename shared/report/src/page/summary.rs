//! The head of the page, and the certificates at its end.

use jiff::Timestamp;
use maud::{Markup, html};
use model::journey::{Outcome, StepOutcome};
use model::report::{CertificateReport, RunReport};

use super::foreign::Foreign;
use super::{outcome, place};
use crate::wording::{blame, capitalised, days_left, milliseconds, retry, sentence, what_happened};

/// From how many days before its end on a certificate is warned about: the
/// first of the thresholds that alerts have.
const SOON: i64 = 30;
/// How much of a fingerprint tells certificates apart, in hex digits.
const SHORT_FINGERPRINT: usize = 16;

/// What happened, whose fault it looks like, what to do, and the run's facts.
pub(super) fn summary(report: &RunReport) -> Markup {
    html! {
        section class={ "card summary is-" (report.outcome.name()) } aria-labelledby="title" {
            h1 #title {
                (outcome(report.outcome.into())) " "
                bdi { (report.target.as_str()) } span.soft { " in " (place(report)) }
            }
            (story(report))
            @if report.session_left_open() {
                p.note { strong { "A session may still be open at the bank: " } "the clean-up failed, see the end of the attempt." }
            }
            (facts(report))
        }
    }
}

fn story(report: &RunReport) -> Markup {
    let again = retry(report);
    html! {
        @match &report.error {
            Some(error) => {
                p.lead { bdi { (Foreign(&what_happened(error))) } }
                p { (blame(error)) " " strong { "What to do:" } " " (sentence(&capitalised(error.failure.advice()))) }
            }
            None => p.lead { (all_well(report)) }
        }
        @if let Some(again) = again { p { bdi { (Foreign(&again)) } } }
        @if let Some(number) = report.error.as_ref().and_then(|error| error.request) {
            p { a.jump href={ "#" (row_of_error(report, number)) } { "Go to request " (number) } }
        }
    }
}

/// The row that shows the error: the request's own, or its last poll's.
fn row_of_error(report: &RunReport, number: u8) -> String {
    let mut requests = report.steps.iter().flat_map(|step| &step.requests);
    match requests.find(|request| request.number == number).map_or(0, |request| request.polls.len()) {
        0 => format!("r{number}"),
        polls => format!("r{number}-p{polls}"),
    }
}

fn all_well(report: &RunReport) -> &'static str {
    match (report.outcome, report.recovered) {
        (Outcome::Passed, false) => "The whole journey worked.",
        (Outcome::Passed, true) => "The whole journey worked on the second attempt.",
        _ => "The report names no error.",
    }
}

fn facts(report: &RunReport) -> Markup {
    html! {
        dl.facts {
            div { dt { "Minute" } dd { (time(report.scheduled_at, "%Y-%m-%d %H:%M UTC")) } }
            div { dt { "Started" } dd { (time(report.started_at, "%H:%M:%S%.3f UTC")) } }
            div { dt { "Duration" } dd { (milliseconds(report.duration_ms)) } }
            div { dt { "Region" } dd { (place(report)) } }
            div { dt { "Attempts" } dd {
                (report.attempts.len() + 1)
                @if !report.attempts.is_empty() { ", the " (ordinal(report.attempt)) " decided" }
                @if report.recovered { " (recovered)" }
            } }
            div { dt { "Run" } dd { code { (Foreign(&report.run_id)) } } }
            div { dt { "Monitor" } dd { bdi { (Foreign(&report.monitor_version)) } } }
        }
    }
}

const fn ordinal(number: u8) -> &'static str {
    match number {
        1 => "first",
        2 => "second",
        _ => "last",
    }
}

/// A moment for people and for programs.
pub(super) fn time(moment: Timestamp, format: &str) -> Markup {
    let (exact, shown) = (moment.to_string(), moment.strftime(format).to_string());
    html! { time datetime=(exact) { (shown) } }
}

/// The certificates of the hosts spoken to, with the days that were left.
pub(super) fn certificates(report: &RunReport) -> Markup {
    html! {
        section.card aria-labelledby="certificates" {
            h2 #certificates { "Certificates" }
            @if report.certificates.is_empty() {
                p.soft { "No host presented one." }
            } @else {
                div.scroll tabindex="0" role="group" aria-label="Table of certificates" {
                    table.certificates {
                        thead { tr {
                            th scope="col" { "Host" } th scope="col" { "Left at the run" } th scope="col" { "Valid from" }
                            th scope="col" { "Until" } th scope="col" { "SHA-256" }
                        } }
                        tbody { @for certificate in &report.certificates { (certificate_row(report, certificate)) } }
                    }
                }
            }
        }
    }
}

fn certificate_row(report: &RunReport, certificate: &CertificateReport) -> Markup {
    let days = days_left(report, certificate);
    let fingerprint: String = certificate.fingerprint.chars().take(SHORT_FINGERPRINT).collect();
    let word = if days < 0 || certificate.not_after < report.started_at {
        ("outcome failed", "✗ expired")
    } else if days < SOON {
        ("outcome degraded", "! ends soon")
    } else {
        ("outcome passed", "✓")
    };
    html! {
        tr {
            th scope="row" { bdi { (Foreign(&certificate.host)) } }
            td { (days) " days " span class=(word.0) { (word.1) } }
            td { (time(certificate.not_before, "%Y-%m-%d")) }
            td { (time(certificate.not_after, "%Y-%m-%d %H:%M UTC")) }
            td { code { (Foreign(&fingerprint)) "…" } }
        }
    }
}

/// The clean-up's outcome in the words of a step.
pub(super) fn cleanup_outcome(cleanup: &model::report::CleanupReport) -> StepOutcome {
    match (&cleanup.request, &cleanup.error) {
        (_, Some(_)) => StepOutcome::Degraded,
        (Some(_), None) => StepOutcome::Passed,
        (None, None) => StepOutcome::NotRun,
    }
}
