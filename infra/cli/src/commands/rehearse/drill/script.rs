//! The scenes of a drill, and which one follows.

use std::time::Duration;

use alerting::AlertEvent;
use model::config::{Config, Schedule};

/// The time of a person that the wait for the reminder may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// Turns of all regions in which a fault has to be told, and those before it.
const UNTIL_TOLD: u32 = 6;
const HEALTHY: u32 = 2;
/// Turns that an end may take beyond the good runs that it needs.
const UNTIL_OVER: u32 = 3;

/// What the minutes of a drill are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    /// All is well.
    Healthy,
    /// The faults are there, nobody knows yet how bad it is.
    Outage,
    /// The failure was told, its reminder is awaited.
    Waiting,
    /// All is told, an overview that shows it is awaited.
    Overview,
    /// The faults are gone.
    Recovery,
}

/// How a drill ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// What had to be told was told.
    Played,
    /// Something was told before the faults began.
    EarlyNews,
    /// Nothing was told of the faults.
    Untold,
    /// The end was told to nobody.
    EndUntold,
    /// It is not over although the faults are gone.
    NotOver,
}

/// What became of the reminder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reminder {
    /// None was due: the configuration has none, or the target did not fail.
    NotDue,
    Told,
    /// It took too long.
    NotAwaited,
}

/// How many minutes the scenes last, in the schedule's intervals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    healthy: u32,
    /// Until a fault is told.
    told: u32,
    /// Until what was degraded has had its chance to fail.
    worse: u32,
    /// Until the end is told.
    over: u32,
    /// How many reminders a failure has at most.
    reminders: u32,
}

/// What a minute brought.
pub(crate) struct Seen {
    pub(crate) told: Vec<AlertEvent>,
    /// Whether an incident is open.
    pub(crate) open: bool,
    /// Whether the overview shows it.
    pub(crate) shown: bool,
    /// The time that a person has spent in this scene.
    pub(crate) waited: Duration,
}

/// Where the drill stands.
pub(crate) struct Script {
    pub(crate) limits: Limits,
    pub(crate) scene: Scene,
    pub(crate) reminder: Reminder,
    /// Minutes of this scene.
    minutes: u32,
    failed: bool,
    opened: bool,
    closed: bool,
}

impl Limits {
    /// Follows from the policy: a region votes only after so many runs.
    pub(crate) fn of(config: &Config) -> Self {
        let policy = &config.policy;
        let regions = u32::try_from(config.regions.len()).unwrap_or(u32::MAX);
        let turn = if config.schedule == Schedule::RoundRobin { regions } else { 1 };
        let turns = |count: u32| count.saturating_mul(turn);
        let slowest = policy.failed_runs.max(policy.degraded_runs).max(policy.partial_runs);
        Self {
            healthy: turns(HEALTHY),
            told: turns(UNTIL_TOLD.max(slowest.saturating_add(1))),
            worse: turns(policy.failed_runs.saturating_add(1)),
            over: turns(policy.recovery_runs.saturating_add(UNTIL_OVER)),
            reminders: policy.reminders.amount,
        }
    }

    /// The most minutes until a fault is told.
    pub(crate) fn told(&self) -> u32 {
        self.told
    }
}

