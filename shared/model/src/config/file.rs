//! The configuration file: the shape as written, then the finished values.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::channel::{Channel, ChannelTable};
use super::maintenance::MaintenanceTable;
use super::policy::PolicyTable;
use super::target::{DegradedAfter, MetricDetail, PsuContext, StepLimits, Target};
use super::values::{CountryCode, Span, Steps, Threshold, UserAgent};
use super::{Config, ConfigError, Environment, Schedule, Timeouts, Token};
use crate::names::{Region, TargetId};
use crate::origin::{BaseUrl, Origin, Role};

/// Klarna's playground (Klarna Open Banking docs, Quick start).
const KLARNA_API: &str = "https://api.openbanking.playground.klarna.com";
const KLARNA_AUTH: &str = "https://authapi.openbanking.playground.klarna.com";
const DEFAULT_REGIONS: [&str; 3] = ["us-east-1", "us-east-2", "us-west-1"];
/// TEST-NET-1 (RFC 5737): an address that is plainly nobody's, for test banks.
const TEST_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// An incident is told on all of them in one write, which takes 100 items.
const MOST_CHANNELS: usize = 30;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    home_region: Option<Region>,
    regions: Option<Vec<Region>>,
    interval: Option<Span>,
    #[serde(default)]
    schedule: Schedule,
    #[serde(default)]
    timeouts: TimeoutsTable,
    #[serde(default, rename = "target")]
    targets: Vec<TargetTable>,
    #[serde(default)]
    policy: PolicyTable,
    #[serde(default, rename = "channel")]
    channels: Vec<ChannelTable>,
    #[serde(default, rename = "maintenance")]
    maintenances: Vec<MaintenanceTable>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeoutsTable {
    run: Option<Span>,
    publish: Option<Span>,
    attempt: Option<Span>,
    cleanup: Option<Span>,
    request: Option<Span>,
    connect: Option<Span>,
    poll: Option<Span>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, one key each")]
struct TargetTable {
    id: TargetId,
    name: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    api_base_url: Option<BaseUrl>,
    auth_base_url: Option<BaseUrl>,
    #[serde(default)]
    allowed_origins: Vec<AllowedOrigin>,
    #[serde(default)]
    auth_token_on_wizard: bool,
    token_parameter: Option<String>,
    #[serde(default = "default_bank_code")]
    bank_code: String,
    #[serde(default)]
    country_code: CountryCode,
    #[serde(default = "default_interface")]
    interface: String,
    #[serde(default = "default_user_name")]
    user_name: String,
    password_parameter: Option<String>,
    psu_ip_address: Option<IpAddr>,
    #[serde(default)]
    psu_user_agent: UserAgent,
    #[serde(default)]
    attended: bool,
    #[serde(default)]
    min_available: Threshold,
    #[serde(default)]
    degraded_after: DegradedAfterTable,
    #[serde(default = "default_confirm")]
    confirm: bool,
    #[serde(default)]
    metrics: MetricDetail,
    #[serde(default)]
    muted: bool,
    runbook_url: Option<Url>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowedOrigin {
    origin: Origin,
    role: Role,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DegradedAfterTable {
    run: Option<Span>,
    #[serde(default)]
    steps: Steps,
}

/// Parses the file and fills in what the environment and the defaults say; all
/// but the maintenance windows, which come beside it.
pub(super) fn parse(text: &str, environment: &Environment) -> Result<(Config, Vec<MaintenanceTable>), ConfigError> {
    let file: File = toml::from_str(text).map_err(|error| at_its_place(text, &error))?;
    let regions = file.regions.unwrap_or_else(default_regions);
    let home_region = match (file.home_region, regions.first()) {
        (Some(home), _) => home,
        (None, Some(first)) => first.clone(),
        (None, None) => return Err(key("regions", "is empty; name at least one")),
    };
    if !regions.contains(&home_region) {
        // Only a region that probes sees the certificates, and the home region tells their dates.
        return Err(key("home_region", "is not one of `regions`"));
    }
    refuse_repeats("regions", regions.iter().map(Region::as_str))?;
    let tables = if file.targets.is_empty() { vec![TargetTable::klarna_playground()?] } else { file.targets };
    let targets: Vec<Target> = tables.into_iter().map(|table| table.finish(environment)).collect::<Result<_, _>>()?;
    refuse_repeats("target.id", targets.iter().map(|target| target.id.as_str()))?;
    let interval = interval(file.interval)?;
    let timeouts = file.timeouts.finish()?;
    let policy = file.policy.finish(regions.len())?;
    let channels: Vec<Channel> = file.channels.into_iter().map(ChannelTable::finish).collect::<Result<_, _>>()?;
    if channels.len() > MOST_CHANNELS {
        return Err(key("channel", &format!("there are {}, at most {MOST_CHANNELS} are allowed", channels.len())));
    }
    refuse_repeats("channel.id", channels.iter().map(|channel| channel.id.as_str()))?;
    // SNS has one subscription for an address.
    refuse_repeats("channel", channels.iter().filter_map(|channel| channel.kind.endpoint()))?;
    let (schedule, maintenances) = (file.schedule, Vec::new());
    let config = Config { home_region, regions, interval, schedule, timeouts, targets, policy, channels, maintenances };
    Ok((config, file.maintenances))
}

fn interval(given: Option<Span>) -> Result<Duration, ConfigError> {
    let interval = given.map_or(Duration::from_mins(1), |span| span.0);
    if interval.as_secs() == 0 || !interval.as_secs().is_multiple_of(60) || interval.subsec_nanos() != 0 {
        return Err(key("interval", "must be whole minutes: the schedule counts in minutes"));
    }
    Ok(interval)
}

impl TimeoutsTable {
    fn finish(self) -> Result<Timeouts, ConfigError> {
        let default = Timeouts::default();
        let or = |span: Option<Span>, default: Duration| span.map_or(default, |span| span.0);
        let timeouts = Timeouts {
            run: or(self.run, default.run),
            publish: or(self.publish, default.publish),
            attempt: or(self.attempt, default.attempt),
            cleanup: or(self.cleanup, default.cleanup),
            request: or(self.request, default.request),
            connect: or(self.connect, default.connect),
            poll: or(self.poll, default.poll),
        };
        if timeouts.run <= timeouts.publish + timeouts.cleanup {
            return Err(key("timeouts.run", "leaves no time for the journey beside publish and cleanup"));
        }
        Ok(timeouts)
    }
}

impl TargetTable {
    fn klarna_playground() -> Result<Self, ConfigError> {
        toml::from_str("id = \"klarna-playground\"").map_err(|error| key("target", error.message()))
    }

    fn finish(self, environment: &Environment) -> Result<Target, ConfigError> {
        let api_base_url = base_url(environment.api_base_url.as_ref(), self.api_base_url, KLARNA_API)?;
        let auth_base_url = base_url(environment.auth_base_url.as_ref(), self.auth_base_url, KLARNA_AUTH)?;
        let ip_address = address(&self.id, self.psu_ip_address, &api_base_url)?;
        let parameter = self.token_parameter.map(Token::Parameter);
        let token = environment.token.clone().or(parameter);
        Ok(Target {
            name: self.name.unwrap_or_else(|| self.id.to_string()),
            id: self.id,
            tags: self.tags,
            api_base_url,
            auth_base_url,
            allowed_origins: self.allowed_origins.into_iter().map(|allowed| (allowed.origin, allowed.role)).collect(),
            auth_token_on_wizard: self.auth_token_on_wizard,
            token,
            bank_code: self.bank_code,
            country_code: self.country_code.0,
            interface: self.interface,
            user_name: self.user_name,
            password_parameter: self.password_parameter,
            psu: PsuContext { ip_address, user_agent: self.psu_user_agent.0 },
            attended: self.attended,
            min_available: self.min_available.0,
            degraded_after: self.degraded_after.finish(),
            confirm: self.confirm,
            metrics: self.metrics,
            muted: self.muted,
            runbook_url: self.runbook_url,
        })
    }
}

impl DegradedAfterTable {
    fn finish(self) -> DegradedAfter {
        DegradedAfter { run: self.run.map(|span| span.0), steps: StepLimits(self.steps.0) }
    }
}

/// A real bank is told the real address; a test bank may be told nobody's.
fn address(id: &TargetId, given: Option<IpAddr>, api: &BaseUrl) -> Result<IpAddr, ConfigError> {
    let klarna = KLARNA_API.parse::<BaseUrl>().is_ok_and(|klarna| klarna.origin() == api.origin());
    match given {
        Some(address) => Ok(address),
        None if klarna || api.origin().is_loopback() => Ok(TEST_ADDRESS),
        None => {
            let reason = "is required for a real bank: the address that the requests come from";
            Err(key(format!("target `{id}`: psu_ip_address"), reason))
        }
    }
}

fn default_bank_code() -> String {
    "00000".to_owned()
}

fn default_interface() -> String {
    "de_testbank_bias".to_owned()
}

fn default_user_name() -> String {
    "redirect".to_owned()
}

const fn default_confirm() -> bool {
    true
}

fn base_url(environment: Option<&BaseUrl>, file: Option<BaseUrl>, default: &str) -> Result<BaseUrl, ConfigError> {
    match environment.cloned().or(file) {
        Some(url) => Ok(url),
        None => default.parse().map_err(|error| key("api_base_url", &error)),
    }
}

fn default_regions() -> Vec<Region> {
    DEFAULT_REGIONS.iter().filter_map(|region| region.parse().ok()).collect()
}

fn refuse_repeats<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Result<(), ConfigError> {
    let mut seen = std::collections::BTreeSet::new();
    for value in values {
        if !seen.insert(value) {
            return Err(key(name, &format!("`{value}` stands there twice")));
        }
    }
    Ok(())
}

pub(super) fn key(key: impl Into<String>, reason: &(impl ToString + ?Sized)) -> ConfigError {
    ConfigError::Key { key: key.into(), reason: reason.to_string() }
}

fn at_its_place(text: &str, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    ConfigError::File {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).map_or(0, |line| line.chars().count()) + 1,
        reason: error.message().to_owned(),
    }
}
