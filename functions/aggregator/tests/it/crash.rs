//! Killed at any call, the aggregator loses no alert.
//!
//! A scenario is a list of events. It is played once undisturbed, then again
//! with kills: SIGKILL by the adapter in front of the local AWS, before it acts
//! on a call or after it has and before it answers. As Lambda would, the event
//! is then delivered again; leases run out meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::cloud::{Cloud, Function, Lost, REGIONS};
use crate::events::{config, result, tick};

const SCENARIOS: u64 = 200;
/// Scenarios that are played at the same time.
const LANES: u64 = 2;
/// Lambda repeats an asynchronous invocation twice (AWS Lambda Developer
/// Guide, Asynchronous invocation).
const MOST_KILLS_OF_AN_EVENT: u32 = 2;

#[test]
fn whoever_is_killed_at_any_call_loses_no_alert() {
    let lanes = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES).map(|lane| scope.spawn(move || play_lane(lane))).collect();
        lanes.into_iter().map(|lane| lane.join().unwrap()).collect::<Vec<_>>()
    });
    let mut counts = Counts::default();
    for lane in &lanes {
        counts.add(lane);
    }
    println!("{counts:#?}");
    assert_eq!(counts.scenarios, SCENARIOS);
    assert!(counts.kills > SCENARIOS, "too few kills");
    assert!(counts.repeats > 0 && counts.unknown_calls > 0, "the kills missed what matters");
}

/// Every so-manieth scenario, on a cloud of its own.
fn play_lane(lane: u64) -> Counts {
    let cloud = Cloud::start();
    let file = config(&cloud, &format!("crash-{lane}.toml"), 1, "");
    let mut counts = Counts::default();
    let mut undisturbed: BTreeMap<String, Played> = BTreeMap::new();
    for seed in (lane..SCENARIOS).step_by(usize::try_from(LANES).unwrap()) {
        let mut chance = Chance(seed);
        let scene = Scene::random(&mut chance);
        let name = format!("{scene:?}");
        let whole =
            undisturbed.entry(name).or_insert_with(|| scene.play(&cloud, &format!("whole-{seed}"), &file, None));
        let killed = scene.play(&cloud, &format!("killed-{seed}"), &file, Some((&mut chance, whole.calls)));
        compare(seed, &scene, whole, &killed);
        counts.note(whole, &killed);
    }
    counts
}

#[derive(Debug, Default)]
struct Counts {
    scenarios: u64,
    calls: u64,
    kills: u64,
    notifications: usize,
    repeats: usize,
    phone_calls: usize,
    unknown_calls: usize,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.scenarios += other.scenarios;
        self.calls += other.calls;
        self.kills += other.kills;
        self.notifications += other.notifications;
        self.repeats += other.repeats;
        self.phone_calls += other.phone_calls;
        self.unknown_calls += other.unknown_calls;
    }

    fn note(&mut self, whole: &Played, killed: &Played) {
        self.scenarios += 1;
        self.calls += whole.calls;
        self.kills += killed.kills;
        self.notifications += whole.told.len();
        self.repeats += killed.told.values().map(|times| times - 1).sum::<usize>();
        self.phone_calls += killed.calls_made();
        self.unknown_calls += killed.unknown_calls().len();
    }
}

/// Numbers that look random and are the same in every test run (the generator `SplitMix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

/// What happens to a target, minute by minute; three letters by minute, one a region.
#[derive(Debug)]
struct Scene {
    story: &'static str,
    /// A tool that fails at first, and how often.
    ailing: Option<(&'static str, u64)>,
}

const STORIES: [&str; 6] = [
    // An outage with a reminder, and its end.
    "PPP FFF FFF FFF FFF PPP PPP PPP",
    // Two of three, one after the other.
    "PPP FPP FFP FFP PFF PPF PPP PPP",
    // One region alone: partial.
    "PPP FPP FPP FPP FPP PPP PPP PPP",
    // Degraded, then failing, then degraded, then well.
    "DDD DDD DDD FFF FFF DDD DDD PPP",
    // The monitor's own fault.
    "PPP MPP MPP MPP PPP PPP PPP PPP",
    "PPP PPP PPP PPP PPP PPP PPP PPP",
];

impl Scene {
    fn random(chance: &mut Chance) -> Self {
        let story = STORIES[usize::try_from(chance.below(STORIES.len() as u64)).unwrap()];
        let tools = ["slack", "teams", "pagerduty", "opsgenie", "webhook", "sns", "phone"];
        // Half of the scenarios have no tool that fails.
        let ailing = tools.get(usize::try_from(chance.below(14)).unwrap());
        Self { story, ailing: ailing.map(|tool| (*tool, 1 + chance.below(2))) }
    }