impl Script {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            scene: Scene::Healthy,
            reminder: Reminder::NotDue,
            minutes: 0,
            failed: false,
            opened: false,
            closed: false,
        }
    }

    /// Goes on after a minute; with its ending when that was the last one.
    pub(crate) fn follow(&mut self, seen: &Seen) -> Option<Ending> {
        self.minutes += 1;
        self.failed |= seen.told.contains(&AlertEvent::Failure);
        self.opened |= seen.told.iter().any(|event| !event.closes());
        self.closed |= seen.told.iter().any(|event| event.closes());
        if self.opened && self.scene != Scene::Healthy && !seen.open {
            return Some(if self.closed { Ending::Played } else { Ending::EndUntold });
        }
        match self.scene {
            Scene::Healthy if self.opened => return Some(Ending::EarlyNews),
            Scene::Healthy if self.minutes >= self.limits.healthy => self.enter(Scene::Outage),
            Scene::Outage if self.failed && self.limits.reminders > 0 => self.enter(Scene::Waiting),
            Scene::Outage if self.failed => self.end_outage(seen),
            Scene::Outage if self.opened && self.minutes >= self.limits.worse => self.end_outage(seen),
            Scene::Outage if !self.opened && self.minutes >= self.limits.told => return Some(Ending::Untold),
            Scene::Waiting if seen.told.contains(&AlertEvent::Reminder) => {
                self.reminder = Reminder::Told;
                self.end_outage(seen);
            }
            Scene::Waiting if seen.waited >= PATIENCE => {
                self.reminder = Reminder::NotAwaited;
                self.enter(Scene::Recovery);
            }
            Scene::Overview if seen.shown || seen.waited >= PATIENCE => self.enter(Scene::Recovery),
            Scene::Recovery if self.minutes >= self.limits.over => return Some(Ending::NotOver),
            Scene::Healthy | Scene::Outage | Scene::Waiting | Scene::Overview | Scene::Recovery => {}
        }
        None
    }

    /// All is told: the faults may go, but not before the overview shows what
    /// they did, unless that wait would bring another reminder.
    fn end_outage(&mut self, seen: &Seen) {
        let reminds_again = self.failed && self.limits.reminders > 1;
        self.enter(if seen.shown || reminds_again { Scene::Recovery } else { Scene::Overview });
    }

    fn enter(&mut self, scene: Scene) {
        self.scene = scene;
        self.minutes = 0;
    }
}

#[cfg(test)]
mod tests {
    use AlertEvent::{
        Degraded, DegradedRecovery, Failure, MonitorError, MonitorErrorRecovery, Recovery, Reminder as Again,
    };
    use model::config::Environment;

    use super::*;

