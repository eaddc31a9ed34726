//! Where reports stand in S3.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::NameError;

/// The name of an S3 bucket: 3 to 63 of `a-z`, `0-9` and `-`, with a letter or
/// digit at each end (Amazon S3 User Guide, General purpose bucket naming
/// rules). S3 would also take dots, but the certificate of a bucket's host does
/// not cover them (same guide, Virtual hosting of general purpose buckets).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BucketName(String);

/// Where a report stands: `s3://BUCKET/KEY`. The key is 1 to 1024 of letters,
/// digits and `._/-`, and no part between slashes is empty, `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReportUri {
    text: String,
    bucket: BucketName,
}

const SCHEME: &str = "s3://";

impl ReportUri {
    /// The place of a key in a bucket.
    ///
    /// # Errors
    /// When the key holds what a report's key never does.
    pub fn new(bucket: &BucketName, key: &str) -> Result<Self, NameError> {
        format!("{SCHEME}{bucket}/{key}").parse()
    }

    /// The whole, as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The bucket.
    #[must_use]
    pub const fn bucket(&self) -> &BucketName {
        &self.bucket
    }

    /// The key in the bucket.
    #[must_use]
    pub fn key(&self) -> &str {
        self.text.split_at_checked(SCHEME.len() + self.bucket.0.len() + 1).unwrap_or_default().1
    }

    fn from_parts(text: &str) -> Option<Self> {
        let (bucket, key) = text.strip_prefix(SCHEME)?.split_once('/')?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
        let valid = key.len() <= 1024 && key.bytes().all(fits);
        if !valid || key.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return None;
        }
        Some(Self { text: text.to_owned(), bucket: bucket.parse().ok()? })
    }
}

impl TryFrom<String> for ReportUri {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::from_parts(&text).ok_or(NameError::Report(text))
    }
}

as_text!(ReportUri, text);
name!(BucketName, Bucket, |text| {
    let end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    (3..=63).contains(&bytes.len()) && super::plain(text) && end(bytes.first()) && end(bytes.last())
});

/// The keys of what is kept in a bucket for reports. They are of the alphabet
/// that [`ReportUri`] takes.
pub mod keys {
    use jiff::Timestamp;

    use super::super::{Region, TargetId};

    /// The overview, in the bucket of the home region.
    pub const OVERVIEW: &str = "overview/index.html";

    /// The page of a run: `reports/TARGET/REGION/20261125T100000Z.html`.
    #[must_use]
    pub fn report_page(target: &TargetId, region: &Region, scheduled_at: Timestamp) -> String {
        format!("reports/{target}/{region}/{}.html", minute(scheduled_at))
    }

    /// The full report of a run, beside its page.
    #[must_use]
    pub fn report_json(target: &TargetId, region: &Region, scheduled_at: Timestamp) -> String {
        format!("reports/{target}/{region}/{}.json", minute(scheduled_at))
    }

    /// The full report of a recent run that passed: `latest/TARGET/REGION.json`.
    #[must_use]
    pub fn latest(target: &TargetId, region: &Region) -> String {
        format!("latest/{target}/{region}.json")
    }

    /// `20261125T100000Z`: sorts by time, and has no colon, which some file
    /// systems refuse.
    #[must_use]
    pub fn minute(scheduled_at: Timestamp) -> String {
        scheduled_at.strftime("%Y%m%dT%H%M%SZ").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_has_a_plain_name() {
        for good in ["abc", "xs2a-monitor-reports-us-east-1", &"a".repeat(63)] {
            assert!(good.parse::<BucketName>().is_ok(), "{good}");
        }
        for bad in ["", "ab", "-abc", "abc-", "Abc", "a.b.c", "a_b_c", "192.168.5.4", "a/b", &"a".repeat(64)] {
            let error = bad.parse::<BucketName>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{bad}` is not a bucket name")), "{error}");
        }
    }

    #[test]
    fn a_report_is_known_by_its_bucket_and_key() {
        let uri: ReportUri = serde_json::from_value("s3://reports-1/reports/a/us-east-1/x.html".into()).unwrap();
        assert_eq!((uri.bucket().as_str(), uri.key()), ("reports-1", "reports/a/us-east-1/x.html"));
        assert_eq!(ReportUri::new(uri.bucket(), uri.key()), Ok(uri.clone()));
        assert_eq!(serde_json::to_value(&uri).unwrap(), uri.as_str());
        for bad in [
            "",
            "reports-1/a",
            "https://reports-1/a",
            "s3://reports-1",
            "s3://reports-1/",
            "s3://reports-1//a",
            "s3://reports-1/a/",
            "s3://reports-1/a/../b",
            "s3://reports-1/./a",
            "s3://reports-1/a b",
            "s3://reports-1/a?b",
            "s3://reports-1/a#b",
            "s3://reports-1/<script>",
            "s3://Reports/a",
            &format!("s3://reports-1/{}", "a".repeat(1025)),
        ] {
            assert!(bad.parse::<ReportUri>().is_err(), "{bad}");
        }
    }

    #[test]
    fn every_key_is_one_that_a_uri_takes() {
        let (target, region) = ("a-bank".parse().unwrap(), "us-east-1".parse().unwrap());
        let at = "2026-11-25T10:00:00Z".parse().unwrap();
        let bucket: BucketName = "reports-1".parse().unwrap();
        for (key, expected) in [
            (keys::report_page(&target, &region, at), "reports/a-bank/us-east-1/20261125T100000Z.html"),
            (keys::report_json(&target, &region, at), "reports/a-bank/us-east-1/20261125T100000Z.json"),
            (keys::latest(&target, &region), "latest/a-bank/us-east-1.json"),
            (keys::OVERVIEW.to_owned(), "overview/index.html"),
        ] {
            assert_eq!(key, expected);
            assert_eq!(ReportUri::new(&bucket, &key).unwrap().key(), expected);
        }
    }
}
