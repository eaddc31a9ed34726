//! What concerns no single target: whole regions, channels, and which targets
//! there are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::names::{Region, TargetId};
use serde::{Deserialize, Serialize};

use crate::ailment::Ailment;
use crate::describe;
use crate::incident::{Incident, Incidents};
use crate::mute::{Control, Mute, is_quiet};
use crate::no_data::Silence;
use crate::phone::Standing;
use crate::policy::Policy;
use crate::telling::Telling;
use crate::{Decision, Disposition};

/// What is remembered beside the targets: one item of the state table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetState {
    /// When a region was deployed.
    pub deployed: BTreeMap<Region, Timestamp>,
    /// Since when the alarm of a region's missing runs fires.
    pub alarms: BTreeMap<Region, Timestamp>,
    /// The targets that a tick has seen in the configuration, until they are retired.
    #[serde(default)]
    pub targets: BTreeSet<TargetId>,
    /// The incidents of whole regions and of channels.
    pub incidents: Incidents,
    /// Silence that a person asked for.
    pub mute: Option<Mute>,
}

/// Something that concerns no single target.
#[derive(Clone, Debug)]
pub enum FleetEvent {
    /// A region's stack was deployed: its runs are due from now on.
    Deployed(Region),
    /// The alarm of a region's missing runs changed.
    Alarm {
        /// The region.
        region: Region,
        /// Whether it fires.
        firing: bool,
    },
    /// A minute went by.
    Tick {
        /// The regions from which nothing comes.
        silence: Silence,
        /// The channels that fail, by their id or [`ALERT_TOPIC`](model::names::ChannelId::ALERT_TOPIC).
        /// Each counts from [`CHANNEL_FAILURES`](crate::CHANNEL_FAILURES) failed tries on.
        ailing: BTreeMap<String, Ailment>,
    },
    /// A target that is no longer configured was [retired](crate::retire).
    Retired(TargetId),
    /// A person asks for something.
    Control(Control),
}

/// Decides what follows from an event that concerns no single target. A pure
/// function, as [`decide`](crate::decide).
#[must_use]
pub fn decide_fleet(policy: &Policy, state: &FleetState, event: &FleetEvent, now: Timestamp) -> Decision<FleetState> {
    let before = &state.incidents;
    let mut state = state.clone();
    let mut telling = Telling::new(policy, now, is_quiet(policy, None, state.mute.as_ref(), now));
    let disposition = match event {
        FleetEvent::Deployed(region) => state.note_deployed(policy, region, now),
        FleetEvent::Alarm { region, firing } => state.note_alarm(policy, region, *firing, now),
        FleetEvent::Tick { silence, ailing } => {
            state.targets.extend(policy.targets.iter().map(|target| target.id.clone()));
            state.note_silence(policy, silence, now);
            state.note_ailing(policy, ailing, now);
            Disposition::Taken
        }
        FleetEvent::Retired(target) => state.forget(policy, target),
        FleetEvent::Control(control) => state.take_control(control, &mut telling),
    };
    if matches!(event, FleetEvent::Control(_)) {
        // As with a target's: the next event of the aggregator tells what follows.
        let (notifications, ended) = telling.into_told(before);
        return Decision { state, notifications, disposition, ended };
    }
    let describe = |incident: &Incident, event| describe::of_fleet(incident, event, now);
    telling.settle(&mut state.incidents, &describe);
    let (notifications, ended) = telling.into_told(before);
    Decision { state, notifications, disposition, ended }
}

impl FleetState {
    /// How the incident with this key stands, for a call that was held back.
    #[must_use]
    pub fn standing(&self, policy: &Policy, key: &str, now: Timestamp) -> Standing {
        Standing::of(&self.incidents, key, is_quiet(policy, None, self.mute.as_ref(), now))
    }

    fn note_deployed(&mut self, policy: &Policy, region: &Region, now: Timestamp) -> Disposition {
        if !policy.regions.contains(region) {
            return Disposition::UnknownRegion;
        }
        self.deployed.insert(region.clone(), now);
        Disposition::Taken
    }

    fn forget(&mut self, policy: &Policy, target: &TargetId) -> Disposition {
        let known = self.targets.contains(target);
        if policy.target(target).is_none() {
            self.targets.remove(target);
        }
        if known { Disposition::Taken } else { Disposition::UnknownTarget }
    }

    fn take_control(&mut self, control: &Control, telling: &mut Telling<'_>) -> Disposition {
        match control {
            Control::Acknowledge { incident_key } => {
                let known = self.incidents.open.values_mut().find(|incident| incident.key == *incident_key);
                let Some(incident) = known else { return Disposition::UnknownIncident };
                let now = telling.now;
                telling.acknowledge(incident, &|incident, event| describe::of_fleet(incident, event, now));
            }
            Control::Mute(mute) => self.mute = Some(mute.clone()),
            Control::Unmute => self.mute = None,
        }
        Disposition::Taken
    }
}
