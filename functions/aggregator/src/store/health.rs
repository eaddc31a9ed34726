//! How the channels do: the tries that failed since the last one that did not.

use std::collections::BTreeMap;

use alerting::{Ailment, CHANNEL_FAILURES};
use aws::{Change, Item, Key, Write};
use jiff::Timestamp;

use super::keys::{self, attribute};
use super::trail::Attempt;
use super::{Store, StoreError, written};

/// The channels that fail, and how.
#[derive(Debug, Default)]
pub(crate) struct Health(BTreeMap<String, Ailment>);

impl Health {
    /// Those that failed often enough to be told.
    pub(crate) fn ailing(self) -> BTreeMap<String, Ailment> {
        self.0.into_iter().filter(|(_, ailment)| ailment.failures >= CHANNEL_FAILURES).collect()
    }
}

impl Store {
    /// The health of these channels.
    pub(crate) async fn health(&self, channels: &[&str]) -> Result<Health, StoreError> {
        let keys: BTreeMap<Key, &str> = channels.iter().map(|channel| (keys::of_channel(channel), *channel)).collect();
        let wanted: Vec<Key> = keys.keys().cloned().collect();
        let items = self.table.get_many(&wanted).await.map_err(StoreError::Aws)?;
        let known = items.iter().filter_map(|item| Some(((*keys.get(&item.key)?).to_owned(), ailment(item)?)));
        Ok(Health(known.collect()))
    }

    /// Counts a failure. Not in one write with the entry: all entries of a
    /// channel share this item, and would be in each other's way.
    pub(crate) async fn note_failure(&self, channel: &str, attempt: &Attempt) -> Result<(), StoreError> {
        let key = keys::of_channel(channel);
        let is_first = self.ailment(&key).await?.is_none();
        let mut changes = vec![
            Change::Add(attribute::FAILURES.to_owned(), 1),
            Change::Set(attribute::ANSWER.to_owned(), attempt.answer.as_str().into()),
        ];
        changes.extend(is_first.then(|| Change::Set(attribute::SINCE.to_owned(), attempt.at.to_string().into())));
        written(self.table.write(Write::Update { key, changes, when: Vec::new() }).await).map(|_| ())
    }

    /// Notes that a channel works, if that is news.
    pub(crate) async fn note_success(&self, channel: &str) -> Result<(), StoreError> {
        let key = keys::of_channel(channel);
        if self.ailment(&key).await?.is_none() {
            return Ok(());
        }
        written(self.table.write(Write::Delete { key, when: Vec::new() }).await).map(|_| ())
    }

    async fn ailment(&self, key: &Key) -> Result<Option<Ailment>, StoreError> {
        let item = self.table.get(key).await.map_err(StoreError::Aws)?;
        Ok(item.as_ref().and_then(ailment))
    }
}

fn ailment(item: &Item) -> Option<Ailment> {
    let failures = u32::try_from(item.number(attribute::FAILURES)?).ok().filter(|failures| *failures > 0)?;
    let since: Timestamp = item.text(attribute::SINCE)?.parse().ok()?;
    Some(Ailment { since, failures, answer: item.text(attribute::ANSWER).unwrap_or_default().to_owned() })
}
