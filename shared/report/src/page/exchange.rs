//! One exchange, opened: what was sent, what came back, where the time went.

use maud::{Markup, html};
use model::error::Failure;
use model::report::{Exchange, Header, Message, Milliseconds, RequestReport};

use super::bar::coloured;
use super::body::body;
use super::curl::curl;
use super::foreign::{Foreign, ForeignLines};
use crate::wording::sentence;

/// The most header lines shown of one message.
const MOST_HEADERS: usize = 200;

/// What a row shows when it is opened.
pub(super) struct Opened<'a> {
    pub(super) exchange: &'a Exchange,
    /// The row's id.
    pub(super) id: &'a str,
    /// What the row is called, so that names of buttons differ from row to row.
    pub(super) name: &'a str,
    /// The request, unless the row repeats it.
    pub(super) request: Option<&'a RequestReport>,
    pub(super) error: Option<&'a Failure>,
}

/// The content of a row.
pub(super) fn details(opened: &Opened<'_>) -> Markup {
    let Opened { exchange, id, .. } = opened;
    html! {
        div.exchange {
            @if let Some(error) = opened.error {
                p.error { strong { (error.error_type) ": " } bdi { (Foreign(&sentence(&error.message))) } }
            }
            p.url { code { b { (Foreign(&exchange.method)) } " " (Foreign(&exchange.url)) } }
            (facts(exchange))
            @if let Some(request) = opened.request { (assertions(request)) }
            (timings(exchange))
            div.sides {
                div { (sent(exchange, id)) }
                div { (answered(exchange.response.as_ref(), id)) }
            }
            (command(opened))
        }
    }
}

fn sent(exchange: &Exchange, id: &str) -> Markup {
    html! {
        h4 { "Request" }
        (headers(&exchange.request.headers))
        @if let Some(form) = &exchange.form {
            h5 { "Form as sent, before encryption" }
            (body(form, 0, &format!("Form of {id} before encryption")))
        }
        (content(&exchange.request, id, "request"))
    }
}

fn answered(answer: Option<&Message>, id: &str) -> Markup {
    html! {
        h4 { "Answer" }
        @match answer {
            Some(answer) => {
                (headers(&answer.headers))
                (content(answer, id, "answer"))
            }
            None => p.soft { "No answer came." }
        }
    }
}

fn facts(exchange: &Exchange) -> Markup {
    let address = exchange.remote_address.as_deref().unwrap_or("not known");
    let tls = exchange.tls_version.as_deref().unwrap_or("none");
    html! {
        dl.facts {
            div { dt { "Template" } dd { code { (Foreign(&exchange.url_template)) } } }
            div { dt { "Address" } dd { code { (Foreign(address)) } } }
            div { dt { "TLS" } dd { (Foreign(tls)) } }
        }
    }
}

fn assertions(request: &RequestReport) -> Markup {
    html! {
        @if !request.assertions.is_empty() {
            ul.checks aria-label="What was checked" {
                @for assertion in &request.assertions {
                    @let (class, sign, word) =
                        if assertion.passed { ("passed", "✓ ", "held: ") } else { ("failed", "✗ ", "did not hold: ") };
                    li { span class=(class) { span aria-hidden="true" { (sign) } span.sr { (word) } } bdi { (Foreign(&assertion.expected)) } }
                }
            }
        }
    }
}

/// The phases that the exchange had, and what is left of its time.
fn timings(exchange: &Exchange) -> Markup {
    let told: f64 = coloured(&exchange.timings).filter_map(|(_, _, time)| time.map(Milliseconds::get)).sum();
    let total = exchange.duration_ms.get();
    html! {
        dl.facts {
            @for (name, class, time) in coloured(&exchange.timings) {
                @if let Some(time) = time { (phase(name, class, time.get())) }
            }
            (phase("Other", "all", total - told))
            div { dt { "Total" } dd { (fine(total)) } }
        }
    }
}

fn phase(name: &str, class: &str, time: f64) -> Markup {
    html! { div { dt { span class={ "swatch " (class) } {} (name) } dd { (fine(time)) } } }
}

/// A duration with one digit more than elsewhere, where it is short.
fn fine(time: f64) -> String {
    if time < 100.0 { format!("{:.1} ms", time.max(0.0)) } else { format!("{time:.0} ms") }
}

fn content(message: &Message, id: &str, side: &str) -> Markup {
    html! {
        @match &message.body {
            Some(text) => {
                h5 { "Body, " (message.body_bytes) " bytes" }
                (body(text, message.body_omitted_bytes, &format!("Body of the {side} of {id}")))
            }
            None if message.body_omitted_bytes > 0 => p.soft { "Body: " (message.body_bytes) " bytes, not kept." },
            None => p.soft { "No body." }
        }
    }
}

fn headers(headers: &[Header]) -> Markup {
    html! {
        @if !headers.is_empty() {
            dl.headers {
                @for header in headers.iter().take(MOST_HEADERS) {
                    div { dt { (Foreign(&header.name)) } " " dd { (Foreign(&header.value)) } }
                }
            }
            @if headers.len() > MOST_HEADERS { p.soft { (headers.len() - MOST_HEADERS) " more header lines are not shown." } }
        }
    }
}

/// The request as a command, to read and to copy.
fn command(Opened { exchange, id, name, .. }: &Opened<'_>) -> Markup {
    let Some(command) = curl(exchange) else { return Markup::default() };
    let whose = html! { span.sr { " of " (name) } };
    html! {
        div.command {
            button type="button" data-js="copy" data-copy={ (id) "-curl" } hidden { "Copy as curl" (whose) }
            details {
                summary { "As a curl command" (whose) }
                pre id={ (id) "-curl" } tabindex="0" role="group" aria-label={ "curl command of " (id) } { (ForeignLines(&command.text)) }
                @for note in &command.notes { p.soft { (Foreign(note)) } }
            }
        }
    }
}
