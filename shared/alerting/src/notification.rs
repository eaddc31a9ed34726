//! One message about an incident on one channel.

use jiff::Timestamp;
use model::names::ChannelId;
use serde::{Deserialize, Serialize};

use crate::notice::Notice;

/// What a notification is about; the `event` attribute of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertEvent {
    /// A target fails.
    Failure,
    /// It works again.
    Recovery,
    /// A target is degraded.
    Degraded,
    /// It is well again.
    DegradedRecovery,
    /// A target still fails.
    Reminder,
    /// A certificate ends soon.
    CertificateExpiring,
    /// A certificate that was told has a successor.
    CertificateRenewed,
    /// Nothing comes from a region.
    NoData,
    /// The region reports again.
    NoDataRecovery,
    /// The monitor itself needs attention.
    MonitorError,
    /// It does no more.
    MonitorErrorRecovery,
    /// Somebody tries the channels.
    Test,
    /// Somebody took the incident. Only for tools that keep incidents of their
    /// own; it is never sent to the alert topic.
    Acknowledgement,
}

impl AlertEvent {
    /// The word in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Recovery => "recovery",
            Self::Degraded => "degraded",
            Self::DegradedRecovery => "degraded_recovery",
            Self::Reminder => "reminder",
            Self::CertificateExpiring => "certificate_expiring",
            Self::CertificateRenewed => "certificate_renewed",
            Self::NoData => "no_data",
            Self::NoDataRecovery => "no_data_recovery",
            Self::MonitorError => "monitor_error",
            Self::MonitorErrorRecovery => "monitor_error_recovery",
            Self::Test => "test",
            Self::Acknowledgement => "acknowledgement",
        }
    }

    /// Whether it tells that something is over.
    #[must_use]
    pub const fn closes(self) -> bool {
        matches!(
            self,
            Self::Recovery
                | Self::DegradedRecovery
                | Self::CertificateRenewed
                | Self::NoDataRecovery
                | Self::MonitorErrorRecovery
        )
    }
}

/// How much it matters; the `severity` attribute of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Worth a look in working hours.
    Warning,
    /// Somebody has to act now.
    Critical,
}

impl Severity {
    /// The word in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// One entry of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Incident key, event, ordinal and channel: the same whenever it is repeated.
    pub notification_id: String,
    /// The incident's key.
    pub incident_key: String,
    /// What it tells.
    pub event: AlertEvent,
    /// Its number within the incident, from 1, the same on every channel.
    pub ordinal: u32,
    /// The channel: [`ChannelId::ALERT_TOPIC`] or the id of one that is not a
    /// subscription of the topic.
    pub channel: String,
    /// For the alert topic: the subscriptions that are to get it.
    pub subscribers: Vec<ChannelId>,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// What it says.
    pub notice: Notice,
}

impl Notification {
    pub(crate) fn new(notice: Notice, ordinal: u32, channel: &str, subscribers: Vec<ChannelId>) -> Self {
        let event = notice.event;
        Self {
            notification_id: format!("{}.{}.{ordinal}.{channel}", notice.incident_key, event.name()),
            incident_key: notice.incident_key.clone(),
            event,
            ordinal,
            channel: channel.to_owned(),
            subscribers,
            decided_at: notice.at,
            notice,
        }
    }
}
