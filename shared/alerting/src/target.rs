//! One target: its results go in, its incidents and notifications come out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::names::{Region, TargetId};
use model::run_result::RunResult;
use model::{SCHEMA_VERSION, config};
use serde::{Deserialize, Serialize};

use crate::certificate::{self, Certificates, Owner};
use crate::change::{Hold, Mark};
use crate::describe;
use crate::incident::{Incidents, Slot, Stage};
use crate::minute::{self, Ballots, earlier, minute_of};
use crate::mute::{Control, Mute, Quiet, is_quiet, quiet};
use crate::no_data::Silence;
use crate::phone::Standing;
use crate::policy::{Monitored, Policy};
use crate::results::{Results, Run};
use crate::telling::Telling;
use crate::transition;
use crate::vote::Vote;
use crate::{Decision, Disposition};

/// Something that happened to a target.
#[derive(Clone, Debug)]
pub enum Event {
    /// A probe's run result came.
    Result(Box<RunResult>),
    /// A minute went by.
    Tick(Silence),
    /// A person asks for something.
    Control(Control),
}

/// Everything that is remembered of a target: one item of the state table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetState {
    /// The target.
    pub target: TargetId,
    /// Its results by region.
    pub regions: BTreeMap<Region, Results>,
    /// What the target is.
    pub status: Vote,
    /// The last minute that was decided.
    pub decided: Option<Timestamp>,
    /// The last minute that every region had its chance to report.
    pub complete: Option<Timestamp>,
    /// What is wrong and what was told of it.
    pub incidents: Incidents,
    /// The certificates of its hosts.
    pub certificates: Certificates,
    /// Silence that a person asked for.
    pub mute: Option<Mute>,
    pub(crate) mark: Option<Mark>,
    pub(crate) hold: Option<Hold>,
}

impl TargetState {
    /// A target of which nothing is known yet.
    #[must_use]
    pub fn new(target: TargetId) -> Self {
        Self {
            target,
            regions: BTreeMap::new(),
            status: Vote::Passing,
            decided: None,
            complete: None,
            incidents: Incidents::default(),
            certificates: Certificates::new(),
            mute: None,
            mark: None,
            hold: None,
        }
    }

    /// How the incident with this key stands, for a call that was held back.
    #[must_use]
    pub fn standing(&self, policy: &Policy, key: &str, now: Timestamp) -> Standing {
        let quiet = is_quiet(policy, policy.target(&self.target), self.mute.as_ref(), now);
        Standing::of(&self.incidents, key, quiet)
    }

    /// The keys of what was told of its certificates: what an incident's key is to an incident.
    #[must_use]
    pub fn told_certificates(&self) -> Vec<String> {
        certificate::told_keys(&self.certificates, self.target.as_str())
    }

    /// Why notifications about the target are held back at a moment; none: they are not.
    #[must_use]
    pub fn quiet(&self, policy: &Policy, now: Timestamp) -> Option<Quiet<'_>> {
        quiet(policy, policy.target(&self.target), self.mute.as_ref(), now)
    }
}

/// Decides what follows from an event at a moment. A pure function: the same
/// arguments give the same answer.
///
/// `now` is the event's own time (the message's, or the tick's scheduled
/// minute), never the wall clock's. A target that the policy does not have is
/// left as it is.
#[must_use]
pub fn decide(policy: &Policy, state: &TargetState, event: &Event, now: Timestamp) -> Decision<TargetState> {
    let Some(target) = policy.target(&state.target) else {
        return Decision::unchanged(state, Disposition::UnknownTarget);
    };
    let before = &state.incidents;
    let mut state = state.clone();
    let quiet = is_quiet(policy, Some(target), state.mute.as_ref(), now);
    let telling = Telling::new(policy, now, quiet);
    let mut turn = Turn { policy, target, state: &mut state, now, telling };
    if let Event::Control(control) = event {
        // A person's clock and file are not the aggregator's: what follows is
        // decided by its next event.
        let disposition = turn.take_control(control);
        let (notifications, ended) = turn.telling.into_told(before);
        return Decision { state, notifications, disposition, ended };
    }
    turn.follow_configuration();
    let disposition = turn.take(event);
    turn.decide_minutes();
    if let Event::Tick(silence) = event {
        turn.find_silent_regions(silence);
    }
    turn.end_silence();
    turn.tell();
    turn.fold();
    let (notifications, ended) = turn.telling.into_told(before);
    Decision { state, notifications, disposition, ended }
}

