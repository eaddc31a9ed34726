use model::names::{BucketName, Region};
use url::Url;

/// The console's page of an object: it asks for a login, and opens the object
/// with the reader's own rights.
#[must_use]
pub fn console_link(region: &Region, bucket: &BucketName, key: &str) -> Option<Url> {
    let page = format!("https://{region}.console.aws.amazon.com/s3/object/{bucket}");
    let mut url: Url = page.parse().ok()?;
    url.query_pairs_mut().append_pair("region", region.as_str()).append_pair("prefix", key);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_shown_in_its_region() {
        let url = console_link(
            &"us-west-1".parse().unwrap(),
            &"reports-1".parse().unwrap(),
            "reports/a-bank/us-west-1/20261125T100000Z.html",
        );
        let expected = "https://us-west-1.console.aws.amazon.com/s3/object/reports-1?region=us-west-1\
                        &prefix=reports%2Fa-bank%2Fus-west-1%2F20261125T100000Z.html";
        assert_eq!(url.unwrap().as_str(), expected);
    }
}
