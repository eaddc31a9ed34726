//! A `CloudWatch` alarm's notification (Amazon CloudWatch User Guide, Notify users on alarm changes).

use model::names::{Region, TopicArn};
use serde::Deserialize;
use serde_json::Value;

/// What the name of the alarm of a region's missing runs begins with.
pub const MISSING_RUNS_ALARM: &str = "xs2a-monitor-missing-runs";

/// The alarm of a region's missing runs.
#[derive(Debug)]
pub(super) struct Alarm {
    pub(super) region: Region,
    pub(super) firing: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Notification {
    alarm_name: String,
    #[serde(rename = "AWSAccountId")]
    account: String,
    new_state_value: State,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum State {
    Alarm,
    Ok,
    InsufficientData,
}

/// Reads a notification that came over a topic. An alarm publishes in its own
/// region, so the topic says which one it is.
///
/// # Errors
/// The reason why it is not about missing runs of ours.
pub(super) fn read(value: &Value, topic: &TopicArn) -> Result<Alarm, String> {
    let alarm = Notification::deserialize(value).map_err(|error| format!("it is no alarm: {error}"))?;
    if alarm.account != topic.account() {
        return Err("it is an alarm of another account".to_owned());
    }
    if !alarm.alarm_name.starts_with(MISSING_RUNS_ALARM) {
        return Err(format!("it is another alarm than {MISSING_RUNS_ALARM}"));
    }
    let firing = match alarm.new_state_value {
        State::Alarm => true,
        State::Ok => false,
        State::InsufficientData => return Err("the alarm has no data yet, which says nothing".to_owned()),
    };
    Ok(Alarm { region: topic.region().clone(), firing })
}
