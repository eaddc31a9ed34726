//! From an event to a stored decision. Whoever was overtaken decides again from
//! the newer state; the decision itself is pure.

use std::time::Duration;

use alerting::{Decision, Event, FleetEvent, FleetState, TargetState, decide, decide_fleet};
use jiff::Timestamp;
use model::names::TargetId;

use crate::store::{Stored, Written};
use crate::{Aggregator, HandlerError};

/// How often a decision is made again before the invocation gives up, which is
/// then repeated as a whole. Three regions report a target at the same time,
/// and the tick comes on top.
pub(crate) const ROUNDS: u32 = 12;
/// The first pause is shorter than this; each next one at most twice as long.
const FIRST_PAUSE_MS: u64 = 8;
const LONGEST_PAUSE_MS: u64 = 500;

impl Aggregator {
    /// Decides what follows for a target, and stores it.
    pub(crate) async fn decide_target(
        &self,
        id: &TargetId,
        event: &Event,
        now: Timestamp,
    ) -> Result<Decision<TargetState>, HandlerError> {
        let stored = self.store.target(id).await?;
        self.decide_from(stored, id, event, now).await
    }

    /// As [`decide_target`](Self::decide_target), from a state that was read already.
    pub(crate) async fn decide_from(
        &self,
        mut stored: Stored<TargetState>,
        id: &TargetId,
        event: &Event,
        now: Timestamp,
    ) -> Result<Decision<TargetState>, HandlerError> {
        for round in 0..ROUNDS {
            let decision = decide(&self.policy, &stored.state, event, now);
            if self.store.save(&stored, &decision).await? == Written::Done {
                return Ok(decision);
            }
            pause(round).await;
            stored = self.store.target(id).await?;
        }
        Err(HandlerError::contended(id))
    }

    /// Decides what follows for the regions as a whole, and stores it.
    pub(crate) async fn decide_fleet(
        &self,
        event: &FleetEvent,
        now: Timestamp,
    ) -> Result<Decision<FleetState>, HandlerError> {
        for round in 0..ROUNDS {
            let stored = self.store.fleet().await?;
            let decision = decide_fleet(&self.policy, &stored.state, event, now);
            if self.store.save(&stored, &decision).await? == Written::Done {
                return Ok(decision);
            }
            pause(round).await;
        }
        Err(HandlerError::Contended("the regions as a whole".to_owned()))
    }
}

/// A pause that is not the same for those who were overtaken together.
pub(crate) async fn pause(round: u32) {
    let longest = FIRST_PAUSE_MS.saturating_mul(1 << round.min(10)).min(LONGEST_PAUSE_MS);
    let chance = u64::from(system::now().subsec_nanosecond().unsigned_abs());
    tokio::time::sleep(Duration::from_millis(chance % longest)).await;
}
