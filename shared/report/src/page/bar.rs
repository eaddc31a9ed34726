//! The bars of the waterfall and their axis, as SVG without a view box:
//! percentages follow the width of the window, and nothing is distorted.

use maud::{Markup, html};
use model::report::{Exchange, Milliseconds, Timings};

use crate::phases::phases;

/// How many parts the axis has at most.
const MOST_TICKS: u8 = 6;
/// The most decimals of a number; the shortest axis needs 4.
const MOST_DECIMALS: usize = 6;

/// The time axis of one attempt.
pub(super) struct Axis {
    length: f64,
    step: f64,
}

/// The classes of the phases, which give them their colours.
const CLASSES: [&str; 5] = ["dns", "connect", "tls", "wait", "load"];

/// The phases with their name and class, in the order in which they happen.
pub(super) fn coloured(timings: &Timings) -> impl Iterator<Item = (&'static str, &'static str, Option<Milliseconds>)> {
    phases(timings).into_iter().zip(CLASSES).map(|((name, time), class)| (name, class, time))
}

impl Axis {
    /// An axis of so many milliseconds.
    pub(super) fn new(length: f64) -> Self {
        let length = if length.is_finite() && length > 0.001 { length } else { 0.001 };
        let least = length / f64::from(MOST_TICKS);
        let power = 10_f64.powf(least.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|step| *step >= least);
        Self { length, step: step.unwrap_or(length) }
    }

    /// The line of numbers above the bars.
    pub(super) fn numbers(&self) -> Markup {
        html! {
            svg.axis aria-hidden="true" {
                // The last number must not run into the unit.
                @for tick in self.ticks().filter(|tick| *tick < self.length * 0.9) {
                    text x=(self.percent(tick)) y="13" { (number(tick, decimals(self.step))) }
                }
                text.unit x="100%" y="13" { "ms" }
            }
        }
    }

    /// The bar of one exchange, its phases in colours.
    pub(super) fn bar(&self, exchange: &Exchange, class: &str) -> Markup {
        let (start, duration) = (exchange.started_ms.get(), exchange.duration_ms.get());
        html! {
            svg class={ "bar " (class) } aria-hidden="true" {
                @for tick in self.ticks() {
                    line x1=(self.percent(tick)) x2=(self.percent(tick)) y2="100%" {}
                }
                rect.all x=(self.percent(start)) width=(self.percent(duration)) y="5" height="12" rx="2" {}
                @for (phase, from, length) in segments(exchange) {
                    rect class=(phase) x=(self.percent(from)) width=(self.percent(length)) y="5" height="12" {}
                }
            }
        }
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let (step, end) = (self.step, self.length);
        (0..=MOST_TICKS).map(move |tick| f64::from(tick) * step).filter(move |at| *at <= end * 0.97)
    }

    fn percent(&self, milliseconds: f64) -> String {
        let percent = (milliseconds / self.length * 100.0).clamp(0.0, 100.0);
        format!("{percent:.2}%")
    }
}

/// Class, start and length of each phase. The connection is made at the
/// beginning and the answer ends at the end; what lies between is no phase.
fn segments(exchange: &Exchange) -> Vec<(&'static str, f64, f64)> {
    let phases: Vec<_> =
        coloured(&exchange.timings).map(|(_, class, time)| (class, time.map_or(0.0, Milliseconds::get))).collect();
    let mut at = exchange.started_ms.get();
    let end = at + exchange.duration_ms.get();
    let mut segments = Vec::new();
    for (index, (class, length)) in phases.iter().copied().enumerate() {
        if index == 3 && exchange.response.is_some() {
            let answer: f64 = phases.iter().skip(index).map(|(_, length)| length).sum();
            at = at.max(end - answer);
        }
        if length > 0.0 {
            segments.push((class, at, length.min(end - at)));
        }
        at += length;
    }
    segments.retain(|(_, _, length)| *length > 0.0);
    segments
}

/// How many decimals tell apart what is so far from each other.
fn decimals(step: f64) -> usize {
    let (mut decimals, mut scaled) = (0, step);
    while scaled < 0.99 && decimals < MOST_DECIMALS {
        scaled *= 10.0;
        decimals += 1;
    }
    decimals
}

fn number(milliseconds: f64, decimals: usize) -> String {
    if milliseconds == 0.0 { "0".to_owned() } else { format!("{milliseconds:.decimals$}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_an_axis_are_told_apart_and_are_where_they_say() {
        for (length, expected) in [
            (0.0, "0 0.0002 0.0004 0.0006 0.0008"),
            (0.26, "0 0.05 0.10 0.15 0.20"),
            (0.6, "0 0.1 0.2 0.3 0.4 0.5"),
            (3.0, "0 0.5 1.0 1.5 2.0 2.5"),
            (12.0, "0 2 4 6 8 10"),
            (843.0, "0 200 400 600"),
        ] {
            assert_eq!(told(length).join(" "), expected, "{length}");
        }
        for power in -40..200 {
            let length = 1.17_f64.powi(power);
            let axis = Axis::new(length);
            let shown: Vec<f64> = told(length).iter().map(|text| text.parse().unwrap()).collect();
            for (number, tick) in shown.iter().zip(axis.ticks()) {
                assert!((number - tick).abs() < axis.step * 0.01, "{number} stands at {tick} of {length}");
            }
        }
    }

    fn told(length: f64) -> Vec<String> {
        let numbers = Axis::new(length).numbers().into_string();
        let texts = numbers.split("</text>").filter(|text| !text.contains("class=\"unit\""));
        texts
            .filter_map(|text| text.rsplit_once('>').map(|(_, number)| number.to_owned()))
            .filter(|n| !n.is_empty())
            .collect()
    }
}
