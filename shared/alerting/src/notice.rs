//! What a notification says, as facts. The texts are made from it.

use jiff::Timestamp;
use model::error::{Blame, RunError};
use model::journey::Step;
use model::names::{Region, ReportUri};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::notification::{AlertEvent, Severity};
use crate::results::BadRun;
use crate::vote::Vote;

/// The version of the alert's JSON; it grows when a reader of the old shape
/// would misread the new one.
pub const ALERT_SCHEMA_VERSION: u32 = 1;

/// The facts of one notification; its JSON is what `https` and webhooks get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// [`ALERT_SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What it tells.
    pub event: AlertEvent,
    /// How much it matters.
    pub severity: Severity,
    /// The incident's key.
    pub incident_key: String,
    /// The target's id; `all` for a region as a whole and for a test.
    pub target: String,
    /// The target's name for a person.
    pub name: String,
    /// The target's tags.
    pub tags: Vec<String>,
    /// When it was decided.
    pub at: Timestamp,
    /// The first bad run.
    pub since: Timestamp,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// How many runs failed so far, over all regions.
    pub failed_runs: u64,
    /// The rule that fired, with its counts.
    pub rule: Option<Rule>,
    /// The regions that took part.
    pub regions: Vec<RegionFacts>,
    /// The error that stands for all: the most frequent, then the first.
    pub error: Option<RunError>,
    /// Whose fault it looks like over all regions.
    pub blame: Option<Blame>,
    /// The last run that passed.
    pub last_passed: Option<LastPassed>,
    /// What is still wrong after a recovery.
    pub still: Option<Vote>,
    /// Which reminder it is, and of how many.
    pub reminder: Option<(u32, u32)>,
    /// The region that nothing comes from.
    pub silent_region: Option<Region>,
    /// The certificate.
    pub certificate: Option<CertificateFacts>,
    /// The channel that does not take what is sent to it.
    pub channel: Option<ChannelFacts>,
    /// The phone call that may not have rung.
    pub call: Option<CallFacts>,
    /// Whether it is over only because what it is about was taken out of the configuration.
    pub removed: bool,
    /// Where the on-call engineer reads on.
    pub runbook_url: Option<Url>,
}

/// Which rule fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// Enough regions vote failing.
    Failing,
    /// Enough regions vote failing or degraded.
    Degraded,
    /// One region failed for long enough to count alone.
    Partial,
}

/// The counts behind a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Which rule fired.
    pub kind: RuleKind,
    /// Regions that vote failing.
    pub failing: usize,
    /// Regions that vote degraded.
    pub degraded: usize,
    /// Regions that failed often enough to count alone.
    pub partial: usize,
    /// Regions that had to agree.
    pub needed: usize,
    /// Regions that are configured.
    pub configured: usize,
    /// Runs in a row after which a region votes so.
    pub runs: u32,
}

/// A region's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionFacts {
    /// The region.
    pub region: Region,
    /// Its vote now.
    pub vote: Vote,
    /// Whether the vote is old: the region has not reported for a while.
    pub stale: bool,
    /// Its first bad run.
    pub since: Timestamp,
    /// Its last bad run.
    pub last: Option<BadRun>,
}

impl RegionFacts {
    /// The error of its last bad run.
    #[must_use]
    pub fn error(&self) -> Option<&RunError> {
        self.last.as_ref()?.error.as_ref()
    }
}

/// The last run that passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastPassed {
    /// Its minute.
    pub at: Timestamp,
    /// Its region.
    pub region: Region,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateFacts {
    /// The host that presents it.
    pub host: String,
    /// SHA-256 of the leaf, hex.
    pub fingerprint: String,
    /// When the chain stops working.
    pub not_after: Timestamp,
    /// Whole days left.
    pub days_left: i64,
}

/// A channel that does not take what is sent to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelFacts {
    /// Its id, or [`ALERT_TOPIC`](model::names::ChannelId::ALERT_TOPIC).
    pub id: String,
    /// Failed tries in a row.
    pub failures: u32,
    /// What the provider said to the last one; nobody vouches for the text.
    pub answer: String,
}

/// A phone call whose answer was never seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallFacts {
    /// The phone's channel.
    pub channel: String,
    /// What it was to tell.
    pub event: AlertEvent,
    /// When it was decided.
    pub decided_at: Timestamp,
}

/// Where the regions fail that fail so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// How many fail.
    pub failing: usize,
    /// How many there are.
    pub configured: usize,
    /// Whether they fail at the same step.
    pub alike: bool,
}

impl Notice {
    /// A notice without facts beyond its subject.
    pub(crate) fn new(event: AlertEvent, severity: Severity, incident_key: String, at: Timestamp) -> Self {
        Self {
            schema_version: ALERT_SCHEMA_VERSION,
            event,
            severity,
            incident_key,
            target: "all".to_owned(),
            name: "all targets".to_owned(),
            tags: Vec::new(),
            at,
            since: at,
            ended_at: None,
            failed_runs: 0,
            rule: None,
            regions: Vec::new(),
            error: None,
            blame: None,
            last_passed: None,
            still: None,
            reminder: None,
            silent_region: None,
            certificate: None,
            channel: None,
            call: None,
            removed: false,
            runbook_url: None,
        }
    }

    /// Whether what it tells is over; also of a call that was to tell so.
    pub(crate) fn is_over(&self) -> bool {
        self.event.closes() || self.call.as_ref().is_some_and(|call| call.event.closes())
    }

    /// The page of the run to look at first, and its region: of the last bad
    /// run of the first region that fails, else of the first that has one. None
    /// when what it tells is over: its run did not fail.
    #[must_use]
    pub fn report(&self) -> Option<(&Region, &ReportUri)> {
        fn page(facts: &RegionFacts) -> Option<(&Region, &ReportUri)> {
            Some((&facts.region, facts.last.as_ref()?.report.as_ref()?))
        }
        let failing = self.regions.iter().filter(|facts| facts.vote == Vote::Failing);
        failing.chain(&self.regions).find_map(page).filter(|_| !self.is_over())
    }

    /// Where the regions fail that fail so far; none when none does, and when
    /// the notice is not about votes.
    #[must_use]
    pub fn spread(&self) -> Option<Spread> {
        let configured = self.rule?.configured;
        let failing = self.regions.iter().filter(|facts| facts.vote == Vote::Failing);
        let steps: Vec<Option<Step>> = failing.map(|facts| facts.error().and_then(|error| error.step)).collect();
        let alike = steps.iter().all(|step| Some(step) == steps.first());
        (!steps.is_empty()).then_some(Spread { failing: steps.len(), configured, alike })
    }
}
