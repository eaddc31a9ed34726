//! The states that decisions are made from, with optimistic locking: each write
//! names the version that it was made from.

use std::collections::BTreeMap;

use alerting::{Decision, FleetState, PhoneState, TargetState};
use aws::{Condition, Item, Key, Write};
use model::names::TargetId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::history::put_ended;
use super::keys::{self, attribute};
use super::outbox::put_waiting;
use super::{Store, StoreError, Written, json, parsed, written};

/// The most items of a transaction (Amazon `DynamoDB` API Reference,
/// `TransactWriteItems`). Whoever has so many channels that alerts take all of
/// them goes without that line of the history.
const MOST_WRITES: usize = 100;

/// A state and where it is from.
#[derive(Clone, Debug)]
pub(crate) struct Stored<S> {
    pub(crate) state: S,
    key: Key,
    /// Zero: it was never written.
    version: i64,
}

impl Store {
    pub(crate) async fn target(&self, id: &TargetId) -> Result<Stored<TargetState>, StoreError> {
        self.state(keys::of_target(id), || TargetState::new(id.clone())).await
    }

    /// The targets in their order; one that cannot be read does not hide the others.
    pub(crate) async fn targets(
        &self,
        ids: &[TargetId],
    ) -> Result<Vec<Result<Stored<TargetState>, StoreError>>, StoreError> {
        let keys: Vec<Key> = ids.iter().map(keys::of_target).collect();
        let items = self.table.get_many(&keys).await.map_err(StoreError::Aws)?;
        let mut items: BTreeMap<Key, Item> = items.into_iter().map(|item| (item.key.clone(), item)).collect();
        let stored = ids.iter().zip(keys).map(|(id, key)| {
            let item = items.remove(&key);
            stored(key, item, || TargetState::new(id.clone()))
        });
        Ok(stored.collect())
    }

    pub(crate) async fn fleet(&self) -> Result<Stored<FleetState>, StoreError> {
        self.state(keys::of_fleet(), FleetState::default).await
    }

    pub(crate) async fn phone(&self, number: &str) -> Result<Stored<PhoneState>, StoreError> {
        self.state(keys::of_phone(number), PhoneState::default).await
    }

    /// Writes a decision, unless nothing changed: the new state, what is to be
    /// sent and what ended, together.
    pub(crate) async fn save<S: Serialize + PartialEq>(
        &self,
        from: &Stored<S>,
        decision: &Decision<S>,
    ) -> Result<Written, StoreError> {
        if decision.state == from.state && decision.notifications.is_empty() {
            return Ok(Written::Done);
        }
        let notifications = decision.notifications.iter().map(put_waiting);
        let state = std::iter::once(from.write(&decision.state));
        let mut writes = state.chain(notifications).collect::<Result<Vec<_>, _>>()?;
        for incident in decision.ended.iter().take(MOST_WRITES.saturating_sub(writes.len())) {
            writes.push(put_ended(incident)?);
        }
        written(self.table.write_all(writes).await)
    }

    /// Puts a phone's state back to what it was; not when somebody called meanwhile.
    pub(crate) async fn restore_phone(&self, number: &str, before: &PhoneState) -> Result<(), StoreError> {
        let stored = self.phone(number).await?;
        written(self.table.write(stored.write(before)?).await).map(|_| ())
    }

    async fn state<S: DeserializeOwned>(&self, key: Key, new: impl FnOnce() -> S) -> Result<Stored<S>, StoreError> {
        let item = self.table.get(&key).await.map_err(StoreError::Aws)?;
        stored(key, item, new)
    }
}

impl<S> Stored<S> {
    /// The write of a new state in place of this one.
    pub(super) fn write(&self, state: &S) -> Result<Write, StoreError>
    where
        S: Serialize,
    {
        let item = Item::new(self.key.clone())
            .with(attribute::STATE, json(state)?)
            .with(attribute::VERSION, self.version.saturating_add(1));
        let unchanged = match self.version {
            0 => Condition::Absent,
            version => Condition::Equals(attribute::VERSION.to_owned(), version.into()),
        };
        Ok(Write::Put { item, when: vec![unchanged] })
    }
}

fn stored<S: DeserializeOwned>(key: Key, item: Option<Item>, new: impl FnOnce() -> S) -> Result<Stored<S>, StoreError> {
    match item {
        None => Ok(Stored { state: new(), key, version: 0 }),
        Some(item) => {
            let version = item.number(attribute::VERSION).unwrap_or_default();
            Ok(Stored { state: parsed(&item, attribute::STATE)?, key, version })
        }
    }
}
