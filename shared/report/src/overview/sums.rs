//! What the runs of a day come to: counts, shares and times.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use model::names::{Region, ReportUri};
use url::Url;

use super::cell::{Cell, Kind};
use super::shown::Shown;

/// The last 24 hours, in the hours of the clock that they touch: of the first
/// and the last of them only a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    start: Timestamp,
    first: Timestamp,
}

/// How many hours of the clock are touched, at most.
pub(super) const HOURS: usize = 25;
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A run in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its scheduled minute.
    pub minute: Timestamp,
    /// What is kept of it.
    pub cell: Cell,
}

/// Where on the window's grid a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// 0 to 24.
    pub(super) hour: usize,
    /// 0 to 59.
    pub(super) minute: u8,
}

/// A target's runs of the window.
#[derive(Clone, Debug)]
pub struct Day {
    pub(super) window: Window,
    pub(super) all: Sums,
    pub(super) regions: Vec<RegionDay>,
}

/// A region's runs of the window.
#[derive(Clone, Debug)]
pub(super) struct RegionDay {
    pub(super) region: Region,
    pub(super) sums: Sums,
    /// One by one; none when there are too many targets to show them.
    pub(super) runs: Option<Shown>,
}

/// Counts and times of runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    pub(super) total: Tally,
    pub(super) hours: [Tally; HOURS],
    pub(super) run: Spread,
    pub(super) steps: [Spread; 8],
}

/// How many runs there are of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    kinds: BTreeMap<Kind, u64>,
    counted: u64,
    worked: u64,
    pub(super) quiet: u64,
}

/// The times that half of the runs, and 19 of 20, stay within, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spread {
    pub(super) p50: Option<u32>,
    pub(super) p95: Option<u32>,
}

impl Window {
    /// The 24 hours that end with this moment.
    #[must_use]
    pub fn until(now: Timestamp) -> Self {
        let from = now.checked_sub(HOUR * 24).unwrap_or(Timestamp::MIN);
        let since = |seconds: i64| SignedDuration::new(from.as_second().rem_euclid(seconds), from.subsec_nanosecond());
        let start = from.checked_sub(since(3600)).unwrap_or(Timestamp::MIN);
        let first = from.checked_sub(since(60)).and_then(|minute| minute.checked_add(MINUTE));
        Self { start, first: first.unwrap_or(start) }
    }

    /// The hours' beginnings, in order.
    pub fn hours(self) -> impl Iterator<Item = Timestamp> {
        (0..25).map(move |hour| self.start.checked_add(HOUR * hour).unwrap_or(Timestamp::MAX))
    }

    /// The first minute. The one 24 hours ago is none of these: a day of a run
    /// a minute has 1,440.
    pub(super) const fn first(self) -> Timestamp {
        self.first
    }

    /// None: it is not in the window.
    pub(super) fn place(self, minute: Timestamp) -> Option<Place> {
        let minutes = minute.duration_since(self.start).as_secs().div_euclid(60);
        let hour = usize::try_from(minutes.div_euclid(60)).ok().filter(|hour| *hour < HOURS && minute >= self.first)?;
        Some(Place { hour, minute: u8::try_from(minutes.rem_euclid(60)).ok()? })
    }
}

impl Day {
    /// What a target's runs come to, region by region in this order. Those out
    /// of the window are left out; `one_by_one`: each run is shown, not only
    /// the hours. Only what is shown is kept.
    ///
    /// `link`: where a person reads a report of a region, asked for those that
    /// are shown; only http and https become links.
    pub fn of(
        window: Window,
        regions: Vec<(Region, Vec<Run>)>,
        one_by_one: bool,
        link: impl Fn(&Region, &ReportUri) -> Option<Url>,
    ) -> Self {
        let within = |runs: Vec<Run>| -> Vec<Run> {
            let mut runs: Vec<Run> = runs.into_iter().filter(|run| window.place(run.minute).is_some()).collect();
            runs.sort_by_key(|run| run.minute);
            runs
        };
        let regions: Vec<(Region, Vec<Run>)> =
            regions.into_iter().map(|(region, runs)| (region, within(runs))).collect();
        let all = Sums::of(window, regions.iter().flat_map(|(_, runs)| runs));
        let day = |(region, runs): (Region, Vec<Run>)| {
            let sums = Sums::of(window, runs.iter());
            let shown = one_by_one.then(|| Shown::of(window, &runs, |report| link(&region, report)));
            RegionDay { sums, runs: shown, region }
        };
        Self { window, all, regions: regions.into_iter().map(day).collect() }
    }
}

