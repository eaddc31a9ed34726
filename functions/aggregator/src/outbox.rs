//! Sending what waits: each channel by itself, its entries in order, each
//! claimed first and noted afterwards.

use std::collections::{BTreeMap, BTreeSet};

use alerting::Notification;
use aws::Clients;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use report::Datum;
use system::log;

use crate::handler::Invocation;
use crate::send::{Route, Sent};
use crate::store::{Attempt, Claim, Claimant, Entry, Written};
use crate::{Aggregator, HandlerError, NotificationAnswer, Status};

/// The pause after the first failed try; each next one is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: SignedDuration = SignedDuration::from_mins(1);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// What was tried for so long in vain is of no use to anybody any more.
const LONGEST_TRIED: SignedDuration = SignedDuration::from_hours(24);
/// But what closes an alert elsewhere, which would stay open for ever.
const LONGEST_CLOSED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A notification that the channel itself refuses so often, and others not, is
/// given up: what follows it may be worse news.
const MOST_REFUSALS: i64 = 3;

/// What the sends of one invocation share.
pub(crate) struct Round {
    /// The invocation's id.
    pub(crate) id: String,
    /// By which its claims are told from those of another try of the same invocation.
    pub(crate) claimant: String,
    /// Nothing is begun after this, on the wall clock.
    until: Timestamp,
}

impl Round {
    pub(crate) fn new(invocation: &Invocation, began: Timestamp, until: Timestamp) -> Self {
        let claimant = format!("{}.{}", invocation.id, began.as_nanosecond());
        Self { id: invocation.id.clone(), claimant, until }
    }

    /// Whether nothing more may be begun.
    pub(crate) fn is_over(&self, wall_clock: Timestamp) -> bool {
        wall_clock >= self.until
    }
}

/// Somebody else did what was to be done.
pub(crate) const FASTER: &str = "somebody else was faster";
const OUT_OF_TIME: &str = "the invocation's time is over";

impl Aggregator {
    /// Sends entries; what cannot be sent now waits for a later tick.
    pub(crate) async fn send(
        &self,
        entries: Vec<Entry>,
        now: Timestamp,
        round: &Round,
    ) -> Result<Vec<NotificationAnswer>, HandlerError> {
        let mut channels: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for entry in entries {
            channels.entry(entry.notification.channel.clone()).or_default().push(entry);
        }
        // All channels at the same time: a slow one does not hold back the others.
        let passes = channels.into_values().map(|entries| self.send_channel(entries, now, round));
        let mut answers = Vec::new();
        let mut faults = Vec::new();
        let mut failed = 0;
        for (told, fault) in join_all(passes).await {
            failed += told.iter().filter(|told| told.status == Status::Failed).count();
            answers.extend(told);
            faults.extend(fault.map(|fault| fault.to_string()));
        }
        if let Ok(tries @ 1..) = u32::try_from(failed) {
            self.count(&self.home, report::notification_failed(tries, now)).await;
        }
        if answers.iter().any(|told: &NotificationAnswer| told.answer == OUT_OF_TIME) {
            faults.push("the function's timeout leaves no time to send what waits; make it longer".to_owned());
        }
        if faults.is_empty() { Ok(answers) } else { Err(HandlerError::Several(faults)) }
    }

    /// Sends a metric about ourselves. One that is lost is what the alarm on it
    /// is for, and no reason to do everything once more.
    pub(crate) async fn count(&self, region: &Clients, datum: Datum) {
        for lost in region.put_metrics(&[datum]).await.errors {
            log::fault(&lost.to_string());
        }
    }

    /// One channel's entries, until one shows that the channel does not work.
    async fn send_channel(
        &self,
        mut entries: Vec<Entry>,
        now: Timestamp,
        round: &Round,
    ) -> (Vec<NotificationAnswer>, Option<HandlerError>) {
        let order = |entry: &Entry| (entry.notification.decided_at, entry.notification.ordinal);
        entries.sort_by_key(order);
        let mut answers = Vec::with_capacity(entries.len());
        let mut blocked = BTreeSet::new();
        let mut works = true;
        for entry in &entries {
            let incident = &entry.notification.incident_key;
            let told = if !works || blocked.contains(incident) {
                Told::new(Status::Waiting, "waits for what comes before it")
            } else {
                match self.send_entry(entry, now, round).await {
                    Ok(told) => told,
                    Err(error) => return (answers, Some(error)),
                }
            };
            works &= !told.is_channels_fault;
            if !matches!(told.status, Status::Sent | Status::Dropped | Status::Unknown) {
                blocked.insert(incident.clone());
            }
            answers.push(told.about(&entry.notification));
        }
        (answers, None)
    }

