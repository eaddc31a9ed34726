//! The table of `shared/aws` against a `DynamoDB` that really keeps and checks
//! what it is sent: that of the local AWS.

use std::collections::BTreeMap;
use std::time::Duration;

use ::aws::{Attribute, Change, Clients, Condition, Item, Key, Settings, Table, Write, WriteError};
use futures_util::future::join_all;

use crate::local_aws::{HOME, LocalAws, TABLE};

/// A table of its own, and what it lives in.
struct Kept {
    _aws: LocalAws,
    table: Table,
}

impl Kept {
    async fn start() -> Self {
        let aws = LocalAws::start();
        let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
        let keys = BTreeMap::from(keys.map(|name| (name.to_owned(), "testing".to_owned())));
        let settings = Settings {
            region: HOME.parse().unwrap(),
            endpoint_url: Some(aws.url.parse().unwrap()),
            credentials: ::aws::credentials(&keys),
            operation_timeout: Duration::from_mins(1),
        };
        Self { _aws: aws, table: Clients::load(&settings).await.table(TABLE) }
    }
}

fn key(sk: &str) -> Key {
    Key { pk: "OUTBOX".to_owned(), sk: sk.to_owned() }
}

fn version(sk: &str, version: i64, when: Condition) -> Write {
    Write::Put { item: Item::new(key(sk)).with("version", version), when: vec![when] }
}

fn is_version(version: i64) -> Condition {
    Condition::Equals("version".to_owned(), version.into())
}

fn set(name: &str, value: impl Into<Attribute>) -> Change {
    Change::Set(name.to_owned(), value.into())
}

#[tokio::test]
async fn a_write_needs_its_conditions() {
    let aws = Kept::start().await;
    let (table, conflict) = (&aws.table, Err(WriteError::Conflict));
    assert_eq!(table.get(&key("a")).await, Ok(None));
    assert_eq!(table.write(version("a", 1, Condition::Exists)).await, conflict);
    assert_eq!(table.write(version("a", 1, Condition::Absent)).await, Ok(()));
    assert_eq!(table.write(version("a", 2, Condition::Absent)).await, conflict);
    assert_eq!(table.write(version("a", 2, is_version(7))).await, conflict);
    assert_eq!(table.get(&key("a")).await, Ok(Some(Item::new(key("a")).with("version", 1))));
    assert_eq!(table.write(version("a", 2, is_version(1))).await, Ok(()));

    let delete = |when| Write::Delete { key: key("a"), when: vec![when] };
    assert_eq!(table.write(delete(is_version(1))).await, conflict);
    assert_eq!(table.write(delete(Condition::Missing("claim".to_owned()))).await, Ok(()));
    assert_eq!(table.get(&key("a")).await, Ok(None));
}

#[tokio::test]
async fn of_many_that_claim_an_item_one_gets_it_until_its_lease_is_over() {
    let aws = Kept::start().await;
    let table = &aws.table;
    let claim = |who: &str, now: i64| Write::Update {
        key: key("a"),
        changes: vec![set("claim", who), set("lease_until", now + 30)],
        when: vec![Condition::Exists, Condition::AbsentOrBelow("lease_until".to_owned(), now)],
    };
    assert_eq!(table.write(claim("early", 0)).await, Err(WriteError::Conflict), "it is not there yet");
    table.write(version("a", 1, Condition::Absent)).await.unwrap();
    let names: Vec<String> = (0..8).map(|n| format!("sender-{n}")).collect();
    let results = join_all(names.iter().map(|name| table.write(claim(name, 100)))).await;
    let won: Vec<&String> =
        names.iter().zip(&results).filter(|(_, result)| result.is_ok()).map(|(name, _)| name).collect();
    assert_eq!(won.len(), 1, "{results:?}");
    assert!(results.iter().all(|result| matches!(result, Ok(()) | Err(WriteError::Conflict))), "{results:?}");
    let holder = table.get(&key("a")).await.unwrap().unwrap();
    assert_eq!((holder.text("claim"), holder.number("version")), (Some(won[0].as_str()), Some(1)));
    assert_eq!(table.write(claim("too early", 130)).await, Err(WriteError::Conflict));
    assert_eq!(table.write(claim("next", 131)).await, Ok(()));
}

#[tokio::test]
async fn an_update_makes_the_item_and_changes_only_what_it_names() {
    let aws = Kept::start().await;
    let table = &aws.table;
    for n in 1..=2 {
        let changes = vec![
            set("status", format!("try {n}")),
            Change::Append("attempts".to_owned(), Attribute::List(vec![n.into(), "HTTP 200".into()])),
            Change::Add("tries".to_owned(), n),
            Change::Remove("claim".to_owned()),
        ];
        table.write(Write::Update { key: key("a"), changes, when: vec![] }).await.unwrap();
        table.write(Write::Update { key: key("a"), changes: vec![set("claim", "x")], when: vec![] }).await.unwrap();
    }
    let attempt = |n: i64| Attribute::List(vec![n.into(), "HTTP 200".into()]);
    let expected = Item::new(key("a"))
        .with("status", "try 2")
        .with("attempts", Attribute::List(vec![attempt(1), attempt(2)]))
        .with("tries", 3)
        .with("claim", "x");
    assert_eq!(table.get(&key("a")).await, Ok(Some(expected)));
}

#[tokio::test]
async fn a_transaction_writes_all_or_nothing() {
    let aws = Kept::start().await;
    let table = &aws.table;
    table.write_all(vec![version("a", 1, Condition::Absent), version("b", 1, Condition::Absent)]).await.unwrap();
    let writes = |expected| {
        vec![
            version("a", 2, is_version(1)),
            Write::Update { key: key("c"), changes: vec![Change::Add("tries".to_owned(), 1)], when: vec![] },
            Write::Delete { key: key("b"), when: vec![is_version(expected)] },
        ]
    };
    let before = table.query("OUTBOX", None).await.unwrap();
    assert_eq!(table.write_all(writes(7)).await, Err(WriteError::Conflict));
    assert_eq!(table.query("OUTBOX", None).await, Ok(before));
    table.write_all(writes(1)).await.unwrap();
    let after = vec![Item::new(key("a")).with("version", 2), Item::new(key("c")).with("tries", 1)];
    assert_eq!(table.query("OUTBOX", None).await, Ok(after));
}

#[tokio::test]
async fn reads_are_complete_whatever_their_size() {
    let aws = Kept::start().await;
    let table = &aws.table;
    // A page ends at 1 MB: the large ones take three.
    let large = "x".repeat(200_000);
    let items: Vec<Item> = (0..150)
        .map(|n| Item::new(key(&format!("{n:03}"))).with("text", if n < 12 { large.as_str() } else { "small" }))
        .collect();
    for item in &items {
        table.write(Write::Put { item: item.clone(), when: vec![] }).await.unwrap();
    }
    let other = Key { pk: "TRAIL".to_owned(), sk: "000".to_owned() };
    table.write(Write::Put { item: Item::new(other), when: vec![] }).await.unwrap();

    assert!(table.query("OUTBOX", None).await.unwrap() == items);
    assert!(table.query("OUTBOX", Some("01")).await.unwrap() == items[10..20]);
    assert_eq!(table.query("ASIDE", None).await, Ok(vec![]));
    let mut keys: Vec<Key> = items.iter().map(|item| item.key.clone()).collect();
    keys.push(key("not there"));
    let mut found = table.get_many(&keys).await.unwrap();
    found.sort_by(|one, other| one.key.cmp(&other.key));
    assert!(found == items);
}
