//! The schedule's minute: minutes are decided whose time is over, silence is
//! noticed, reminders come due, and what waits is sent.

use alerting::{Event, FleetEvent, FleetState, Silence, TargetState, removed_targets, retire, silence};
use futures_util::StreamExt;
use futures_util::stream::iter;
use jiff::Timestamp;
use model::names::{ChannelId, TargetId};

use crate::outbox::Round;
use crate::store::{Stored, Written};
use crate::{Aggregator, Answer, HandlerError, StoreError, TargetAnswer};

/// Targets that are decided at the same time.
const AT_ONCE: usize = 16;

impl Aggregator {
    pub(crate) async fn tick(&self, minute: Timestamp, round: &Round) -> Result<Answer, HandlerError> {
        let mut faults = Vec::new();
        let states = self.decide_all(minute, &mut faults).await;
        // Whatever became of the decisions: what waits has to go out.
        let sent = match self.store.waiting(None).await {
            Ok(entries) => self.send(readable(entries, &mut faults), minute, round).await,
            Err(error) => Err(error.into()),
        };
        let notifications = sent.unwrap_or_else(|error| {
            faults.push(error.to_string());
            Vec::new()
        });
        if faults.is_empty() {
            // Only a tick that did all its work is a sign of life.
            self.count(&self.watch, report::aggregator_heartbeat(minute)).await;
        }
        self.show_overview(&states, minute, round).await;
        if !faults.is_empty() {
            return Err(HandlerError::Several(faults));
        }
        let targets = states.iter().map(|state| TargetAnswer::of(state, &self.policy, minute)).collect();
        Ok(Answer { at: Some(minute), messages: Vec::new(), notifications, targets })
    }

    /// The regions as a whole, then each target; what fails for one does not
    /// keep the others from being decided. A target that failed is not among
    /// the states.
    async fn decide_all(&self, now: Timestamp, faults: &mut Vec<String>) -> Vec<TargetState> {
        let ids: Vec<TargetId> = self.policy.targets.iter().map(|target| target.id.clone()).collect();
        let stored = match self.store.targets(&ids).await {
            Ok(stored) => readable(stored, faults),
            Err(error) => {
                faults.push(error.to_string());
                return Vec::new();
            }
        };
        let states: Vec<TargetState> = stored.iter().map(|stored| stored.state.clone()).collect();
        let fleet = self.store.fleet().await.map(|fleet| fleet.state);
        let fleet = fleet.unwrap_or_else(|error| {
            faults.push(error.to_string());
            FleetState::default()
        });
        let silence = silence(&self.policy, &fleet, &states, now);
        if let Err(error) = self.tick_fleet(&silence, now).await {
            faults.push(error.to_string());
        }
        let decided = self.decide_each(stored, &Event::Tick(silence), now, faults).await;
        for id in removed_targets(&self.policy, &fleet) {
            if let Err(error) = self.retire(&id, now).await {
                faults.push(error.to_string());
            }
        }
        decided
    }

    async fn decide_each(
        &self,
        stored: Vec<Stored<TargetState>>,
        event: &Event,
        now: Timestamp,
        faults: &mut Vec<String>,
    ) -> Vec<TargetState> {
        let decisions = iter(stored).map(|stored| self.tick_target(stored, event, now));
        let mut decisions = decisions.buffered(AT_ONCE);
        let mut decided = Vec::new();
        while let Some(decision) = decisions.next().await {
            match decision {
                Ok(state) => decided.push(state),
                Err(error) => faults.push(error.to_string()),
            }
        }
        decided
    }

    async fn tick_fleet(&self, silence: &Silence, now: Timestamp) -> Result<(), HandlerError> {
        let channels = self.policy.channels.iter().map(|channel| channel.id.as_str());
        let channels: Vec<&str> = channels.chain([ChannelId::ALERT_TOPIC]).collect();
        let ailing = self.store.health(&channels).await?.ailing();
        self.decide_fleet(&FleetEvent::Tick { silence: silence.clone(), ailing }, now).await?;
        Ok(())
    }

    async fn tick_target(
        &self,
        stored: Stored<TargetState>,
        event: &Event,
        now: Timestamp,
    ) -> Result<TargetState, HandlerError> {
        let id = stored.state.target.clone();
        Ok(self.decide_from(stored, &id, event, now).await?.state)
    }

    /// Ends what is open of a target that is no longer in the file.
    async fn retire(&self, id: &TargetId, now: Timestamp) -> Result<(), HandlerError> {
        let stored = self.store.target(id).await?;
        let decision = retire(&self.policy, &stored.state, now);
        if self.store.save(&stored, &decision).await? == Written::Done {
            self.decide_fleet(&FleetEvent::Retired(id.clone()), now).await?;
        }
        Ok(())
    }
}

/// What could be read; the rest are faults.
fn readable<T>(read: Vec<Result<T, StoreError>>, faults: &mut Vec<String>) -> Vec<T> {
    let keep = |result: Result<T, StoreError>| result.map_err(|error| faults.push(error.to_string())).ok();
    read.into_iter().filter_map(keep).collect()
}