    fn events(&self, cloud: &Cloud) -> Vec<Value> {
        let mut events = Vec::new();
        let mut minute = |minute: i64, letters: &str| {
            for (region, letter) in REGIONS.into_iter().zip(letters.chars()) {
                events.push(result(cloud, 0, region, minute, letter));
            }
            events.push(tick(minute + 1));
        };
        (0..).zip(self.story.split(' ')).for_each(|(number, letters)| minute(number, letters));
        // Long after: what was held back or put off has its turn.
        for number in [40, 41, 42] {
            minute(number, "PPP");
        }
        events
    }

    /// Plays it on a table of its own.
    fn play(&self, cloud: &Cloud, table: &str, file: &std::path::Path, kills: Option<(&mut Chance, u64)>) -> Played {
        cloud.create_table(table);
        let faults =
            self.ailing.map(|(tool, times)| (tool.to_owned(), json!({"status": status(tool), "times": times})));
        cloud.control("PUT", "/local/faults", &Value::Object(faults.into_iter().collect()));
        let before = cloud.inbox(0).last().map_or(0, |message| message["n"].as_u64().unwrap());
        let mut stage = Stage { cloud, table, file, function: cloud.function(table, file), kills: 0 };
        let calls = match kills {
            None => stage.run(self.events(cloud)),
            Some((chance, calls)) => stage.run_with_kills(self.events(cloud), chance, calls),
        };
        let inbox = cloud.inbox(before);
        Played { calls, kills: stage.kills, told: told(&inbox), items: cloud.items(table) }
    }
}

/// A call that may or may not have rung is not for a fault to decide: it is refused.
fn status(tool: &str) -> u16 {
    if tool == "phone" { 400 } else { 503 }
}

/// A table, and the process that works on it.
struct Stage<'a> {
    cloud: &'a Cloud,
    table: &'a str,
    file: &'a std::path::Path,
    function: Function,
    kills: u64,
}

impl Stage<'_> {
    /// Answers how many calls were made.
    fn run(&mut self, events: Vec<Value>) -> u64 {
        self.cloud.control("PUT", "/local/kill", &json!({}));
        for event in events {
            self.cloud.invoke(&mut self.function, &event).unwrap();
        }
        let calls = self.cloud.control("GET", "/local/calls", &Value::Null);
        calls["calls"].as_array().unwrap().len() as u64
    }

    fn run_with_kills(&mut self, events: Vec<Value>, chance: &mut Chance, calls: u64) -> u64 {
        self.arm(chance, calls);
        for event in events {
            let mut kills = 0;
            while let Err(lost) = self.cloud.invoke(&mut self.function, &event) {
                assert!(matches!(lost, Lost::Killed), "{event}: {lost:?}");
                kills += 1;
                self.kills += 1;
                self.function = self.cloud.function(self.table, self.file);
                self.cloud.end_leases(self.table);
                if kills < MOST_KILLS_OF_AN_EVENT { self.arm(chance, calls) } else { self.disarm() }
            }
            if kills == MOST_KILLS_OF_AN_EVENT {
                self.arm(chance, calls);
            }
        }
        self.disarm();
        calls
    }

    /// About four kills in a scenario.
    fn arm(&self, chance: &mut Chance, calls: u64) {
        let call = 1 + chance.below((calls / 3).max(1));
        let when = if chance.below(2) == 0 { "before" } else { "after" };
        self.cloud.control("PUT", "/local/kill", &json!({"pid": self.function.pid(), "call": call, "when": when}));
    }

    fn disarm(&self) {
        self.cloud.control("PUT", "/local/kill", &json!({}));
    }
}

