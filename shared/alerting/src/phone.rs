//! Phone calls: rarely, and never for what is over.

use jiff::{SignedDuration, Timestamp};
use model::config::{Channel, ChannelKind};
use serde::{Deserialize, Serialize};

use crate::describe;
use crate::incident::Incidents;
use crate::minute::later;
use crate::notification::{AlertEvent, Notification};
use crate::policy::Policy;
use crate::telling::{Audience, Telling};

/// The time between two calls to one number.
const REST: SignedDuration = SignedDuration::from_mins(15);
/// How soon a call that is held back by silence is looked at again.
const AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// What is remembered of a phone number: one item of the state table, written
/// together with the claim of the outbox entry that is called for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneState {
    /// When it was last called.
    pub last_call_at: Option<Timestamp>,
}

/// How the incident stands that a call is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It goes on and nobody took it.
    Open,
    /// It goes on, and notifications are held back.
    Quiet,
    /// Somebody took it.
    Acknowledged,
    /// It is over.
    Ended,
}

impl Standing {
    pub(crate) fn of(incidents: &Incidents, key: &str, quiet: bool) -> Self {
        match incidents.with_key(key) {
            None => Self::Ended,
            Some(incident) if incident.acknowledged_at.is_some() => Self::Acknowledged,
            Some(_) if quiet => Self::Quiet,
            Some(_) => Self::Open,
        }
    }
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It is made now; the number's new state is to be written first.
    Call(PhoneState),
    /// It is held back until then.
    Hold(Timestamp),
    /// It is not made, for so its incident stands, or the number rests and it was
    /// to tell an end.
    Drop(Standing),
}

/// Decides what becomes of a call about an event at a moment. A test has no
/// incident. A call that something is over is made at once or not at all: only
/// what is open is worth to be called for later.
#[must_use]
pub fn admit_call(phone: &PhoneState, event: AlertEvent, incident: Standing, now: Timestamp) -> Admission {
    let rests_until = phone.last_call_at.map(|last| later(last, REST)).filter(|rested| now < *rested);
    let incident = if event == AlertEvent::Test { Standing::Open } else { incident };
    match (incident, rests_until) {
        (_, None) if event.closes() => Admission::Call(PhoneState { last_call_at: Some(now) }),
        (_, Some(_)) if event.closes() => Admission::Drop(incident),
        (Standing::Acknowledged | Standing::Ended, _) => Admission::Drop(incident),
        (Standing::Open, Some(rested)) => Admission::Hold(rested),
        (Standing::Quiet, _) => Admission::Hold(later(now, AGAIN)),
        (Standing::Open, None) => Admission::Call(PhoneState { last_call_at: Some(now) }),
    }
}

/// Tells the other channels, as a `monitor_error` under the call's incident
/// and ordinal, of a call whose answer was never seen: nobody knows whether the
/// phone rang. To be sent once, while the incident goes on: a tool that keeps
/// incidents of its own joins it to the alert that it has, and is left out where
/// the call was to tell the end.
#[must_use]
pub fn call_unknown(policy: &Policy, call: &Notification, now: Timestamp) -> Vec<Notification> {
    let mut telling = Telling::new(policy, now, false);
    let wants = |channel: &Channel| {
        let phone = matches!(channel.kind, ChannelKind::Phone { .. });
        let reopens = call.event.closes() && channel.kind.keeps_incidents();
        channel.send_failure && !phone && !reopens
    };
    let mut ordinal = call.ordinal;
    telling.send(&describe::of_call(call, now), &Audience::with_topic(&wants), &mut ordinal);
    telling.notifications
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_rests_for_fifteen_minutes_and_what_is_over_is_not_called_for() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-11-25T10:10:00Z");
        let called = |text: &str| PhoneState { last_call_at: Some(at(text)) };
        let (never, rested, recent) =
            (PhoneState::default(), called("2026-11-25T09:55:00Z"), called("2026-11-25T09:55:01Z"));
        let call = Admission::Call(PhoneState { last_call_at: Some(now) });
        let hold = Admission::Hold(at("2026-11-25T10:10:01Z"));
        let (failure, recovery, test) = (AlertEvent::Failure, AlertEvent::Recovery, AlertEvent::Test);
        for (phone, event, incident, expected) in [
            (&never, failure, Standing::Open, &call),
            (&rested, failure, Standing::Open, &call),
            (&recent, failure, Standing::Open, &hold),
            (&never, failure, Standing::Quiet, &Admission::Hold(at("2026-11-25T10:11:00Z"))),
            (&recent, failure, Standing::Acknowledged, &Admission::Drop(Standing::Acknowledged)),
            (&never, failure, Standing::Ended, &Admission::Drop(Standing::Ended)),
            (&rested, recovery, Standing::Ended, &call),
            (&recent, recovery, Standing::Ended, &Admission::Drop(Standing::Ended)),
            (&recent, recovery, Standing::Quiet, &Admission::Drop(Standing::Quiet)),
            (&rested, test, Standing::Ended, &call),
            (&recent, test, Standing::Ended, &hold),
        ] {
            assert_eq!(admit_call(phone, event, incident, now), *expected, "{phone:?}, {event:?}, {incident:?}");
        }
    }
}
