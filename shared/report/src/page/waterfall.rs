//! One attempt as a waterfall: its steps, their requests and polls, and the
//! clean-up, on one time axis. Each row opens to show its exchange.

use maud::{Markup, html};
use model::error::Failure;
use model::journey::StepOutcome;
use model::report::{Exchange, Milliseconds, RequestReport, StepReport};

use super::bar::{Axis, coloured};
use super::exchange::{Opened, details};
use super::foreign::Foreign;
use super::summary::cleanup_outcome;
use super::{outcome, sign};
use crate::attempt::Attempt;
use crate::wording::{milliseconds, sentence};

/// One row: an exchange, and what it is called.
struct Row<'a> {
    id: String,
    number: String,
    title: &'a str,
    exchange: &'a Exchange,
    outcome: StepOutcome,
    error: Option<&'a Failure>,
    request: Option<&'a RequestReport>,
    open: bool,
}

/// What the rows of an attempt have in common.
struct Frame<'a> {
    axis: Axis,
    /// Begins their ids.
    prefix: &'a str,
    /// Ends their names.
    whose: String,
}

/// The waterfall; `prefix` keeps the ids of several attempts apart, and is
/// empty for the attempt that decided.
pub(super) fn waterfall(attempt: &Attempt<'_>, prefix: &str) -> Markup {
    let whose = if prefix.is_empty() { String::new() } else { format!(", attempt {}", attempt.number) };
    let frame = Frame { axis: Axis::new(attempt.length()), prefix, whose };
    html! {
        @if prefix.is_empty() { (legend()) }
        div.columns aria-hidden="true" {
            span { "Request" } span { "Status" } span.number { "Time" } (frame.axis.numbers())
        }
        ol.steps {
            @for step in attempt.steps { (step_rows(step, &frame)) }
            (cleanup_rows(attempt, &frame))
        }
    }
}

fn legend() -> Markup {
    html! {
        ul.legend aria-label="Colours of the bars" {
            @for (name, class, _) in coloured(&model::report::Timings::default()) {
                li { span class={ "swatch " (class) } {} (name) }
            }
            li { span class="swatch all" {} "Other" }
        }
    }
}

fn step_rows(step: &StepReport, frame: &Frame<'_>) -> Markup {
    html! {
        li.step {
            (step_head(&step.number.to_string(), step.name.title(), step.outcome, step.duration_ms))
            @for request in &step.requests { (request_rows(request, step, frame)) }
        }
    }
}

fn step_head(number: &str, title: &str, ended: StepOutcome, duration: Option<Milliseconds>) -> Markup {
    html! {
        h3 {
            @if !number.is_empty() { span.n { (number) } " " }
            (title) " " (outcome(ended))
            @if let Some(duration) = duration { " " span.soft { (milliseconds(duration)) } }
        }
    }
}

fn request_rows(request: &RequestReport, step: &StepReport, frame: &Frame<'_>) -> Markup {
    let first = Row {
        id: format!("{}r{}", frame.prefix, request.number),
        number: request.number.to_string(),
        title: request.name.title(),
        exchange: &request.exchange,
        outcome: ended(request, step, 0),
        error: request.error.as_ref().filter(|_| request.polls.is_empty()),
        request: Some(request),
        open: request.error.is_some(),
    };
    html! {
        (row(&first, frame))
        @for (poll, exchange) in (1..).zip(&request.polls) {
            (row(&poll_row(request, step, (poll, exchange), &first.id), frame))
        }
    }
}

/// A repeat of the request, counted from 1.
fn poll_row<'a>(request: &'a RequestReport, step: &StepReport, poll: (usize, &'a Exchange), id: &str) -> Row<'a> {
    let (number, exchange) = poll;
    let error = request.error.as_ref().filter(|_| number == request.polls.len());
    Row {
        id: format!("{id}-p{number}"),
        number: format!("{}.{number}", request.number),
        title: "asked again",
        exchange,
        outcome: ended(request, step, number),
        error,
        request: None,
        open: error.is_some(),
    }
}

/// How an exchange of the request ended: it was the last answer that showed an
/// error. 0 is the request itself, then come its polls.
fn ended(request: &RequestReport, step: &StepReport, poll: usize) -> StepOutcome {
    let is_last = poll == request.polls.len();
    match &request.error {
        Some(failure) if is_last => failure.verdict().outcome.into(),
        None if is_last && step.outcome == StepOutcome::Failed && request.assertions.iter().any(|a| !a.passed) => {
            StepOutcome::Failed
        }
        _ => StepOutcome::Passed,
    }
}

fn cleanup_rows(attempt: &Attempt<'_>, frame: &Frame<'_>) -> Markup {
    let cleanup = attempt.cleanup;
    let ended = cleanup_outcome(cleanup);
    let error = cleanup.error.as_ref();
    html! {
        li.step {
            (step_head("", "Clean-up", ended, cleanup.request.as_ref().map(|request| request.duration_ms)))
            @match &cleanup.request {
                Some(exchange) => (row(&Row {
                    id: format!("{}cleanup", frame.prefix),
                    number: String::new(),
                    title: "delete session",
                    exchange,
                    outcome: ended,
                    error,
                    request: None,
                    open: false,
                }, frame)),
                None if error.is_none() => p.soft { "No session was opened." },
                None => {}
            }
            @if let Some(error) = error {
                p.note { "The session may still be open at the bank: " bdi { (Foreign(&sentence(&error.message))) } }
            }
        }
    }
}

fn row(row: &Row<'_>, frame: &Frame<'_>) -> Markup {
    let Row { id, exchange, request, error, .. } = row;
    let class = if row.number.contains('.') { "req again" } else { "req" };
    html! {
        details class=(class) id=(id) open[row.open] {
            summary {
                span.name { span.n { (row.number) } " " (row.title) " " span.method { (Foreign(&exchange.method)) } }
                " " (status(row))
                " " span.time { (milliseconds(exchange.duration_ms)) }
                span.sr { ", begins after " (milliseconds(exchange.started_ms)) }
                (frame.axis.bar(exchange, row.outcome.name()))
            }
            (details(&Opened { exchange, id, name: &name(row, frame), request: *request, error: *error }))
        }
    }
}

/// What the row is called where it is not seen.
fn name(row: &Row<'_>, frame: &Frame<'_>) -> String {
    let request = if row.number.is_empty() { String::new() } else { format!("request {}, ", row.number) };
    format!("{request}{}{}", row.title, frame.whose)
}

fn status(row: &Row<'_>) -> Markup {
    html! {
        span class={ "status " (row.outcome.name()) } {
            span aria-hidden="true" { (sign(row.outcome)) }
            span.sr { (row.outcome) ", status " }
            @match row.exchange.status { Some(status) => (status), None => "no answer" }
        }
    }
}
