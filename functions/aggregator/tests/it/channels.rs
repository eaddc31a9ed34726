//! What people and tools get of an outage, from its first minute to its end.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::cloud::{Cloud, Function, REGIONS, SECRET};
use crate::events::{config, result, tick, written};

/// One target through minutes of three letters, one a region; each minute ends with its tick.
fn play(cloud: &Cloud, function: &mut Function, from: i64, minutes: &str) -> Vec<Value> {
    let mut answers = Vec::new();
    for (minute, letters) in (from..).zip(minutes.split(' ')) {
        for (region, letter) in REGIONS.into_iter().zip(letters.chars()) {
            answers.push(cloud.invoke(function, &result(cloud, 0, region, minute, letter)).unwrap());
        }
        answers.push(cloud.invoke(function, &tick(minute + 1)).unwrap());
    }
    answers
}

fn kinds(inbox: &[Value]) -> BTreeSet<&str> {
    inbox.iter().map(|message| message["channel_type"].as_str().unwrap()).collect()
}

#[test]
fn an_outage_is_told_on_every_channel_once_and_so_is_its_end() {
    let cloud = Cloud::start();
    cloud.create_table("outage");
    let file = config(&cloud, "outage.toml", 1, "");
    let mut function = cloud.function("outage", &file);
    let everyone = ["email", "sms", "phone", "slack", "teams", "pagerduty", "opsgenie", "webhook"];

    play(&cloud, &mut function, 0, "PPP");
    assert_eq!(cloud.inbox(0), [] as [Value; 0]);

    play(&cloud, &mut function, 1, "FFF");
    let failure = cloud.inbox(0);
    assert_eq!(kinds(&failure), everyone.into(), "{failure:#?}");
    assert_eq!(failure.len(), everyone.len(), "each channel once");
    let of = |kind: &str| failure.iter().find(|message| message["channel_type"] == kind).unwrap();
    assert!(of("email")["subject"].as_str().unwrap().contains("bank-0"));
    assert!(of("email")["text"].as_str().unwrap().contains("503"));
    for link in [
        "https://example.com/dashboard",
        "https://us-east-1.console.aws.amazon.com/cloudwatch/",
        "$252Flogs$252Fprobe",
        "https://us-east-1.console.aws.amazon.com/s3/object/xs2a-monitor-reports-us-east-1?region=us-east-1\
         &prefix=reports%2Fbank-0%2Fus-east-1%2F",
    ] {
        assert!(of("email")["text"].as_str().unwrap().contains(link), "{}", of("email"));
    }
    assert!(of("sms")["text"].as_str().unwrap().chars().count() <= 140);
    assert!(of("phone")["text"].as_str().unwrap().contains("Bank 0"));
    assert_eq!(of("pagerduty")["body"]["event_action"], "trigger");
    assert_eq!(of("pagerduty")["body"]["dedup_key"], of("opsgenie")["body"]["alias"]);

    play(&cloud, &mut function, 2, "FFF FFF FFF FFF");
    let reminder = cloud.inbox(failure.len() as u64);
    assert_eq!(reminder.len(), everyone.len() - 1, "the phone rings once: {reminder:#?}");

    let before = (failure.len() + reminder.len()) as u64;
    let answers = play(&cloud, &mut function, 6, "PPP PPP PPP");
    let recovery = cloud.inbox(before);
    assert_eq!(recovery.len(), everyone.len() - 1, "{recovery:#?}");
    let resolve = recovery.iter().find(|message| message["channel_type"] == "pagerduty").unwrap();
    assert_eq!(resolve["body"]["event_action"], "resolve");
    assert_eq!(answers.last().unwrap()["targets"][0]["status"], "passing");

    let waiting = cloud.items("outage").into_keys().filter(|(pk, _)| pk == "OUTBOX").count();
    assert_eq!(waiting, 0, "nothing waits");
}

#[test]
fn no_secret_reaches_the_table_or_a_message() {
    let cloud = Cloud::start();
    cloud.create_table("secrets");
    let file = config(&cloud, "secrets.toml", 1, "");
    let mut function = cloud.function("secrets", &file);
    // Tools whose errors say back what they were sent, and the others are told.
    let careless = json!({"status": 404, "times": null});
    let kinds = ["slack", "teams", "pagerduty", "opsgenie", "webhook"];
    let faults = kinds.map(|kind| (kind.to_owned(), careless.clone()));
    cloud.control("PUT", "/local/faults", &Value::Object(faults.into_iter().collect()));
    play(&cloud, &mut function, 0, &["FFF"; 9].join(" "));
    let items = cloud.items("secrets");
    let trail = items.values().filter(|item| item.to_string().contains("a fault that was asked for")).count();
    assert!(trail >= kinds.len(), "the answers are kept");
    for (key, item) in items {
        assert!(!item.to_string().contains(SECRET), "{key:?}: {item}");
    }
    let mails = cloud.inbox(0);
    assert!(mails.iter().any(|told| told["text"].as_str().is_some_and(|text| text.contains("asked for"))), "told");
    // A routing key belongs into PagerDuty's body; the others' secrets into no body at all.
    for message in cloud.inbox(0).iter().filter(|message| message["channel_type"] != "pagerduty") {
        let said = format!("{} {} {}", message["body"], message["text"], message["subject"]);
        assert!(!said.contains(SECRET), "{message}");
    }
}

