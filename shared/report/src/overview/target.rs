//! One target: its regions' days, their times, their hours as a table.

use jiff::Timestamp;
use maud::{Markup, html};
use model::journey::Step;

use super::grid::{Scale, grid};
use super::shown::Single;
use super::sums::{Day, RegionDay, Spread, Sums, Tally};
use super::{Overview, Target, link, summary, words};
use crate::page::foreign::Foreign;

/// The target's part of the page; of many targets it is folded.
pub(super) fn section(target: &Target, overview: &Overview) -> Markup {
    if overview.is_in_detail() { unfolded(target, overview) } else { folded(target, overview) }
}

fn unfolded(target: &Target, overview: &Overview) -> Markup {
    html! {
        section class="card" id={ "t-" (target.id) } {
            h2 { (heading(target)) }
            (facts(target, overview))
            @match with_runs(target) {
                Ok(day) => {
                    (regions(day, overview))
                    (times(target, day, &by_region(day)))
                    (hours(target, day))
                }
                Err(why) => p { (why) }
            }
        }
    }
}

fn folded(target: &Target, overview: &Overview) -> Markup {
    html! {
        details class="card" id={ "t-" (target.id) } {
            summary { h2 { (heading(target)) } }
            (facts(target, overview))
            @match with_runs(target) {
                Ok(day) => {
                    @for region in &day.regions { p { (line(region)) } }
                    (times(target, day, &[]))
                }
                Err(why) => p { (why) }
            }
        }
    }
}

fn heading(target: &Target) -> Markup {
    html! { bdi { (Foreign(&target.name)) } " " span class="id" { (target.id) } }
}

fn facts(target: &Target, overview: &Overview) -> Markup {
    html! {
        p class="facts" {
            (summary::state(target))
            @if let Some(at) = target.decided_at { span class="soft" { " as of " (words::moment(at)) } }
            @for tag in &target.tags { " " bdi class="tag" { (Foreign(tag)) } }
            @if let Some(runbook) = link(target.runbook.as_ref()) { " " a href=(runbook) { "Runbook" } }
        }
        @if let Some(note) = summary::quiet(target, overview) { (note) }
    }
}

/// The target's day, or why there is nothing to see of it.
fn with_runs(target: &Target) -> Result<&Day, &'static str> {
    let day = target.day.as_ref().ok_or("Its runs are left out.")?;
    if day.all.total.runs() == 0 { Err("No runs in this time.") } else { Ok(day) }
}

fn regions(day: &Day, overview: &Overview) -> Markup {
    let scale = Scale::new(day, overview.interval, overview.made_at);
    html! {
        div class="regions" {
            @for region in &day.regions {
                div class="region" {
                    h3 { (region.region) }
                    p { (line(region)) }
                    @if let Some(runs) = &region.runs { (grid(region, runs, day, scale)) }
                }
            }
        }
    }
}

/// A region in one sentence.
fn line(region: &RegionDay) -> Markup {
    let tally = &region.sums.total;
    html! {
        @if region.runs.is_none() { b { (region.region) } " " }
        @if let Some(share) = tally.availability() { b { (share) } " " }
        span class="soft" { (summary::counts(tally)) }
    }
}

/// What the times are of: its name above two columns.
type Column<'a> = (&'a str, &'a Sums);

/// The regions, where there are several.
fn by_region(day: &Day) -> Vec<Column<'_>> {
    let regions = day.regions.iter().map(|region| (region.region.as_str(), &region.sums));
    if day.regions.len() > 1 { regions.collect() } else { Vec::new() }
}

/// The times that half of the runs, and 19 of 20, stay within: of all regions,
/// then of some by themselves.
fn times(target: &Target, day: &Day, regions: &[Column<'_>]) -> Markup {
    let columns = [&[("All regions", &day.all)], regions].concat();
    html! {
        details class="more" {
            summary { "How long it takes, by step" }
            div class="scroll" tabindex="0" role="region" aria-label={ "How long " (target.id) " takes, by step" } {
                table class="times" {
                    (times_head(&columns))
                    tbody {
                        (times_row("Whole run", columns.iter().map(|(_, sums)| sums.run)))
                        @for (index, step) in Step::ALL.into_iter().enumerate() {
                            @let of_step = columns.iter().filter_map(|(_, sums)| sums.steps.get(index).copied());
                            (times_row(&format!("{} {}", step.number(), step.title()), of_step))
                        }
                    }
                }
            }
        }
    }
}

fn times_head(columns: &[Column<'_>]) -> Markup {
    html! {
        thead {
            tr {
                td {}
                @for (name, _) in columns { th scope="colgroup" colspan="2" class="number" { (name) } }
            }
            tr {
                th scope="col" { "Step" }
                @for _ in columns {
                    th scope="col" class="number" { "p50" }
                    th scope="col" class="number" { "p95" }
                }
            }
        }
    }
}

fn times_row(name: &str, spreads: impl Iterator<Item = Spread>) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            @for spread in spreads {
                td class="number" { (summary::time(spread.p50)) }
                td class="number" { (summary::time(spread.p95)) }
            }
        }
    }
}

/// The same as the pictures, in words, the newest hour first.
fn hours(target: &Target, day: &Day) -> Markup {
    let hours: Vec<Timestamp> = day.window.hours().collect();
    html! {
        details class="more" {
            summary { "Hour by hour" }
            div class="scroll" tabindex="0" role="region" aria-label={ (target.id) " hour by hour" } {
                table class="by-hour" {
                    thead { tr {
                        th scope="col" { "Hour" }
                        @for region in &day.regions { th scope="col" { (region.region) } }
                    } }
                    tbody {
                        @for (index, hour) in hours.iter().enumerate().rev() {
                            tr {
                                th scope="row" { (words::moment(*hour)) }
                                @for region in &day.regions { td { (hour_of(region, index)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn hour_of(region: &RegionDay, hour: usize) -> Markup {
    let tally = region.sums.hours.get(hour);
    let text = tally.map(Tally::words).filter(|words| !words.is_empty());
    let singles = region.runs.as_ref().map(|runs| runs.of_hour(hour)).unwrap_or_default();
    let listed = u64::try_from(singles.len()).unwrap_or(u64::MAX);
    let left = tally.map_or(0, Tally::bad).saturating_sub(listed);
    html! {
        (text.as_deref().unwrap_or("no runs"))
        @for alike in singles.chunk_by(|one, next| (one.kind, one.cause) == (next.kind, next.cause)) { (list(alike)) }
        @if left > 0 { div class="soft" { (left) " more are only drawn" } }
    }
}

/// When runs ended in the same way, each minute with its report.
fn list(alike: &[&Single]) -> Markup {
    let ending = alike.first().map(|single| words::ending(single.kind, single.cause.as_ref()));
    html! {
        div {
            span class="soft" { (ending.unwrap_or_default()) ":" }
            @for single in alike {
                " "
                @match link(single.link.as_ref()) {
                    Some(report) => a href=(report) { (words::clock(single.minute)) },
                    None => (words::clock(single.minute))
                }
            }
        }
    }
}
