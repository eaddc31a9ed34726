//! What plays the minutes and shows them.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

use ::aggregator::{NotificationAnswer, OVERVIEW_PERIOD, TargetAnswer};
use alerting::{AlertEvent, Policy};
use jiff::{SignedDuration, Timestamp};
use model::names::Region;

use super::closing;
use super::ledger::{self, Alert, Entry};
use super::letters::letters;
use super::lines::{Lines, clock};
use super::script::{Scene, Seen};
use crate::commands::rehearse::RehearsalError;
use crate::commands::rehearse::aggregator::{self, Aggregator};
use crate::commands::rehearse::cloud::Cloud;
use crate::commands::rehearse::local_aws::LocalAws;
use crate::commands::rehearse::pages::{self, AtHand};
use crate::commands::rehearse::paint::Paint;
use crate::commands::rehearse::plan::Plan;
use crate::commands::rehearse::probes::{Probes, RegionRun};
use crate::commands::rehearse::verdict::{self, INTO_THE_MINUTE};
use crate::screen;

/// Moves to the start of a terminal's line and empties it (ECMA-48, EL).
const LINE_ANEW: &str = "\r\u{1b}[2K";

pub(crate) struct Stage<'a> {
    plan: &'a Plan,
    local_aws: LocalAws,
    probes: Probes,
    aggregator: Aggregator,
    pub(crate) paint: Paint,
    is_terminal: bool,
    regions: Vec<Region>,
    /// The minute that comes next.
    minute: Timestamp,
    /// The last message that was read.
    read: u64,
    /// The first and last of minutes that brought nothing new, not yet shown for good.
    quiet: Option<(Timestamp, Timestamp)>,
    /// What became of every notification so far.
    notifications: Vec<NotificationAnswer>,
    /// Where the targets stand.
    verdicts: Vec<TargetAnswer>,
    /// Who was told what.
    pub(crate) entries: Vec<Entry>,
    /// The page of the first run that did not pass.
    pub(crate) page: Option<PathBuf>,
    /// The pages of all of them.
    pub(crate) at_hand: AtHand,
    /// The regions that had a run which did not pass at once, or left its session open.
    pub(crate) hit: BTreeSet<Region>,
    /// Whether the overview shows the open incident.
    pub(crate) shows_open: bool,
}

impl<'a> Stage<'a> {
    /// Starts the functions.
    pub(crate) async fn set(plan: &'a Plan, cloud: &Cloud, paint: Paint) -> Result<Self, RehearsalError> {
        Ok(Self {
            plan,
            local_aws: cloud.local_aws()?,
            probes: Probes::start(plan, cloud)?,
            aggregator: Aggregator::start(plan, cloud).await?,
            paint,
            is_terminal: io::stdout().is_terminal(),
            regions: plan.regions.iter().map(|place| place.region.clone()).collect(),
            minute: first_minute(plan),
            read: 0,
            quiet: None,
            notifications: Vec::new(),
            verdicts: Vec::new(),
            entries: Vec::new(),
            page: None,
            at_hand: AtHand::default(),
            hit: BTreeSet::new(),
            shows_open: false,
        })
    }

    /// Says what comes now.
    pub(crate) fn announce(&mut self, scene: Scene) {
        self.end_quiet();
        let text = match scene {
            Scene::Healthy => "All is well".to_owned(),
            Scene::Outage => format!("The fault begins: {}", fault_list(self.plan)),
            Scene::Waiting => {
                let minutes = self.plan.config.policy.reminders.interval.as_secs() / 60;
                format!("Nobody acts; the reminder comes after {minutes} min")
            }
            Scene::Overview => format!("Nobody acts; the overview is made every {OVERVIEW_PERIOD} min"),
            Scene::Recovery => "The fault is gone".to_owned(),
        };
        let head = if scene == Scene::Healthy { self.lines().head() } else { String::new() };
        screen::print(&format!("\n{}\n{head}", self.paint.bold(&report::printable(&text))));
    }

    /// Plays the next minute and shows it, a minute without news briefly when
    /// that is enough.
    pub(crate) async fn minute(&mut self, may_be_brief: bool) -> Result<Seen, RehearsalError> {
        let minute = self.minute;
        self.minute = minute + interval(self.plan);
        if self.quiet.is_none() {
            self.draft(&self.paint.dim(&format!("{}  the probes run", clock(minute))));
        }
        self.local_aws.set_clock(minute + INTO_THE_MINUTE).await?;
        let due = due_regions(self.plan, minute);
        let runs = self.probes.run(minute, |region| due.contains(region)).await?;
        self.at_hand.add(self.plan, &runs);
        self.hit.extend(runs.iter().filter(|run| is_hit(run)).map(|run| run.region.clone()));
        if let Some(report) = pages::first_bad(&runs) {
            self.page.get_or_insert_with(|| pages::of(self.plan, report));
        }
        let notifications = self.aggregator.take_results().await?;
        let at_once = self.alerts(minute, notifications).await?;
        let verdicts = self.aggregator.tick(self.minute).await?;
        self.verdicts = verdicts.targets;
        let by_the_tick = self.alerts(self.minute, verdicts.notifications).await?;
        if at_once.is_empty() && may_be_brief {
            self.show_quiet(minute);
        } else {
            self.end_quiet();
            self.draft("");
            screen::print(&self.lines().minute(minute, &runs, &self.verdicts));
        }
        let alerts: Vec<Alert<'_>> = at_once.into_iter().chain(by_the_tick).collect();
        self.show(&alerts);
        Ok(self.seen(alerts.iter().map(|alert| alert.event).collect()))
    }

