//! Phone calls: begun at most once, because nobody can ask afterwards whether
//! one rang.

use alerting::{Admission, AlertEvent, Notification, Standing, admit_call, call_unknown};
use aws::{CallError, VoiceCall};
use jiff::Timestamp;
use model::names::TargetId;

use crate::outbox::{FASTER, Round, Told};
use crate::send::{Sent, spoken};
use crate::store::{Attempt, Claimant, Entry, Written};
use crate::{Aggregator, HandlerError, Status};

impl Aggregator {
    /// Calls, if the call is still wanted and the number has rested.
    pub(crate) async fn call(
        &self,
        entry: &Entry,
        (number, origination): (&str, &str),
        now: Timestamp,
        round: &Round,
    ) -> Result<Told, HandlerError> {
        let notification = &entry.notification;
        let standing = self.standing(notification, now).await?;
        let phone = self.store.phone(number).await?;
        let rested = match admit_call(&phone.state, notification.event, standing, now) {
            Admission::Call(rested) => rested,
            Admission::Hold(until) => {
                self.store.put_off(entry, until, system::now()).await?;
                return Ok(Told::new(Status::Held, &format!("not before {until}")));
            }
            Admission::Drop(_) if notification.event.closes() => {
                return self.drop_entry(entry, now, "the number rests; an end is not called later").await;
            }
            Admission::Drop(standing) => return self.drop_entry(entry, now, reason(standing)).await,
        };
        if notification.event.closes() && !self.was_called(notification).await? {
            return self.drop_entry(entry, now, "nobody was called about its beginning").await;
        }
        let claimant = Claimant { id: &round.claimant, wall_clock: system::now() };
        let Some(claim) = self.store.claim_call(entry, claimant, (&phone, &rested)).await? else {
            return Ok(Told::new(Status::Waiting, FASTER));
        };
        let text = spoken(notification);
        match self.home.voice().call(&VoiceCall { number, origination, text: &text }).await {
            Ok(id) => self.note(&claim, Sent::Taken(format!("message {id}")), now).await,
            Err(CallError::NotMade(error)) => {
                // A call that was not made needs no rest.
                self.store.restore_phone(number, &phone.state).await?;
                self.note(&claim, Sent::Refused(error.to_string()), now).await
            }
            Err(CallError::Unknown(_)) => self.give_up_call(entry, now, None).await,
        }
    }

    /// Nobody knows whether the call rang: the others are told so, in the same
    /// write. Without the wall clock the claim is our own.
    pub(crate) async fn give_up_call(
        &self,
        entry: &Entry,
        now: Timestamp,
        wall_clock: Option<Timestamp>,
    ) -> Result<Told, HandlerError> {
        let why = "the answer was never seen; the phone may not have rung";
        let attempt = Attempt { at: now, status: Status::Unknown, answer: why.to_owned() };
        let mut instead = call_unknown(&self.policy, &entry.notification, now);
        if self.standing(&entry.notification, now).await? == Standing::Ended {
            // Tools that keep incidents have closed it; this would open it again.
            instead.retain(|told| !self.keeps_incidents(&told.channel));
        }
        match self.store.give_up_call(entry, &attempt, &instead, wall_clock).await? {
            Written::Done => Ok(Told::new(Status::Unknown, why)),
            Written::Overtaken => Ok(Told::new(Status::Waiting, FASTER)),
        }
    }

    /// Whether somebody was called, or may have been, about the incident.
    async fn was_called(&self, notification: &Notification) -> Result<bool, HandlerError> {
        let trail = self.store.trail(&notification.incident_key).await?;
        let rang = [Status::Sent.name(), Status::Unknown.name()];
        Ok(trail.iter().any(|told| told.channel == notification.channel && rang.contains(&told.status.as_str())))
    }

    fn keeps_incidents(&self, channel: &str) -> bool {
        let known = self.policy.channels.iter().find(|known| known.id.as_str() == channel);
        known.is_some_and(|channel| channel.kind.keeps_incidents())
    }

    /// How the incident stands that a call is about.
    async fn standing(&self, notification: &Notification, now: Timestamp) -> Result<Standing, HandlerError> {
        let key = &notification.incident_key;
        let target: Option<TargetId> = match notification.notice.target.as_str() {
            _ if notification.event == AlertEvent::Test => return Ok(Standing::Open),
            TargetId::ALL => None,
            target => target.parse().ok(),
        };
        match target {
            Some(id) => Ok(self.store.target(&id).await?.state.standing(&self.policy, key, now)),
            None => Ok(self.store.fleet().await?.state.standing(&self.policy, key, now)),
        }
    }
}

const fn reason(standing: Standing) -> &'static str {
    match standing {
        Standing::Acknowledged => "somebody took the incident",
        Standing::Ended => "the incident is over",
        Standing::Open | Standing::Quiet => "the call is no longer wanted",
    }
}