    async fn send_entry(&self, entry: &Entry, now: Timestamp, round: &Round) -> Result<Told, HandlerError> {
        let wall_clock = system::now();
        if entry.is_leased(wall_clock) {
            return Ok(Told::new(Status::Waiting, "somebody is at it"));
        }
        if entry.calling {
            return self.give_up_call(entry, now, Some(wall_clock)).await;
        }
        let Some(route) = Route::of(&self.policy, &entry.notification.channel) else {
            return self.drop_entry(entry, now, "the channel is no longer configured").await;
        };
        if entry.tries > 0 && now.duration_since(entry.notification.decided_at) > patience(&entry.notification) {
            return self.drop_entry(entry, now, "it was tried for too long").await;
        }
        if now < entry.due_at {
            return Ok(Told::new(Status::Waiting, "its next try comes later"));
        }
        if round.is_over(wall_clock) {
            return Ok(Told::new(Status::Waiting, OUT_OF_TIME));
        }
        let route = match route {
            Route::Phone { number, origination } => return self.call(entry, (number, origination), now, round).await,
            Route::Message(route) => route,
        };
        let claimant = Claimant { id: &round.claimant, wall_clock };
        let Some(claim) = self.store.claim(entry, claimant).await? else {
            return Ok(Told::new(Status::Waiting, FASTER));
        };
        let sent = self.senders.send(&entry.notification, &route, wall_clock).await;
        self.note(&claim, sent, now).await
    }

    /// Notes what came of a try.
    pub(crate) async fn note(&self, claim: &Claim<'_>, sent: Sent, now: Timestamp) -> Result<Told, HandlerError> {
        let tries = claim.entry.tries;
        let status = match &sent {
            Sent::Taken(_) => Status::Sent,
            Sent::Refused(_) if tries + 1 >= MOST_REFUSALS => Status::Dropped,
            Sent::Refused(_) | Sent::Unreachable(_) => Status::Failed,
        };
        let is_channels_fault = matches!(sent, Sent::Unreachable(_));
        let answer = sent.into_answer();
        let attempt = Attempt { at: now, status, answer: answer.clone() };
        let channel = &claim.entry.notification.channel;
        // The channel's health first: whoever is killed in between only says it twice.
        match status {
            Status::Sent => self.store.note_success(channel).await?,
            _ => self.store.note_failure(channel, &attempt).await?,
        }
        match status {
            Status::Failed => self.store.put_back(claim, later(now, pause(tries)), &attempt).await?,
            _ => self.store.finish(claim, status, &attempt).await?,
        }
        Ok(Told { status, answer, is_channels_fault })
    }

    pub(crate) async fn drop_entry(&self, entry: &Entry, now: Timestamp, why: &str) -> Result<Told, HandlerError> {
        let attempt = Attempt { at: now, status: Status::Dropped, answer: why.to_owned() };
        match self.store.drop_entry(entry, (Status::Dropped, &attempt), system::now()).await? {
            Written::Done => Ok(Told::new(Status::Dropped, why)),
            Written::Overtaken => Ok(Told::new(Status::Waiting, FASTER)),
        }
    }
}

/// What came of an entry for now.
pub(crate) struct Told {
    pub(crate) status: Status,
    pub(crate) answer: String,
    /// Whether the next entry of the channel would fare no better.
    pub(crate) is_channels_fault: bool,
}

impl Told {
    pub(crate) fn new(status: Status, answer: &str) -> Self {
        Self { status, answer: answer.to_owned(), is_channels_fault: false }
    }

    fn about(self, notification: &Notification) -> NotificationAnswer {
        NotificationAnswer {
            notification_id: notification.notification_id.clone(),
            channel: notification.channel.clone(),
            event: notification.event.name().to_owned(),
            status: self.status,
            answer: self.answer,
        }
    }
}

fn patience(notification: &Notification) -> SignedDuration {
    if notification.event.closes() { LONGEST_CLOSED } else { LONGEST_TRIED }
}

pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// The pause after so many earlier failures and one more.
fn pause(tries: i64) -> SignedDuration {
    let doublings = u32::try_from(tries).unwrap_or(u32::MAX).min(10);
    FIRST_PAUSE.saturating_mul(2_i32.saturating_pow(doublings)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_a_quarter_of_an_hour() {
        for (tries, minutes) in [(0, 1), (1, 2), (2, 4), (3, 8), (4, 15), (500, 15), (i64::MAX, 15)] {
            assert_eq!(pause(tries), SignedDuration::from_mins(minutes), "after {tries}");
        }
    }
}
