//! S3: whole objects of a bucket, read and written.
//!
//! Not the SDK's client for S3, whose code would take more of the package than
//! all others together: requests signed here, sent by the SDK's orchestrator,
//! with its retries and timeouts.

mod links;
mod signature;
mod wire;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::config::{Credentials, ProvideCredentials};
use jiff::Timestamp;
use model::names::{BucketName, Region, ReportUri};
use url::Url;

use crate::{AwsError, Clients, Operation};

pub use links::console_link;
use signature::Signer;
use wire::Request;

/// A bucket, spoken to in its region. Keys are of the alphabet that
/// [`ReportUri`] takes.
#[derive(Clone, Debug)]
pub struct Bucket {
    name: BucketName,
    region: Region,
    endpoint_url: Option<Url>,
    operation_timeout: Duration,
    config: SdkConfig,
}

/// What is written.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    /// As which media type it is served.
    pub content_type: &'static str,
    /// For how long it may be kept by who reads it (RFC 9111, section 5.2); none: nothing is said.
    pub cache_control: Option<&'static str>,
    /// Its bytes.
    pub body: &'a [u8],
}

/// Under which condition an object is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum If {
    /// The key has none yet (Amazon S3 User Guide, How to prevent object
    /// overwrites with conditional writes).
    First,
    /// Whatever is there.
    Any,
}

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The object is there.
    Done,
    /// Another one was there before, and still is.
    TakenBefore,
}

impl Clients {
    /// A bucket in the region of these clients.
    #[must_use]
    pub fn bucket(&self, name: &BucketName) -> Bucket {
        Bucket {
            name: name.clone(),
            region: self.settings.region.clone(),
            endpoint_url: self.settings.endpoint_url.clone(),
            operation_timeout: self.settings.operation_timeout,
            config: self.config.clone(),
        }
    }
}

impl Bucket {
    /// The most bytes of an object that is read: 2 MiB.
    pub const LARGEST: u64 = 2 * 1024 * 1024;

    /// The same name in another region.
    #[must_use]
    pub fn in_region(self, region: &Region) -> Self {
        Self { region: region.clone(), ..self }
    }

    /// The object of a key; none when there is none.
    ///
    /// Without the right to list the bucket, S3 does not tell a missing object
    /// from a forbidden one (Amazon S3 API Reference, `GetObject`,
    /// Permissions): both are the error [`AwsError::is_denied`].
    ///
    /// # Errors
    /// When S3 refuses, when the object is larger than [`Bucket::LARGEST`], and
    /// for a key that no report has.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, AwsError> {
        let request = Request { operation: Operation::GetObject, method: "GET", headers: Vec::new(), body: &[] };
        match self.call(key, request).await {
            Ok(body) => Ok(Some(body)),
            Err(AwsError::Call { code, .. }) if code == "NoSuchKey" => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes an object.
    ///
    /// # Errors
    /// When S3 refuses for another reason than the condition, and for a key
    /// that no report has.
    pub async fn put(&self, key: &str, object: &Object<'_>, condition: If) -> Result<Put, AwsError> {
        let mut headers = vec![("content-type", object.content_type)];
        headers.extend(object.cache_control.map(|told| ("cache-control", told)));
        if condition == If::First {
            headers.push(("if-none-match", "*"));
        }
        let request = Request { operation: Operation::PutObject, method: "PUT", headers, body: object.body };
        match self.call(key, request).await {
            Ok(_) => Ok(Put::Done),
            Err(AwsError::Call { code, .. }) if code == "PreconditionFailed" => Ok(Put::TakenBefore),
            Err(error) => Err(error),
        }
    }

    /// A link that reads an object without a login, from `now` for `lifetime`,
    /// of which whole seconds count and at most seven days. It ends earlier
    /// when the credentials end that signed it (Amazon S3 User Guide, Download
    /// and upload objects with presigned URLs).
    ///
    /// # Errors
    /// When there are no credentials, and for a key that no report has.
    pub async fn signed_link(&self, key: &str, now: Timestamp, lifetime: Duration) -> Result<Url, AwsError> {
        let operation = Operation::GetObject;
        let url = self.url(operation, key)?;
        let credentials = self.credentials(operation).await?;
        let time = now.try_into().map_err(|error: jiff::Error| AwsError::unsendable(operation, error.to_string()))?;
        let signer = Signer { credentials: &credentials, region: self.region.as_str(), time };
        signer.link(url, lifetime).map_err(|reason| AwsError::unsendable(operation, reason))
    }

    async fn call(&self, key: &str, request: Request<'_>) -> Result<Vec<u8>, AwsError> {
        let operation = request.operation;
        let url = self.url(operation, key)?;
        // On the heap, like all that is large for those who await it.
        let called = Box::pin(tokio::time::timeout(self.operation_timeout, self.sign_and_send(&url, request)));
        let answer = called.await.unwrap_or_else(|_elapsed| Err(AwsError::too_late(operation)));
        answer.map_err(|error| error.about(&format!("s3://{}/{key}", self.name)))
    }

    async fn sign_and_send(&self, url: &Url, request: Request<'_>) -> Result<Vec<u8>, AwsError> {
        let credentials = self.credentials(request.operation).await?;
        let time = self.config.time_source().unwrap_or_default().now();
        let signer = Signer { credentials: &credentials, region: self.region.as_str(), time };
        wire::send(&self.config, url, &request, &signer).await
    }

    async fn credentials(&self, operation: Operation) -> Result<Credentials, AwsError> {
        let provider = self.config.credentials_provider().ok_or_else(|| AwsError::no_credentials(operation))?;
        provider.provide_credentials().await.map_err(|_error| AwsError::no_credentials(operation))
    }

    /// AWS knows a bucket by its host, a local AWS by its path (Amazon S3 User
    /// Guide, Virtual hosting of general purpose buckets).
    fn url(&self, operation: Operation, key: &str) -> Result<Url, AwsError> {
        let unsendable = |reason| AwsError::unsendable(operation, reason);
        ReportUri::new(&self.name, key).map_err(|error| unsendable(error.to_string()))?;
        let url = if let Some(endpoint) = &self.endpoint_url {
            format!("{}/{}/{key}", endpoint.as_str().trim_end_matches('/'), self.name)
        } else {
            let domain = if self.region.as_str().starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
            format!("https://{}.s3.{}.{domain}/{key}", self.name, self.region)
        };
        url.parse().map_err(|error: url::ParseError| unsendable(error.to_string()))
    }
}
