//! The sentence on top, and the table of all targets.

use std::cmp::Reverse;

use jiff::SignedDuration;
use maud::{Markup, html};

use super::sums::Tally;
use super::{Overview, Quiet, State, Target, grid, link, words};
use crate::page::foreign::Foreign;

/// The page's title and its first lines.
pub(super) fn headline(overview: &Overview) -> (String, Markup) {
    let worst = overview.targets.iter().filter(|target| target.quiet.is_none()).map(|target| target.state).max();
    let open = overview.open().filter(|incident| !incident.quiet).count();
    let incidents = if open > 0 { format!("; {}", words::count(open, "open incident")) } else { String::new() };
    let sentence = sentence(overview, worst) + &incidents;
    // Something may be wrong without a target that is: a channel, or a region.
    let least = if open > 0 { State::Degraded } else { State::Passing };
    let shown = worst.unwrap_or(State::NoRuns).max(least);
    let ((_, class), sign) = (shown.word(), shown.sign());
    let title = format!("{sign} {sentence} · xs2a-monitor");
    let made_at = overview.made_at;
    let lines = html! {
        h1 class="headline" { span class=(class) aria-hidden="true" { (sign) " " } (sentence) }
        p class="soft" {
            "Made "
            time id="made" datetime=(made_at) { (made_at.strftime("%-d %B %Y, %H:%M UTC")) }
            ", and made anew every five minutes. All times are UTC."
            @if let Some(dashboard) = link(overview.dashboard.as_ref()) { " " a href=(dashboard) { "Metrics" } }
        }
        p id="signed" class="soft" hidden {
            "The link that opened this page runs out: for news, open the page again from where you found it."
        }
        p id="stale" class="stale" role="status" hidden {}
    };
    (title, lines)
}

fn sentence(overview: &Overview, worst: Option<State>) -> String {
    let all = overview.targets.len();
    let told: Vec<&Target> = overview.targets.iter().filter(|target| target.quiet.is_none()).collect();
    let Some(worst) = worst else {
        return if all == 0 { "No target is configured".to_owned() } else { "Every target is muted".to_owned() };
    };
    let muted = match all - told.len() {
        0 => String::new(),
        muted => format!(", {muted} muted"),
    };
    let are = told.iter().filter(|target| target.state == worst).count();
    let name = |target: &&&Target| crate::terminal::paint::printable(&target.name);
    match (worst, told.as_slice()) {
        (State::NoRuns, _) if are == told.len() => "No runs yet".to_owned() + &muted,
        (State::Passing, [only]) => format!("{} is passing{muted}", name(&only)),
        (State::Passing, _) if are == told.len() => format!("All {are} targets are passing{muted}"),
        (State::Passing | State::NoRuns, _) => {
            let passing = told.iter().filter(|target| target.state == State::Passing).count();
            format!("{passing} of {} targets are passing, the others had no runs yet{muted}", told.len())
        }
        (_, _) => {
            let which = told.iter().find(|target| target.state == worst).filter(|_| are == 1);
            let who = which.map_or_else(|| format!("{are} of {} targets", told.len()), |target| name(&target));
            format!("{who} {}{muted}", verb(worst, are))
        }
    }
}

/// What one or more targets are or do, when that is not well.
fn verb(worst: State, are: usize) -> &'static str {
    match (worst, are) {
        (State::Failing, 1) => "is failing",
        (State::Failing, _) => "are failing",
        (State::Unread, _) => "could not be read",
        (State::Silent, 1) => "is without data",
        (State::Silent, _) => "are without data",
        (State::NotMeasured, 1) => "is not measured",
        (State::NotMeasured, _) => "are not measured",
        (State::Passing | State::NoRuns | State::Degraded, 1) => "is degraded",
        (State::Passing | State::NoRuns | State::Degraded, _) => "are degraded",
    }
}

