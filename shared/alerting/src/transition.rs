//! The table of transitions: what becomes of a target's incidents in a minute.

use jiff::Timestamp;

use crate::incident::{Incident, Incidents, Slot, Stage};
use crate::minute::{Ballot, Ballots};
use crate::policy::Policy;
use crate::results::BadRun;
use crate::target::TargetState;
use crate::vote::Vote;

/// A minute that is being decided.
pub(crate) struct Minute<'a> {
    pub(crate) at: Timestamp,
    pub(crate) ballots: &'a Ballots<'a>,
    pub(crate) policy: &'a Policy,
}

impl Minute<'_> {
    /// Moves the target from what it was to what it is.
    ///
    /// | from, to | |
    /// |---|---|
    /// | passing, degraded or failing | an incident opens |
    /// | degraded, failing | the same incident gets worse |
    /// | degraded or failing, passing | it closes |
    /// | failing, degraded | it closes, and a degraded one opens |
    pub(crate) fn move_target(&self, state: &mut TargetState, status: Vote) {
        let subject = state.target.to_string();
        let incidents = &mut state.incidents;
        let slot = Slot::Availability;
        match (state.status, status) {
            (Vote::Passing, Vote::Degraded | Vote::Failing) => self.open(&subject, incidents, status),
            (Vote::Degraded, Vote::Failing) => {
                let since = self.since(Vote::Failing);
                if let Some(incident) = incidents.open.get_mut(&slot) {
                    incident.worsen(Stage::Failing, since);
                }
            }
            (Vote::Degraded | Vote::Failing, Vote::Passing) => {
                self.note_votes(incidents);
                incidents.end(&slot, self.at);
            }
            (Vote::Failing, Vote::Degraded) => {
                self.note_votes(incidents);
                incidents.end(&slot, self.at);
                self.open(&subject, incidents, Vote::Degraded);
                let key = incidents.open.get(&slot).map(|incident| incident.key.clone());
                if let Some(ended) = incidents.ended.last_mut() {
                    ended.followed_by = key;
                }
            }
            (Vote::Passing, Vote::Passing) | (Vote::Degraded, Vote::Degraded) | (Vote::Failing, Vote::Failing) => {}
        }
        self.note_votes(incidents);
    }

    /// Opens, keeps or closes the incident of the monitor itself.
    pub(crate) fn move_monitor_error(&self, subject: &str, incidents: &mut Incidents) {
        let mut ill = self.ballots.all.iter().filter(|ballot| ballot.tally.monitor_error).peekable();
        if ill.peek().is_none() {
            incidents.end(&Slot::MonitorError, self.at);
            return;
        }
        let ill: Vec<&Ballot<'_>> = ill.collect();
        let since = ill.iter().filter_map(|ballot| ballot.tally.monitor_error_since).min().unwrap_or(self.at);
        let open = || Incident::new(subject, &Slot::MonitorError, Stage::MonitorError, since, self.at);
        let incident = incidents.open.entry(Slot::MonitorError).or_insert_with(open);
        for ballot in &self.ballots.all {
            let vote = if ballot.tally.monitor_error { Vote::Failing } else { Vote::Passing };
            let last = ballot.tally.last_monitor_error.as_ref();
            incident.note(ballot.region, vote, ballot.tally.monitor_error_since, last);
        }
    }

    fn open(&self, subject: &str, incidents: &mut Incidents, status: Vote) {
        let stage = if status == Vote::Failing { Stage::Failing } else { Stage::Degraded };
        let incident = Incident::new(subject, &Slot::Availability, stage, self.since(status), self.at);
        incidents.open.insert(Slot::Availability, incident);
    }

    fn note_votes(&self, incidents: &mut Incidents) {
        let Some(incident) = incidents.open.get_mut(&Slot::Availability) else { return };
        for ballot in &self.ballots.all {
            // Bad news is told before all have reported: who failed too, and is well again by the next minute, took part.
            if let Some(late) = ballot.tally.last_failure.as_ref().filter(|run| run.scheduled_at >= incident.since) {
                let since = ballot.tally.failing_since.unwrap_or(late.scheduled_at);
                incident.note_late(ballot.region, ballot.tally.vote, since, late);
            }
        }
        for ballot in self.ballots.all.iter().filter(|ballot| ballot.counts()) {
            let (since, last) = (first_bad_run(ballot), last_bad_run(ballot));
            incident.note(ballot.region, ballot.tally.vote, since, last);
        }
    }

    /// Since when the target is what it is: since enough regions agreed.
    fn since(&self, status: Vote) -> Timestamp {
        let counting = self.ballots.all.iter().filter(|ballot| ballot.counts());
        let mut since: Vec<Timestamp> = match status {
            Vote::Failing => counting
                .filter(|ballot| ballot.tally.vote == Vote::Failing)
                .filter_map(|ballot| ballot.tally.failing_since)
                .collect(),
            Vote::Passing | Vote::Degraded => {
                counting.filter(|ballot| ballot.tally.vote != Vote::Passing).filter_map(first_bad_run).collect()
            }
        };
        since.sort_unstable();
        let agreed = since.get(self.policy.quorum() - 1).or(since.first());
        agreed.copied().unwrap_or(self.at)
    }
}

fn first_bad_run(ballot: &Ballot<'_>) -> Option<Timestamp> {
    match ballot.tally.vote {
        Vote::Failing => ballot.tally.failing_since,
        Vote::Passing | Vote::Degraded => ballot.tally.bad_since,
    }
}

fn last_bad_run<'a>(ballot: &'a Ballot<'_>) -> Option<&'a BadRun> {
    match ballot.tally.vote {
        Vote::Failing => ballot.tally.last_failure.as_ref(),
        Vote::Passing | Vote::Degraded => ballot.tally.last_degradation.as_ref(),
    }
}
