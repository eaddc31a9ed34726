//! Signature version 4 as S3 wants it: the hash of the body stands in a header
//! of its own, and the path is signed as it is sent (Amazon S3 API Reference,
//! Authenticating Requests: Using the Authorization Header).

use std::time::{Duration, SystemTime};

use aws_sdk_cloudwatch::config::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningInstructions,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use url::Url;

use super::wire::Request;

/// Who signs, where and when.
pub(super) struct Signer<'a> {
    pub(super) credentials: &'a Credentials,
    pub(super) region: &'a str,
    pub(super) time: SystemTime,
}

impl Signer<'_> {
    /// The headers that a request needs beside its own.
    ///
    /// # Errors
    /// What cannot be signed.
    pub(super) fn headers(&self, url: &Url, request: &Request<'_>) -> Result<Vec<(String, String)>, String> {
        let mut settings = settings(SignatureLocation::Headers);
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let body = SignableBody::Bytes(request.body);
        let headers = request.headers.iter().copied();
        let signed = self.sign((request.method, url), headers, body, settings)?;
        Ok(signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The URL with a signature for reading it (same reference, Authenticating
    /// Requests: Using Query Parameters).
    ///
    /// # Errors
    /// What cannot be signed.
    pub(super) fn link(&self, mut url: Url, lifetime: Duration) -> Result<Url, String> {
        let mut settings = settings(SignatureLocation::QueryParams);
        settings.expires_in = Some(lifetime);
        let signed = self.sign(("GET", &url), std::iter::empty(), SignableBody::UnsignedPayload, settings)?;
        let parameters = signed.params().iter().map(|(name, value)| (*name, value.as_ref()));
        url.query_pairs_mut().extend_pairs(parameters);
        Ok(url)
    }

    fn sign<'r>(
        &self,
        (method, url): (&'r str, &'r Url),
        headers: impl Iterator<Item = (&'r str, &'r str)>,
        body: SignableBody<'r>,
        settings: SigningSettings,
    ) -> Result<SigningInstructions, String> {
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name("s3")
            .time(self.time)
            .settings(settings)
            .build()
            .map_err(|error| error.to_string())?
            .into();
        let request = SignableRequest::new(method, url.as_str(), headers, body).map_err(|error| error.to_string())?;
        let (instructions, _signature) = sign(request, &parameters).map_err(|error| error.to_string())?.into_parts();
        Ok(instructions)
    }
}

fn settings(location: SignatureLocation) -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.signature_location = location;
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Operation;

    /// The account and the moment of the examples (Amazon S3 API Reference).
    fn example(check: impl FnOnce(&Signer<'_>)) {
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", secret, None, None, "example");
        let time: jiff::Timestamp = "2013-05-24T00:00:00Z".parse().unwrap();
        let time = time.try_into().unwrap();
        check(&Signer { credentials: &credentials, region: "us-east-1", time });
    }

    /// Signature Calculations for the Authorization Header, Example: GET Object.
    #[test]
    fn a_request_is_signed_as_in_the_reference() {
        example(|signer| {
            let url = "https://examplebucket.s3.amazonaws.com/test.txt".parse().unwrap();
            let headers = vec![("range", "bytes=0-9")];
            let request = Request { operation: Operation::GetObject, method: "GET", headers, body: &[] };
            let headers: BTreeMap<_, _> = signer.headers(&url, &request).unwrap().into_iter().collect();
            assert_eq!(
                headers["authorization"].replace(", ", ","),
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
                 SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,\
                 Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
            );
        });
    }

    /// Authenticating Requests: Using Query Parameters, the example at its end.
    #[test]
    fn a_link_is_signed_as_in_the_reference() {
        example(|signer| {
            let url = "https://examplebucket.s3.amazonaws.com/test.txt".parse().unwrap();
            let link = signer.link(url, Duration::from_hours(24)).unwrap();
            let told: BTreeMap<_, _> = link.query_pairs().into_owned().collect();
            assert_eq!(told["X-Amz-Signature"], "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
            assert_eq!((told["X-Amz-Expires"].as_str(), told["X-Amz-SignedHeaders"].as_str()), ("86400", "host"));
        });
    }
}
