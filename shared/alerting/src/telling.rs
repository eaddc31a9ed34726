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

/// Collects the notifications of one decision.
pub(crate) struct Telling<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) now: Timestamp,
    /// Whether notifications are held back.
    pub(crate) quiet: bool,
    pub(crate) notifications: Vec<Notification>,
}

impl Telling<'_> {
    /// Tells what differs from what was last told. The end of an incident that
    /// nobody was told of is not told.
    pub(crate) fn settle(&mut self, incidents: &mut Incidents, describe: &Describe<'_>) {
        for mut incident in std::mem::take(&mut incidents.ended) {
            self.tell_end(&mut incident, incidents, describe);
            if !incident.told_to.is_empty() {
                incidents.ended.push(incident);
            }
        }
        if self.quiet {
            return;
        }
        for incident in incidents.open.values_mut() {
            if incident.told.is_none_or(|told| told < incident.stage) {
                self.tell_stage(incident, describe);
            } else {
                self.remind(incident, describe);
            }
        }
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
        let mut reached: BTreeSet<String> =
            subscriptions.iter().chain(&direct).map(|channel| channel.id.to_string()).collect();
        if audience.topic {
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

    fn tell_stage(&mut self, incident: &mut Incident, describe: &Describe<'_>) {
        let event = opening(incident.stage);
        let rings = matches!(incident.stage, Stage::Failing | Stage::Blind);
        let rang = incident.told_to.clone();
        let wants = |channel: &Channel| match channel.kind {
            ChannelKind::Phone { .. } => channel.send_failure && rings && !rang.contains(channel.id.as_str()),
            _ if event == AlertEvent::Degraded => channel.send_degraded,
            _ => channel.send_failure,
        };
        let reached = self.send(&describe(incident, event), &Audience::with_topic(&wants), &mut incident.next_ordinal);
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

    /// Tells the end to exactly those who were told the beginning and want to
    /// know; while quiet only to the tools that would keep it open.
    fn tell_end(&mut self, incident: &mut Incident, incidents: &mut Incidents, describe: &Describe<'_>) {
        let Some(told) = incident.told else { return };
        let (quiet, told_to) = (self.quiet, incident.told_to.clone());
        let wants = |channel: &Channel| {
            let now = !quiet || channel.kind.keeps_incidents();
            now && channel.send_recovery && told_to.contains(channel.id.as_str())
        };
        let topic = !quiet && told_to.contains(ChannelId::ALERT_TOPIC);
        let audience = Audience { topic, channels: &wants };
        let reached = self.send(&describe(incident, closing(told)), &audience, &mut incident.next_ordinal);
        if quiet {
            incident.told_to.retain(|channel| !reached.contains(channel));
        } else {
            incident.told_to.clear();
        }
        self.hand_over(incident, &reached, incidents);
    }

    /// A recovery that said what is still wrong has told the degraded incident.
    fn hand_over(&self, ended: &Incident, reached: &BTreeSet<String>, incidents: &mut Incidents) {
        let follows = |next: &&mut Incident| ended.followed_by.as_ref() == Some(&next.key);
        let Some(next) = incidents.open.values_mut().find(follows) else { return };
        let wants = |id: &String| {
            let channel = self.policy.channels.iter().find(|channel| channel.id.as_str() == id);
            channel.is_none_or(|channel| channel.send_degraded)
        };
        let heirs: BTreeSet<String> = reached.iter().filter(|id| wants(id)).cloned().collect();
        if next.told.is_none() && !heirs.is_empty() {
            next.told = Some(Stage::Degraded);
            next.last_told_at = Some(self.now);
        }
        next.told_to.extend(heirs);
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
