//! Targets that were taken out of the configuration.

use jiff::Timestamp;
use model::names::TargetId;

use crate::certificate::{self, Owner};
use crate::fleet::FleetState;
use crate::incident::{Incident, Slot};
use crate::policy::{Monitored, Policy};
use crate::target::TargetState;
use crate::telling::Telling;
use crate::{Decision, Disposition, describe};

/// The targets that were monitored and are no longer configured; each is to be
/// [retired](retire), then the fleet told so.
#[must_use]
pub fn removed_targets(policy: &Policy, fleet: &FleetState) -> Vec<TargetId> {
    fleet.targets.iter().filter(|target| policy.target(target).is_none()).cloned().collect()
}

/// Ends everything that is open about a target that is no longer configured.
/// People took it out, so none is told; the tools that keep incidents of their
/// own close theirs. Its results are forgotten, so that it starts anew should
/// it come back; a mute stays. A target that is configured is left as it is.
#[must_use]
pub fn retire(policy: &Policy, state: &TargetState, now: Timestamp) -> Decision<TargetState> {
    if policy.target(&state.target).is_some() {
        return Decision::unchanged(state, Disposition::Taken);
    }
    let target = no_longer_monitored(&state.target);
    let (mut incidents, mut certificates) = (state.incidents.clone(), state.certificates.clone());
    let open: Vec<Slot> = incidents.open.keys().cloned().collect();
    for slot in open {
        incidents.end_for(&slot, true, now);
    }
    // Quiet: what is left then are the tools.
    let mut telling = Telling::new(policy, now, true);
    let describe = |incident: &Incident, event| describe::of_removed(&target, incident, event, now);
    telling.settle(&mut incidents, &describe);
    let describe = |event, severity, key| describe::subject(&target, (event, severity), key, now);
    certificate::retire(&mut certificates, &Owner { target: target.id.as_str(), describe: &describe }, &mut telling);
    let (notifications, ended) = telling.into_told(&state.incidents);
    let state = TargetState {
        decided: state.decided,
        complete: state.complete,
        mute: state.mute.clone(),
        ..TargetState::new(state.target.clone())
    };
    Decision { state, notifications, disposition: Disposition::Taken, ended }
}

fn no_longer_monitored(target: &TargetId) -> Monitored {
    Monitored { id: target.clone(), name: target.to_string(), tags: Vec::new(), muted: false, runbook_url: None }
}
