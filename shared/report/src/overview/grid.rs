//! The picture of a day: a row for each hour, in it one cell for each run. What
//! passed is a low bar, what failed a high one: told apart without colours.
//! Readers of the text get the hours' table instead.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use model::names::Region;

use super::cell::Kind;
use super::shown::{Shown, Single, Spot};
use super::sums::{Day, HOURS, Place, RegionDay, Sums, Tally};
use super::{link, words};

/// A minute's width, an hour's height and the room for the labels, in the
/// picture's own units.
const MINUTE: usize = 10;
const ROW: usize = 14;
const LEFT: usize = 54;
const TOP: usize = 22;
/// What is left free between two cells.
const GAP: usize = 2;

/// How a picture is divided.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    /// The minutes of a cell.
    minutes: u8,
    /// Nothing is drawn before the first of these, nor after the second.
    ends: [Place; 2],
}

impl Scale {
    /// `interval`: between two runs of a region. One that does not divide the
    /// hour has cells of a minute.
    pub(super) fn new(day: &Day, interval: SignedDuration, now: Timestamp) -> Self {
        let minutes = u8::try_from(interval.as_mins()).ok().filter(|minutes| *minutes > 0 && 60 % minutes == 0);
        let place = |at: Timestamp, or: Place| day.window.place(at).unwrap_or(or);
        let first = place(day.window.first(), Place { hour: 0, minute: 0 });
        let last = place(now, Place { hour: HOURS - 1, minute: 59 });
        Self { minutes: minutes.unwrap_or(1), ends: [first, last] }
    }

    /// The class that cuts lines into cells.
    fn cut(self) -> String {
        format!("every{}", self.minutes)
    }
}

/// A region's day.
pub(super) fn grid(region: &RegionDay, runs: &Shown, day: &Day, scale: Scale) -> Markup {
    html! {
        svg class="day" viewBox={ "0 0 " (LEFT + 60 * MINUTE) " " (TOP + HOURS * ROW) } aria-hidden="true" focusable="false" {
            @for minute in [0_usize, 15, 30, 45] {
                text x=(LEFT + minute * MINUTE) y="14" { ":" (format!("{minute:02}")) }
            }
            @for (hour, at) in day.window.hours().enumerate().step_by(3) {
                text x="0" y=(TOP + hour * ROW + 11) { (words::clock(at)) }
            }
            path class="track" d=(track(scale.ends)) {}
            @for (kind, d) in lines(&runs.spots, scale) {
                path class={ (class(kind)) " " (scale.cut()) } d=(d) {}
            }
            @for run in &runs.singles { (single(run, scale, &region.region)) }
            @let quiet = quiet(&runs.spots, scale);
            @if !quiet.is_empty() { path class="quiet" d=(quiet) {} }
        }
    }
}

/// A target's day, an hour in each cell: over what worked the worst of the
/// hour, as wide as its share.
pub(super) fn strip(sums: &Sums, day: &Day) -> Markup {
    let hours = (0..).step_by(MINUTE).zip(&sums.hours).zip(day.window.hours());
    let hours: Vec<(usize, &Tally, Timestamp)> = hours.map(|((x, tally), hour)| (x, tally, hour)).collect();
    let worked = |tally: &Tally| tally.of(Kind::Passed) + tally.of(Kind::Recovered) > 0;
    let mut passed = String::new();
    for (x, _, _) in hours.iter().filter(|(_, tally, _)| worked(tally)) {
        stroke(&mut passed, *x, ROW / 2, MINUTE - GAP);
    }
    html! {
        svg class="strip" viewBox={ "0 0 " (HOURS * MINUTE) " " (ROW) } aria-hidden="true" focusable="false" {
            path class="track" d={ "M0 7h" (HOURS * MINUTE - GAP) } {}
            @if !passed.is_empty() { path class="p" d=(passed) {} }
            @for (x, tally, hour) in hours {
                @if let Some(kind) = tally.worst().filter(|kind| kind.is_bad()) {
                    g class=(class(kind)) {
                        title { (words::clock(hour)) ": " (tally.words()) }
                        path d={ "M" (x) " 7h" (share(tally, kind)) } {}
                    }
                }
            }
        }
    }
}

/// How wide the share of a kind is; none is too small to be seen.
fn share(tally: &Tally, kind: Kind) -> u64 {
    let whole = MINUTE - GAP;
    let share = u64::try_from(whole).unwrap_or(u64::MAX).saturating_mul(tally.of(kind)).div_ceil(tally.runs().max(1));
    share.max(2)
}

