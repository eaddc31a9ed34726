//! One attempt as a waterfall: its steps, their requests and polls, and the
//! clean-up, on one time axis. Each row opens to show its exchange.

use maud::{Markup, html};
use model::error::Failure;
use model::journey::StepOutcome;
use model::report::{Exchange, Milliseconds, RequestReport, StepReport};

use super::bar::{Axis, coloured};
use super::exchange::details;
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

/// The waterfall; `prefix` keeps the ids of several attempts apart.
pub(super) fn waterfall(attempt: &Attempt<'_>, prefix: &str) -> Markup {
    let axis = Axis::new(attempt.length());
    html! {
        @if prefix.is_empty() { (legend()) }
        div.columns aria-hidden="true" {
            span { "Request" } span { "Status" } span.number { "Time" } (axis.numbers())
        }
        ol.steps {
            @for step in attempt.steps { (step_rows(step, &axis, prefix)) }
            (cleanup_rows(attempt, &axis, prefix))
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

fn step_rows(step: &StepReport, axis: &Axis, prefix: &str) -> Markup {
    html! {
        li.step {
            (step_head(&step.number.to_string(), step.name.title(), step.outcome, step.duration_ms))
            @for request in &step.requests { (request_rows(request, step, axis, prefix)) }
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

fn request_rows(request: &RequestReport, step: &StepReport, axis: &Axis, prefix: &str) -> Markup {
    let last = request.polls.len();
    let failure = request.error.as_ref();
    let id = format!("{prefix}r{}", request.number);
    let ended = |poll: usize| match failure {
        // It was the last answer that showed the error.
        Some(failure) if poll == last => failure.verdict().outcome.into(),
        None if poll == last && step.outcome == StepOutcome::Failed && request.assertions.iter().any(|a| !a.passed) => {
            StepOutcome::Failed
        }
        _ => StepOutcome::Passed,
    };
    let first = Row {
        id: id.clone(),
        number: request.number.to_string(),
        title: request.name.title(),
        exchange: &request.exchange,
        outcome: ended(0),
        error: failure.filter(|_| last == 0),
        request: Some(request),
        open: failure.is_some(),
    };
    html! {
        (row(&first, axis))
        @for (index, poll) in request.polls.iter().enumerate() {
            (row(&Row {
                id: format!("{id}-p{}", index + 1),
                number: format!("{}.{}", request.number, index + 1),
                title: "asked again",
                exchange: poll,
                outcome: ended(index + 1),
                error: failure.filter(|_| index + 1 == last),
                request: None,
                open: failure.is_some() && index + 1 == last,
            }, axis))
        }
    }
}

fn cleanup_rows(attempt: &Attempt<'_>, axis: &Axis, prefix: &str) -> Markup {
    let cleanup = attempt.cleanup;
    let ended = cleanup_outcome(cleanup);
    let error = cleanup.error.as_ref();
    html! {
        li.step {
            (step_head("", "Clean-up", ended, cleanup.request.as_ref().map(|request| request.duration_ms)))
            @match &cleanup.request {
                Some(exchange) => (row(&Row {
                    id: format!("{prefix}cleanup"),
                    number: String::new(),
                    title: "delete session",
                    exchange,
                    outcome: ended,
                    error,
                    request: None,
                    open: false,
                }, axis)),
                None if error.is_none() => p.soft { "No session was opened." },
                None => {}
            }
            @if let Some(error) = error {
                p.note { "The session may still be open at the bank: " bdi { (Foreign(&sentence(&error.message))) } }
            }
        }
    }
}

fn row(row: &Row<'_>, axis: &Axis) -> Markup {
    let exchange = row.exchange;
    let class = if row.number.contains('.') { "req again" } else { "req" };
    html! {
        details class=(class) id=(row.id) open[row.open] {
            summary {
                span.name { span.n { (row.number) } " " (row.title) " " span.method { (Foreign(&exchange.method)) } }
                " " (status(row))
                " " span.time { (milliseconds(exchange.duration_ms)) }
                span.sr { ", begins after " (milliseconds(exchange.started_ms)) }
                (axis.bar(exchange, row.outcome.name()))
            }
            (details(exchange, &row.id, row.request, row.error))
        }
    }
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
