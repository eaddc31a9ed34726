//! The configuration file of a rehearsal. The functions read a copy of the
//! user's file in which the tools that are told directly are led to the local
//! AWS: so the functions need no switch for tests, and what they start with is
//! a configuration file like any other.

use std::path::{Path, PathBuf};

use model::config::{Channel, ChannelKind};
use toml::{Table, Value};

use super::{RehearsalError, canary};

/// Channels of every kind, for a drill of a configuration that has none.
pub(crate) const EXAMPLE_CHANNELS: &str = "infra/examples/drill.toml";
const CHANNEL: &str = "channel";

/// A configuration file as a document: the comments are not kept.
pub(crate) struct MonitorFile(Table);

impl MonitorFile {
    pub(crate) fn read(file: &Path) -> Result<Self, RehearsalError> {
        let text = system::read_text(file).map_err(RehearsalError::Settings)?;
        let unreadable = |error: toml::de::Error| RehearsalError::Unreadable {
            what: file.display().to_string(),
            reason: error.message().to_owned(),
        };
        text.parse().map(Self).map_err(unreadable)
    }

    /// The same with the channels of another one.
    pub(crate) fn with_channels_of(mut self, other: Self) -> Self {
        let channels = other.0.into_iter().find(|(key, _)| key == CHANNEL);
        self.0.extend(channels);
        self
    }

    /// Writes the functions' copy and returns its path.
    pub(crate) fn write_copy(&self, folder: &Path, aws_url: &str) -> Result<PathBuf, RehearsalError> {
        // Two rehearsals at the same time have clouds of their own.
        let path = folder.join(format!("monitor-{}.toml", std::process::id()));
        system::write_file(&path, self.led_to(aws_url).to_string().as_bytes()).map_err(RehearsalError::Settings)?;
        Ok(path)
    }

    fn led_to(&self, aws_url: &str) -> Table {
        let mut table = self.0.clone();
        let channels = table.get_mut(CHANNEL).and_then(Value::as_array_mut);
        for channel in channels.into_iter().flatten().filter_map(Value::as_table_mut) {
            let word = |key: &str| channel.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let kind = word("type");
            if ["pagerduty", "opsgenie", "webhook"].contains(&kind.as_str()) {
                let url = stand_in(aws_url, &kind, &word("id"));
                channel.insert("url".to_owned(), Value::String(url));
            }
        }
        table
    }
}

/// The value of a channel's secret parameter, with the parameter's name.
pub(crate) fn secret<'a>(channel: &'a Channel, aws_url: &str) -> Option<(&'a str, String)> {
    match &channel.kind {
        // For these the URL itself is the secret.
        ChannelKind::Slack { secret_parameter } | ChannelKind::Teams { secret_parameter } => {
            Some((secret_parameter, stand_in(aws_url, channel.kind.name(), channel.id.as_str())))
        }
        ChannelKind::PagerDuty { secret_parameter, .. }
        | ChannelKind::Opsgenie { secret_parameter, .. }
        | ChannelKind::Webhook { secret_parameter, .. } => Some((secret_parameter, canary::CHANNEL_KEY.to_owned())),
        ChannelKind::Email { .. } | ChannelKind::Sms { .. } | ChannelKind::Https { .. } | ChannelKind::Phone { .. } => {
            None
        }
    }
}

/// Where a channel's tool answers in the local AWS.
fn stand_in(aws_url: &str, kind: &str, channel: &str) -> String {
    format!("{aws_url}/providers/{kind}/{channel}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_led_to_the_local_aws_and_nothing_else_is_changed() {
        let text = "interval = \"1m\"\n[policy]\nreminders = { amount = 0 }\n\
            [[channel]]\nid = \"pd\"\ntype = \"pagerduty\"\nsecret_parameter = \"/key\"\n\
            [[channel]]\nid = \"hub\"\ntype = \"https\"\nurl = \"https://hub.example/\"\n\
            [[channel]]\nid = \"hook\"\ntype = \"webhook\"\nurl = \"https://hook.example/\"\n";
        let led = MonitorFile(text.parse().unwrap()).led_to("http://127.0.0.1:1");
        let urls: Vec<_> = led[CHANNEL].as_array().unwrap().iter().map(|channel| channel["url"].as_str()).collect();
        let tool = |path| Some(path);
        assert_eq!(
            urls,
            [
                tool("http://127.0.0.1:1/providers/pagerduty/pd"),
                tool("https://hub.example/"),
                tool("http://127.0.0.1:1/providers/webhook/hook"),
            ]
        );
        let again: Table = led.to_string().parse().unwrap();
        assert_eq!(again, led, "what is written is what was meant");
        assert_eq!(again["policy"]["reminders"]["amount"].as_integer(), Some(0));
        assert_eq!(again[CHANNEL][0]["secret_parameter"].as_str(), Some("/key"));
    }
}
