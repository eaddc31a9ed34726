use model::names::{BucketName, Region};
use url::Url;

/// The console's page of an object: it asks for a login, and opens the object
/// with the reader's own rights. None for a region whose console is not known.
#[must_use]
pub fn console_link(region: &Region, bucket: &BucketName, key: &str) -> Option<Url> {
    let page = format!("https://{region}.{}/s3/object/{bucket}", console(region.as_str())?);
    let mut url: Url = page.parse().ok()?;
    url.query_pairs_mut().append_pair("region", region.as_str()).append_pair("prefix", key);
    Some(url)
}

/// The console's domain, which each partition has its own of (AWS General
/// Reference, AWS Management Console endpoints; Amazon Web Services in China,
/// Endpoints and ARNs; AWS `GovCloud` (US) User Guide, Service endpoints).
fn console(region: &str) -> Option<&'static str> {
    let of = |prefixes: &[&str]| prefixes.iter().any(|prefix| region.starts_with(prefix));
    if of(&["cn-"]) {
        Some("console.amazonaws.cn")
    } else if of(&["us-gov-"]) {
        Some("console.amazonaws-us-gov.com")
    } else if of(&["us-iso", "eu-iso", "eusc-"]) {
        None
    } else {
        Some("console.aws.amazon.com")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_shown_in_its_region() {
        let key = "reports/a-bank/us-west-1/20261125T100000Z.html";
        for (region, host) in [
            ("us-west-1", Some("us-west-1.console.aws.amazon.com")),
            ("cn-north-1", Some("cn-north-1.console.amazonaws.cn")),
            ("us-gov-west-1", Some("us-gov-west-1.console.amazonaws-us-gov.com")),
            ("us-iso-east-1", None),
            ("us-isob-east-1", None),
            ("eu-isoe-west-1", None),
            ("eusc-de-east-1", None),
        ] {
            let url = console_link(&region.parse().unwrap(), &"reports-1".parse().unwrap(), key);
            let expected = host.map(|host| {
                format!(
                    "https://{host}/s3/object/reports-1?region={region}\
                     &prefix=reports%2Fa-bank%2Fus-west-1%2F20261125T100000Z.html"
                )
            });
            assert_eq!(url.map(String::from), expected, "{region}");
        }
    }
}
