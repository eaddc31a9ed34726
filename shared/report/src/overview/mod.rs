//! The overview: every target in every region over the last 24 hours, what is
//! wrong, what was, and who was told.
//!
//! ```text
//! run results ─► Cell ─► the history, by the hour ─► Run ─► Day ─┐
//! states ──────────────────────────────────────────► Target ─────┼─► Overview ─► one HTML page
//! incidents, trail ────────────────────────────────► Incident ───┘
//! ```

mod cell;
mod grid;
mod legend;
mod past;
mod shown;
mod summary;
mod sums;
mod target;
mod words;

use jiff::{SignedDuration, Timestamp};
use maud::html;
use model::error::{Blame, Failure};
use model::names::{Region, TargetId};
use url::Url;

use crate::page::BASE_CSS;
use crate::page::document::Document;

pub use cell::{Cause, Cell, Kind, UnreadableCell};
pub use sums::{Day, Run, Window};

const CSS: &str = include_str!("overview.css");
/// Says when the page is old, and fetches it anew every five minutes, unless it
/// was opened with a link that runs out.
const SCRIPT: &str = include_str!("overview.js");

/// The most targets whose runs are shown one by one. With more of them their
/// hours are, or a page for a fleet would take megabytes.
pub const MOST_TARGETS_IN_DETAIL: usize = 20;

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The minute it was made for; what came later is not in it.
    pub made_at: Timestamp,
    /// How often one region runs a target.
    pub interval: SignedDuration,
    /// The targets, in the order of the configuration.
    pub targets: Vec<Target>,
    /// Those that are open, then those of the last seven days, the newest first.
    pub incidents: Vec<Incident>,
    /// What was sent about them, the newest first.
    pub notifications: Vec<Notification>,
    /// Incidents and certificates whose notifications are not among these, because there are too many.
    pub untold: usize,
    /// Where the metrics are.
    pub dashboard: Option<Url>,
}

/// A target.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its id.
    pub id: TargetId,
    /// Its name for a person.
    pub name: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// What it is.
    pub state: State,
    /// The last minute that was decided.
    pub decided_at: Option<Timestamp>,
    /// Why nobody is told of it now.
    pub quiet: Option<Quiet>,
    /// Where the on-call engineer reads on.
    pub runbook: Option<Url>,
    /// Its runs; none: they were not read, because there are too many targets.
    pub day: Option<Day>,
}

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It works.
    Passing,
    /// There was no run yet.
    NoRuns,
    /// It works, with a fault.
    Degraded,
    /// There are runs, but all fail through the monitor's own fault: what it is nobody knows.
    NotMeasured,
    /// Runs were, and are no more: what it is nobody knows.
    Silent,
    /// What is known of it could not be read, nor what is wrong with it.
    Unread,
    /// It does not work.
    Failing,
}

/// Why nobody is told of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// The configuration says so.
    Configured,
    /// A person said so.
    Asked {
        /// Until when.
        until: Timestamp,
        /// Why; a person wrote it.
        reason: String,
    },
    /// A maintenance window is open.
    Maintenance,
}

/// Something that is or was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Its key.
    pub key: String,
    /// How bad it is.
    pub matter: Matter,
    /// What it is about: a target's name, a region or a channel.
    pub subject: String,
    /// What is wrong; what stands for all regions comes first.
    pub findings: Vec<Finding>,
    /// Whose fault it looks like; none: no run of it names an error.
    pub fault: Option<Fault>,
    /// The first bad run.
    pub since: Timestamp,
    /// When it was over; none: it is open.
    pub ended_at: Option<Timestamp>,
    /// When somebody took it.
    pub acknowledged_at: Option<Timestamp>,
    /// Whether somebody was told.
    pub told: bool,
    /// Whether its target is muted or in maintenance.
    pub quiet: bool,
    /// The report of a run of it.
    pub report: Option<Url>,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What, in one sentence without a full stop; foreign words may be in it.
    pub what: String,
    /// The regions that have it; empty: it is not about regions.
    pub regions: Vec<Region>,
}

/// Whose fault an incident looks like, over all its regions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The failure that stands for all.
    pub failure: Failure,
    /// Whose fault it looks like; a region by itself may see another one.
    pub blame: Blame,
}

/// How bad an incident is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// A target is degraded.
    Degraded,
    /// A target fails.
    Failing,
    /// The monitor itself needs attention.
    MonitorError,
    /// Nothing comes from a region.
    NoData,
}

/// What became of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The incident's key.
    pub incident: String,
    /// Its channel.
    pub channel: String,
    /// Its event.
    pub event: String,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// What became of it: `sent`, `failed`, …
    pub status: String,
    /// How often it was tried.
    pub tries: usize,
    /// When it was tried last.
    pub last_tried_at: Option<Timestamp>,
    /// What the provider answered then; nobody vouches for the text.
    pub answer: String,
}

/// The overview as one HTML page, readable without script and network.
#[must_use]
pub fn overview(overview: &Overview) -> String {
    let (title, headline) = summary::headline(overview);
    let body = html! {
        a class="skip" href="#main" { "To the content" }
        header class="top" {
            span class="brand" { "xs2a-monitor" }
            button type="button" id="refresh" hidden {}
        }
        main id="main" {
            (headline)
            (past::open(overview))
            (summary::table(overview))
            @for target in &overview.targets { (target::section(target, overview)) }
            (past::incidents(overview))
            (past::notifications(overview))
            (legend::legend(overview))
        }
    };
    Document { title: &title, styles: &[BASE_CSS, CSS], script: SCRIPT, body }.into_html()
}

impl Overview {
    /// What is wrong now.
    fn open(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.iter().filter(|incident| incident.ended_at.is_none())
    }

    /// Whether every run is shown by itself.
    fn is_in_detail(&self) -> bool {
        self.targets.len() <= MOST_TARGETS_IN_DETAIL
    }
}

impl State {
    /// The word and the class of its colour.
    const fn word(self) -> (&'static str, &'static str) {
        match self {
            Self::Passing => ("passing", "passed"),
            Self::Degraded => ("degraded", "degraded"),
            Self::Failing => ("failing", "failed"),
            Self::NotMeasured => ("not measured", "degraded"),
            Self::Silent => ("no data", "failed"),
            Self::Unread => ("could not be read", "failed"),
            Self::NoRuns => ("no runs yet", "not_run"),
        }
    }

    /// A mark that is told apart without colour.
    const fn sign(self) -> &'static str {
        match self {
            Self::Passing => "●",
            Self::Degraded => "▲",
            Self::Failing => "✖",
            Self::NotMeasured | Self::Silent | Self::Unread => "?",
            Self::NoRuns => "○",
        }
    }
}

impl Matter {
    const fn word(self) -> (&'static str, &'static str) {
        match self {
            Self::Degraded => ("degraded", "degraded"),
            Self::Failing => ("failing", "failed"),
            Self::MonitorError => ("monitor error", "degraded"),
            Self::NoData => ("no data", "failed"),
        }
    }
}

/// A URL that may be a link.
fn link(url: Option<&Url>) -> Option<&str> {
    url.filter(|url| matches!(url.scheme(), "https" | "http")).map(Url::as_str)
}
