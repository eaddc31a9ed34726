//! Where the reader of an alert finds more. A link is there only when the
//! deployment says that its target is.

use std::time::Duration;

use alerting::text::Links;
use alerting::{Notice, Vote};
use aws::Clients;
use jiff::Timestamp;
use model::config::Environment;
use model::names::Region;
use system::log;
use url::Url;

/// What a deployment has to link to.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    dashboard: Option<Url>,
    probe_log_group: Option<String>,
    /// How many hours a signed link to a report lives; none: they lead to the console.
    report_link_hours: Option<u8>,
}

impl From<&Environment> for Places {
    fn from(environment: &Environment) -> Self {
        Self {
            dashboard: environment.dashboard_url.clone(),
            probe_log_group: environment.probe_log_group.clone(),
            report_link_hours: environment.report_link_hours,
        }
    }
}

impl Places {
    /// The links of a notice; one that is signed lives from `now`, the moment of sending.
    pub(crate) async fn of(&self, aws: &Clients, notice: &Notice, now: Timestamp) -> Links {
        let logs = || log_group(region(notice)?, self.probe_log_group.as_deref()?);
        let signed = self.signed(aws, notice, now).await;
        let console = || notice.report().and_then(|(region, uri)| aws::console_link(region, uri.bucket(), uri.key()));
        Links {
            report_hours: self.report_link_hours.filter(|_| signed.is_some()),
            report: signed.or_else(console),
            dashboard: self.dashboard.clone(),
            logs: logs(),
        }
    }

    /// A link that opens the report of a notice without a login. What cannot be
    /// signed leads to the console: an alert does not wait for a link.
    async fn signed(&self, aws: &Clients, notice: &Notice, now: Timestamp) -> Option<Url> {
        let lifetime = Duration::from_hours(self.report_link_hours?.into());
        let (region, uri) = notice.report()?;
        let bucket = aws.bucket(uri.bucket()).in_region(region);
        let signed = bucket.signed_link(uri.key(), now, lifetime).await;
        signed.map_err(|error| log::fault(&format!("link to a report: {error}"))).ok()
    }
}

/// A region that fails, else one that took part, else the one that is silent.
fn region(notice: &Notice) -> Option<&Region> {
    let failing = notice.regions.iter().find(|facts| facts.vote == Vote::Failing);
    let concerned = failing.or(notice.regions.first()).map(|facts| &facts.region);
    concerned.or(notice.silent_region.as_ref())
}

/// The console's page of a log group. It takes names whose slashes are
/// percent-encoded twice, with `$` for the second percent sign.
fn log_group(region: &Region, name: &str) -> Option<Url> {
    let name = name.replace('/', "$252F");
    let console = format!("https://{region}.console.aws.amazon.com/cloudwatch/home");
    format!("{console}?region={region}#logsV2:log-groups/log-group/{name}").parse().ok()
}

#[cfg(test)]
mod tests {
    use alerting::{BadRun, Policy, RegionFacts, test_notifications};
    use aws::Settings;
    use model::config::Config;

    use super::*;

    const NOW: &str = "2026-11-25T10:01:09Z";
    const KEY: &str = "reports/a-bank/us-west-1/20261125T100100Z.html";

    /// A notice of one region that fails, with or without a report.
    fn notice(uri: Option<&str>) -> Notice {
        let config = Config::parse(None, &Environment::default()).unwrap();
        let at: Timestamp = NOW.parse().unwrap();
        let report = uri.map(|uri| uri.parse().unwrap());
        let last = Some(BadRun { scheduled_at: at, run_id: "1".to_owned(), error: None, report });
        let region = "us-west-1".parse().unwrap();
        let mut notice = test_notifications(&Policy::from(&config), at).remove(0).notice;
        notice.regions = vec![RegionFacts { region, vote: Vote::Failing, stale: false, since: at, last }];
        notice
    }

    /// The links in a deployment with links of so many hours, whose aggregator stands in another region.
    async fn links(uri: Option<&str>, hours: Option<u8>) -> Links {
        let pairs = [("AWS_ACCESS_KEY_ID", "testing"), ("AWS_SECRET_ACCESS_KEY", "canary-access-key")];
        let variables = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let settings = Settings {
            region: "us-east-1".parse().unwrap(),
            endpoint_url: None,
            credentials: aws::credentials(&variables),
            operation_timeout: Duration::from_secs(1),
        };
        let places = Places::from(&Environment { report_link_hours: hours, ..Environment::default() });
        places.of(&Clients::load(&settings).await, &notice(uri), NOW.parse().unwrap()).await
    }

    #[tokio::test]
    async fn a_report_is_linked_through_the_console_or_signed_and_only_when_there_is_one() {
        let uri = format!("s3://reports-1/{KEY}");
        let console = links(Some(&uri), None).await;
        assert_eq!(
            console.report,
            aws::console_link(&"us-west-1".parse().unwrap(), &"reports-1".parse().unwrap(), KEY)
        );
        assert_eq!(console.report_hours, None);

        let signed = links(Some(&uri), Some(12)).await;
        let url = signed.report.unwrap();
        let page = format!("https://reports-1.s3.us-west-1.amazonaws.com/{KEY}?");
        assert!(url.as_str().starts_with(&page) && url.as_str().contains("X-Amz-Date=20261125T100109Z"), "{url}");
        assert!(url.as_str().contains("X-Amz-Expires=43200") && !url.as_str().contains("canary"), "{url}");
        assert_eq!(signed.report_hours, Some(12));

        let none = links(None, Some(12)).await;
        assert_eq!((none.report, none.report_hours), (None, None));
    }

    #[test]
    fn a_log_group_is_shown_in_its_region() {
        let url = log_group(&"us-west-1".parse().unwrap(), "/aws/lambda/xs2a-monitor-probe").unwrap();
        let expected = "https://us-west-1.console.aws.amazon.com/cloudwatch/home?region=us-west-1\
                        #logsV2:log-groups/log-group/$252Faws$252Flambda$252Fxs2a-monitor-probe";
        assert_eq!(url.as_str(), expected);
    }
}
