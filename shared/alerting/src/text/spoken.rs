//! What a voice says on the phone.

use super::words::{lasting_aloud, plain};
use crate::notice::Notice;
use crate::notification::AlertEvent;
use crate::vote::Vote;

/// What a voice says, twice, because nobody listens to the first words.
pub(super) fn spoken(notice: &Notice) -> String {
    let name = plain(&notice.name);
    let what = match notice.event {
        AlertEvent::Test => "This is a test of the monitor. Nothing is wrong.".to_owned(),
        AlertEvent::NoData => format!("Nothing comes from any region any more, for {name}. Nobody is watching."),
        AlertEvent::NoDataRecovery => format!("{}.", region(notice)),
        event if event.closes() => format!("{name} {}.", recovery(notice)),
        _ => format!("{name} is down. {}", error(notice)),
    };
    let since = match notice.event {
        AlertEvent::Test => String::new(),
        event if event.closes() => String::new(),
        _ => format!(" Since {}.", notice.since.strftime("%H %M, U T C")),
    };
    format!("This is the open banking monitor. {what}{since} I repeat. {what}{since}")
}

fn error(notice: &Notice) -> String {
    let step = notice.error.as_ref().and_then(|error| error.step);
    let step = step.map(|step| format!("Step {}, {}, fails", step.number(), step.title()));
    let failing = notice.regions.iter().filter(|facts| facts.vote == Vote::Failing).count();
    let configured = notice.rule.map_or(failing, |rule| rule.configured);
    format!("{} in {failing} of {configured} regions.", step.unwrap_or_else(|| "The run fails".to_owned()))
}

fn recovery(notice: &Notice) -> String {
    let lasted = lasting_aloud(notice.since, notice.ended_at.unwrap_or(notice.at));
    let still = if notice.still.is_some() { ", but not well yet" } else { "" };
    format!("is up again, after {lasted}{still}")
}

/// The region's code without its hyphens, over which a voice stumbles.
fn region(notice: &Notice) -> String {
    let region = notice
        .silent_region
        .as_ref()
        .map_or_else(|| "A region".to_owned(), |region| format!("Region {}", region.as_str().replace('-', " ")));
    let how = if notice.removed { "is no longer monitored" } else { "reports again" };
    format!("{region} {how}")
}
