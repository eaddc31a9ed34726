//! Where the reader of an alert finds more. A link is there only when the
//! deployment says that its target is.

use alerting::text::Links;
use alerting::{Notice, Vote};
use model::config::Environment;
use model::names::Region;
use url::Url;

/// What a deployment has to link to.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    dashboard: Option<Url>,
    probe_log_group: Option<String>,
}

impl From<&Environment> for Places {
    fn from(environment: &Environment) -> Self {
        Self { dashboard: environment.dashboard_url.clone(), probe_log_group: environment.probe_log_group.clone() }
    }
}

impl Places {
    /// The links of a notice.
    pub(crate) fn of(&self, notice: &Notice) -> Links {
        let logs = || log_group(region(notice)?, self.probe_log_group.as_deref()?);
        Links { report: None, dashboard: self.dashboard.clone(), logs: logs() }
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
    use super::*;

    #[test]
    fn a_log_group_is_shown_in_its_region() {
        let url = log_group(&"us-west-1".parse().unwrap(), "/aws/lambda/xs2a-monitor-probe").unwrap();
        let expected = "https://us-west-1.console.aws.amazon.com/cloudwatch/home?region=us-west-1\
                        #logsV2:log-groups/log-group/$252Faws$252Flambda$252Fxs2a-monitor-probe";
        assert_eq!(url.as_str(), expected);
    }
}
