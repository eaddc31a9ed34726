//! What is kept of a region's runs to show them one by one: a few bytes of each,
//! and more of those that did not pass.

use jiff::Timestamp;
use model::names::ReportUri;
use url::Url;

use super::cell::{Cause, Kind};
use super::sums::{Place, Run, Window};

/// The newest runs of a region that did not pass and stand there one by one,
/// with words and link. Of each hour before them one does, the newest: a
/// day-long outage does not make a page of megabytes.
const MOST_SINGLE: usize = 50;

/// A region's runs, to be drawn and listed.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// All of them, by minute.
    pub(super) spots: Vec<Spot>,
    /// Those that stand there one by one, by minute.
    pub(super) singles: Vec<Single>,
}

/// A run in the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) place: Place,
    pub(super) kind: Kind,
    pub(super) quiet: bool,
    /// Whether it is among the [singles](Shown::singles).
    pub(super) is_single: bool,
}

/// A run that did not pass.
#[derive(Clone, Debug)]
pub(super) struct Single {
    pub(super) place: Place,
    pub(super) minute: Timestamp,
    pub(super) kind: Kind,
    pub(super) cause: Option<Cause>,
    pub(super) link: Option<Url>,
}

impl Shown {
    /// `runs`: by minute, within the window.
    pub(super) fn of(window: Window, runs: &[Run], link: impl Fn(&ReportUri) -> Option<Url>) -> Self {
        let mut shown = Self { spots: Vec::with_capacity(runs.len()), singles: Vec::new() };
        for run in runs.iter().rev() {
            let Some(place) = window.place(run.minute) else { continue };
            let cell = &run.cell;
            let is_single = cell.kind.is_bad() && shown.has_room(place);
            shown.spots.push(Spot { place, kind: cell.kind, quiet: cell.quiet, is_single });
            if is_single {
                let link = cell.report.as_ref().and_then(&link);
                shown.singles.push(Single { place, minute: run.minute, kind: cell.kind, cause: cell.cause, link });
            }
        }
        shown.spots.reverse();
        shown.singles.reverse();
        shown
    }

    /// The singles of an hour of the window.
    pub(super) fn of_hour(&self, hour: usize) -> Vec<&Single> {
        self.singles.iter().filter(|single| single.place.hour == hour).collect()
    }

    /// Whether one more may stand alone, when all later ones are there.
    fn has_room(&self, place: Place) -> bool {
        self.singles.len() < MOST_SINGLE || self.singles.last().is_some_and(|later| later.place.hour != place.hour)
    }
}
