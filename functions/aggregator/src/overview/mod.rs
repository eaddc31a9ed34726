//! The overview page: made every five minutes from the history and the states,
//! into the bucket of the home region.
//!
//! It comes after the sends and the heartbeat, and what fails here is told in
//! the log only: an old page says itself that it is old, and nobody is to be
//! woken for it.

mod incident;
mod past;
mod targets;

use std::time::Duration;

use alerting::TargetState;
use aws::{Bucket, If, Object};
use jiff::Timestamp;
use model::names::keys;
use report::overview::{Overview, overview};
use system::log;

use crate::outbox::Round;
use crate::{Aggregator, HandlerError};

/// The minutes between two overviews.
pub const PERIOD: i64 = 5;
/// The most time for a page; a tick keeps more than this in reserve.
const LONGEST: Duration = Duration::from_secs(15);
/// No longer than a reader of the page would wait for news.
const CACHED: &str = "max-age=60";

impl Aggregator {
    /// Makes the page in the minutes in which it is due. A target that is not
    /// among the states is shown as one that could not be read; when none is,
    /// the page before says more than a new one would.
    pub(crate) async fn show_overview(&self, states: &[TargetState], now: Timestamp, round: &Round) {
        let Some(bucket) = &self.overview else { return };
        if !is_due(now) || round.is_over(system::now()) {
            return;
        }
        if states.is_empty() && !self.policy.targets.is_empty() {
            log::fault("the overview stays as it is: no target's state could be read");
            return;
        }
        // On the heap, like all that is large for those who await it.
        let written = Box::pin(tokio::time::timeout(LONGEST, self.write_overview(bucket, states, now))).await;
        match written {
            Ok(Ok(())) => {}
            Ok(Err(error)) => log::fault(&format!("the overview stays as it is: {error}")),
            Err(_elapsed) => log::fault(&format!("the overview stays as it is: it took over {} s", LONGEST.as_secs())),
        }
    }

    async fn write_overview(
        &self,
        bucket: &Bucket,
        states: &[TargetState],
        now: Timestamp,
    ) -> Result<(), HandlerError> {
        let targets = self.target_days(states, now).await?;
        let past = self.past(states, now).await?;
        let page = overview(&Overview {
            made_at: now,
            interval: self.policy.region_interval(),
            targets,
            incidents: past.incidents,
            notifications: past.notifications,
            untold: past.untold,
            dashboard: self.dashboard.clone(),
        });
        let content_type = "text/html; charset=utf-8";
        let object = Object { content_type, cache_control: Some(CACHED), body: page.as_bytes() };
        bucket.put(keys::OVERVIEW, &object, If::Any).await.map(|_| ()).map_err(HandlerError::Overview)
    }
}

fn is_due(now: Timestamp) -> bool {
    now.as_second().div_euclid(60).rem_euclid(PERIOD) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_due_every_fifth_minute() {
        let due = |minute: i64| {
            is_due("2026-11-25T10:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_mins(minute))
        };
        assert_eq!((0..60).filter(|minute| due(*minute)).collect::<Vec<_>>(), (0..60).step_by(5).collect::<Vec<_>>());
    }
}
