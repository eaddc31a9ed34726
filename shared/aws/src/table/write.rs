use std::time::Duration;

use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};

use super::expression::Expression;
use super::{Change, Condition, Item, Key, Table};
use crate::{AwsError, Operation};

/// The pauses between tries of a transaction that others are in the way of.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(640);

/// A write of one item; all its conditions must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Puts the item in the place of the one with its key.
    Put {
        /// The item.
        item: Item,
        /// What must hold.
        when: Vec<Condition>,
    },
    /// Changes an item. One that is not there is made.
    Update {
        /// Which.
        key: Key,
        /// How, at least one.
        changes: Vec<Change>,
        /// What must hold.
        when: Vec<Condition>,
    },
    /// Takes an item away, if it is there.
    Delete {
        /// Which.
        key: Key,
        /// What must hold.
        when: Vec<Condition>,
    },
}

/// Why nothing was written, or why that is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A condition does not hold, or a transaction is at the item of a single
    /// write. Nothing was written by this try; read again.
    #[error("somebody else wrote first")]
    Conflict,
    /// `DynamoDB` refused or did not answer. After a timeout it may have been
    /// written.
    #[error("{0}")]
    Aws(AwsError),
}

impl Table {
    /// Writes one item. Where the answer gets lost, the SDK tries again, and
    /// one's own first try may then be the conflict: a claim that must not be
    /// mistaken so goes through [`Table::write_all`] with another write.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn write(&self, write: Write) -> Result<(), WriteError> {
        match write {
            Write::Put { item, when } => self.put(item, &Expression::new(&[], &when)).await,
            Write::Update { key, changes, when } => self.update(&key, &Expression::new(&changes, &when)).await,
            Write::Delete { key, when } => self.delete(&key, &Expression::new(&[], &when)).await,
        }
    }

    /// Writes all or nothing, at most 100 items, each of them once. The SDK's
    /// own retries cannot write twice: they carry the same request token.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn write_all(&self, mut writes: Vec<Write>) -> Result<(), WriteError> {
        if writes.len() > 1 {
            return self.transact(writes).await;
        }
        match writes.pop() {
            Some(write) => self.write(write).await,
            None => Ok(()),
        }
    }

    async fn put(&self, item: Item, expression: &Expression) -> Result<(), WriteError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item.into_map()))
            .set_condition_expression(expression.condition.clone())
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values());
        request.send().await.map(|_| ()).map_err(|error| refused(Operation::PutItem, &error))
    }

    async fn update(&self, key: &Key, expression: &Expression) -> Result<(), WriteError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.to_map()))
            .set_update_expression(expression.update.clone())
            .set_condition_expression(expression.condition.clone())
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values());
        request.send().await.map(|_| ()).map_err(|error| refused(Operation::UpdateItem, &error))
    }

    async fn delete(&self, key: &Key, expression: &Expression) -> Result<(), WriteError> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key.to_map()))
            .set_condition_expression(expression.condition.clone())
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values());
        request.send().await.map(|_| ()).map_err(|error| refused(Operation::DeleteItem, &error))
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), WriteError> {
        const OPERATION: Operation = Operation::TransactWriteItems;
        let parts: Result<Vec<_>, _> = writes.into_iter().map(|write| part(&self.name, write)).collect();
        let parts = parts.map_err(|error| WriteError::Aws(AwsError::not_built(OPERATION, &error)))?;
        let mut pause = FIRST_PAUSE;
        loop {
            let request = self.client.transact_write_items().set_transact_items(Some(parts.clone()));
            match request.send().await {
                Ok(_) => return Ok(()),
                Err(error) => match cancelled(&error) {
                    Cancelled::Condition => return Err(WriteError::Conflict),
                    Cancelled::Busy if pause <= LONGEST_PAUSE => tokio::time::sleep(pause).await,
                    Cancelled::Busy | Cancelled::No => {
                        return Err(WriteError::Aws(AwsError::call(OPERATION, &error)));
                    }
                },
            }
            pause *= 2;
        }
    }
}

/// A single write's error (Amazon `DynamoDB` API Reference, `PutItem`, Errors).
fn refused<E, R>(operation: Operation, error: &SdkError<E, R>) -> WriteError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match error.code() {
        Some("ConditionalCheckFailedException" | "TransactionConflictException") => WriteError::Conflict,
        _ => WriteError::Aws(AwsError::call(operation, error)),
    }
}

/// Why a transaction was cancelled.
enum Cancelled {
    /// It was not, the call failed otherwise.
    No,
    /// A condition does not hold.
    Condition,
    /// Others were at the items at this moment, or the table has enough for now:
    /// nothing is decided, the same transaction is tried again. The SDK does not.
    Busy,
}

/// By the reasons of the parts (Amazon `DynamoDB` API Reference,
/// `TransactWriteItems`, `TransactionCanceledException`).
fn cancelled<R>(error: &SdkError<TransactWriteItemsError, R>) -> Cancelled {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return Cancelled::No;
    };
    let codes: Vec<&str> = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
    let busy = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    if codes.contains(&"ConditionalCheckFailed") {
        Cancelled::Condition
    } else if codes.iter().any(|code| busy.contains(code)) {
        Cancelled::Busy
    } else {
        Cancelled::No
    }
}

fn part(table: &str, write: Write) -> Result<TransactWriteItem, BuildError> {
    let part = TransactWriteItem::builder();
    Ok(match write {
        Write::Put { item, when } => part.put(put_part(table, item, &Expression::new(&[], &when))?),
        Write::Update { key, changes, when } => {
            part.update(update_part(table, &key, &Expression::new(&changes, &when))?)
        }
        Write::Delete { key, when } => part.delete(delete_part(table, &key, &Expression::new(&[], &when))?),
    }
    .build())
}

fn put_part(table: &str, item: Item, expression: &Expression) -> Result<Put, BuildError> {
    Put::builder()
        .table_name(table)
        .set_item(Some(item.into_map()))
        .set_condition_expression(expression.condition.clone())
        .set_expression_attribute_names(expression.names())
        .set_expression_attribute_values(expression.values())
        .build()
}

fn update_part(table: &str, key: &Key, expression: &Expression) -> Result<Update, BuildError> {
    Update::builder()
        .table_name(table)
        .set_key(Some(key.to_map()))
        .set_update_expression(expression.update.clone())
        .set_condition_expression(expression.condition.clone())
        .set_expression_attribute_names(expression.names())
        .set_expression_attribute_values(expression.values())
        .build()
}

fn delete_part(table: &str, key: &Key, expression: &Expression) -> Result<Delete, BuildError> {
    Delete::builder()
        .table_name(table)
        .set_key(Some(key.to_map()))
        .set_condition_expression(expression.condition.clone())
        .set_expression_attribute_names(expression.names())
        .set_expression_attribute_values(expression.values())
        .build()
}
