//! The environment variables, all of them, in one place.

use std::collections::BTreeMap;

use url::Url;

use super::ConfigError;
use crate::names::{BucketName, Region, TopicArn};
use crate::origin::{BaseUrl, Origin};
use crate::secret::Secret;

/// A variable and what it is for; the README's table is checked against these.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in one line.
    pub purpose: &'static str,
}

const API_BASE_URL: &str = "XS2A_API_BASE_URL";
const AUTH_BASE_URL: &str = "XS2A_AUTH_BASE_URL";
const TOKEN: &str = "KOSMA_AUTH_TOKEN";
const TOKEN_PARAMETER: &str = "KOSMA_AUTH_TOKEN_PARAMETER";
const EXTRA_CA_FILE: &str = "XS2A_EXTRA_CA_FILE";
const CONFIG: &str = "MONITOR_CONFIG";
const REGION: &str = "AWS_REGION";
const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
const TOPIC: &str = "RUN_RESULT_TOPIC_ARN";
const STATE_TABLE: &str = "STATE_TABLE";
const ALERT_TOPIC: &str = "ALERT_TOPIC_ARN";
const TOPICS: &str = "RUN_RESULT_TOPIC_ARNS";
const DASHBOARD: &str = "DASHBOARD_URL";
const LOG_GROUP: &str = "PROBE_LOG_GROUP";
const REPORT_FOLDER: &str = "REPORT_FOLDER";
const REPORT_BUCKET: &str = "REPORT_BUCKET";
const LINK_HOURS: &str = "REPORT_LINK_HOURS";

/// The longest life of a signed link, in hours: it ends with the credentials
/// that signed it, which a function has for a few hours (Amazon S3 User Guide,
/// Sharing objects with presigned URLs).
const LONGEST_LINK: u8 = 12;

/// Every variable that is read.
pub const VARIABLES: [Variable; 17] = [
    Variable { name: API_BASE_URL, purpose: "base URL of sessions, flows and consents; every target's" },
    Variable { name: AUTH_BASE_URL, purpose: "base URL of the wizard; every target's" },
    Variable { name: TOKEN, purpose: "the API token, for local use; every target's" },
    Variable { name: TOKEN_PARAMETER, purpose: "name of an SSM SecureString that holds the API token" },
    Variable { name: EXTRA_CA_FILE, purpose: "PEM file with a root certificate to trust beside the public ones" },
    Variable { name: CONFIG, purpose: "path of the configuration file" },
    Variable { name: REGION, purpose: "the region this runs in; set by Lambda" },
    Variable { name: ENDPOINT_URL, purpose: "endpoint of a local AWS, for every AWS client" },
    Variable { name: TOPIC, purpose: "the probe's: SNS topic for run results; unset: none are sent" },
    Variable { name: STATE_TABLE, purpose: "the aggregator's: name or ARN of its DynamoDB table" },
    Variable { name: ALERT_TOPIC, purpose: "the aggregator's: SNS topic that alerts are published to" },
    Variable { name: TOPICS, purpose: "the aggregator's: SNS topics whose run results it believes, comma-separated" },
    Variable { name: DASHBOARD, purpose: "the aggregator's: the dashboard that alerts link to; unset: no link" },
    Variable { name: LOG_GROUP, purpose: "the aggregator's: the probes' log group, for links; unset: no link" },
    Variable { name: REPORT_FOLDER, purpose: "folder for full reports, for local use; unset: none are written" },
    Variable { name: REPORT_BUCKET, purpose: "S3 bucket for reports and the overview; unset: none are written" },
    Variable { name: LINK_HOURS, purpose: "the aggregator's: hours that its links to reports live; unset: no end" },
];

/// The environment, parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `XS2A_API_BASE_URL`.
    pub api_base_url: Option<BaseUrl>,
    /// `XS2A_AUTH_BASE_URL`.
    pub auth_base_url: Option<BaseUrl>,
    /// `KOSMA_AUTH_TOKEN` or `KOSMA_AUTH_TOKEN_PARAMETER`.
    pub token: Option<Token>,
    /// `XS2A_EXTRA_CA_FILE`.
    pub extra_ca_file: Option<String>,
    /// `MONITOR_CONFIG`.
    pub config_file: Option<String>,
    /// `AWS_REGION`.
    pub region: Option<Region>,
    /// `AWS_ENDPOINT_URL`.
    pub endpoint_url: Option<Url>,
    /// `RUN_RESULT_TOPIC_ARN`.
    pub run_result_topic_arn: Option<TopicArn>,
    /// `STATE_TABLE`: the name or ARN of a `DynamoDB` table.
    pub state_table: Option<String>,
    /// `ALERT_TOPIC_ARN`.
    pub alert_topic_arn: Option<TopicArn>,
    /// `DASHBOARD_URL`.
    pub dashboard_url: Option<Url>,
    /// `PROBE_LOG_GROUP`.
    pub probe_log_group: Option<String>,
    /// `RUN_RESULT_TOPIC_ARNS`, each once; empty when it is unset.
    pub run_result_topic_arns: Vec<TopicArn>,
    /// `REPORT_FOLDER`.
    pub report_folder: Option<String>,
    /// `REPORT_BUCKET`.
    pub report_bucket: Option<BucketName>,
    /// `REPORT_LINK_HOURS`, 1 to 12.
    pub report_link_hours: Option<u8>,
}

