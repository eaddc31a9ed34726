//! The names that a person gives: targets, regions, channels and topics; and
//! those of what a deployment keeps.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! name {
    ($type:ident, $error:ident, $valid:expr) => {
        impl $type {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text)) } else { Err(NameError::$error(text)) }
            }
        }

        as_text!($type, 0);
    };
}

/// What every name has in common, once it can be made from a string: the text
/// is in the field of this name.
macro_rules! as_text {
    ($type:ident, $text:tt) => {
        impl std::str::FromStr for $type {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.$text
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.$text)
            }
        }
    };
}

mod object;

pub use object::{BucketName, ReportUri, keys};

/// A target's id: 1 to 64 of `a-z`, `0-9` and `-`, and not [`TargetId::ALL`]. It
/// becomes a metric dimension, an SNS attribute and part of an S3 key, so it
/// stays plain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct TargetId(String);

/// An AWS region's code, as `us-east-1`. Its form is checked, not its existence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

/// A channel's id: 1 to 32 of `a-z`, `0-9` and `-`, and not
/// [`ChannelId::ALERT_TOPIC`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelId(String);

impl TargetId {
    /// The word for all targets, where a message names its target.
    pub const ALL: &'static str = "all";
}

impl ChannelId {
    /// The name of the alert topic among the channels; no channel of the
    /// configuration may have it.
    pub const ALERT_TOPIC: &'static str = "alert-topic";
}

/// The ARN of a standard SNS topic, as
/// `arn:aws:sns:us-east-1:123456789012:run-results`. Its form is checked, not
/// its existence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TopicArn {
    text: String,
    region: Region,
    account: String,
}

/// Why a text is not the name it was given as.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not a target id.
    #[error("`{0}` is not a target id: 1 to 64 of a-z, 0-9 and -, and not all")]
    Target(String),
    /// Not a channel id.
    #[error("`{0}` is not a channel id: 1 to 32 of a-z, 0-9 and -, and not alert-topic")]
    Channel(String),
    /// Not a region code.
    #[error("`{0}` is not an AWS region code such as us-east-1")]
    Region(String),
    /// Not the ARN of a topic.
    #[error("`{0}` is not the ARN of an SNS topic")]
    Topic(String),
    /// Not the name of a bucket.
    #[error("`{0}` is not a bucket name: 3 to 63 of a-z, 0-9 and -, with a letter or digit at each end")]
    Bucket(String),
    /// Not the place of a report.
    #[error("`{0}` is not where a report stands, s3://BUCKET/KEY")]
    Report(String),
}

impl TopicArn {
    /// The ARN as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The region that the topic stands in.
    #[must_use]
    pub const fn region(&self) -> &Region {
        &self.region
    }

    /// The account that owns the topic: 12 digits.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    fn from_parts(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, "sns", region, account, name] = parts.as_slice() else { return None };
        let known = *partition == "aws" || (partition.starts_with("aws-") && plain(partition));
        let owned = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        if !(known && owned && topic_name(name)) {
            return None;
        }
        Some(Self { text: text.to_owned(), region: region.parse().ok()?, account: (*account).to_owned() })
    }
}

fn plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Amazon SNS API Reference, `CreateTopic`; FIFO topics, whose names have a dot,
/// deliver neither to Lambda nor to people.
fn topic_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=256).contains(&text.len()) && text.bytes().all(fits)
}

impl TryFrom<String> for TopicArn {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::from_parts(&text).ok_or(NameError::Topic(text))
    }
}

as_text!(TopicArn, text);
name!(TargetId, Target, |text| (1..=64).contains(&text.len()) && plain(text) && text != TargetId::ALL);
name!(ChannelId, Channel, |text| (1..=32).contains(&text.len()) && plain(text) && text != ChannelId::ALERT_TOPIC);
name!(Region, Region, |text| {
    let parts: Vec<&str> = text.split('-').collect();
    let number = parts.last().is_some_and(|part| part.len() == 1 && part.bytes().all(|b| b.is_ascii_digit()));
    plain(text) && (3..=5).contains(&parts.len()) && number && parts.iter().all(|part| !part.is_empty())
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for good in ["klarna-playground", "a", "0"] {
            assert!(good.parse::<TargetId>().is_ok(), "{good}");
        }
        for bad in ["", "Klarna", "a b", "a/b", &"a".repeat(65)] {
            assert!(bad.parse::<TargetId>().is_err(), "{bad}");
        }
        for good in ["us-east-1", "ap-southeast-2", "us-gov-west-1"] {
            assert!(good.parse::<Region>().is_ok(), "{good}");
        }
        for bad in ["", "us-east", "useast1", "us--1", "US-EAST-1", "us-east-1a"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_topic_is_known_by_its_arn() {
        for (arn, region) in [
            ("arn:aws:sns:us-east-1:123456789012:run-results", "us-east-1"),
            ("arn:aws-cn:sns:cn-north-1:123456789012:A_b-9", "cn-north-1"),
            ("arn:aws-us-gov:sns:us-gov-west-1:123456789012:t", "us-gov-west-1"),
        ] {
            let topic: TopicArn = serde_json::from_value(arn.into()).unwrap();
            assert_eq!((topic.region().as_str(), topic.account(), topic.as_str()), (region, "123456789012", arn));
            assert_eq!((topic.to_string(), serde_json::to_value(&topic).unwrap()), (arn.to_owned(), arn.into()));
        }
        for bad in [
            "",
            "run-results",
            "arn:aws:sqs:us-east-1:123456789012:t",
            "arn:gcp:sns:us-east-1:123456789012:t",
            "arn:aws-CN:sns:cn-north-1:123456789012:t",
            "arn:aws:sns:useast1:123456789012:t",
            "arn:aws:sns::123456789012:t",
            "arn:aws:sns:us-east-1:12345678901:t",
            "arn:aws:sns:us-east-1:12345678901x:t",
            "arn:aws:sns:us-east-1:123456789012:",
            "arn:aws:sns:us-east-1:123456789012:t.fifo",
            "arn:aws:sns:us-east-1:123456789012:a b",
            "arn:aws:sns:us-east-1:123456789012:t:6b0e71bd-7e97-4d97-80ce-4a0994e55286",
            " arn:aws:sns:us-east-1:123456789012:t",
            &format!("arn:aws:sns:us-east-1:123456789012:{}", "a".repeat(257)),
        ] {
            let error = bad.parse::<TopicArn>().unwrap_err();
            assert_eq!(error.to_string(), format!("`{bad}` is not the ARN of an SNS topic"));
        }
    }
}