#[test]
fn what_a_tool_refuses_does_not_hold_back_worse_news() {
    let cloud = Cloud::start();
    cloud.create_table("refused");
    let file = config(&cloud, "refused.toml", 1, "");
    let mut function = cloud.function("refused", &file);
    cloud.control("PUT", "/local/faults", &json!({"slack": {"status": 400, "times": 3}}));
    // Degraded first, which slack refuses; then down.
    play(&cloud, &mut function, 0, "DDD DDD DDD FFF FFF FFF FFF FFF FFF FFF FFF");
    let inbox = cloud.inbox(0);
    let slack: Vec<_> = inbox.iter().filter(|message| message["channel_type"] == "slack").collect();
    assert_eq!(slack.iter().filter(|message| message["answered"] == 400).count(), 3);
    let down = slack.iter().any(|told| told["answered"] == 200 && told["text"].as_str().unwrap().starts_with("DOWN"));
    assert!(down, "{slack:#?}");
}

#[test]
fn a_call_that_was_refused_is_made_a_minute_later() {
    let cloud = Cloud::start();
    cloud.create_table("call");
    let file = config(&cloud, "call.toml", 1, "");
    let mut function = cloud.function("call", &file);
    cloud.control("PUT", "/local/faults", &json!({"phone": {"status": 400, "times": 1}}));
    play(&cloud, &mut function, 0, "FFF FFF FFF");
    let inbox = cloud.inbox(0);
    let calls: Vec<_> =
        inbox.iter().filter(|told| told["channel_type"] == "phone").map(|told| &told["answered"]).collect();
    assert_eq!(calls, [400, 200]);
}

#[test]
fn nobody_is_called_about_the_end_of_what_they_were_not_called_about() {
    let cloud = Cloud::start();
    cloud.create_table("end");
    let file = config(&cloud, "end.toml", 1, "");
    let text = system::read_text(&file).unwrap();
    let file = written("end.toml", &text.replace("type = \"phone\"", "type = \"phone\"\nsend_recovery = true"));
    let mut function = cloud.function("end", &file);
    // Two outages within the number's rest: the second one's call is held back, and dropped with its end.
    let quiet = ["PPP"; 16].join(" ");
    play(&cloud, &mut function, 0, &format!("FFF PPP PPP FFF PPP PPP {quiet}"));
    let inbox = cloud.inbox(0);
    let calls: Vec<_> = inbox.iter().filter(|told| told["channel_type"] == "phone").collect();
    assert_eq!(calls.len(), 1, "{calls:#?}");
}

#[test]
fn a_tool_that_fails_holds_nobody_back_is_tried_again_and_is_told_over_the_others() {
    let cloud = Cloud::start();
    cloud.create_table("ailing");
    let file = config(&cloud, "ailing.toml", 1, "");
    let mut function = cloud.function("ailing", &file);
    cloud.control("PUT", "/local/faults", &json!({"slack": {"status": 503, "times": null}}));

    play(&cloud, &mut function, 0, "FFF FFF FFF FFF FFF FFF FFF FFF FFF");
    let inbox = cloud.inbox(0);
    let failed: Vec<_> = inbox.iter().filter(|message| message["channel_type"] == "slack").collect();
    assert!(failed.len() >= 3, "tried again: {failed:#?}");
    assert!(failed.iter().all(|message| message["answered"] == 503));
    let ids: BTreeSet<_> =
        failed.iter().map(|message| message["headers"]["x-xs2a-monitor-notification-id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "what comes later waits behind it: {ids:?}");
    let told = inbox.iter().find(|message| {
        message["channel_type"] == "email" && message["text"].as_str().is_some_and(|text| text.contains("slack"))
    });
    assert!(told.is_some(), "the others hear of it: {inbox:#?}");

    cloud.control("PUT", "/local/faults", &json!({}));
    play(&cloud, &mut function, 9, &["FFF"; 16].join(" "));
    let later = cloud.inbox(inbox.len() as u64);
    let sent = later.iter().filter(|message| message["channel_type"] == "slack" && message["answered"] == 200).count();
    assert!(sent >= 2, "it gets what waited, in order: {later:#?}");
    let well = later.iter().any(|message| {
        message["channel_type"] == "email" && message["attributes"]["event"]["Value"] == "monitor_error_recovery"
    });
    assert!(well, "its recovery is told: {later:#?}");
}

#[test]
fn a_webhook_can_check_who_sent() {
    use hmac::{Hmac, KeyInit, Mac};

    let cloud = Cloud::start();
    cloud.create_table("signed");
    let file = config(&cloud, "signed.toml", 1, "");
    let mut function = cloud.function("signed", &file);
    play(&cloud, &mut function, 0, "FFF");
    let inbox = cloud.inbox(0);
    let hook = inbox.iter().find(|message| message["channel_type"] == "webhook").unwrap();
    let (headers, text) = (&hook["headers"], hook["text"].as_str().unwrap());
    let timestamp = headers["x-xs2a-monitor-timestamp"].as_str().unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{timestamp}.{text}").as_bytes());
    let hex: Vec<String> = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(headers["x-xs2a-monitor-signature"], format!("v1={}", hex.concat()));
}