/// The table of all targets; of many the worst come first.
pub(super) fn table(overview: &Overview) -> Markup {
    let mut targets: Vec<&Target> = overview.targets.iter().collect();
    if !overview.is_in_detail() {
        targets.sort_by_key(|target| Reverse(target.state));
    }
    let left = overview.targets.iter().filter(|target| target.day.is_none()).count();
    let since = overview.targets.iter().find_map(|target| target.day.as_ref()).map(|day| day.window.first());
    html! {
        section class="card" {
            h2 id="targets" {
                "Targets, last 24 hours" @if let Some(at) = since { span class="soft since" { " since " (words::moment(at)) } }
            }
            @if left > 0 {
                p class="soft" {
                    "Left out: the runs of " (words::count(left, "target")) ", of which only the state is shown. "
                    "The runs of those that are worst off are read."
                }
            }
            @if overview.targets.is_empty() {
                p { "No target is configured." }
            } @else {
                div class="scroll" tabindex="0" role="region" aria-labelledby="targets" {
                    table class="targets stack" {
                        thead { tr {
                            th scope="col" { "Target" }
                            th scope="col" { "State" }
                            th scope="col" class="number" { "Availability" }
                            th scope="col" class="number" { "p50" }
                            th scope="col" class="number" { "p95" }
                            th scope="col" class="hours" { "By the hour" }
                        } }
                        tbody { @for target in targets { (row(target)) } }
                    }
                }
            }
        }
    }
}

fn row(target: &Target) -> Markup {
    html! {
        tr {
            th scope="row" { a href={ "#t-" (target.id) } { bdi { (Foreign(&target.name)) } } }
            td { (state(target)) }
            @if let Some(day) = &target.day {
                td class="number" data-label="availability" { (availability(&day.all.total)) }
                td class="number" data-label="p50" { (time(day.all.run.p50)) }
                td class="number" data-label="p95" { (time(day.all.run.p95)) }
                td class="hours" {
                    (grid::strip(&day.all, day))
                    span class="sr" { (counts(&day.all.total)) }
                }
            } @else {
                td colspan="4" class="soft" { "runs left out" }
            }
        }
    }
}

/// The state with its sign, and whether anybody is told.
pub(super) fn state(target: &Target) -> Markup {
    let (word, class) = target.state.word();
    html! {
        span class={ "outcome " (class) } { span aria-hidden="true" { (target.state.sign()) " " } (word) }
        @if target.quiet.is_some() { " " span class="muted" { "muted" } }
    }
}

/// Why nobody is told of a target now, in a sentence.
pub(super) fn quiet(target: &Target, overview: &Overview) -> Option<Markup> {
    let quiet = target.quiet.as_ref()?;
    Some(html! {
        p class="muted-note" {
            @match quiet {
                Quiet::Configured => "Muted by the configuration: nobody is told.",
                Quiet::Maintenance => "In a maintenance window: nobody is told.",
                Quiet::Asked { until, reason } => {
                    @let left = until.duration_since(overview.made_at);
                    "Muted until " (words::moment(*until)) " (" (left_words(left)) "): "
                    q { bdi { (Foreign(reason)) } }
                }
            }
        }
    })
}

fn left_words(left: SignedDuration) -> String {
    format!("{} more", words::span(left))
}

/// A share, or a word for none.
pub(super) fn availability(tally: &Tally) -> String {
    tally.availability().unwrap_or_else(|| "–".to_owned())
}

/// A time, or a dash.
pub(super) fn time(milliseconds: Option<u32>) -> String {
    milliseconds.map_or_else(|| "–".to_owned(), words::time)
}

/// What the runs were, in words.
pub(super) fn counts(tally: &Tally) -> String {
    if tally.runs() == 0 {
        return "no runs".to_owned();
    }
    let quiet = match tally.quiet {
        0 => String::new(),
        quiet => format!("; {quiet} of them while muted"),
    };
    format!("{}: {}{quiet}", words::count(tally.runs(), "run"), tally.words())
}
