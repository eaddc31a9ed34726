//! The head of the page.

use jiff::Timestamp;
use maud::{Markup, html};
use model::journey::{Outcome, StepOutcome};
use model::report::RunReport;

use super::changes::how_long_before;
use super::foreign::Foreign;
use super::{Baseline, outcome, place};
use crate::wording::{blame, capitalised, milliseconds, retry, sentence, what_happened};

/// A minute, UTC.
pub(super) const MINUTE: &str = "%Y-%m-%d %H:%M UTC";

/// What happened, whose fault it looks like, what to do, and the run's facts.
pub(super) fn summary(report: &RunReport, baseline: Option<&Baseline<'_>>) -> Markup {
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
            (facts(report, baseline))
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

fn facts(report: &RunReport, baseline: Option<&Baseline<'_>>) -> Markup {
    // Of a run that passed itself the words would be wrong.
    let last_passed = baseline.filter(|_| report.outcome != Outcome::Passed).map(|baseline| baseline.report);
    html! {
        dl.facts {
            div { dt { "Minute" } dd { (time(report.scheduled_at, MINUTE)) } }
            @if let Some(passed) = last_passed {
                div { dt { "Last passed" } dd { (time(passed.scheduled_at, MINUTE)) (how_long_before(report, passed)) } }
            }
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

/// The clean-up's outcome in the words of a step.
pub(super) fn cleanup_outcome(cleanup: &model::report::CleanupReport) -> StepOutcome {
    match (&cleanup.request, &cleanup.error) {
        (_, Some(_)) => StepOutcome::Degraded,
        (Some(_), None) => StepOutcome::Passed,
        (None, None) => StepOutcome::NotRun,
    }
}
