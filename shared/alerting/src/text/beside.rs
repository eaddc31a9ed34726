//! Words about what is beside the targets: channels that fail, calls that may
//! not have rung, and what was taken out of the configuration. Each function
//! answers none for any other notice.

use model::names::ChannelId;

use super::short::{gist, headline, opening_sentence};
use super::words::{count, lasting, moment};
use crate::notice::{ChannelFacts, Notice};

/// The word that stands first.
pub(super) fn headline_beside(notice: &Notice) -> Option<&'static str> {
    Some(match &notice.channel {
        Some(_) if notice.removed => "CHANNEL REMOVED",
        Some(_) if notice.event.closes() => "CHANNEL WORKS AGAIN",
        Some(_) => "CHANNEL FAILS",
        None if notice.removed => "NO LONGER MONITORED",
        None if notice.call.is_some() => "CALL UNCERTAIN",
        None => return None,
    })
}

/// What a line can say.
pub(super) fn gist_beside(notice: &Notice) -> Option<String> {
    if notice.removed {
        return Some(format!("{} is no longer configured", removed(notice)));
    }
    if let Some((channel, told)) = uncertain_call(notice) {
        return Some(format!("{channel} may not have rung: {}, {}", headline(&told), gist(&told)));
    }
    let channel = notice.channel.as_ref()?;
    Some(match notice.ended_at {
        Some(end) => format!("{} takes alerts again, after {}", channel.id, lasting(notice.since, end)),
        None => format!("{} failed {} in a row, alerts wait for it", channel.id, times(channel)),
    })
}

/// The opening sentence of the long text, without its full stop.
pub(super) fn opening_beside(notice: &Notice) -> Option<String> {
    if notice.removed {
        return Some(format!("{} is no longer configured, so nothing more is told of it", removed(notice)));
    }
    if let Some((channel, told)) = uncertain_call(notice) {
        let told = opening_sentence(&told);
        return Some(format!(
            "The call over {channel} may not have rung, its answer was never seen. It was to say: {told}"
        ));
    }
    let channel = notice.channel.as_ref()?;
    let name = named(channel);
    if notice.event.closes() {
        return Some(format!("{name} takes alerts again; what waited for it is sent now"));
    }
    let (times, since) = (times(channel), moment(notice.since));
    Some(format!("{name} failed {times} in a row since {since}; alerts wait for it and are tried again"))
}

/// What a person can do.
pub(super) fn advice_beside(notice: &Notice) -> Option<String> {
    if let Some(call) = &notice.call {
        return Some(format!("Make sure that whoever is called over {} knows.", call.channel));
    }
    let channel = notice.channel.as_ref()?;
    Some(if channel.id == ChannelId::ALERT_TOPIC {
        "Look at the log of the aggregator and at the alert topic: e-mail, SMS and HTTPS depend on it.".to_owned()
    } else {
        "Look at the last answer, then at the channel's secret and at the status of its provider.".to_owned()
    })
}

/// The phone's channel, and the notice that the call was to tell.
fn uncertain_call(notice: &Notice) -> Option<(&str, Notice)> {
    let call = notice.call.as_ref()?;
    Some((&call.channel, Notice { event: call.event, call: None, ..notice.clone() }))
}

/// What was taken out.
fn removed(notice: &Notice) -> String {
    match (&notice.channel, &notice.silent_region) {
        (Some(channel), _) => format!("channel {}", channel.id),
        (None, Some(region)) => format!("region {region}"),
        (None, None) => format!("target {}", notice.target),
    }
}

fn named(channel: &ChannelFacts) -> String {
    if channel.id == ChannelId::ALERT_TOPIC { "The alert topic".to_owned() } else { format!("Channel {}", channel.id) }
}

fn times(channel: &ChannelFacts) -> String {
    count(channel.failures.into(), "time")
}
