//! Channels that fail are told over the others.

use alerting::text::{Links, Texts};
use alerting::{Ailment, AlertEvent, CHANNEL_FAILURES, Control, Mute, Notification, Severity};

use crate::world::{World, at, policy};

fn ailment(failures: u32) -> Ailment {
    Ailment { since: at(1), failures, answer: "HTTP 403: invalid_token".to_owned() }
}

fn world() -> World {
    let mut world = World::new(policy(3));
    world.play("PPP PPP");
    world
}

impl World {
    fn ails(&mut self, channel: &str, failures: u32) -> &mut Self {
        self.ailing.insert(channel.to_owned(), ailment(failures));
        self
    }
}

fn first(world: &World, event: AlertEvent) -> &Notification {
    world.told.iter().find(|told| told.event == event).unwrap()
}

#[test]
fn a_channel_that_fails_again_and_again_is_told_once_over_the_others_and_not_by_phone() {
    let mut world = world();
    world.ails("slack", CHANNEL_FAILURES - 1).play("PPP");
    assert!(world.told.is_empty(), "a channel may stumble");
    world.ails("slack", CHANNEL_FAILURES).play("PPP PPP PPP");
    world.ails("slack", 9).play("PPP");
    let story = ["monitor_error@4"];
    for channel in ["email", "pagerduty", "alert-topic"] {
        assert_eq!(world.on(channel), story, "{channel}");
    }
    assert!(world.on("slack").is_empty() && world.on("phone").is_empty());
    let told = first(&world, AlertEvent::MonitorError);
    assert_eq!(told.incident_key, "all.channel.slack.20261125T1004Z");
    assert_eq!((told.notice.target.as_str(), told.notice.severity), ("all", Severity::Warning));
}

#[test]
fn that_it_works_again_is_told_to_who_was_told_that_it_failed() {
    let mut world = world();
    world.ails("slack", 3).play("PPP");
    // A channel whose failures are counted anew still fails.
    world.ails("slack", 1).play("PPP");
    world.ailing.clear();
    world.play("PPP PPP");
    for channel in ["email", "pagerduty", "alert-topic"] {
        assert_eq!(world.on(channel), ["monitor_error@3", "monitor_error_recovery@5"], "{channel}");
    }
    assert!(world.on("slack").is_empty() && world.on("phone").is_empty());
    assert!(world.fleet.incidents.open.is_empty() && world.fleet.incidents.ended.is_empty());
}

#[test]
fn the_alert_topics_failure_goes_to_the_direct_channels_alone() {
    let mut world = world();
    world.ails("alert-topic", 3).play("PPP");
    world.ailing.clear();
    world.play("PPP");
    for channel in ["slack", "pagerduty"] {
        assert_eq!(world.on(channel), ["monitor_error@3", "monitor_error_recovery@4"], "{channel}");
    }
    for channel in ["alert-topic", "email", "phone"] {
        assert!(world.on(channel).is_empty(), "{channel}");
    }
}

#[test]
fn several_failing_channels_are_an_incident_each() {
    let mut world = world();
    world.ails("slack", 3).ails("pagerduty", 4).play("PPP");
    assert_eq!(world.topic(), ["monitor_error@3", "monitor_error@3"]);
    assert_eq!(world.on("slack"), ["monitor_error@3"], "of the other one");
    world.ailing.remove("slack");
    world.play("PPP");
    assert_eq!(world.topic().len(), 3);
    let over = first(&world, AlertEvent::MonitorErrorRecovery);
    assert_eq!(over.notice.channel.as_ref().unwrap().id, "slack");
}

#[test]
fn a_channel_that_is_taken_out_fails_no_more_and_one_that_is_none_never_did() {
    let mut world = world();
    world.ails("slack", 3).ails("nobody", 3).ails("email", 3).play("PPP");
    assert_eq!(world.topic(), ["monitor_error@3"], "subscriptions fail behind the topic");
    world.policy.channels.retain(|channel| channel.id.as_str() != "slack");
    world.play("PPP PPP");
    assert_eq!(world.topic(), ["monitor_error@3", "monitor_error_recovery@4"]);
    let texts = Texts::of(&first(&world, AlertEvent::MonitorErrorRecovery).notice, &Links::default());
    assert_eq!(texts.subject, "CHANNEL REMOVED all: channel slack is no longer configured");
}

#[test]
fn while_all_is_muted_a_failing_channel_is_not_told() {
    let mut world = world();
    let mute = Mute { until: at(5), reason: "works".to_owned() };
    world.fleet_event(&alerting::FleetEvent::Control(Control::Mute(mute)), at(2));
    world.ails("slack", 3).play("PPP PPP");
    assert!(world.told.is_empty());
    world.play("PPP");
    assert_eq!(world.topic(), ["monitor_error@5"]);
}

#[test]
fn the_text_says_which_channel_how_often_since_when_and_what_it_answered() {
    let mut world = world();
    world.ails("slack", 3);
    let long = format!("HTTP 500:\r\nsee https://evil.example {}", "x".repeat(5_000));
    world.ailing.get_mut("slack").unwrap().answer = long;
    world.play("PPP");
    let texts = Texts::of(&first(&world, AlertEvent::MonitorError).notice, &Links::default());
    assert_eq!(texts.sms, "CHANNEL FAILS all: slack failed 3 times in a row, alerts wait for it");
    for needed in ["Channel slack failed 3 times in a row since 2026-11-25 10:01 UTC", "alerts wait", "HTTP 500:  see"]
    {
        assert!(texts.email.contains(needed), "{needed}\nis not in\n{}", texts.email);
    }
    assert!(texts.email.len() < 800, "the answer is cut");
    assert!(serde_json::to_string(&world.fleet).unwrap().len() < 2_500, "in the state, too");
}
