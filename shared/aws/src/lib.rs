//! The AWS clients, built once per process: `CloudWatch`, SNS, SSM; on demand
//! S3, `DynamoDB` and phone calls, which not every program has.
//!
//! One TLS stack for all of them: rustls on ring. Each operation, its retries
//! included, ends within [`Settings::operation_timeout`]; throttling and server
//! errors are retried by the SDK, phone calls excepted.

mod batches;
mod bucket;
mod error;
mod metrics;
mod operation;
mod parameter;
mod table;
mod topic;
mod voice;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
pub use aws_sdk_cloudwatch::config::Credentials;
use aws_sdk_cloudwatch::config::{SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::Builder as HttpBuilder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use model::names::Region;
use url::Url;

pub use bucket::{Bucket, If, Object, Put, console_link};
pub use error::AwsError;
pub use metrics::PutReport;
pub use operation::Operation;
pub use table::{Attribute, Change, Condition, Item, Key, Table, Write, WriteError};
pub use topic::Alert;
pub use voice::{CallError, Voice, VoiceCall};

/// What the clients need to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The region they speak to.
    pub region: Region,
    /// A local AWS; none: the real one.
    pub endpoint_url: Option<Url>,
    /// Who they are; none: what [`Clients::new`] and [`Clients::load`] say.
    pub credentials: Option<Credentials>,
    /// The most time that one operation takes, retries included.
    pub operation_timeout: Duration,
}

/// The clients of one region. Cheap to clone: clones share their connections.
#[derive(Clone, Debug)]
pub struct Clients {
    cloudwatch: aws_sdk_cloudwatch::Client,
    sns: aws_sdk_sns::Client,
    ssm: aws_sdk_ssm::Client,
    /// For the clients that are built on demand: where nobody asks for one, the
    /// linker drops its code.
    config: SdkConfig,
    settings: Settings,
}

impl Clients {
    /// Builds the clients of a function, which has its credentials from Lambda.
    /// Without credentials every call fails and says so. Nothing is sent yet.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(https())
            .timeout_config(timeouts(settings))
            .retry_config(retries())
            .region(region(settings));
        config.set_endpoint_url(settings.endpoint_url.as_ref().map(Url::to_string));
        config.set_credentials_provider(settings.credentials.clone().map(SharedCredentialsProvider::new));
        Self::from_config(settings, config.build())
    }

    /// The same for a person: without credentials, AWS's usual chain of profile,
    /// container and machine is asked for them. A function has no use for the
    /// chain, and where nobody calls this, the linker drops its code.
    pub async fn load(settings: &Settings) -> Self {
        if settings.credentials.is_some() {
            return Self::new(settings);
        }
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(https())
            .timeout_config(timeouts(settings))
            .retry_config(retries())
            .region(region(settings));
        if let Some(endpoint) = &settings.endpoint_url {
            loader = loader.endpoint_url(endpoint.as_str());
        }
        // On the heap: the chain's future is large.
        Self::from_config(settings, Box::pin(loader.load()).await)
    }

    fn from_config(settings: &Settings, config: SdkConfig) -> Self {
        Self {
            cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
            ssm: aws_sdk_ssm::Client::new(&config),
            config,
            settings: settings.clone(),
        }
    }
}

/// The credentials that Lambda hands to a function in its environment (AWS
/// Lambda Developer Guide, Defined runtime environment variables). They are
/// replaced only together with the process.
#[must_use]
pub fn credentials(variables: &BTreeMap<String, String>) -> Option<Credentials> {
    let get = |name: &str| variables.get(name).filter(|value| !value.is_empty());
    Some(Credentials::new(
        get("AWS_ACCESS_KEY_ID")?,
        get("AWS_SECRET_ACCESS_KEY")?,
        get("AWS_SESSION_TOKEN").cloned(),
        None,
        "environment",
    ))
}

/// Connections of their own, over the one TLS stack.
fn https() -> SharedHttpClient {
    HttpBuilder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

fn timeouts(settings: &Settings) -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_timeout(settings.operation_timeout)
        .operation_attempt_timeout(settings.operation_timeout / 2)
        .connect_timeout(settings.operation_timeout / 4)
        .build()
}

/// The default back-off starts at a second: too slow for the few there are.
fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(4)
        .with_initial_backoff(Duration::from_millis(100))
        .with_max_backoff(Duration::from_secs(1))
}

fn region(settings: &Settings) -> aws_config::Region {
    aws_config::Region::new(settings.region.as_str().to_owned())
}
