//! What is wrong, what was, and who was told.

use maud::{Markup, html};
use model::names::Region;

use super::{Fault, Incident, Notification, Overview, State, link, words};
use crate::page::foreign::Foreign;
use crate::wording::{self, capitalised, sentence};

/// The most notifications that are shown; the newest are.
const MOST_NOTIFICATIONS: usize = 100;

/// The most incidents that have a card of their own, when a whole fleet fails.
const MOST_CARDS: usize = 12;
/// The most incidents in the table.
const MOST_ROWS: usize = 200;

/// What is wrong now.
pub(super) fn open(overview: &Overview) -> Markup {
    let open: Vec<&Incident> = overview.open().collect();
    let unread = overview.targets.iter().filter(|target| target.state == State::Unread).count();
    html! {
        section {
            h2 class=[open.is_empty().then_some("sr")] { "Open incidents" }
            @if unread > 0 {
                p class="card incident failed-card" {
                    (words::count(unread, "target")) " could not be read: whether anything is wrong there is not known."
                }
            } @else if open.is_empty() {
                p class="card quiet-card" { "No open incident." }
            }
            @for incident in open.iter().take(MOST_CARDS) { (card(incident, overview)) }
            (not_shown(open.len(), MOST_CARDS, "more open incident"))
        }
    }
}

fn card(incident: &Incident, overview: &Overview) -> Markup {
    let (word, class) = incident.matter.word();
    let lasts = overview.made_at.duration_since(incident.since);
    html! {
        div class={ "card incident " (class) "-card" } {
            h3 { bdi { (Foreign(&incident.subject)) } ": " span class=(class) { (word) } " for " (words::span(lasts)) }
            p { (findings(incident)) }
            @if let Some(fault) = &incident.fault { (advice(fault)) }
            p class="soft" {
                "Since " (words::moment(incident.since)) ". "
                @match incident.acknowledged_at {
                    Some(at) => { "Acknowledged at " (words::moment(at)) ". " }
                    None => { b { "Not acknowledged. " } }
                }
                @if !incident.told { "Nobody was told. " }
                @if let Some(report) = link(incident.report.as_ref()) { a href=(report) { "Report of the last bad run" } ". " }
                "Key " code { (Foreign(&incident.key)) }
            }
        }
    }
}

/// What is wrong, each with where.
fn findings(incident: &Incident) -> Markup {
    html! {
        @for (index, finding) in incident.findings.iter().enumerate() {
            @if index > 0 { "; " }
            bdi { (Foreign(&finding.what)) }
            @if !finding.regions.is_empty() { (places(&finding.regions)) }
        }
    }
}

fn places(regions: &[Region]) -> Markup {
    html! {
        span class="soft" {
            " (" @for (index, region) in regions.iter().enumerate() {
                @if index > 0 { ", " } span class="nowrap" { (region) }
            } ")"
        }
    }
}

/// Whose fault it looks like, and what to do.
fn advice(fault: &Fault) -> Markup {
    let Fault { failure, blame } = fault;
    html! { p { (wording::fault(*blame, failure.error_type)) " " (sentence(&capitalised(failure.advice()))) } }
}

/// What is and was wrong in seven days.
pub(super) fn incidents(overview: &Overview) -> Markup {
    html! {
        section class="card" {
            h2 id="incidents" { "Incidents, last 7 days" }
            @if overview.incidents.is_empty() {
                p { "Nothing happened in 7 days." }
            } @else {
                div class="scroll" tabindex="0" role="region" aria-labelledby="incidents" {
                    table class="incidents stack" {
                        thead { tr {
                            th scope="col" { "Opened" } th scope="col" { "Ended" } th scope="col" { "Lasted" }
                            th scope="col" { "Target" } th scope="col" { "What" }
                        } }
                        tbody { @for incident in overview.incidents.iter().take(MOST_ROWS) { (row(incident, overview)) } }
                    }
                }
                (not_shown(overview.incidents.len(), MOST_ROWS, "older incident"))
            }
        }
    }
}

fn row(incident: &Incident, overview: &Overview) -> Markup {
    let (word, class) = incident.matter.word();
    let end = incident.ended_at.unwrap_or(overview.made_at);
    html! {
        tr {
            td class="time" { (words::moment(incident.since)) }
            td class="time" { @match incident.ended_at { Some(at) => (words::moment(at)), None => b { "open" } } }
            td class="time" { (words::span(end.duration_since(incident.since))) }
            th scope="row" { bdi { (Foreign(&incident.subject)) } }
            td class="what" {
                span class={ "outcome " (class) } { (word) } " "
                (findings(incident))
                @if !incident.told { " " span class="muted" { "nobody was told" } }
                @if let Some(report) = link(incident.report.as_ref()) {
                    " " a href=(report) { "Report" span class="sr" { " of " (words::moment(incident.since)) } }
                }
            }
        }
    }
}

/// Who was told what, and what the providers said to it.
pub(super) fn notifications(overview: &Overview) -> Markup {
    let shown = overview.notifications.iter().take(MOST_NOTIFICATIONS);
    html! {
        section class="card" {
            h2 id="notifications" { "Notifications" }
            @if overview.notifications.is_empty() {
                p { "Nobody was told anything in 7 days." }
            } @else {
                div class="scroll" tabindex="0" role="region" aria-labelledby="notifications" {
                    table class="notifications stack" {
                        thead { tr {
                            th scope="col" { "Decided" } th scope="col" { "Event" } th scope="col" { "Channel" }
                            th scope="col" { "Status" } th scope="col" { "Last answer" }
                        } }
                        tbody { @for told in shown { (told_row(told)) } }
                    }
                }
                (not_shown(overview.notifications.len(), MOST_NOTIFICATIONS, "older notification"))
            }
            @if overview.untold > 0 {
                p class="soft" { "Those about " (overview.untold) " more of the incidents and certificates are not shown." }
            }
        }
    }
}

fn told_row(told: &Notification) -> Markup {
    html! {
        tr {
            td class="time" { @match told.decided_at { Some(at) => (words::moment(at)), None => "–" } }
            td { (Foreign(&told.event)) " " span class="key" { (Foreign(&told.incident)) } }
            td { bdi class="channel" { (Foreign(&told.channel)) } }
            td class="outcome" {
                span class=(status_class(&told.status)) { (Foreign(&told.status)) }
                @if told.tries > 1 { span class="soft tries" { " after " (told.tries) " tries" } }
            }
            td class="answer" {
                bdi { (Foreign(&told.answer)) }
                @if let Some(at) = told.last_tried_at { span class="soft" { " " (words::clock(at)) } }
            }
        }
    }
}

fn status_class(status: &str) -> &'static str {
    match status {
        "sent" => "passed",
        "failed" | "unknown" => "failed",
        _ => "soft",
    }
}

/// What there is beyond the most that is shown.
fn not_shown(all: usize, most: usize, one: &str) -> Markup {
    let left = all.saturating_sub(most);
    html! { @if left > 0 { p class="soft" { (words::count(left, one)) " not shown." } } }
}
