//! A signed request to S3, and its answer.

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::config::ConfigBag;
use aws_sdk_cloudwatch::config::http::{HttpRequest, HttpResponse};
use aws_sdk_cloudwatch::error::{BoxError, ErrorMetadata};
use aws_smithy_runtime::client::orchestrator::operation::Operation as Sender;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::interceptors::context::{Error, Output};
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_runtime_api::client::ser_de::DeserializeResponse;
use url::{Position, Url};

use super::Bucket;
use super::signature::Signer;
use crate::{AwsError, Operation};

/// What S3 says when the same would be worth another try: a write to the same
/// key at the same time, too many requests, and trouble of its own (Amazon S3
/// API Reference, Error Responses).
const WORTH_ANOTHER_TRY: &[u16] = &[409, 429, 500, 502, 503, 504];

/// A request before its signature.
pub(super) struct Request<'a> {
    pub(super) operation: Operation,
    pub(super) method: &'static str,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) body: &'a [u8],
}

/// Sends a request, and again where that may help: the body of the answer.
pub(super) async fn send(
    config: &SdkConfig,
    url: &Url,
    request: &Request<'_>,
    signer: &Signer<'_>,
) -> Result<Vec<u8>, AwsError> {
    let unsendable = |reason| AwsError::unsendable(request.operation, reason);
    let ready = with_signature(url, request, signer).map_err(unsendable)?;
    let sent = sender(config, &url[..Position::BeforePath], request.operation).invoke(ready).await;
    sent.map_err(|error| AwsError::call(request.operation, &error))
}

fn with_signature(url: &Url, request: &Request<'_>, signer: &Signer<'_>) -> Result<HttpRequest, String> {
    let headers = signer.headers(url, request)?;
    let mut ready = HttpRequest::new(request.body.to_vec().into());
    ready.set_method(request.method).map_err(|error| error.to_string())?;
    ready.set_uri(&url[Position::BeforePath..]).map_err(|error| error.to_string())?;
    let own = request.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    for (name, value) in own.chain(headers) {
        ready.headers_mut().try_insert(name, value).map_err(|error| error.to_string())?;
    }
    Ok(ready)
}

/// The SDK's machinery, with what its clients have from `config`.
fn sender(config: &SdkConfig, origin: &str, operation: Operation) -> Sender<HttpRequest, Vec<u8>, ErrorMetadata> {
    let mut builder = Sender::builder()
        .service_name("s3")
        .operation_name(if operation == Operation::GetObject { "GetObject" } else { "PutObject" })
        .endpoint_url(origin)
        .no_auth()
        .retry_classifier(HttpStatusCodeClassifier::new_from_codes(WORTH_ANOTHER_TRY))
        .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new());
    if let Some(version) = config.behavior_version() {
        builder = builder.behavior_version(version);
    }
    if let Some(http) = config.http_client() {
        builder = builder.http_client(http);
    }
    if let Some(timeouts) = config.timeout_config() {
        builder = builder.timeout_config(timeouts.clone());
    }
    if let Some(retries) = config.retry_config() {
        builder = builder.standard_retry(retries);
    }
    let as_it_is = |request: HttpRequest| Ok::<_, BoxError>(request);
    builder.serializer(as_it_is).deserializer_impl(Reader { operation }).build()
}

/// Reads answers.
#[derive(Debug)]
struct Reader {
    operation: Operation,
}

impl DeserializeResponse for Reader {
    /// Before the body is read: S3 tells the length of an object, and HTTP holds it to that.
    fn deserialize_streaming_with_config(
        &self,
        response: &mut HttpResponse,
        _config: &ConfigBag,
    ) -> Option<Result<Output, OrchestratorError<Error>>> {
        if self.operation != Operation::GetObject || !response.status().is_success() {
            return None;
        }
        let told = response.headers().get("content-length").and_then(|length| length.parse::<u64>().ok());
        match told {
            Some(length) if length <= Bucket::LARGEST => None,
            Some(length) => {
                let reason = format!("the object takes {length} bytes, at most {} are read", Bucket::LARGEST);
                Some(Err(refusal("too large", reason)))
            }
            None => Some(Err(refusal("length unknown", "the answer does not tell how long it is".to_owned()))),
        }
    }

    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        _config: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        let body = response.body().bytes().unwrap_or_default();
        if response.status().is_success() {
            return Ok(Output::erase(body.to_vec()));
        }
        let text = String::from_utf8_lossy(body);
        let code = element(&text, "Code").map_or_else(|| format!("HTTP {}", response.status().as_u16()), str::to_owned);
        Err(refusal(code, element(&text, "Message").unwrap_or("no reason given").to_owned()))
    }
}

fn refusal(code: impl Into<String>, reason: String) -> OrchestratorError<Error> {
    let refusal = ErrorMetadata::builder().code(code).message(reason).build();
    OrchestratorError::operation(Error::erase(refusal))
}

/// The text of an element without children: S3's errors have no others of these names.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}
