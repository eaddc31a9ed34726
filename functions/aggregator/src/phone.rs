//! Phone calls: begun at most once, because nobody can ask afterwards whether
//! one rang.

use alerting::{ALL, Admission, AlertEvent, Notification, Standing, admit_call, call_unknown};
use aws::{CallError, VoiceCall};
use jiff::Timestamp;
use model::names::TargetId;

use crate::outbox::{Round, Told};
use crate::send::{Sent, spoken};
use crate::store::{Attempt, Entry};
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
            Admission::Drop(standing) => return self.drop_entry(entry, now, reason(standing)).await,
        };
        let claim = self.store.claim_call(entry, &round.id, system::now(), (&phone, &rested)).await?;
        let Some(claim) = claim else {
            return Ok(Told::new(Status::Waiting, "somebody else was faster"));
        };
        let text = spoken(notification);
        match self.home.voice().call(&VoiceCall { number, origination, text: &text }).await {
            Ok(id) => self.note(&claim, Sent::Taken(format!("message {id}")), now).await,
            Err(CallError::NotMade(error)) => self.note(&claim, Sent::Refused(error.to_string()), now).await,
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
        self.store.give_up_call(entry, &attempt, &instead, wall_clock).await?;
        Ok(Told::new(Status::Unknown, why))
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
            ALL => None,
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
