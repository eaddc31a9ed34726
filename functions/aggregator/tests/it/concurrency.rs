//! Sixteen invocations at once come to what one after the other comes to.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;

use crate::cloud::{Cloud, Function, REGIONS};
use crate::events::{config, result, tick};

const TARGETS: usize = 100;
const AT_ONCE: usize = 16;

#[test]
fn sixteen_invocations_at_once_come_to_the_serial_state() {
    let cloud = Cloud::start();
    let file = config(&cloud, "concurrency.toml", TARGETS, "");
    // A second minute: who took part in the first is known when it is over.
    let of_minute = |minute: i64| -> Vec<Value> {
        let of_target = |target| REGIONS.map(|region| result(&cloud, target, region, minute, 'F'));
        (0..TARGETS).flat_map(of_target).collect()
    };
    let events = [of_minute(0), of_minute(1)];

    let (serial, serial_told) = play(&cloud, "serial", &file, &events, 1);
    let (parallel, parallel_told) = play(&cloud, "parallel", &file, &events, AT_ONCE);

    assert_eq!(serial_told, parallel_told);
    assert!(parallel_told.values().all(|times| *times == 1), "{parallel_told:?}");
    let failures = parallel_told.keys().filter(|id| id.ends_with(".failure.1.webhook")).count();
    assert_eq!(failures, TARGETS);
    // One number rings once in 15 minutes: for whom is chance, that the others wait is not.
    let (serial, serial_calls) = without_calls(serial);
    let (parallel, parallel_calls) = without_calls(parallel);
    assert_eq!((serial_calls, parallel_calls), (TARGETS, TARGETS));
    assert_eq!(serial.keys().collect::<Vec<_>>(), parallel.keys().collect::<Vec<_>>());
    for (key, item) in &serial {
        assert_eq!(parallel[key], *item, "{key:?}");
    }
}

fn without_calls(mut items: Items) -> (Items, usize) {
    let before = items.len();
    items.retain(|(_, sk), _| sk.rsplit('.').next() != Some("phone"));
    let calls = before - items.len();
    (items, calls)
}

type Items = BTreeMap<(String, String), Value>;

fn play(
    cloud: &Cloud,
    table: &str,
    file: &std::path::Path,
    minutes: &[Vec<Value>],
    at_once: usize,
) -> (Items, BTreeMap<String, usize>) {
    cloud.create_table(table);
    let before = cloud.inbox(0).last().map_or(0, |message| message["n"].as_u64().unwrap());
    let functions: Vec<Function> = (0..at_once).map(|_| cloud.function(table, file)).collect();
    for (events, minute) in minutes.iter().zip(1..) {
        let waiting = Mutex::new(events.iter());
        std::thread::scope(|scope| {
            for _ in 0..at_once {
                scope.spawn(|| {
                    while let Some(event) = next(&waiting) {
                        answered(cloud, event);
                    }
                });
            }
        });
        answered(cloud, &tick(minute));
    }
    drop(functions);
    let mut items = cloud.items(table);
    for item in items.values_mut() {
        // How often it was written, and in which order things were tried, is chance.
        let fields = item.as_object_mut().unwrap();
        fields.remove("version");
        fields.remove("attempts");
    }
    (items, told(&cloud.inbox(before)))
}

fn answered(cloud: &Cloud, event: &Value) {
    let (_stream, answers) = cloud.begin(event);
    let reply = answers.recv_timeout(Duration::from_mins(2)).expect("no answer");
    assert_eq!(reply.status, 200, "{}", reply.json());
}

fn next<'a>(waiting: &Mutex<std::slice::Iter<'a, Value>>) -> Option<&'a Value> {
    waiting.lock().unwrap().next()
}

fn told(inbox: &[Value]) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    for message in inbox {
        let header = message["headers"]["x-xs2a-monitor-notification-id"].as_str();
        let attribute = message["attributes"]["notification_id"]["Value"].as_str();
        let kind = message["channel_type"].as_str().unwrap();
        let id = header.map(str::to_owned).or_else(|| Some(format!("{kind} {}", attribute?)));
        let id = id.unwrap_or_else(|| kind.to_owned());
        *told.entry(id).or_default() += 1;
    }
    told
}
