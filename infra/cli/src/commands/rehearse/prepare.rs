//! What the functions find in AWS: topics, parameters, the table and the
//! subscriptions. `prepare.py` makes it.

use std::collections::BTreeMap;
use std::time::Duration;

use alerting::text::filter_policy;
use model::config::{Channel, ChannelKind, Config, Token};
use model::names::Region;
use serde::Deserialize;
use serde_json::{Value, json};

use super::aggregator::{AGGREGATOR, TABLE};
use super::cloud::document;
use super::plan::Plan;
use super::{RehearsalError, canary, monitor_file};

/// The run-result topic of every region.
const TOPIC: &str = "xs2a-monitor-run-results";
/// The alert topic, in the home region.
const ALERT_TOPIC: &str = "xs2a-monitor-alerts";
/// For everything in all regions.
const PREPARING: Duration = Duration::from_secs(30);

/// What `prepare.py` has made.
#[derive(Deserialize)]
pub(crate) struct Prepared {
    /// The run-result topic's ARN by region.
    pub(crate) topics: BTreeMap<String, String>,
    /// The ARN of the alert topic.
    pub(crate) alert_topic: String,
}

/// In every region the topic and the parameters that the configuration names;
/// at home what the aggregator needs.
pub(crate) async fn prepare(plan: &Plan, aws_url: &str) -> Result<Prepared, RehearsalError> {
    let config = &plan.config;
    let regions: Vec<&str> = config.regions.iter().map(Region::as_str).collect();
    let fixed = [
        ("--endpoint-url", aws_url),
        ("--regions", &regions.join(",")),
        ("--topic", TOPIC),
        ("--home", config.home_region.as_str()),
        ("--table", TABLE),
        ("--alert-topic", ALERT_TOPIC),
        ("--function", AGGREGATOR),
    ];
    let fixed = fixed.into_iter().flat_map(|(option, value)| [option.to_owned(), value.to_owned()]);
    let parameters = parameters(config, aws_url).into_iter().map(|(name, value)| format!("--parameter={name}={value}"));
    let subscriptions = config.channels.iter().filter_map(subscription).map(|one| format!("--subscription={one}"));
    document(plan, "prepare.py", fixed.chain(parameters).chain(subscriptions).collect(), PREPARING).await
}

/// The SSM parameters that the configuration names, with what banks and tools take.
fn parameters<'a>(config: &'a Config, aws_url: &str) -> BTreeMap<&'a str, String> {
    let passwords = config.targets.iter().filter_map(|target| target.password_parameter.as_deref());
    let tokens = config.targets.iter().filter_map(|target| match &target.token {
        Some(Token::Parameter(name)) => Some(name.as_str()),
        Some(Token::Value(_)) | None => None,
    });
    let passwords = passwords.map(|name| (name, canary::PASSWORD.to_owned()));
    let tokens = tokens.map(|name| (name, canary::TOKEN.to_owned()));
    let keys = config.channels.iter().filter_map(|channel| monitor_file::secret(channel, aws_url));
    passwords.chain(tokens).chain(keys).collect()
}

/// The subscription of the alert topic that a channel is.
fn subscription(channel: &Channel) -> Option<Value> {
    let endpoint = match &channel.kind {
        ChannelKind::Email { address } => address,
        ChannelKind::Sms { number } => number,
        ChannelKind::Https { url } => url.as_str(),
        _ => return None,
    };
    let filter_policy = filter_policy(&channel.id);
    Some(json!({ "protocol": channel.kind.name(), "endpoint": endpoint, "filter_policy": filter_policy }))
}
