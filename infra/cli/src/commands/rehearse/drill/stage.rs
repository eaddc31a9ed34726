//! What plays the minutes and shows them.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

use ::aggregator::{NotificationAnswer, OVERVIEW_PERIOD, TargetAnswer};
use alerting::Policy;
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
use crate::commands::rehearse::probes::Probes;
use crate::commands::rehearse::verdict::{self, INTO_THE_MINUTE};
use crate::screen;

/// Moves to the start of a terminal's line and empties it (ECMA-48, EL).
const LINE_ANEW: &str = "\r\u{1b}[2K";

pub(crate) struct Stage<'a> {
    plan: &'a Plan,
    local_aws: LocalAws,
    probes: Probes,
    aggregator: Aggregator,
    paint: Paint,
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
        let told = alerts.iter().map(|alert| alert.event).collect();
        let open = self.verdicts.iter().any(|verdict| !verdict.incidents.is_empty());
        Ok(Seen { told, open, waited: Duration::ZERO })
    }

    /// Plays on until the aggregator has made its overview, which it does every
    /// fifth minute.
    pub(crate) async fn reach_overview(&mut self) -> Result<(), RehearsalError> {
        let from = self.minute;
        while !self.has_overview_since(from) {
            self.minute(true).await?;
        }
        self.end_quiet();
        Ok(())
    }

    /// Whether the overview was made after this minute. The tick of a minute is the start of the next one.
    pub(crate) fn has_overview_since(&self, minute: Timestamp) -> bool {
        let period = |at: Timestamp| at.as_second().div_euclid(60 * OVERVIEW_PERIOD);
        period(self.minute) > period(minute)
    }

    /// The minute that comes next.
    pub(crate) const fn next_minute(&self) -> Timestamp {
        self.minute
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
