//! Scheduled minutes: when one is decided, and what the target is in it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use model::names::Region;

use crate::incident::Incident;
use crate::policy::Policy;
use crate::results::Results;
use crate::vote::{Tally, Vote};

/// How far a result may be ahead of the clock that it is compared with: two
/// regions' clocks, and the time that a message takes, differ by less.
pub(crate) const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// The minute that a moment belongs to.
#[must_use]
pub fn minute_of(at: Timestamp) -> Timestamp {
    let into = SignedDuration::new(at.as_second().rem_euclid(60), at.subsec_nanosecond());
    at.checked_sub(into).unwrap_or(at)
}

/// The moment so long after another one.
pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// The moment so long before another one.
pub(crate) fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// A region in a minute.
pub(crate) struct Ballot<'a> {
    pub(crate) region: &'a Region,
    pub(crate) tally: Tally,
    /// Whether its vote is fresh enough to count by itself.
    pub(crate) live: bool,
    /// Whether its vote is failing and belongs to the open incident.
    pub(crate) pinned: bool,
}

impl Ballot<'_> {
    pub(crate) fn counts(&self) -> bool {
        self.live || self.pinned
    }
}

/// The votes of all regions in a minute.
pub(crate) struct Ballots<'a> {
    pub(crate) all: Vec<Ballot<'a>>,
    quorum: usize,
}

/// Whether a minute can be decided.
pub(crate) fn is_ripe(policy: &Policy, regions: &BTreeMap<Region, Results>, minute: Timestamp, now: Timestamp) -> bool {
    let missing = |(region, results): (&Region, &Results)| {
        policy.is_due(region, minute) && results.run(minute).is_none() && results.is_alive(minute, policy.patience())
    };
    now >= later(minute, policy.interval) || !regions.iter().any(missing)
}

/// Whether the regions that have reported the minute are enough for failing.
pub(crate) fn fails_early(policy: &Policy, regions: &BTreeMap<Region, Results>, minute: Timestamp) -> bool {
    let reported = regions.values().filter(|results| results.run(minute).is_some());
    reported.filter(|results| results.tally(minute, &policy.rules).vote == Vote::Failing).count() >= policy.quorum()
}

impl<'a> Ballots<'a> {
    pub(crate) fn count(
        policy: &'a Policy,
        regions: &BTreeMap<Region, Results>,
        incident: Option<&Incident>,
        minute: Timestamp,
    ) -> Self {
        let ballot = |region: &'a Region| {
            let tally = regions.get(region)?.tally(minute, &policy.rules);
            let live = tally.last_vote.is_some_and(|last| minute.duration_since(last) <= policy.patience());
            let pinned = tally.vote == Vote::Failing && incident.is_some_and(|incident| incident.pins(region));
            Some(Ballot { region, tally, live, pinned })
        };
        Self { all: policy.regions.iter().filter_map(ballot).collect(), quorum: policy.quorum() }
    }

    pub(crate) fn with(&self, vote: Vote) -> usize {
        self.all.iter().filter(|ballot| ballot.counts() && ballot.tally.vote == vote).count()
    }

    pub(crate) fn any_live(&self) -> bool {
        self.all.iter().any(|ballot| ballot.live)
    }

    /// What the target is; `before` while no vote is live.
    pub(crate) fn status(&self, before: Vote) -> Vote {
        if !self.any_live() {
            return before;
        }
        let failing = self.with(Vote::Failing);
        let partial = self.all.iter().any(|ballot| ballot.counts() && ballot.tally.partial);
        if failing >= self.quorum {
            Vote::Failing
        } else if partial || failing + self.with(Vote::Degraded) >= self.quorum {
            Vote::Degraded
        } else {
            Vote::Passing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_belongs_to_the_minute_that_it_lies_in() {
        for (at, minute) in [
            ("2026-11-25T10:01:00Z", "2026-11-25T10:01:00Z"),
            ("2026-11-25T10:01:59.999Z", "2026-11-25T10:01:00Z"),
            ("1969-12-31T23:59:30Z", "1969-12-31T23:59:00Z"),
            ("1969-12-31T23:59:30.5Z", "1969-12-31T23:59:00Z"),
        ] {
            assert_eq!(minute_of(at.parse().unwrap()), minute.parse().unwrap(), "{at}");
        }
    }
}
