//! What a tool that keeps incidents of its own has open, through mutes and
//! acknowledgements: the same as is open here.

use std::collections::BTreeSet;

use alerting::{AlertEvent, Control, FleetEvent, Mute};
use proptest::prelude::*;

use crate::world::{World, at, at_second, policy};

#[derive(Clone, Debug)]
enum Act {
    Play(String),
    Mute(i64),
    Unmute,
    Acknowledge,
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => "[PPFDM.]{3}".prop_map(Act::Play),
        3 => prop::sample::select(vec!["FFF", "DDD", "PPP", "..."]).prop_map(|runs| Act::Play(format!("{runs} {runs} {runs}"))),
        2 => (1_i64..8).prop_map(Act::Mute),
        1 => Just(Act::Unmute),
        1 => Just(Act::Acknowledge),
    ]
}

fn control(world: &mut World, control: Control) {
    let now = at_second(world.minute * 60 + 1);
    world.fleet_event(&FleetEvent::Control(control.clone()), now);
    world.control(control);
    // A wish holds from the next event on.
    world.tick(world.minute);
}

/// What the tool would show, from all that it was told.
fn open_at_the_tool(world: &World) -> BTreeSet<&str> {
    let mut open = BTreeSet::new();
    for told in world.told.iter().filter(|told| told.channel == "pagerduty") {
        match told.event {
            AlertEvent::Acknowledgement => {}
            event if event.closes() => drop(open.remove(told.incident_key.as_str())),
            _ => drop(open.insert(told.incident_key.as_str())),
        }
    }
    open
}

fn open_here(world: &World) -> BTreeSet<&str> {
    let all = world.state.incidents.open.values().chain(world.fleet.incidents.open.values());
    all.map(|incident| incident.key.as_str()).collect()
}

fn is_muted(world: &World) -> bool {
    world.state.mute.as_ref().is_some_and(|mute| at(world.minute) < mute.until)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_tool_shows_what_is_open(acts in prop::collection::vec(any_act(), 1..40)) {
        let mut world = World::new(policy(3));
        for act in acts {
            let (muted, before) = (is_muted(&world), world.told.len());
            match act {
                Act::Play(runs) => drop(world.play(&runs)),
                Act::Mute(minutes) => {
                    let until = at(world.minute + minutes);
                    control(&mut world, Control::Mute(Mute { until, reason: "works".to_owned() }));
                }
                Act::Unmute => control(&mut world, Control::Unmute),
                Act::Acknowledge if world.state.incidents.open.is_empty() => {}
                Act::Acknowledge => drop(world.acknowledge()),
            }
            if is_muted(&world) {
                prop_assert!(open_at_the_tool(&world).is_subset(&open_here(&world)));
                let heard = world.told[before..].iter().filter(|told| told.channel != "pagerduty").count();
                prop_assert!(!muted || heard == 0, "people hear nothing while it is muted");
            } else {
                prop_assert_eq!(open_at_the_tool(&world), open_here(&world));
                prop_assert!(world.state.incidents.ended.is_empty() && world.fleet.incidents.ended.is_empty());
                let stages = world.state.incidents.open.values().map(|incident| (incident.told, Some(incident.stage)));
                prop_assert!(stages.into_iter().all(|(told, stage)| told == stage));
            }
        }
    }
}