/// What came of a scenario.
struct Played {
    calls: u64,
    kills: u64,
    /// How often each notification arrived, by id.
    told: BTreeMap<String, usize>,
    items: BTreeMap<(String, String), Value>,
}

/// Of what people and tools received: the notifications' ids. A phone only has
/// the words, which name the target and the minute.
fn told(inbox: &[Value]) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    for message in inbox {
        let attributes = &message["attributes"]["notification_id"]["Value"];
        let headers = &message["headers"]["x-xs2a-monitor-notification-id"];
        let kind = message["channel_type"].as_str().unwrap();
        let id = match kind {
            "phone" => format!("phone: {}", message["text"].as_str().unwrap()),
            "email" | "sms" => format!("{kind}: {}", attributes.as_str().unwrap_or_else(|| panic!("{message}"))),
            _ => headers.as_str().unwrap_or_else(|| panic!("{message}")).to_owned(),
        };
        if message["answered"].as_u64().is_none_or(|status| status < 300) {
            *told.entry(id).or_default() += 1;
        }
    }
    told
}

impl Played {
    fn calls_made(&self) -> usize {
        self.told.keys().filter(|id| id.starts_with("phone")).count()
    }

    /// The calls of which nobody knows whether they rang.
    fn unknown_calls(&self) -> BTreeSet<String> {
        let unknown = |item: &&Value| item["status"]["S"] == "unknown";
        let ids = self.items.iter().filter(|(_, item)| unknown(item)).map(|((_, id), _)| id.clone());
        ids.collect()
    }

    /// The state but for when something was tried: that is what a kill changes.
    fn state(&self) -> BTreeMap<(String, String), Value> {
        let mut items = self.items.clone();
        items.retain(|(pk, _), _| pk != "PHONE#+31201234567");
        for item in items.values_mut() {
            if let Some(fields) = item.as_object_mut() {
                for name in ["attempts", "version"] {
                    fields.remove(name);
                }
            }
        }
        items
    }
}

fn compare(seed: u64, scene: &Scene, whole: &Played, killed: &Played) {
    let place = format!("scenario {seed}: {scene:?}");
    let unknown = killed.unknown_calls();
    for id in whole.told.keys() {
        let arrived = killed.told.contains_key(id);
        let lost_call = id.starts_with("phone") && !unknown.is_empty();
        assert!(arrived || lost_call, "{place}: lost {id}");
    }
    for (id, times) in &killed.told {
        assert!(!id.starts_with("phone") || *times == 1, "{place}: {times} calls: {id}");
        let about_a_call = !unknown.is_empty() && id.contains(".monitor_error.");
        assert!(whole.told.contains_key(id) || about_a_call, "{place}: invented {id}");
    }
    if !unknown.is_empty() {
        let elsewhere = killed.told.keys().filter(|id| id.contains(".monitor_error.")).count();
        assert!(elsewhere >= unknown.len(), "{place}: an unknown call was not told elsewhere");
    }
    let (mut left, mut right) = (whole.state(), killed.state());
    // What an unknown call leaves behind: its own mark, and what was told elsewhere.
    if !unknown.is_empty() {
        let told_elsewhere = |(pk, id): &(String, String)| pk.starts_with("TRAIL#") && id.contains(".monitor_error.");
        right.retain(|key, _| !told_elsewhere(key) || left.contains_key(key));
        // Of a channel that may or may not work nothing is noted.
        left.retain(|(pk, _), _| pk != "CHANNEL#phone");
        right.retain(|(pk, _), _| pk != "CHANNEL#phone");
    }
    for id in &unknown {
        left.retain(|(_, sk), _| sk != id);
        right.retain(|(_, sk), _| sk != id);
    }
    for (key, item) in &left {
        assert_eq!(right.get(key), Some(item), "{place}: {key:?} differs");
    }
    let regions = left.keys().filter(|(pk, _)| pk.starts_with("HISTORY#")).count();
    assert_eq!(regions, REGIONS.len(), "{place}: the history is not among the items");
    let extra: Vec<_> = right.keys().filter(|key| !left.contains_key(*key)).collect();
    assert!(extra.is_empty(), "{place}: {extra:?} should not be there");
}
