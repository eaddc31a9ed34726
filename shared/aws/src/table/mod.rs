mod expression;
mod item;
mod many;
mod write;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

pub use expression::{Change, Condition};
pub use item::{Attribute, Item, Key};
pub use write::{Write, WriteError};

use crate::{AwsError, Clients, Operation};

/// One `DynamoDB` table with the text keys `pk` and `sk`. Cheap to clone. All
/// its reads are consistent: they see every write that was answered before.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
}

impl Clients {
    /// A table of this region. Nothing is sent yet.
    #[must_use]
    pub fn table(&self, name: &str) -> Table {
        Table { client: Client::new(&self.config), name: name.to_owned() }
    }
}

impl Table {
    /// The item with this key; none when there is none.
    ///
    /// # Errors
    /// When `DynamoDB` refuses or does not answer.
    pub async fn get(&self, key: &Key) -> Result<Option<Item>, AwsError> {
        let request = self.client.get_item().table_name(&self.name).set_key(Some(key.to_map())).consistent_read(true);
        match request.send().await {
            Ok(answer) => answer.item.map(|item| read(Operation::GetItem, item)).transpose(),
            Err(error) => Err(AwsError::call(Operation::GetItem, &error)),
        }
    }

    /// All items with this `pk`, or those of them whose `sk` starts so, in the
    /// order of their `sk` (that of its UTF-8 bytes).
    ///
    /// # Errors
    /// When `DynamoDB` refuses or does not answer, also for a later page.
    pub async fn query(&self, pk: &str, sk_prefix: Option<&str>) -> Result<Vec<Item>, AwsError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut request = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .expression_attribute_names("#pk", item::PK)
            .expression_attribute_values(":pk", text(pk));
        request = match sk_prefix {
            None => request.key_condition_expression("#pk = :pk"),
            Some(prefix) => request
                .key_condition_expression("#pk = :pk AND begins_with(#sk, :sk)")
                .expression_attribute_names("#sk", item::SK)
                .expression_attribute_values(":sk", text(prefix)),
        };
        let mut found = request.into_paginator().items().send();
        let mut items = Vec::new();
        while let Some(next) = found.next().await {
            let item = next.map_err(|error| AwsError::call(Operation::Query, &error))?;
            items.push(read(Operation::Query, item)?);
        }
        Ok(items)
    }
}

fn read(operation: Operation, map: HashMap<String, AttributeValue>) -> Result<Item, AwsError> {
    Item::from_map(map).ok_or_else(|| AwsError::unreadable(operation, "an item without its keys"))
}
