//! From incidents to notifications: who is told what, and who was told before.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use model::config::{Channel, ChannelKind};
use model::names::ChannelId;

use crate::incident::{Incident, Incidents, Stage};
use crate::minute::minute_of;
use crate::notice::Notice;
use crate::notification::{AlertEvent, Notification};
use crate::policy::Policy;

/// Makes the notice of an incident for an event.
pub(crate) type Describe<'a> = dyn Fn(&Incident, AlertEvent) -> Notice + 'a;

/// The most notifications of one decision: they are written in one transaction
/// with the state, which takes 100 items (Amazon DynamoDB API Reference,
/// `TransactWriteItems`).
const MOST_AT_ONCE: usize = 99;

/// Collects the notifications of one decision.
pub(crate) struct Telling<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) now: Timestamp,
    /// Whether notifications are held back.
    pub(crate) quiet: bool,
    pub(crate) notifications: Vec<Notification>,
    /// The incidents that are over, told or not.
    ended: Vec<Incident>,
}

impl<'a> Telling<'a> {
    pub(crate) const fn new(policy: &'a Policy, now: Timestamp, quiet: bool) -> Self {
        Self { policy, now, quiet, notifications: Vec::new(), ended: Vec::new() }
    }

    /// What is to be sent, and which incidents ended; `before` are those of
    /// the state that it was decided from.
    pub(crate) fn into_told(self, before: &Incidents) -> (Vec<Notification>, Vec<Incident>) {
        let is_new = |incident: &Incident| before.ended.iter().all(|known| known.key != incident.key);
        (self.notifications, self.ended.into_iter().filter(is_new).collect())
    }
}