/// One decision in the making.
pub(crate) struct Turn<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) target: &'a Monitored,
    pub(crate) state: &'a mut TargetState,
    pub(crate) now: Timestamp,
    pub(crate) telling: Telling<'a>,
}

impl Turn<'_> {
    fn take(&mut self, event: &Event) -> Disposition {
        match event {
            Event::Result(result) => self.take_result(result),
            Event::Tick(_) => Disposition::Taken,
            Event::Control(control) => self.take_control(control),
        }
    }

    fn take_result(&mut self, result: &RunResult) -> Disposition {
        let minute = minute_of(result.scheduled_at);
        if result.schema_version != SCHEMA_VERSION {
            return Disposition::OtherSchemaVersion;
        }
        if result.target != self.state.target {
            return Disposition::UnknownTarget;
        }
        let known = result.region.as_ref().and_then(|region| self.state.regions.get_mut(region));
        let Some(results) = known else { return Disposition::UnknownRegion };
        if minute > minute::later(self.now, minute::SKEW) {
            return Disposition::FromTheFuture;
        }
        if results.run(minute).is_some() {
            return Disposition::Duplicate;
        }
        if results.has_left(minute) || minute < earlier(minute_of(self.now), self.policy.window()) {
            return Disposition::TooOld;
        }
        results.insert(minute, Run::from(result));
        certificate::note(&mut self.state.certificates, &result.certificates, self.now);
        let late = self.state.decided.is_some_and(|decided| minute <= decided);
        if late { Disposition::Late } else { Disposition::Taken }
    }

    fn take_control(&mut self, control: &Control) -> Disposition {
        match control {
            Control::Acknowledge { incident_key } => return self.acknowledge(incident_key),
            Control::Mute(mute) => self.state.mute = Some(mute.clone()),
            Control::Unmute => self.state.mute = None,
        }
        Disposition::Taken
    }

    fn acknowledge(&mut self, key: &str) -> Disposition {
        let mut incidents = std::mem::take(&mut self.state.incidents);
        let known = incidents.open.values_mut().find(|incident| incident.key == key);
        let disposition = if known.is_some() { Disposition::Taken } else { Disposition::UnknownIncident };
        if let Some(incident) = known {
            let describe = describe::of_target(self.policy, self.target, self.state, self.now);
            self.telling.acknowledge(incident, &describe);
        }
        self.state.incidents = incidents;
        disposition
    }

    /// Decides every minute that can be decided, in order; bad news at once.
    fn decide_minutes(&mut self) {
        while let Some(minute) = self.next_minute() {
            self.decide_minute(minute);
            self.tell();
        }
        while let Some(minute) = self.next_complete_minute() {
            self.complete_minute(minute);
            self.tell();
        }
    }

    /// What is told of the monitor itself has time until all have reported, so
    /// that it does not depend on who was first.
    fn complete_minute(&mut self, at: Timestamp) {
        let ballots = Ballots::count(self.policy, &self.state.regions, None, at);
        let minute = transition::Minute { at, ballots: &ballots, policy: self.policy };
        minute.move_monitor_error(self.state.target.as_str(), &mut self.state.incidents);
        self.state.complete = Some(at);
    }

    fn first_minute_after(&self, minute: Option<Timestamp>) -> Option<Timestamp> {
        self.state.regions.values().filter_map(|results| results.next_after(minute)).min()
    }

    fn next_complete_minute(&self) -> Option<Timestamp> {
        let ripe = |minute: &Timestamp| minute::is_ripe(self.policy, &self.state.regions, *minute, self.now);
        self.first_minute_after(self.state.complete).filter(ripe)
    }

    fn next_minute(&self) -> Option<Timestamp> {
        let first = self.first_minute_after(self.state.decided)?;
        if minute::is_ripe(self.policy, &self.state.regions, first, self.now) {
            return Some(first);
        }
        if self.state.status == Vote::Failing {
            return None;
        }
        let undecided = std::iter::successors(Some(first), |minute| self.first_minute_after(Some(*minute)));
        undecided.into_iter().find(|minute| minute::fails_early(self.policy, &self.state.regions, *minute))
    }

    fn decide_minute(&mut self, minute: Timestamp) {
        let state = &mut *self.state;
        let ballots =
            Ballots::count(self.policy, &state.regions, state.incidents.open.get(&Slot::Availability), minute);
        if let Some(hold) = &mut state.hold {
            hold.count(minute, &state.regions);
        }
        let found = ballots.status(state.status);
        let enough = self.policy.rules.recovery_runs;
        let holds = |hold: &Hold| found < state.status && !hold.is_over(&ballots, enough);
        let held = state.hold.as_ref().is_some_and(holds);
        let status = if held { state.status } else { found };
        // A minute without votes says nothing about the change either.
        if !held && ballots.any_live() {
            state.hold = None;
        }
        let rules = &self.policy.rules;
        // One that ends now is told with all of its runs, also those that came after it was told.
        if let Some(incident) = state.incidents.open.get_mut(&Slot::Availability) {
            incident.count_failed(&state.regions, minute, rules);
        }
        let minute = transition::Minute { at: minute, ballots: &ballots, policy: self.policy };
        minute.move_target(state, status);
        state.status = status;
        state.decided = Some(minute.at);
        if let Some(incident) = state.incidents.open.get_mut(&Slot::Availability) {
            incident.count_failed(&state.regions, minute.at, rules);
        }
    }

    /// Opens an incident for each region that is silent for this target alone.
    fn find_silent_regions(&mut self, silence: &Silence) {
        let patience = self.policy.patience();
        let silent = |results: &Results| results.is_silent(self.now, patience);
        let blind = self.state.regions.values().all(silent);
        for (region, results) in &self.state.regions {
            if silence.is_told_elsewhere(region) || !silent(results) {
                continue;
            }
            let stage = if blind { Stage::Blind } else { Stage::NoData };
            let since = results.last_run().unwrap_or(results.known_since);
            self.state.incidents.open_or_worsen(
                self.state.target.as_str(),
                Slot::NoData(region.clone()),
                (stage, since),
                self.now,
            );
        }
    }

    fn end_silence(&mut self) {
        let patience = self.policy.patience();
        // Only news of the region ends its silence: an event that is told late shows an old clock.
        let back = |(region, since): &(Region, Timestamp)| {
            self.state.regions.get(region).is_none_or(|results| {
                !results.is_silent(self.now, patience) && results.last_run().is_some_and(|last| last > *since)
            })
        };
        let over = self.state.incidents.silent_since().filter(back).map(|(region, _)| Slot::NoData(region));
        for slot in over.collect::<Vec<_>>() {
            self.state.incidents.end(&slot, self.now);
        }
    }

    fn tell(&mut self) {
        let mut incidents = std::mem::take(&mut self.state.incidents);
        let mut certificates = std::mem::take(&mut self.state.certificates);
        self.telling.settle(&mut incidents, &describe::of_target(self.policy, self.target, self.state, self.now));
        let describe = |event, severity, key| describe::subject(self.target, (event, severity), key, self.now);
        let owner = Owner { target: self.target.id.as_str(), describe: &describe };
        certificate::tell(&mut certificates, &owner, &mut self.telling);
        self.state.incidents = incidents;
        self.state.certificates = certificates;
    }

    /// Adds what left the window to the sums; only decided minutes may leave.
    fn fold(&mut self) {
        let start = earlier(minute_of(self.now), self.policy.window());
        let start = self.state.complete.map_or(Timestamp::MIN, |complete| start.min(complete));
        let rules: &config::Policy = &self.policy.rules;
        self.state.regions.values_mut().for_each(|results| results.fold_before(start, rules));
    }
}