/// Three cells alone, for the legend; none: no runs.
pub(super) fn sample(kind: Option<Kind>, quiet: bool) -> Markup {
    html! {
        svg class="sample" viewBox="0 0 28 14" aria-hidden="true" focusable="false" {
            path class="track" d="M0 7h28" {}
            @if let Some(kind) = kind { path class=(class(kind)) d="M0 7h8M10 7h8M20 7h8" {} }
            @if quiet { path class="quiet" d="M0 13h28" {} }
        }
    }
}

/// The class of a kind's cells.
const fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Passed => "p",
        Kind::Recovered => "r",
        Kind::MonitorError => "m",
        Kind::Degraded => "d",
        Kind::Failed => "f",
    }
}

fn single(run: &Single, scale: Scale, region: &Region) -> Markup {
    let mut d = String::new();
    stroke(&mut d, x(run.place), y(run.place), width(usize::from(scale.minutes)));
    let inner = html! {
        title { (words::clock(run.minute)) " " (region) ": " (words::ending(run.kind, run.cause.as_ref())) }
        path d=(d) {}
    };
    let class = class(run.kind);
    // The keyboard finds the same links in the hours' table.
    if let Some(link) = link(run.link.as_ref()) {
        html! { a class=(class) href=(link) tabindex="-1" { (inner) } }
    } else {
        html! { g class=(class) { (inner) } }
    }
}

/// The time that the page is about, as a line in each row.
fn track([first, last]: [Place; 2]) -> String {
    let mut d = String::new();
    for hour in first.hour..=last.hour {
        let from = Place { hour, minute: if hour == first.hour { first.minute } else { 0 } };
        let to = if hour == last.hour { last.minute } else { 60 };
        if to > from.minute {
            stroke(&mut d, x(from), y(from), width(usize::from(to - from.minute)));
        }
    }
    d
}

/// A line for each row of equal runs; the style sheet cuts it into cells.
fn lines(runs: &[Spot], scale: Scale) -> BTreeMap<Kind, String> {
    let mut lines: BTreeMap<Kind, String> = BTreeMap::new();
    let mut rows = Rows::new(scale);
    for run in runs.iter().filter(|run| !run.is_single) {
        if let Some((kind, row)) = rows.next(run.kind, run.place) {
            row.stroke(lines.entry(kind).or_default());
        }
    }
    if let Some((kind, row)) = rows.current {
        row.stroke(lines.entry(kind).or_default());
    }
    lines
}

/// Where nobody was to be told, as a line under the cells.
fn quiet(runs: &[Spot], scale: Scale) -> String {
    let mut d = String::new();
    let mut rows = Rows::new(scale);
    let mut draw = |row: Row| stroke(&mut d, x(row.from), y(row.from) + ROW / 2, row.minutes * MINUTE);
    for place in runs.iter().filter(|run| run.quiet).map(|run| run.place) {
        if let Some(((), row)) = rows.next((), place) {
            draw(row);
        }
    }
    if let Some(((), row)) = rows.current {
        draw(row);
    }
    d
}

/// Cells beside each other that look the same.
#[derive(Clone, Copy)]
struct Row {
    from: Place,
    minutes: usize,
}

/// Puts cells together.
struct Rows<T> {
    scale: Scale,
    current: Option<(T, Row)>,
}

impl<T: Copy + PartialEq> Rows<T> {
    const fn new(scale: Scale) -> Self {
        Self { scale, current: None }
    }

    /// Takes the next cell; the row that ends with it, if one does.
    fn next(&mut self, look: T, place: Place) -> Option<(T, Row)> {
        let minutes = usize::from(self.scale.minutes);
        if let Some((before, row)) = &mut self.current {
            let follows =
                row.from.hour == place.hour && usize::from(row.from.minute) + row.minutes == usize::from(place.minute);
            if follows && *before == look {
                row.minutes += minutes;
                return None;
            }
        }
        self.current.replace((look, Row { from: place, minutes }))
    }
}

impl Row {
    fn stroke(self, d: &mut String) {
        stroke(d, x(self.from), y(self.from), width(self.minutes));
    }
}

/// The length of a line over so many minutes.
fn width(minutes: usize) -> usize {
    (minutes * MINUTE).saturating_sub(GAP)
}

fn x(place: Place) -> usize {
    LEFT + usize::from(place.minute) * MINUTE
}

fn y(place: Place) -> usize {
    TOP + place.hour * ROW + ROW / 2
}

fn stroke(d: &mut String, x: usize, y: usize, length: usize) {
    let _ = write!(d, "M{x} {y}h{length}");
}