impl Telling<'_> {
    /// Tells what differs from what was last told. The end of an incident that
    /// nobody was told of is not told.
    pub(crate) fn settle(&mut self, incidents: &mut Incidents, describe: &Describe<'_>) {
        for mut incident in std::mem::take(&mut incidents.ended) {
            if self.ended.iter().all(|known| known.key != incident.key) {
                self.ended.push(incident.clone());
            }
            if !self.has_room() {
                incidents.ended.push(incident);
                continue;
            }
            self.tell_end(&mut incident, incidents, describe);
            if !incident.told_to.is_empty() {
                incidents.ended.push(incident);
            }
        }
        if self.quiet {
            return;
        }
        for incident in incidents.open.values_mut() {
            if !self.has_room() {
                return;
            }
            if incident.told.is_none_or(|told| told < incident.stage) {
                self.tell_stage(incident, describe);
            } else {
                self.remind(incident, describe);
            }
        }
    }

    /// Whether one more notice can be stored with this decision; what has no
    /// room is told by the next event.
    pub(crate) fn has_room(&self) -> bool {
        self.notifications.len() + self.policy.channels.len() < MOST_AT_ONCE
    }

    /// Tells the tools that keep incidents of their own that somebody took it.
    pub(crate) fn acknowledge(&mut self, incident: &mut Incident, describe: &Describe<'_>) {
        incident.acknowledged_at = Some(self.now);
        let told_to = incident.told_to.clone();
        let wants = |channel: &Channel| channel.kind.keeps_incidents() && told_to.contains(channel.id.as_str());
        self.send(
            &describe(incident, AlertEvent::Acknowledgement),
            &Audience::only(&wants),
            &mut incident.next_ordinal,
        );
    }

    /// Sends a notice to whoever wants it and returns who that was.
    pub(crate) fn send(
        &mut self,
        notice: &Notice,
        audience: &Audience<'_>,
        next_ordinal: &mut u32,
    ) -> BTreeSet<String> {
        let ordinal = *next_ordinal;
        let wanted = self.policy.channels.iter().filter(|channel| (audience.channels)(channel));
        let (subscriptions, direct): (Vec<&Channel>, Vec<&Channel>) =
            wanted.partition(|channel| channel.kind.is_subscription());
        let mut reached: BTreeSet<String> = direct.iter().map(|channel| channel.id.to_string()).collect();
        if audience.topic {
            reached.extend(subscriptions.iter().map(|channel| channel.id.to_string()));
            let subscribers = subscriptions.into_iter().map(|channel| channel.id.clone()).collect();
            self.notifications.push(Notification::new(notice.clone(), ordinal, ChannelId::ALERT_TOPIC, subscribers));
            reached.insert(ChannelId::ALERT_TOPIC.to_owned());
        }
        for channel in direct {
            self.notifications.push(Notification::new(notice.clone(), ordinal, channel.id.as_str(), Vec::new()));
        }
        if !reached.is_empty() {
            *next_ordinal = ordinal.saturating_add(1);
        }
        reached
    }

    /// Sends an end to exactly those who were told the beginning and want to
    /// know, and returns who that was; while quiet only to the tools that would
    /// keep it open, the others wait.
    pub(crate) fn send_end(
        &mut self,
        notice: &Notice,
        told_to: &mut BTreeSet<String>,
        next_ordinal: &mut u32,
    ) -> BTreeSet<String> {
        let (quiet, told) = (self.quiet, std::mem::take(told_to));
        let wants = |channel: &Channel| {
            let now = !quiet || channel.kind.keeps_incidents();
            now && channel.send_recovery && told.contains(channel.id.as_str())
        };
        let topic = !quiet && told.contains(ChannelId::ALERT_TOPIC);
        let reached = self.send(notice, &Audience { topic, channels: &wants }, next_ordinal);
        if quiet {
            told_to.extend(told.into_iter().filter(|channel| !reached.contains(channel)));
        }
        reached
    }

    fn tell_stage(&mut self, incident: &mut Incident, describe: &Describe<'_>) {
        let event = opening(incident.stage);
        let told_to = incident.told_to.clone();
        let ailing = incident.slot.channel().map(str::to_owned);
        let wants = |channel: &Channel| {
            let told = told_to.contains(channel.id.as_str());
            match channel.kind {
                _ if ailing.as_deref() == Some(channel.id.as_str()) => false,
                ChannelKind::Phone { .. } => channel.send_failure && rings(incident.stage) && !told,
                // Who was told of it by a recovery that said what is still wrong knows.
                _ if event == AlertEvent::Degraded => channel.send_degraded && !told,
                _ => channel.send_failure,
            }
        };
        let news = !told_to.contains(ChannelId::ALERT_TOPIC) || event != AlertEvent::Degraded;
        let subscribed = || self.policy.channels.iter().any(|channel| channel.kind.is_subscription() && wants(channel));
        let topic = ailing.as_deref() != Some(ChannelId::ALERT_TOPIC) && (news || subscribed());
        let audience = Audience { topic, channels: &wants };
        let notice = describe(incident, event);
        let reached = self.send(&notice, &audience, &mut incident.next_ordinal);
        incident.told_to.extend(reached);
        incident.told = Some(incident.stage);
        incident.last_told_at = Some(self.now);
    }

    fn remind(&mut self, incident: &mut Incident, describe: &Describe<'_>) {
        let rules = self.policy.rules.reminders;
        let interval = SignedDuration::try_from(rules.interval).unwrap_or(SignedDuration::MAX);
        // In minutes: whose result was first must not decide about a reminder.
        let since = |last| minute_of(self.now).duration_since(minute_of(last));
        let due = incident.last_told_at.is_some_and(|last| since(last) >= interval);
        let over = incident.acknowledged_at.is_some() || incident.reminders >= rules.amount;
        if incident.stage != Stage::Failing || over || !due {
            return;
        }
        incident.reminders = incident.reminders.saturating_add(1);
        let told_to = incident.told_to.clone();
        let wants = |channel: &Channel| {
            let phone = matches!(channel.kind, ChannelKind::Phone { .. });
            channel.send_failure && !phone && told_to.contains(channel.id.as_str())
        };
        let notice = describe(incident, AlertEvent::Reminder);
        self.send(&notice, &Audience::with_topic(&wants), &mut incident.next_ordinal);
        incident.last_told_at = Some(self.now);
    }

    fn tell_end(&mut self, incident: &mut Incident, incidents: &mut Incidents, describe: &Describe<'_>) {
        let Some(told) = incident.told else { return };
        let notice = describe(incident, closing(told));
        let reached = self.send_end(&notice, &mut incident.told_to, &mut incident.next_ordinal);
        self.hand_over(incident, &reached, incidents);
    }

    /// A recovery that said what is still wrong has told the degraded incident
    /// to whoever wants to know; only a tool that keeps incidents of its own
    /// closes one and has none for the rest.
    fn hand_over(&self, ended: &Incident, reached: &BTreeSet<String>, incidents: &mut Incidents) {
        let follows = |next: &&mut Incident| ended.followed_by.as_ref() == Some(&next.key);
        let Some(next) = incidents.open.values_mut().find(follows) else { return };
        if next.stage != Stage::Degraded {
            return;
        }
        let knows = |id: &&String| {
            let channel = self.policy.channels.iter().find(|channel| channel.id.as_str() == *id);
            channel.is_none_or(|channel| channel.send_degraded && !channel.kind.keeps_incidents())
        };
        next.told_to.extend(reached.iter().filter(knows).cloned());
    }
}

/// Who is to get a notice.
pub(crate) struct Audience<'a> {
    pub(crate) topic: bool,
    pub(crate) channels: &'a dyn Fn(&Channel) -> bool,
}

impl<'a> Audience<'a> {
    /// The alert topic, which gets everything, and these channels.
    pub(crate) fn with_topic(channels: &'a dyn Fn(&Channel) -> bool) -> Self {
        Self { topic: true, channels }
    }

    /// These channels only.
    pub(crate) fn only(channels: &'a dyn Fn(&Channel) -> bool) -> Self {
        Self { topic: false, channels }
    }
}

const fn rings(stage: Stage) -> bool {
    matches!(stage, Stage::Failing | Stage::Blind)
}

const fn opening(stage: Stage) -> AlertEvent {
    match stage {
        Stage::Degraded => AlertEvent::Degraded,
        Stage::Failing => AlertEvent::Failure,
        Stage::MonitorError => AlertEvent::MonitorError,
        Stage::NoData | Stage::Blind => AlertEvent::NoData,
    }
}

const fn closing(told: Stage) -> AlertEvent {
    match told {
        Stage::Degraded => AlertEvent::DegradedRecovery,
        Stage::Failing => AlertEvent::Recovery,
        Stage::MonitorError => AlertEvent::MonitorErrorRecovery,
        Stage::NoData | Stage::Blind => AlertEvent::NoDataRecovery,
    }
}
