//! What is wrong, what was, and who was told.

use std::collections::BTreeSet;

use alerting::{FleetState, Incident, TargetState};
use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use report::overview::{self, Notification};
use system::log;

use crate::store::Entry;
use crate::{Aggregator, HandlerError, Status, StoreError, Trail};

/// How far back the page looks.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The most trails that are read for a page, of incidents and again of
/// certificates: each costs a read every five minutes.
const MOST_TRAILS: usize = 20;

/// The past as the page shows it.
pub(super) struct Past {
    pub(super) incidents: Vec<overview::Incident>,
    pub(super) notifications: Vec<Notification>,
    /// Incidents and certificates whose trail was not read.
    pub(super) untold: usize,
}

/// The keys of the trails that are read, and how many are left out.
struct Trails {
    keys: Vec<String>,
    left: usize,
}

impl Trails {
    fn choose(incidents: Vec<String>, certificates: Vec<String>) -> Self {
        let all = incidents.len().saturating_add(certificates.len());
        let most = |keys: Vec<String>| keys.into_iter().take(MOST_TRAILS);
        let keys: Vec<String> = most(incidents).chain(most(certificates)).collect();
        Self { left: all.saturating_sub(keys.len()), keys }
    }
}

impl Aggregator {
    /// The incidents that are open and those of the last seven days, each with
    /// its notifications.
    pub(super) async fn past(&self, states: &[TargetState], now: Timestamp) -> Result<Past, HandlerError> {
        let from = now.saturating_sub(WEEK).unwrap_or(Timestamp::MIN);
        let fleet = self.store.fleet().await?.state;
        let mut incidents = open(states, &fleet);
        incidents.sort_by_key(|incident| std::cmp::Reverse(incident.since));
        let mut ended = readable(self.store.ended(now).await?);
        ended.retain(|incident| incident.ended_at.is_some_and(|at| at >= from));
        ended.sort_by_key(|incident| std::cmp::Reverse(incident.ended_at));
        incidents.extend(ended);
        let keys = incidents.iter().map(|incident| incident.key.clone()).collect();
        let trails = Trails::choose(keys, states.iter().flat_map(TargetState::told_certificates).collect());
        let quiet = states.iter().filter(|state| state.quiet(&self.policy, now).is_some());
        let quiet: BTreeSet<&str> = quiet.map(|state| state.target.as_str()).collect();
        Ok(Past {
            notifications: self.told(trails.keys, from).await?,
            untold: trails.left,
            incidents: incidents
                .iter()
                .map(|incident| self.incident(incident, quiet.contains(incident.subject())))
                .collect(),
        })
    }

    /// What was sent and what waits, the newest first.
    async fn told(&self, keys: Vec<String>, from: Timestamp) -> Result<Vec<Notification>, HandlerError> {
        let trails = keys.into_iter().map(|key| async move {
            let trail = self.store.trail(&key).await?;
            Ok::<_, StoreError>(trail.into_iter().map(|told| of_trail(&key, told)).collect::<Vec<_>>())
        });
        let trails = try_join_all(trails).await?;
        let waiting = readable(self.store.waiting(None).await?);
        // What was tried in vain stands in the trail already.
        let waiting = waiting.iter().filter(|entry| entry.tries == 0).map(of_entry);
        let mut told: Vec<Notification> = trails.into_iter().flatten().chain(waiting).collect();
        told.retain(|told| told.decided_at.is_none_or(|at| at >= from));
        told.sort_by(|one, other| {
            (other.decided_at, &one.event, &one.channel).cmp(&(one.decided_at, &other.event, &other.channel))
        });
        Ok(told)
    }
}

fn open(states: &[TargetState], fleet: &FleetState) -> Vec<Incident> {
    let of_targets = states.iter().flat_map(|state| state.incidents.open.values());
    of_targets.chain(fleet.incidents.open.values()).cloned().collect()
}

fn of_trail(incident: &str, told: Trail) -> Notification {
    let last = told.attempts.last();
    Notification {
        incident: incident.to_owned(),
        channel: told.channel,
        event: told.event,
        decided_at: told.decided_at,
        status: told.status,
        tries: told.attempts.len(),
        last_tried_at: last.map(|attempt| attempt.at),
        answer: last.map(|attempt| attempt.answer.clone()).unwrap_or_default(),
    }
}

fn of_entry(entry: &Entry) -> Notification {
    let notification = &entry.notification;
    Notification {
        incident: notification.incident_key.clone(),
        channel: notification.channel.clone(),
        event: notification.event.name().to_owned(),
        decided_at: Some(notification.decided_at),
        status: Status::Waiting.name().to_owned(),
        tries: 0,
        last_tried_at: None,
        answer: String::new(),
    }
}

/// What could be read; the rest are told in the log.
fn readable<T>(read: Vec<Result<T, StoreError>>) -> Vec<T> {
    let keep = |result: Result<T, StoreError>| result.map_err(|error| log::fault(&error.to_string())).ok();
    read.into_iter().filter_map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trail_that_is_not_read_is_counted() {
        let keys = |number: usize| (0..number).map(|number| format!("bank-{number}")).collect::<Vec<_>>();
        for (incidents, certificates, read, left) in [(0, 0, 0, 0), (3, 20, 23, 0), (3, 27, 23, 7), (25, 22, 40, 7)] {
            let trails = Trails::choose(keys(incidents), keys(certificates));
            assert_eq!((trails.keys.len(), trails.left), (read, left), "{incidents}, {certificates}");
        }
    }
}