/// Where a token or password comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// The text itself.
    Value(Secret),
    /// The name of an SSM `SecureString`.
    Parameter(String),
}

impl Environment {
    /// Parses the variables of a process. Those of Lambda and AWS count as unset
    /// when they are empty; the others are set on purpose, and empty is a mistake
    /// that must not lead to somebody else's host.
    ///
    /// # Errors
    /// [`ConfigError::Variable`] for the first one that is set and malformed.
    pub fn parse(variables: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        for name in [API_BASE_URL, AUTH_BASE_URL, EXTRA_CA_FILE, CONFIG] {
            if variables.get(name).is_some_and(String::is_empty) {
                return Err(wrong(name, "is set but empty"));
            }
        }
        let get = |name: &str| variables.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let text = |name| get(name).map(str::to_owned);
        Ok(Self {
            api_base_url: parsed(API_BASE_URL, get(API_BASE_URL))?,
            auth_base_url: parsed(AUTH_BASE_URL, get(AUTH_BASE_URL))?,
            token: token(variables)?,
            extra_ca_file: text(EXTRA_CA_FILE),
            config_file: text(CONFIG),
            region: parsed(REGION, get(REGION))?,
            endpoint_url: get(ENDPOINT_URL).map(endpoint).transpose()?,
            run_result_topic_arn: parsed(TOPIC, get(TOPIC))?,
            state_table: get(STATE_TABLE).map(table).transpose()?,
            alert_topic_arn: parsed(ALERT_TOPIC, get(ALERT_TOPIC))?,
            dashboard_url: get(DASHBOARD).map(dashboard).transpose()?,
            probe_log_group: text(LOG_GROUP),
            run_result_topic_arns: get(TOPICS).map(topics).transpose()?.unwrap_or_default(),
            report_folder: text(REPORT_FOLDER),
            report_bucket: parsed(REPORT_BUCKET, get(REPORT_BUCKET))?,
            report_link_hours: get(LINK_HOURS).map(link_hours).transpose()?,
        })
    }
}

fn parsed<T: std::str::FromStr<Err: ToString>>(
    variable: &'static str,
    value: Option<&str>,
) -> Result<Option<T>, ConfigError> {
    let parse = |value: &str| value.parse().map_err(|error: T::Err| wrong(variable, &error));
    value.map(parse).transpose()
}

fn wrong(variable: &'static str, reason: &(impl ToString + ?Sized)) -> ConfigError {
    ConfigError::Variable { variable, reason: reason.to_string() }
}

/// A token goes into a header: no white space, no control characters.
fn token(variables: &BTreeMap<String, String>) -> Result<Option<Token>, ConfigError> {
    if let Some(value) = variables.get(TOKEN) {
        if value.is_empty() {
            return Err(wrong(TOKEN, "is set but empty"));
        }
        if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong(TOKEN, "has white space or characters that cannot stand in a header (not shown)"));
        }
        return Ok(Secret::new(value.clone()).map(Token::Value));
    }
    let parameter = variables.get(TOKEN_PARAMETER).filter(|name| !name.is_empty());
    Ok(parameter.map(|name| Token::Parameter(name.clone())))
}

fn dashboard(value: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(value).map_err(|error| wrong(DASHBOARD, &format!("not an absolute URL ({error})")))?;
    if url.scheme() == "https" { Ok(url) } else { Err(wrong(DASHBOARD, "must begin with https://")) }
}

/// AWS itself is always https; a local AWS may be http on loopback.
fn endpoint(value: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(value).map_err(|error| wrong(ENDPOINT_URL, &format!("not an absolute URL ({error})")))?;
    Origin::of(&url).map_err(|error| wrong(ENDPOINT_URL, &error))?;
    Ok(url)
}

/// What `DynamoDB` takes for a table: the characters of a name and those that an
/// ARN has beside them (Amazon DynamoDB API Reference, `GetItem`, `TableName`).
fn table(value: &str) -> Result<String, ConfigError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:/-".contains(&byte);
    if (3..=1024).contains(&value.len()) && value.bytes().all(fits) {
        Ok(value.to_owned())
    } else {
        Err(wrong(STATE_TABLE, &format!("`{value}` is not the name or ARN of a DynamoDB table")))
    }
}

fn link_hours(value: &str) -> Result<u8, ConfigError> {
    let hours = value.parse().ok().filter(|hours| (1..=LONGEST_LINK).contains(hours));
    hours.ok_or_else(|| wrong(LINK_HOURS, &format!("`{value}` is not a number from 1 to {LONGEST_LINK}")))
}

fn topics(value: &str) -> Result<Vec<TopicArn>, ConfigError> {
    let mut topics = Vec::new();
    for text in value.split(',') {
        let topic: TopicArn = text.trim().parse().map_err(|error| wrong(TOPICS, &error))?;
        if topics.contains(&topic) {
            return Err(wrong(TOPICS, &format!("`{topic}` stands there twice")));
        }
        topics.push(topic);
    }
    Ok(topics)
}
