//! What a person does at the command line holds from the next event on.

use std::collections::BTreeMap;
use std::time::Duration;

use aggregator::{Operator, OperatorError};
use alerting::{Mute, Policy};
use aws::{Clients, Credentials, Settings};
use model::config::{Config, Environment};
use serde_json::Value;

use crate::cloud::{Cloud, Function, HOME, REGIONS};
use crate::events::{at, config, result, tick};

async fn operator(cloud: &Cloud, file: &std::path::Path, table: &str) -> Operator {
    let text = system::read_text(file).unwrap();
    let environment = Environment::parse(&BTreeMap::new()).unwrap();
    let policy = Policy::from(&Config::parse(Some(&text), &environment).unwrap());
    let settings = Settings {
        region: HOME.parse().unwrap(),
        endpoint_url: Some(cloud.aws_url().parse().unwrap()),
        credentials: Some(Credentials::new("testing", "testing", None, None, "test")),
        operation_timeout: Duration::from_secs(10),
    };
    Operator::new(policy, &Clients::load(&settings).await, table)
}

fn minute(cloud: &Cloud, function: &mut Function, minute: i64, letter: char) -> Value {
    for region in REGIONS {
        cloud.invoke(function, &result(cloud, 0, region, minute, letter)).unwrap();
    }
    cloud.invoke(function, &tick(minute + 1)).unwrap()
}

#[tokio::test]
async fn an_acknowledged_incident_is_not_reminded_of_and_its_end_is_told() {
    let cloud = Cloud::start();
    cloud.create_table("ack");
    let file = config(&cloud, "ack.toml", 1, "");
    let mut function = cloud.function("ack", &file);
    let operator = operator(&cloud, &file, "ack").await;
    let answer = minute(&cloud, &mut function, 0, 'F');
    let key = answer["targets"][0]["incidents"][0]["key"].as_str().unwrap();

    let unknown = operator.acknowledge("bank-0.availability.20200101T0000Z", at(1)).await.unwrap_err();
    assert!(matches!(&unknown, OperatorError::UnknownIncident { open, .. } if open.contains(key)), "{unknown}");
    operator.acknowledge(key, at(1)).await.unwrap();
    let before = cloud.inbox(0).len() as u64;
    for number in 1..8 {
        minute(&cloud, &mut function, number, 'F');
    }
    let inbox = cloud.inbox(before);
    let events: Vec<_> = inbox.iter().map(|message| &message["body"]["event_action"]).collect();
    assert!(
        inbox.iter().all(|told| ["pagerduty", "opsgenie"].contains(&told["channel_type"].as_str().unwrap())),
        "{inbox:#?}"
    );
    assert!(events.contains(&&Value::from("acknowledge")), "{events:?}");
    let before = before + inbox.len() as u64;
    for number in 8..11 {
        minute(&cloud, &mut function, number, 'P');
    }
    assert_eq!(cloud.inbox(before).len(), 7, "all but the phone hear of the end");
}

#[tokio::test]
async fn a_mute_holds_notifications_back_and_its_end_tells_what_is_still_wrong() {
    let cloud = Cloud::start();
    cloud.create_table("mute");
    let file = config(&cloud, "mute.toml", 1, "");
    let mut function = cloud.function("mute", &file);
    let operator = operator(&cloud, &file, "mute").await;
    let nobody = "nobody".parse().unwrap();
    let mute = Mute { until: at(120), reason: "release".to_owned() };
    assert!(operator.mute(Some(&nobody), &mute, at(0)).await.unwrap_err().to_string().contains("bank-0"));
    operator.mute(None, &mute, at(0)).await.unwrap();
    for number in 0..3 {
        assert_eq!(minute(&cloud, &mut function, number, 'F')["targets"][0]["muted"], true);
    }
    assert!(cloud.inbox(0).is_empty(), "{:#?}", cloud.inbox(0));
    operator.unmute(None, at(3)).await.unwrap();
    minute(&cloud, &mut function, 3, 'F');
    assert_eq!(cloud.inbox(0).len(), 8, "{:#?}", cloud.inbox(0));
}

#[tokio::test]
async fn a_test_reaches_every_channel_and_leaves_its_trail() {
    let cloud = Cloud::start();
    cloud.create_table("test");
    let file = config(&cloud, "test.toml", 1, "");
    let mut function = cloud.function("test", &file);
    let operator = operator(&cloud, &file, "test").await;
    let (key, ids) = operator.test(at(0)).await.unwrap();
    assert_eq!(ids.len(), 7, "the topic and six that are told directly: {ids:?}");
    cloud.invoke(&mut function, &tick(1)).unwrap();
    let trail = operator.trail(&key).await.unwrap();
    assert_eq!(trail.len(), 7);
    assert!(trail.iter().all(|told| told.status == "sent"), "{trail:#?}");
    assert_eq!(cloud.inbox(0).len(), 8);
}
