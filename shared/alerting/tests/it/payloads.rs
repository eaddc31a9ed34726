//! The bodies for the tools, against the shapes that their documentation gives.

use alerting::payload::{Message, opsgenie, pagerduty, slack, teams, webhook};
use alerting::text::{Links, Texts};
use alerting::{AlertEvent, Notification, test_notifications};
use proptest::prelude::*;
use serde_json::Value;

use crate::world::{World, at, policy};

fn story() -> World {
    let mut world = World::new(policy(3));
    world.policy.targets[0].runbook_url = Some("https://wiki.example.com/a?b=1&c=2".parse().unwrap());
    world.play("DDD DDD DDD FFF FFF").play("MMM");
    world.acknowledge();
    world.play(&"FFF ".repeat(12)).play("PPP PPP PPP ... ... ... ... ... PPP");
    world
}

fn links() -> Links {
    Links { report: Some("https://reports.example.com/1".parse().unwrap()), ..Links::default() }
}

fn with<T>(told: &Notification, use_it: impl Fn(&Message<'_>) -> T) -> T {
    let links = links();
    let texts = Texts::of(&told.notice, &links);
    use_it(&Message { notice: &told.notice, texts: &texts, links: &links })
}

fn valid(schema: &str, body: &Value) -> Result<(), String> {
    let schema = serde_json::from_str(schema).unwrap();
    jsonschema::validate(&schema, body).map_err(|error| format!("{error}\n{body:#}"))
}

#[test]
fn every_notification_has_a_valid_body_for_every_tool() {
    let mut told = story().told;
    told.extend(test_notifications(&policy(3), at(0)));
    assert!(told.iter().map(|told| told.event).collect::<std::collections::BTreeSet<_>>().len() >= 9);
    for told in &told {
        assert_eq!(
            valid(include_str!("schemas/pagerduty.json"), &with(told, |m| pagerduty(m, &"k".repeat(32)))),
            Ok(())
        );
        assert_eq!(valid(include_str!("schemas/slack.json"), &with(told, slack)), Ok(()));
        assert_eq!(valid(include_str!("schemas/teams.json"), &with(told, teams)), Ok(()));
        let base = "https://api.opsgenie.com/v2/alerts".parse().unwrap();
        let call = with(told, |message| opsgenie(message, &base));
        let schema = match call.url.query() {
            None => include_str!("schemas/opsgenie-create.json"),
            Some(_) => include_str!("schemas/opsgenie-action.json"),
        };
        assert_eq!(valid(schema, &call.body), Ok(()));
    }
}

#[test]
fn an_incident_of_a_tool_opens_is_taken_and_closes_under_one_key() {
    let world = story();
    let base = "https://api.opsgenie.com/v2/alerts".parse().unwrap();
    let of_outage = world.told.iter().filter(|told| told.channel == "pagerduty");
    let of_outage: Vec<_> = of_outage.filter(|told| told.incident_key.contains("availability")).collect();
    let actions: Vec<_> = of_outage.iter().map(|told| with(told, |message| pagerduty(message, "key"))).collect();
    let words: Vec<_> = actions.iter().map(|action| action["event_action"].as_str().unwrap()).collect();
    assert_eq!(words, ["trigger", "trigger", "acknowledge", "resolve"]);
    assert!(actions.iter().all(|action| action["dedup_key"] == actions[0]["dedup_key"]));
    let urls: Vec<_> =
        of_outage.iter().map(|told| with(told, |message| opsgenie(message, &base)).url.to_string()).collect();
    let key = &of_outage[0].incident_key;
    assert_eq!(urls[0], "https://api.opsgenie.com/v2/alerts");
    assert_eq!(urls[2], format!("https://api.opsgenie.com/v2/alerts/{key}/acknowledge?identifierType=alias"));
    assert_eq!(urls[3], format!("https://api.opsgenie.com/v2/alerts/{key}/close?identifierType=alias"));
}

#[test]
fn slack_does_not_take_a_name_for_a_mention() {
    let mut world = World::new(policy(3));
    world.policy.targets[0].name = "<!channel> & `friends`".to_owned();
    world.play("FFF");
    let body = with(&world.told[0], slack).to_string();
    assert!(!body.contains("<!channel>") && body.contains("&lt;!channel&gt; &amp; 'friends'"), "{body}");
}

#[test]
fn a_webhook_is_signed_over_time_and_body() {
    let mut world = World::new(policy(3));
    world.play("FFF");
    let told = &world.told[0];
    assert_eq!(told.event, AlertEvent::Failure);
    let sign = |key: &str, minute| with(told, |message| webhook(message, key.as_bytes(), at(minute)));
    let signed = sign("key", 1);
    assert_eq!(signed.timestamp, at(1).as_second().to_string());
    assert!(signed.signature.starts_with("v1=") && signed.signature.len() == 3 + 64);
    assert_eq!(signed, sign("key", 1));
    assert_ne!(signed.signature, sign("other", 1).signature);
    assert_ne!(signed.signature, sign("key", 2).signature);
    assert_eq!(serde_json::from_str::<Value>(&signed.body).unwrap()["event"], "failure");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn no_name_breaks_a_shape(name in "\\PC{0,4000}", tags in prop::collection::vec("\\PC{0,80}", 0..30)) {
        let mut world = World::new(policy(1));
        world.policy.targets[0].name = name;
        world.policy.targets[0].tags = tags;
        world.play("F");
        let told = &world.told[0];
        let base = "https://api.opsgenie.com/v2/alerts".parse().unwrap();
        prop_assert_eq!(valid(include_str!("schemas/slack.json"), &with(told, slack)), Ok(()));
        prop_assert_eq!(valid(include_str!("schemas/teams.json"), &with(told, teams)), Ok(()));
        let body = with(told, |message| opsgenie(message, &base)).body;
        prop_assert_eq!(valid(include_str!("schemas/opsgenie-create.json"), &body), Ok(()));
        prop_assert!(with(told, teams).to_string().len() < 28_000);
    }
}

#[test]
fn a_signed_link_reaches_every_room_whole() {
    let long =
        format!("https://reports-1.s3.us-east-1.amazonaws.com/a.html?X-Amz-Security-Token={}", "a%2F".repeat(500));
    let told = story().told.into_iter().find(|told| told.event == AlertEvent::Failure).unwrap();
    let links = Links { report: Some(long.parse().unwrap()), report_hours: Some(12), ..Links::default() };
    let texts = Texts::of(&told.notice, &links);
    let message = Message { notice: &told.notice, texts: &texts, links: &links };
    let link = format!("<{long}|Report>");
    let blocks = slack(&message)["blocks"].as_array().unwrap().clone();
    assert!(blocks.iter().any(|block| block["text"]["text"] == *link), "{blocks:#?}");
    assert_eq!(valid(include_str!("schemas/slack.json"), &slack(&message)), Ok(()));
    assert!(teams(&message).to_string().contains(&format!("\"url\":\"{long}\"")));
    assert!(pagerduty(&message, "key").to_string().contains(&format!("\"href\":\"{long}\"")));
}