    /// What a minute brought that has told this.
    fn seen(&mut self, told: Vec<AlertEvent>) -> Seen {
        let open = self.verdicts.iter().any(|verdict| !verdict.incidents.is_empty());
        if is_overview_due(self.minute) {
            self.shows_open = open;
        } else if told.iter().any(|event| !event.closes() && *event != AlertEvent::Reminder) {
            self.shows_open = false;
        }
        Seen { told, open, shown: self.shows_open, waited: Duration::ZERO }
    }

    /// Plays on until the aggregator has made its overview, which it does every
    /// fifth minute.
    pub(crate) async fn reach_overview(&mut self) -> Result<(), RehearsalError> {
        loop {
            self.minute(true).await?;
            if is_overview_due(self.minute) {
                break;
            }
        }
        self.end_quiet();
        Ok(())
    }

    /// What came of notifications, at a moment.
    async fn alerts(
        &mut self,
        at: Timestamp,
        notifications: Vec<NotificationAnswer>,
    ) -> Result<Vec<Alert<'a>>, RehearsalError> {
        let inbox = self.local_aws.inbox_after(self.read).await?;
        self.read = inbox.iter().map(|message| message.n).max().unwrap_or(self.read);
        let alerts = ledger::alerts(&self.plan.config.channels, at, &notifications, inbox);
        for one in notifications {
            aggregator::note(&mut self.notifications, one);
        }
        Ok(alerts)
    }

    /// Where the targets stand, in words.
    pub(crate) fn standing(&self) -> String {
        closing::standing(&self.plan.config, &self.verdicts, self.minute)
    }

    /// What was never sent, in sentences.
    pub(crate) fn unsent(&self) -> Vec<String> {
        verdict::unsent(&self.notifications).collect()
    }

    /// Shows the brief line of minutes without news for good.
    pub(crate) fn end_quiet(&mut self) {
        if let Some((from, to)) = self.quiet.take() {
            self.draft("");
            screen::print(&format!("{}\n", self.lines().quiet(from, to, &self.verdicts)));
        }
    }

    /// Ends the functions.
    pub(crate) async fn clear(self) {
        self.probes.stop().await;
        self.aggregator.stop().await;
    }

    fn show_quiet(&mut self, minute: Timestamp) {
        let from = self.quiet.map_or(minute, |(from, _)| from);
        self.quiet = Some((from, minute));
        self.draft(&self.lines().quiet(from, minute, &self.verdicts));
    }

    /// Shows a line that the next one replaces; only on a terminal, which can do that.
    fn draft(&self, line: &str) {
        if self.is_terminal {
            screen::print(&format!("{LINE_ANEW}{line}"));
        }
    }

    fn show(&mut self, alerts: &[Alert<'_>]) {
        if !alerts.is_empty() {
            self.end_quiet();
        }
        for alert in alerts {
            screen::print(&letters(alert, self.paint));
            self.entries.extend(alert.entries());
        }
    }

    fn lines(&self) -> Lines<'_> {
        Lines { paint: self.paint, regions: &self.regions, targets: &self.plan.config.targets }
    }
}

/// Whether a tick makes the overview. The tick of a minute is the start of the next one.
fn is_overview_due(tick: Timestamp) -> bool {
    tick.as_second().div_euclid(60).rem_euclid(OVERVIEW_PERIOD) == 0
}

/// Whether a region felt a fault.
fn is_hit(run: &RegionRun) -> bool {
    run.reports.iter().any(|report| !report.passed_at_once() || report.session_left_open())
}

/// The faults as they were given.
pub(crate) fn fault_list(plan: &Plan) -> String {
    plan.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn interval(plan: &Plan) -> SignedDuration {
    SignedDuration::try_from(plan.config.interval).unwrap_or(SignedDuration::from_mins(1))
}

/// The schedule's last minute that has begun.
fn first_minute(plan: &Plan) -> Timestamp {
    let into = plan.minute.as_second().rem_euclid(interval(plan).as_secs().max(1));
    plan.minute - SignedDuration::from_secs(into)
}

/// The regions whose turn it is: as their schedules run them.
fn due_regions(plan: &Plan, minute: Timestamp) -> Vec<Region> {
    let policy = Policy::from(&plan.config);
    let regions = plan.regions.iter().map(|place| place.region.clone());
    regions.filter(|region| policy.is_due(region, minute)).collect()
}
