//! Phone calls: rarely, and never for what is over.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::incident::Incidents;
use crate::minute::later;

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
    /// It is not made.
    Drop(Standing),
}

/// Decides what becomes of a call at a moment.
#[must_use]
pub fn admit_call(phone: &PhoneState, incident: Standing, now: Timestamp) -> Admission {
    let rested = phone.last_call_at.map(|last| later(last, REST)).filter(|rested| now < *rested);
    match (incident, rested) {
        (Standing::Acknowledged | Standing::Ended, _) => Admission::Drop(incident),
        (Standing::Open, Some(rested)) => Admission::Hold(rested),
        (Standing::Quiet, _) => Admission::Hold(later(now, AGAIN)),
        (Standing::Open, None) => Admission::Call(PhoneState { last_call_at: Some(now) }),
    }
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
        for (phone, incident, expected) in [
            (&never, Standing::Open, call.clone()),
            (&rested, Standing::Open, call),
            (&recent, Standing::Open, Admission::Hold(at("2026-11-25T10:10:01Z"))),
            (&never, Standing::Quiet, Admission::Hold(at("2026-11-25T10:11:00Z"))),
            (&recent, Standing::Acknowledged, Admission::Drop(Standing::Acknowledged)),
            (&never, Standing::Ended, Admission::Drop(Standing::Ended)),
        ] {
            assert_eq!(admit_call(phone, incident, now), expected, "{phone:?}, {incident:?}");
        }
    }
}
