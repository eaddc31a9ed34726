use aws::{Item, Key, Table};
use serde_json::{Value, json};

use super::clients;
use crate::stub::{Answer, Call, Stub};

pub(crate) fn key(sk: &str) -> Key {
    Key { pk: "OUTBOX".to_owned(), sk: sk.to_string() }
}

pub(crate) async fn table(stub: &Stub) -> Table {
    clients(stub).await.table("state")
}

pub(crate) fn body(call: &Call) -> Value {
    serde_json::from_slice(&call.body).expect("JSON")
}

pub(crate) fn refusal(status: u16, code: &str, reason: &str) -> Answer {
    let code = format!("com.amazonaws.dynamodb.v20120810#{code}");
    Answer::json(status, &json!({"__type": code, "message": reason}).to_string())
}

/// An item as DynamoDB writes it.
fn stored(sk: &str) -> Value {
    json!({"pk": {"S": "OUTBOX"}, "sk": {"S": sk}, "tries": {"N": "2"}})
}

/// Answers as many of the keys as it may and leaves the others for later.
fn batch(call: &Call, most: usize) -> Answer {
    let asked = body(call);
    let keys = asked.pointer("/RequestItems/state/Keys").and_then(Value::as_array).expect("keys");
    let (now, later) = keys.split_at(most.min(keys.len()));
    let items: Vec<Value> = now.iter().filter_map(|key| key.pointer("/sk/S")?.as_str()).map(stored).collect();
    let left = if later.is_empty() { json!({}) } else { json!({"state": {"Keys": later, "ConsistentRead": true}}) };
    Answer::json(200, &json!({"Responses": {"state": items}, "UnprocessedKeys": left}).to_string())
}

#[tokio::test]
async fn an_item_is_read_consistently_and_one_that_is_not_there_is_none() {
    let answer = |call: &Call| {
        let found = call.count("there") > 0;
        let item = if found { json!({"Item": stored("there")}) } else { json!({}) };
        Answer::json(200, &item.to_string())
    };
    let stub = Stub::start(answer).await.unwrap();
    let table = table(&stub).await;
    assert_eq!(table.get(&key("there")).await, Ok(Some(Item::new(key("there")).with("tries", 2))));
    assert_eq!(table.get(&key("gone")).await, Ok(None));
    let expected = json!({
        "TableName": "state", "Key": {"pk": {"S": "OUTBOX"}, "sk": {"S": "there"}}, "ConsistentRead": true,
    });
    assert_eq!(body(&stub.calls()[0]), expected);
    assert!(stub.calls()[0].headers["authorization"].contains("/eu-west-1/dynamodb/"));
}

#[tokio::test]
async fn many_items_come_in_hundreds_and_each_once() {
    let stub = Stub::start(|call| batch(call, 100)).await.unwrap();
    let mut keys: Vec<Key> = (0..150).map(|n| key(&n.to_string())).collect();
    keys.push(key("7"));
    let mut found: Vec<Key> =
        table(&stub).await.get_many(&keys).await.unwrap().into_iter().map(|item| item.key).collect();
    keys.pop();
    keys.sort();
    found.sort();
    assert_eq!(found, keys);
    let sizes: Vec<usize> = stub.calls().iter().map(|call| call.count("\"sk\"")).collect();
    assert_eq!(sizes, [100, 50]);
    assert!(stub.calls().iter().all(|call| call.count("\"ConsistentRead\":true") == 1));
}

#[tokio::test]
async fn items_that_were_held_back_are_asked_for_again() {
    let stub = Stub::start(|call| batch(call, 2)).await.unwrap();
    let keys: Vec<Key> = (0..5).map(|n| key(&n.to_string())).collect();
    assert_eq!(table(&stub).await.get_many(&keys).await.unwrap().len(), 5);
    let sizes: Vec<usize> = stub.calls().iter().map(|call| call.count("\"sk\"")).collect();
    assert_eq!(sizes, [5, 3, 1]);
}

#[tokio::test]
async fn a_table_that_holds_items_back_for_good_is_given_up() {
    let stub = Stub::start(|call| batch(call, 0)).await.unwrap();
    let error = table(&stub).await.get_many(&[key("1"), key("2")]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "DynamoDB BatchGetItem: Throttling: 2 items were held back; the account's request rate is used up"
    );
    assert_eq!(stub.calls().len(), 6);
}

#[tokio::test]
async fn a_query_reads_all_pages() {
    let answer = |call: &Call| {
        let page = if body(call)["ExclusiveStartKey"].is_null() {
            json!({"Items": [stored("a1")], "LastEvaluatedKey": {"pk": {"S": "OUTBOX"}, "sk": {"S": "a1"}}})
        } else {
            json!({"Items": [stored("a2")]})
        };
        Answer::json(200, &page.to_string())
    };
    let stub = Stub::start(answer).await.unwrap();
    let table = table(&stub).await;
    let found = table.query("OUTBOX", Some("a")).await.unwrap();
    assert_eq!(found.into_iter().map(|item| item.key).collect::<Vec<_>>(), [key("a1"), key("a2")]);
    let asked = body(&stub.calls()[0]);
    assert_eq!(asked["KeyConditionExpression"], "#pk = :pk AND begins_with(#sk, :sk)");
    assert_eq!(asked["ExpressionAttributeNames"], json!({"#pk": "pk", "#sk": "sk"}));
    assert_eq!(asked["ExpressionAttributeValues"], json!({":pk": {"S": "OUTBOX"}, ":sk": {"S": "a"}}));
    assert_eq!(asked["ConsistentRead"], true);

    assert_eq!(table.query("OUTBOX", None).await.unwrap().len(), 2);
    assert_eq!(body(&stub.calls()[2])["KeyConditionExpression"], "#pk = :pk");
}

#[tokio::test]
async fn refusals_are_told_with_what_to_do() {
    for (code, says) in [
        ("ResourceNotFoundException", "the home stack creates the table, in the home region; check STATE_TABLE"),
        ("AccessDeniedException", "allow dynamodb:Query to this role"),
        ("ValidationException", "DynamoDB Query: ValidationException: so it is"),
    ] {
        let stub = Stub::start(move |_| refusal(400, code, "so it is")).await.unwrap();
        let error = table(&stub).await.query("OUTBOX", None).await.unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[tokio::test]
async fn an_item_without_its_keys_is_an_error() {
    let stub = Stub::start(|_| Answer::json(200, r#"{"Item":{"pk":{"S":"OUTBOX"}}}"#)).await.unwrap();
    let error = table(&stub).await.get(&key("1")).await.unwrap_err();
    assert_eq!(error.to_string(), "DynamoDB GetItem: unreadable answer: an item without its keys");
}
