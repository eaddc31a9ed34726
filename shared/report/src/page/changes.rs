//! The comparison with the last passing run, as a section of the page.

use maud::{Markup, html};
use model::journey::Request;
use model::report::RunReport;
use url::Url;

use super::Baseline;
use super::foreign::Foreign;
use super::summary::{MINUTE, time};
use crate::compare::{Change, Changes, compare};

/// What changed since the last passing run, with a link to it.
pub(super) fn section(report: &RunReport, baseline: Option<&Baseline<'_>>) -> Markup {
    html! {
        section.card aria-labelledby="changes" {
            h2 #changes { "What changed since the last passing run" }
            @match baseline {
                Some(baseline) => (since(report, baseline)),
                None => p.soft { "Not compared: no run that passed was at hand." }
            }
        }
    }
}

fn since(report: &RunReport, baseline: &Baseline<'_>) -> Markup {
    let (places, missing) = compare(report, baseline.report);
    html! {
        p.soft {
            "Compared with "
            @match baseline.link.filter(|link| is_ours(link)) {
                Some(link) => a href=(link) { (minute(baseline.report)) },
                None => (minute(baseline.report))
            }
            (how_long_before(report, baseline.report)) "."
        }
        @if places.is_empty() && missing.is_empty() {
            p { "Nothing that stands out." }
        } @else {
            dl.changes {
                @for place in &places { (place_rows(place)) }
                @if !missing.is_empty() {
                    dt { "Not made" }
                    dd { (numbers(&missing)) }
                }
            }
        }
    }
}

/// How long before the run the earlier one was, to follow its time.
pub(super) fn how_long_before(report: &RunReport, earlier: &RunReport) -> Markup {
    let minutes = report.scheduled_at.duration_since(earlier.scheduled_at).as_mins();
    html! { @if minutes > 0 { ", " (minutes) " min before" } }
}

fn minute(report: &RunReport) -> Markup {
    html! { "the run of " (time(report.scheduled_at, MINUTE)) }
}

fn place_rows(place: &Changes) -> Markup {
    html! {
        dt {
            @match place.request {
                Some(request) => a href={ "#r" (request.number()) } { "Request " (request.number()) ", " (request.title()) },
                None => "Connections"
            }
        }
        @for change in &place.told { (row(change)) }
        @if place.more > 0 { dd.soft { "and " (place.more) " more" } }
    }
}

fn row(change: &Change) -> Markup {
    html! {
        dd {
            (change.what) " "
            @if !change.name.is_empty() { code { (Foreign(&change.name)) } " " }
            bdi { (Foreign(&change.how)) }
        }
    }
}

fn numbers(requests: &[Request]) -> String {
    let numbers: Vec<String> = requests.iter().map(|request| request.number().to_string()).collect();
    match numbers.as_slice() {
        [one] => format!("Request {one}"),
        [first, _, .., last] if follow(requests) => format!("Requests {first} to {last}"),
        _ => format!("Requests {}", numbers.join(" and ")),
    }
}

fn follow(requests: &[Request]) -> bool {
    requests.windows(2).all(|pair| matches!(pair, [one, next] if next.number() == one.number() + 1))
}

/// Whether a link leads to a web page or to a file of ours beside this one.
fn is_ours(link: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/');
    let relative = !link.is_empty() && !link.starts_with('/') && link.bytes().all(plain);
    let web = |url: Url| matches!(url.scheme(), "http" | "https");
    relative || Url::parse(link).is_ok_and(web)
}
