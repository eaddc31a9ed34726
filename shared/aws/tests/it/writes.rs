use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use aws::{Change, Condition, Item, Write, WriteError};
use serde_json::json;

use crate::stub::{Answer, Call, NO_ANSWER, Stub};
use crate::table::{body, key, refusal, table};

fn put(sk: &str) -> Write {
    Write::Put { item: Item::new(key(sk)).with("version", 1), when: vec![Condition::Absent] }
}

fn update(sk: &str) -> Write {
    Write::Update { key: key(sk), changes: vec![Change::Add("tries".to_owned(), 1)], when: vec![] }
}

fn delete(sk: &str) -> Write {
    Write::Delete { key: key(sk), when: vec![Condition::Equals("claim".to_owned(), "me".into())] }
}

async fn taking_all() -> Stub {
    Stub::start(|_| Answer::json(200, "{}")).await.expect("a stub")
}

/// A transaction that was cancelled for these reasons.
fn cancelled(reasons: &[&str]) -> Answer {
    let told: Vec<_> = reasons.iter().map(|code| json!({"Code": code})).collect();
    let answer = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled", "CancellationReasons": told,
    });
    Answer::json(400, &answer.to_string())
}

#[tokio::test]
async fn a_single_write_is_a_call_of_its_own() {
    let stub = taking_all().await;
    let table = table(&stub).await;
    for write in [put("1"), update("2"), delete("3")] {
        table.write_all(vec![write]).await.unwrap();
    }
    table.write_all(Vec::new()).await.unwrap();
    let calls = stub.calls();
    let operations: Vec<String> = calls.iter().map(Call::operation).collect();
    assert_eq!(operations, ["PutItem", "UpdateItem", "DeleteItem"]);
    let key = |sk: &str| json!({"pk": {"S": "OUTBOX"}, "sk": {"S": sk}});
    let expected = [
        json!({
            "TableName": "state", "ConditionExpression": "attribute_not_exists(#n0)",
            "Item": {"pk": {"S": "OUTBOX"}, "sk": {"S": "1"}, "version": {"N": "1"}},
            "ExpressionAttributeNames": {"#n0": "pk"},
        }),
        json!({
            "TableName": "state", "Key": key("2"), "UpdateExpression": "ADD #n0 :v0",
            "ExpressionAttributeNames": {"#n0": "tries"}, "ExpressionAttributeValues": {":v0": {"N": "1"}},
        }),
        json!({
            "TableName": "state", "Key": key("3"), "ConditionExpression": "#n0 = :v0",
            "ExpressionAttributeNames": {"#n0": "claim"}, "ExpressionAttributeValues": {":v0": {"S": "me"}},
        }),
    ];
    assert_eq!(calls[..3].iter().map(body).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn several_writes_are_one_transaction() {
    let stub = taking_all().await;
    table(&stub).await.write_all(vec![put("1"), update("2"), delete("3")]).await.unwrap();
    let calls = stub.calls();
    assert_eq!((calls.len(), calls[0].operation().as_str()), (1, "TransactWriteItems"));
    let asked = body(&calls[0]);
    let parts = asked["TransactItems"].as_array().unwrap();
    let kinds: Vec<&str> = parts.iter().flat_map(|part| part.as_object().unwrap().keys().map(String::as_str)).collect();
    assert_eq!(kinds, ["Put", "Update", "Delete"]);
}

#[tokio::test]
async fn a_transaction_that_is_tried_again_is_the_same_one() {
    let stub = Stub::start(|call| {
        let first = call.headers["amz-sdk-request"].contains("attempt=1");
        Answer::json(if first { NO_ANSWER } else { 200 }, "{}")
    });
    let stub = stub.await.unwrap();
    let table = table(&stub).await;
    table.write_all(vec![put("1"), put("2")]).await.unwrap();
    table.write_all(vec![put("1"), put("2")]).await.unwrap();
    let calls = stub.calls();
    let tokens: BTreeSet<String> = calls.iter().map(|call| body(call)["ClientRequestToken"].to_string()).collect();
    assert_eq!((calls.len(), tokens.len()), (4, 2), "a token for each call, not for each try: {tokens:?}");
}

#[tokio::test]
async fn whoever_comes_second_meets_a_conflict() {
    for code in ["ConditionalCheckFailedException", "TransactionConflictException"] {
        let stub = Stub::start(move |_| refusal(400, code, "no")).await.unwrap();
        let table = table(&stub).await;
        for write in [put("1"), update("2"), delete("3")] {
            assert_eq!(table.write(write.clone()).await, Err(WriteError::Conflict), "{code}: {write:?}");
        }
    }
    for reasons in [["ConditionalCheckFailed", "None"], ["TransactionConflict", "ConditionalCheckFailed"]] {
        let stub = Stub::start(move |_| cancelled(&reasons)).await.unwrap();
        let result = table(&stub).await.write_all(vec![put("1"), put("2")]).await;
        assert_eq!(result, Err(WriteError::Conflict), "{reasons:?}");
    }
}

#[tokio::test]
async fn a_transaction_that_others_are_in_the_way_of_is_tried_again() {
    for reason in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
        let calls = AtomicU32::new(0);
        let answer = move |_: &Call| match calls.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => cancelled(&["None", reason]),
            _ => Answer::json(200, "{}"),
        };
        let stub = Stub::start(answer).await.unwrap();
        assert_eq!(table(&stub).await.write_all(vec![put("1"), put("2")]).await, Ok(()), "{reason}");
        assert_eq!(stub.calls().len(), 3, "{reason}");
    }
    let stub = Stub::start(|_| cancelled(&["None", "TransactionConflict"])).await.unwrap();
    let result = table(&stub).await.write_all(vec![put("1"), put("2")]).await;
    assert!(matches!(result, Err(WriteError::Aws(_))), "not for ever: {result:?}");
}

#[tokio::test]
async fn what_is_no_conflict_is_told_as_it_is() {
    let throttled = ["None", "ValidationError"];
    for (answer, says) in [
        (cancelled(&throttled), "DynamoDB TransactWriteItems: TransactionCanceledException: Transaction cancelled"),
        (refusal(400, "ValidationException", "twice"), "DynamoDB TransactWriteItems: ValidationException: twice"),
        (refusal(400, "AccessDeniedException", "no"), "dynamodb:DeleteItem to this role"),
    ] {
        let stub = Stub::start(move |_| answer.clone()).await.unwrap();
        let result = table(&stub).await.write_all(vec![put("1"), put("2")]).await;
        let Err(WriteError::Aws(error)) = result else {
            panic!("{says}: {result:?}");
        };
        assert!(error.to_string().contains(says), "{error}");
    }
    let stub = Stub::start(|_| refusal(400, "ResourceNotFoundException", "no")).await.unwrap();
    let error = table(&stub).await.write(put("1")).await.unwrap_err().to_string();
    assert!(error.ends_with("in the home region; check STATE_TABLE"), "{error}");
}