impl Sums {
    fn of<'a>(window: Window, runs: impl Iterator<Item = &'a Run>) -> Self {
        let mut sums = Self::default();
        let mut times = Vec::new();
        let mut step_times = [const { Vec::new() }; 8];
        for run in runs {
            sums.total.add(&run.cell);
            if let Some(hour) = window.place(run.minute).and_then(|place| sums.hours.get_mut(place.hour)) {
                hour.add(&run.cell);
            }
            if run.cell.is_whole() {
                times.push(run.cell.duration);
                let steps = step_times.iter_mut().zip(run.cell.steps);
                steps.for_each(|(times, step)| times.extend(step));
            }
        }
        sums.run = Spread::of(times);
        sums.steps = step_times.map(Spread::of);
        sums
    }
}

impl Cell {
    /// Whether it counts as available.
    fn worked(&self) -> bool {
        matches!(self.kind, Kind::Passed | Kind::Recovered | Kind::Degraded)
    }

    /// Whether the journey came to its last step without failing. How long
    /// another one took says when it was given up: a degraded one, too, may
    /// have ended at its first request.
    fn is_whole(&self) -> bool {
        match self.kind {
            Kind::Passed | Kind::Recovered => true,
            Kind::Degraded => self.steps.last().is_some_and(Option::is_some),
            Kind::MonitorError | Kind::Failed => false,
        }
    }
}

impl Tally {
    fn add(&mut self, cell: &Cell) {
        *self.kinds.entry(cell.kind).or_default() += 1;
        self.quiet += u64::from(cell.quiet);
        if !cell.quiet && cell.kind != Kind::MonitorError {
            self.counted += 1;
            self.worked += u64::from(cell.worked());
        }
    }

    pub(super) fn of(&self, kind: Kind) -> u64 {
        self.kinds.get(&kind).copied().unwrap_or_default()
    }

    /// Those that a reader wants to know more about.
    pub(super) fn bad(&self) -> u64 {
        self.kinds.iter().filter(|(kind, _)| kind.is_bad()).map(|(_, number)| number).sum()
    }

    pub(super) fn runs(&self) -> u64 {
        self.kinds.values().sum()
    }

    /// The worst kind of run.
    pub(super) fn worst(&self) -> Option<Kind> {
        self.kinds.keys().next_back().copied()
    }

    /// The share of runs that worked among those that count; none when none counts.
    pub(super) fn availability(&self) -> Option<String> {
        super::words::share(self.worked, self.counted)
    }

    /// `58 passed, 2 failed`; empty when there are none.
    pub(super) fn words(&self) -> String {
        let kinds = Kind::ALL.into_iter().rev().filter(|kind| self.of(*kind) > 0);
        let kinds: Vec<String> = kinds.map(|kind| self.word(kind)).collect();
        kinds.join(", ")
    }
}

impl Tally {
    fn word(&self, kind: Kind) -> String {
        let number = self.of(kind);
        format!("{number} {}", super::words::kind(kind, number))
    }
}

impl Spread {
    /// By the nearest rank: the value itself of one of the runs.
    fn of(mut times: Vec<u32>) -> Self {
        times.sort_unstable();
        let rank = |percent: usize| times.len().saturating_mul(percent).div_ceil(100).checked_sub(1);
        let at = |percent| rank(percent).and_then(|rank| times.get(rank).copied());
        Self { p50: at(50), p95: at(95) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_the_last_24_hours_at_any_moment() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let window = Window::until(at("2026-11-25T10:05:30Z"));
        let hours: Vec<String> = window.hours().map(|hour| hour.to_string()).collect();
        assert_eq!((hours.len(), hours[0].as_str()), (25, "2026-11-24T10:00:00Z"));
        assert_eq!(hours[24], "2026-11-25T10:00:00Z");
        let place = |minute: &str| window.place(at(minute)).map(|place| (place.hour, place.minute));
        assert_eq!(place("2026-11-24T10:05:00Z"), None);
        assert_eq!(place("2026-11-24T10:06:00Z"), Some((0, 6)));
        assert_eq!(place("2026-11-25T10:05:00Z"), Some((24, 5)));
        assert_eq!(place("2026-11-25T11:00:00Z"), None);
        for minute in 0..120 {
            let now = at("2026-11-25T10:00:00Z") + MINUTE * minute;
            let window = Window::until(now);
            let runs = (0..1_600).filter(|ago| window.place(now - MINUTE * *ago).is_some());
            assert!(runs.eq(0..1440), "{now}");
        }
    }

    #[test]
    fn percentiles_are_by_the_nearest_rank() {
        let spread = |times: &[u32]| {
            let spread = Spread::of(times.to_vec());
            (spread.p50, spread.p95)
        };
        assert_eq!(spread(&[]), (None, None));
        assert_eq!(spread(&[7]), (Some(7), Some(7)));
        assert_eq!(spread(&[4, 1, 3, 2]), (Some(2), Some(4)));
        assert_eq!(spread(&(1..=100).collect::<Vec<_>>()), (Some(50), Some(95)));
    }
}