    /// A minute: what was told, whether something is open, how long a person waited.
    type Minute = (&'static [AlertEvent], bool, u64);

    const QUIET: Minute = (&[], false, 0);
    const OPEN: Minute = (&[], true, 0);

    fn script(policy: &str) -> Script {
        let variables = [("KOSMA_AUTH_TOKEN".to_owned(), "t".to_owned())].into();
        let environment = Environment::parse(&variables).unwrap();
        Script::new(Limits::of(&Config::parse(Some(policy), &environment).unwrap()))
    }

    fn seen((told, open, waited): Minute, shown: bool) -> Seen {
        Seen { told: told.to_vec(), open, shown, waited: Duration::from_secs(waited) }
    }

    /// With an overview in every minute.
    fn played(policy: &str, minutes: &[Minute]) -> (Option<Ending>, Reminder, usize) {
        let mut script = script(policy);
        for (index, minute) in minutes.iter().enumerate() {
            if let Some(ending) = script.follow(&seen(*minute, minute.1)) {
                return (Some(ending), script.reminder, index + 1);
            }
        }
        (None, script.reminder, minutes.len())
    }

    /// The minutes that the faults last, with an overview in one minute only.
    fn lasting(policy: &str, minutes: &[Minute], overview: usize) -> usize {
        let mut script = script(policy);
        let mut lasted = 0;
        for (index, minute) in minutes.iter().enumerate() {
            let is_there = [Scene::Outage, Scene::Waiting, Scene::Overview].contains(&script.scene);
            lasted += usize::from(is_there);
            assert_eq!(script.follow(&seen(*minute, index + 1 >= overview)), None);
        }
        assert_eq!(script.scene, Scene::Recovery);
        lasted
    }

    #[test]
    fn an_outage_is_played_until_its_recovery() {
        let minutes =
            [QUIET, QUIET, (&[Failure], true, 0), OPEN, OPEN, (&[Again], true, 9), OPEN, (&[Recovery], false, 0)];
        assert_eq!(played("", &minutes), (Some(Ending::Played), Reminder::Told, 8));
    }

    #[test]
    fn nobody_waits_for_a_reminder_longer_than_a_minute_or_for_one_that_is_not_due() {
        let failure: Minute = (&[Failure], true, 0);
        let end: Minute = (&[Recovery], false, 0);
        let minutes = [QUIET, QUIET, failure, (&[], true, 59), (&[], true, 60), end];
        assert_eq!(played("", &minutes), (Some(Ending::Played), Reminder::NotAwaited, 6));
        let none = "[policy]\nreminders = { amount = 0 }";
        assert_eq!(played(none, &[QUIET, QUIET, failure, OPEN, end]), (Some(Ending::Played), Reminder::NotDue, 5));
    }

    #[test]
    fn what_is_degraded_gets_its_chance_to_fail_and_no_more() {
        let degraded: Minute = (&[Degraded], true, 0);
        let minutes = [QUIET, QUIET, QUIET, QUIET, degraded, OPEN, (&[DegradedRecovery], false, 0)];
        assert_eq!(played("", &minutes), (Some(Ending::Played), Reminder::NotDue, 7));
        let slow = "[policy]\nfailed_runs = 4\ndegraded_runs = 2";
        let minutes =
            [QUIET, QUIET, QUIET, degraded, OPEN, (&[Failure], true, 0), (&[Again], true, 0), (&[Recovery], false, 0)];
        assert_eq!(played(slow, &minutes), (Some(Ending::Played), Reminder::Told, 8));
    }

    #[test]
    fn the_fault_lasts_until_the_overview_shows_it_where_nothing_more_is_told_for_that() {
        let outage = |first: &[Minute]| [&[QUIET, QUIET], first, &[OPEN, OPEN, OPEN, OPEN]].concat();
        let reminders = |amount: u32| format!("[policy]\nreminders = {{ interval_minutes = 1, amount = {amount} }}");
        let degraded = outage(&[QUIET, QUIET, (&[Degraded], true, 0)]);
        let failed = outage(&[(&[Failure], true, 0)]);
        let reminded = outage(&[(&[Failure], true, 0), (&[Again], true, 0)]);
        let slow = outage(&[(&[Failure], true, 0), (&[], true, 59), (&[], true, 60)]);
        for (what, policy, minutes, overview, lasts) in [
            ("degraded, shown at once", String::new(), &degraded, 5, 3),
            ("degraded, shown two minutes later", String::new(), &degraded, 7, 5),
            ("failed, no reminder can come", reminders(0), &failed, 6, 4),
            ("the last reminder was told", reminders(1), &reminded, 7, 5),
            ("a second reminder would come", reminders(2), &reminded, 7, 2),
            ("a person waits no longer than a minute", reminders(0), &slow, 9, 3),
        ] {
            assert_eq!(lasting(&policy, minutes, overview), lasts, "{what}");
        }
    }

    #[test]
    fn a_fault_that_ends_by_itself_ends_the_drill() {
        let minutes = [QUIET, QUIET, (&[MonitorError][..], true, 0), (&[MonitorErrorRecovery], false, 0)];
        assert_eq!(played("", &minutes), (Some(Ending::Played), Reminder::NotDue, 4));
        let silent = [QUIET, QUIET, (&[Failure][..], true, 0), QUIET];
        assert_eq!(played("", &silent).0, Some(Ending::EndUntold));
    }

    #[test]
    fn what_is_not_told_ends_the_drill_too() {
        assert_eq!(played("", &[(&[Failure], true, 0)]).0, Some(Ending::EarlyNews));
        assert_eq!(played("", &[QUIET; 20]), (Some(Ending::Untold), Reminder::NotDue, 2 + 6));
        let patient = "[policy]\npartial_runs = 10";
        assert_eq!(played(patient, &[QUIET; 20]).2, 2 + 11, "the policy needs ten runs");
        let turns = "schedule = \"round-robin\"";
        assert_eq!(played(turns, &[QUIET; 30]).2, 3 * (2 + 6), "each region has a turn in three minutes");
        let mut endless = vec![QUIET, QUIET, (&[Failure][..], true, 0), (&[Again], true, 0)];
        endless.extend([OPEN; 20]);
        assert_eq!(played("", &endless), (Some(Ending::NotOver), Reminder::Told, 4 + 5));
    }
}
