//! The state table: one item each for a target, the fleet, a phone number and
//! a channel's health; the outbox; the trail; the history; what was set aside.

mod aside;
mod health;
mod history;
mod keys;
mod outbox;
mod states;
mod trail;

use aws::{AwsError, Table, WriteError};

pub(crate) use aside::Aside;
pub(crate) use outbox::{Claim, Claimant, Entry};
pub(crate) use states::Stored;
pub use trail::{Attempt, Trail};

/// The table, with the shape of its items.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    table: Table,
}

/// Why the state cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// AWS refused.
    #[error("{0}")]
    Aws(AwsError),
    /// An item that is not as this program writes it.
    #[error("the item {item} of the state table is unreadable: {reason}")]
    Unreadable {
        /// Its keys.
        item: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Something that does not become JSON.
    #[error("the state cannot be written as JSON: {0}")]
    Json(String),
}

/// What became of a write that others may have come before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Done,
    /// Somebody else changed the item first; nothing was written.
    Overtaken,
}

impl Store {
    pub(crate) const fn new(table: Table) -> Self {
        Self { table }
    }
}

fn written(result: Result<(), WriteError>) -> Result<Written, StoreError> {
    match result {
        Ok(()) => Ok(Written::Done),
        Err(WriteError::Conflict) => Ok(Written::Overtaken),
        Err(WriteError::Aws(error)) => Err(StoreError::Aws(error)),
    }
}

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Json(error.to_string()))
}

/// What an item holds as JSON in an attribute.
fn parsed<T: serde::de::DeserializeOwned>(item: &aws::Item, attribute: &str) -> Result<T, StoreError> {
    let unreadable =
        |reason: String| StoreError::Unreadable { item: format!("{}/{}", item.key.pk, item.key.sk), reason };
    let text = item.text(attribute).ok_or_else(|| unreadable(format!("it has no {attribute}")))?;
    serde_json::from_str(text).map_err(|error| unreadable(format!("{attribute}: {error}")))
}
