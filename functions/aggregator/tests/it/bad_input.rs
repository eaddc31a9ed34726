//! What is not ours, or not understood: recorded, and never a crash.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::events::{at, config, result, run, sns, tick};

#[test]
fn whatever_comes_is_recorded_and_nothing_fails() {
    let cloud = Cloud::start();
    cloud.create_table("bad");
    let file = config(&cloud, "bad.toml", 1, "");
    let mut function = cloud.function("bad", &file);
    let topic = &cloud.topics["us-east-2"];
    let now = at(10) + SignedDuration::from_secs(5);
    let with = |change: fn(&mut Value)| {
        let mut value = serde_json::to_value(run(0, "us-east-2", 10, 'F')).unwrap();
        change(&mut value);
        value.to_string()
    };
    let alarm = |account: &str, name: &str, state: &str| {
        json!({"AlarmName": name, "AWSAccountId": account, "NewStateValue": state, "OldStateValue": "OK"}).to_string()
    };
    let huge = with(|value| value["error"]["message"] = "x".repeat(9_000).into());
    let messages: Vec<(&str, String)> = vec![
        ("it is no JSON", "not JSON".to_owned()),
        ("neither", "{}".to_owned()),
        ("neither", "[1]".to_owned()),
        ("schema_version 2", with(|value| value["schema_version"] = 2.into())),
        ("no run result", json!({"schema_version": 1}).to_string()),
        ("bytes", huge),
        ("target", with(|value| value["target"] = "nobody".into())),
        ("region", with(|value| value["region"] = "eu-west-3".into())),
        ("region", with(|value| value["region"] = Value::Null)),
        ("not begun", with(|value| value["scheduled_at"] = "2026-11-25T12:00:00Z".into())),
        ("window", with(|value| value["scheduled_at"] = "2026-11-25T08:00:00Z".into())),
        ("another account", alarm("999999999999", "xs2a-monitor-missing-runs", "ALARM")),
        ("another alarm", alarm("123456789012", "cpu", "ALARM")),
        ("no data yet", alarm("123456789012", "xs2a-monitor-missing-runs", "INSUFFICIENT_DATA")),
        ("no alarm", json!({"AlarmName": "xs2a-monitor-missing-runs"}).to_string()),
    ];
    for (number, (_, message)) in messages.iter().enumerate() {
        cloud.invoke(&mut function, &sns(topic, &format!("bad-{number:02}"), now, message)).unwrap();
    }
    let foreign = sns("arn:aws:sns:us-east-1:123456789012:other", "bad-topic", now, &with(|_| {}));
    let other_source = json!({"Records": [{"EventSource": "aws:s3"}, "text", 7]});
    for event in [foreign, other_source, json!({"hello": "world"}), json!("text"), json!({"scheduled_at": "soon"})] {
        cloud.invoke(&mut function, &event).unwrap();
    }

    let items = cloud.items("bad");
    let aside: Vec<_> = items.iter().filter(|((pk, _), _)| pk.starts_with("ASIDE#")).collect();
    for (number, (reason, _)) in messages.iter().enumerate() {
        let id = format!("bad-{number:02}");
        let item = aside.iter().find(|((_, sk), _)| *sk == id).unwrap_or_else(|| panic!("{id} is not recorded"));
        let told = item.1["reason"]["S"].as_str().unwrap();
        assert!(told.contains(reason), "{id}: {told}");
    }
    assert_eq!(aside.len(), messages.len() + 1 + 3 + 3, "each is recorded once: {aside:#?}");
    assert!(!items.contains_key(&("TARGET#nobody".to_owned(), "STATE".to_owned())));

    // What is good still counts.
    let answer = cloud.invoke(&mut function, &result(&cloud, 0, "us-east-2", 10, 'P')).unwrap();
    assert_eq!(answer["messages"][0]["disposition"], "taken");
    let verdict = cloud.invoke(&mut function, &tick(11)).unwrap();
    assert_eq!(verdict["targets"][0]["status"], "passing");
}

#[test]
fn good_messages_count_beside_bad_ones_and_a_duplicate_changes_nothing() {
    let cloud = Cloud::start();
    cloud.create_table("beside");
    let file = config(&cloud, "beside.toml", 1, "");
    let mut function = cloud.function("beside", &file);
    let mut event = result(&cloud, 0, "us-east-1", 0, 'F');
    let records = event["Records"].as_array_mut().unwrap();
    records.insert(0, json!({"EventSource": "aws:sns"}));
    records.push(result(&cloud, 0, "us-east-2", 0, 'F')["Records"][0].clone());

    let answer = cloud.invoke(&mut function, &event).unwrap();
    assert_eq!(answer["targets"][1]["status"], "failing", "{answer:#}");
    let told = cloud.inbox(0).len();
    let before = cloud.items("beside");
    let again = cloud.invoke(&mut function, &event).unwrap();
    assert_eq!(again["messages"][1]["disposition"], "duplicate");
    assert_eq!(cloud.inbox(0).len(), told);
    let after = cloud.items("beside");
    let changed: Vec<_> = after.iter().filter(|(key, item)| before.get(*key) != Some(*item)).collect();
    // The bad record has no id; it is known by the invocation, which is another one here.
    assert!(changed.iter().all(|((pk, _), _)| pk.starts_with("ASIDE#")), "{changed:#?}");
}

#[test]
fn the_alarm_of_missing_runs_and_the_silence_are_one_incident() {
    let cloud = Cloud::start();
    cloud.create_table("alarm");
    let file = config(&cloud, "alarm.toml", 1, "");
    let mut function = cloud.function("alarm", &file);
    for minute in 0..8 {
        for region in ["us-east-1", "us-east-2", "us-west-1"] {
            if minute < 2 || region != "us-west-1" {
                cloud.invoke(&mut function, &result(&cloud, 0, region, minute, 'P')).unwrap();
            }
        }
        if minute == 4 {
            let message = json!({
                "AlarmName": "xs2a-monitor-missing-runs",
                "AWSAccountId": "123456789012",
                "NewStateValue": "ALARM",
            });
            let at = at(minute) + SignedDuration::from_secs(30);
            let event = sns(&cloud.topics["us-west-1"], "alarm", at, &message.to_string());
            cloud.invoke(&mut function, &event).unwrap();
        }
        cloud.invoke(&mut function, &tick(minute + 1)).unwrap();
    }
    let inbox = cloud.inbox(0);
    let mails: Vec<_> = inbox.iter().filter(|message| message["channel_type"] == "email").collect();
    assert_eq!(mails.len(), 1, "{mails:#?}");
    assert_eq!(mails[0]["attributes"]["event"]["Value"], "no_data");
    assert!(mails[0]["text"].as_str().unwrap().contains("us-west-1"));
}
