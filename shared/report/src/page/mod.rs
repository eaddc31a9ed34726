//! The run as one HTML page that needs nothing but a browser.

mod bar;
mod body;
mod certificates;
mod changes;
mod curl;
pub(crate) mod document;
mod exchange;
pub(crate) mod foreign;
mod summary;
mod waterfall;

use maud::{Markup, html};
use model::journey::StepOutcome;
use model::report::RunReport;

use crate::attempt::{Attempt, attempts};
use document::Document;
use foreign::Foreign;

/// What every page looks like.
pub(crate) const BASE_CSS: &str = include_str!("base.css");
/// Theme button, copy buttons, opening and closing all, keys; each only where
/// the page has something for it.
pub(crate) const SCRIPT: &str = include_str!("script.js");
const RUN_CSS: &str = include_str!("run.css");

/// The last passing run of the same target and region, to compare with.
#[derive(Clone, Copy, Debug)]
pub struct Baseline<'a> {
    /// Its report.
    pub report: &'a RunReport,
    /// Where its page or its JSON is: an `http` or `https` URL, or a relative
    /// path of letters, digits and `._-/`. Anything else is not made a link.
    pub link: Option<&'a str>,
}

/// The run as an HTML page: one file, readable without script and network. Its
/// texts are the report's, redacted there; long bodies are cut.
#[must_use]
pub fn html(report: &RunReport, baseline: Option<&Baseline<'_>>) -> String {
    let title = format!("{} {} in {}, {}", report.target, report.outcome, place(report), report.scheduled_at);
    let attempts = attempts(report);
    let (deciding, others): (Vec<_>, Vec<_>) = attempts.iter().partition(|attempt| attempt.number == report.attempt);
    let body = html! {
        a.skip href="#main" { "Skip to the report" }
        (top("Run report"))
        main #main tabindex="-1" {
            (summary::summary(report, baseline))
            (changes::section(report, baseline))
            @for attempt in deciding {
                section.card aria-labelledby="requests" {
                    div.bar-head {
                        h2 #requests { (attempt_title(attempt, others.is_empty())) }
                        button type="button" data-js="open" hidden { "Open all" }
                    }
                    (waterfall::waterfall(attempt, ""))
                }
            }
            @for attempt in others {
                (other_attempt(attempt))
            }
            (certificates::certificates(report))
        }
        (foot(report))
    };
    Document { title: &title, styles: &[BASE_CSS, RUN_CSS], script: SCRIPT, body }.into_html()
}

/// The line at the top of every page.
pub(crate) fn top(page: &str) -> Markup {
    html! {
        header.top {
            span.brand { "xs2a-monitor" }
            span { (page) }
            button type="button" data-js="theme" hidden { "Light or dark" }
        }
    }
}

fn foot(report: &RunReport) -> Markup {
    html! {
        footer.foot {
            p data-js="" hidden {
                "On a request, " kbd { "j" } " and " kbd { "k" } " go to the next and the previous one; "
                kbd { "Enter" } " opens it."
            }
            p {
                "Secrets were taken out before this was stored. Where two marks such as "
                code { "[iban 5f1c09ab]" } " are the same, so were the values. Made by xs2a-monitor "
                bdi { (Foreign(&report.monitor_version)) } "."
            }
        }
    }
}

fn other_attempt(attempt: &Attempt<'_>) -> Markup {
    let prefix = format!("a{}-", attempt.number);
    html! {
        section.card aria-labelledby={ (prefix) "title" } {
            details.attempt {
                summary { h2 id={ (prefix) "title" } { (attempt_title(attempt, false)) } }
                @if let Some(error) = attempt.error {
                    p { bdi { (Foreign(&crate::wording::what_happened(error))) } }
                }
                (waterfall::waterfall(attempt, &prefix))
            }
        }
    }
}

fn attempt_title(attempt: &Attempt<'_>, only: bool) -> Markup {
    html! {
        @if only { "Requests" } @else { "Attempt " (attempt.number) ": " (outcome(attempt.outcome.into())) }
    }
}

/// Where the run was made.
fn place(report: &RunReport) -> &str {
    report.region.as_ref().map_or("local", |region| region.as_str())
}

/// An outcome as sign and word, never as colour alone.
fn outcome(outcome: StepOutcome) -> Markup {
    let word = if outcome == StepOutcome::NotRun { "not run" } else { outcome.name() };
    html! {
        span class={ "outcome " (outcome.name()) } { span aria-hidden="true" { (sign(outcome)) } span { (word) } }
    }
}

const fn sign(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Passed => "✓ ",
        StepOutcome::Degraded => "! ",
        StepOutcome::Failed => "✗ ",
        StepOutcome::NotRun => "",
    }
}
