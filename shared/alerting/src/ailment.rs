//! Channels that do not take what is sent to them: told over the others.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::names::{ChannelId, TargetId};
use serde::{Deserialize, Serialize};

use crate::fleet::FleetState;
use crate::incident::{Slot, Stage};
use crate::policy::Policy;
use crate::text::fitted;

/// After so many failed tries in a row a channel is itself told over the others.
pub const CHANNEL_FAILURES: u32 = 3;

/// How much of an answer is kept, in characters.
const LONGEST_ANSWER: usize = 200;

/// What is wrong with a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ailment {
    /// The first failed try since the last one that worked.
    pub since: Timestamp,
    /// Failed tries in a row.
    pub failures: u32,
    /// What the provider said to the last one; nobody vouches for the text.
    pub answer: String,
}

impl FleetState {
    /// Opens, keeps or closes the incidents of channels.
    pub(crate) fn note_ailing(&mut self, policy: &Policy, ailing: &BTreeMap<String, Ailment>, now: Timestamp) {
        for (channel, ailment) in ailing.iter().filter(|(channel, _)| is_sent_to(policy, channel)) {
            let slot = Slot::Channel(channel.clone());
            if ailment.failures < CHANNEL_FAILURES && !self.incidents.open.contains_key(&slot) {
                continue;
            }
            self.incidents.open_or_worsen(TargetId::ALL, slot.clone(), (Stage::MonitorError, ailment.since), now);
            if let Some(incident) = self.incidents.open.get_mut(&slot) {
                let answer = fitted(&ailment.answer, LONGEST_ANSWER);
                incident.ailment = Some(Ailment { answer, ..ailment.clone() });
            }
        }
        let told: Vec<String> = self.incidents.ailing().collect();
        for channel in told {
            let removed = !is_sent_to(policy, &channel);
            if removed || !ailing.contains_key(&channel) {
                self.incidents.end_for(&Slot::Channel(channel), removed, now);
            }
        }
    }
}

/// Whether the sender itself has to do with the channel; what happens behind
/// the alert topic it does not see.
fn is_sent_to(policy: &Policy, channel: &str) -> bool {
    let direct = || policy.channels.iter().filter(|channel| !channel.kind.is_subscription());
    channel == ChannelId::ALERT_TOPIC || direct().any(|direct| direct.id.as_str() == channel)
}
