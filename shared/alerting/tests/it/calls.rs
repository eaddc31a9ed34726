//! Phone calls: what is spoken, the end too where it is wanted, and calls that
//! nobody knows of whether they rang.

use alerting::payload::{Message, pagerduty};
use alerting::text::{Links, Texts};
use alerting::{AlertEvent, Notification, call_unknown, test_notifications};

use crate::world::{World, at, channel, email, phone, policy, slack};

fn world(send_recovery: bool) -> World {
    let mut policy = policy(3);
    let phones = policy.channels.iter_mut().filter(|channel| channel.id.as_str() == "phone");
    phones.for_each(|phone| phone.send_recovery = send_recovery);
    World::new(policy)
}

fn call(world: &World, event: AlertEvent) -> Notification {
    world.told.iter().rfind(|told| told.channel == "phone" && told.event == event).unwrap().clone()
}

fn texts(told: &Notification) -> Texts {
    Texts::of(&told.notice, &Links::default())
}

#[test]
fn a_phone_tells_the_end_only_where_that_is_wanted_and_only_of_what_it_rang_for() {
    let day = "FFF PPP PPP DDD DDD DDD PPP PPP MMM PPP PPP ... ... ... ... PPP";
    let mut world = world(true);
    world.play(day);
    let silent = ["no_data", "no_data_recovery"].map(|event| [event; 3]).concat();
    let story: Vec<_> = world.on("phone").iter().map(|told| told.split('@').next().unwrap().to_owned()).collect();
    assert_eq!(story, [vec!["failure", "recovery"], silent].concat());
    let mut other = self::world(false);
    other.play(day);
    assert_eq!(other.on("phone").iter().filter(|told| told.contains("recovery")).count(), 0);
}

#[test]
fn a_voice_says_that_it_is_over_and_how_long_it_was() {
    let mut world = world(true);
    world.play("FFF FFF FFF PPP PPP");
    let recovery = call(&world, AlertEvent::Recovery);
    assert_eq!(
        texts(&recovery).spoken,
        "This is the open banking monitor. The bank is up again, after 4 minutes. \
         I repeat. The bank is up again, after 4 minutes."
    );
    world.play("... ... ... ... PPP");
    let again = call(&world, AlertEvent::NoDataRecovery);
    assert!(texts(&again).spoken.contains("Region us west 1 reports again."), "{}", texts(&again).spoken);
}

#[test]
fn a_voice_says_what_is_still_wrong() {
    let mut world = world(true);
    world.play("FFF DDD DDD");
    let spoken = texts(&call(&world, AlertEvent::Recovery)).spoken;
    assert!(spoken.contains("The bank is up again, after 2 minutes, but not well yet."), "{spoken}");
    assert_eq!(world.on("phone"), ["failure@0", "recovery@2"], "nobody is called for what is only degraded");
}

#[test]
fn a_call_that_may_not_have_rung_is_told_over_the_other_channels_under_its_incident() {
    let mut world = world(false);
    world.policy.channels.push(channel("phone-2", phone().kind));
    world.play("FFF");
    let call = call(&world, AlertEvent::Failure);
    let told = call_unknown(&world.policy, &call, at(2));
    let ids: Vec<_> = told.iter().map(|told| told.notification_id.as_str()).collect();
    assert_eq!(
        ids,
        ["alert-topic", "slack", "pagerduty"].map(|id| format!("{}.monitor_error.1.{id}", call.incident_key))
    );
    assert!(told.iter().all(|told| told.ordinal == call.ordinal && told.event == AlertEvent::MonitorError));
    assert_eq!(told[0].subscribers, [email().id]);
    let first: std::collections::BTreeSet<_> = world.told.iter().map(|told| &told.notification_id).collect();
    assert!(told.iter().all(|told| !first.contains(&told.notification_id)));
    assert_eq!(told, call_unknown(&world.policy, &call, at(2)));

    let texts = texts(&told[0]);
    assert_eq!(
        texts.sms,
        "CALL UNCERTAIN bank: phone may not have rung: DOWN, step 4 encrypted_responses, http_status, HTTP 503, 3 of 3 \
         regions"
            .replace("3 of 3", "2 of 3")
    );
    for needed in
        ["The call over phone may not have rung", "It was to say: The bank is down.", "HTTP 503", "phone knows"]
    {
        assert!(texts.email.contains(needed), "{needed}\nis not in\n{}", texts.email);
    }
    let message = Message { notice: &told[2].notice, texts: &texts, links: &Links::default() };
    let body = pagerduty(&message, "key");
    assert_eq!((&body["event_action"], &body["dedup_key"]), (&"trigger".into(), &call.incident_key.as_str().into()));
    assert_eq!(body["payload"]["severity"], "critical", "the alert does not become less");
}

#[test]
fn a_call_that_was_to_tell_the_end_opens_nothing_anew() {
    let mut world = world(true);
    world.play("FFF PPP PPP");
    let call = call(&world, AlertEvent::Recovery);
    let told = call_unknown(&world.policy, &call, at(4));
    let channels: Vec<_> = told.iter().map(|told| told.channel.as_str()).collect();
    assert_eq!(channels, ["alert-topic", "slack"]);
    assert!(texts(&told[0]).email.contains("It was to say: The bank is up again after 2 min."));
}

#[test]
fn a_test_call_that_may_not_have_rung_is_told_to_who_wants_failures() {
    let mut policy = policy(3);
    policy.channels = vec![email(), slack(), phone()];
    policy.channels[1].send_failure = false;
    let call = test_notifications(&policy, at(0)).into_iter().find(|told| told.channel == "phone").unwrap();
    let told = call_unknown(&policy, &call, at(1));
    assert_eq!(told.iter().map(|told| told.channel.as_str()).collect::<Vec<_>>(), ["alert-topic"]);
    assert_eq!(texts(&told[0]).sms, "CALL UNCERTAIN all: phone may not have rung: TEST, nothing is wrong");
}
