//! Many items in one call, at most a hundred (Amazon `DynamoDB` API Reference,
//! `BatchGetItem`). It may answer a part of them only, above 16 MB or when it
//! throttles; the rest is asked for again.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use super::{Item, Key, Table, read};
use crate::{AwsError, Operation};

/// The most keys in one call.
const MOST_KEYS: usize = 100;
/// The waits before the rest is asked for again.
const WAITS: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
];

impl Table {
    /// The items with these keys, in any order; a key without an item has none.
    ///
    /// # Errors
    /// When `DynamoDB` refuses or does not answer, or holds items back for
    /// longer than 1.5 seconds.
    pub async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, AwsError> {
        // A key that is named twice is refused.
        let keys: Vec<&Key> = keys.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut items = Vec::with_capacity(keys.len());
        for hundred in keys.chunks(MOST_KEYS) {
            self.get_hundred(hundred, &mut items).await?;
        }
        Ok(items)
    }

    async fn get_hundred(&self, keys: &[&Key], items: &mut Vec<Item>) -> Result<(), AwsError> {
        let mut waits = WAITS.iter();
        let mut rest = keys.iter().map(|key| key.to_map()).collect();
        loop {
            rest = self.get_some(rest, items).await?;
            if rest.is_empty() {
                return Ok(());
            }
            let Some(wait) = waits.next() else {
                return Err(AwsError::held_back(Operation::BatchGetItem, rest.len()));
            };
            tokio::time::sleep(*wait).await;
        }
    }

    /// Takes up what comes of one call; returns the keys that it left out.
    async fn get_some(
        &self,
        keys: Vec<HashMap<String, AttributeValue>>,
        items: &mut Vec<Item>,
    ) -> Result<Vec<HashMap<String, AttributeValue>>, AwsError> {
        let asked = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let asked = asked.map_err(|error| AwsError::not_built(Operation::BatchGetItem, &error))?;
        let answer = self.client.batch_get_item().request_items(&self.name, asked).send().await;
        let answer = answer.map_err(|error| AwsError::call(Operation::BatchGetItem, &error))?;
        for item in answer.responses.unwrap_or_default().into_values().flatten() {
            items.push(read(Operation::BatchGetItem, item)?);
        }
        let unprocessed = answer.unprocessed_keys.unwrap_or_default();
        Ok(unprocessed.into_values().flat_map(|left| left.keys).collect())
    }
}
