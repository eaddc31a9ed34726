//! What changed between a run and the last one that passed.
//!
//! Only what a reader would want to know: names and shapes, never values;
//! sizes and times only where they changed a lot. A request that passed before
//! and does not now is always told.

mod shape;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::error::Failure;
use model::journey::{Outcome, Request};
use model::report::{Exchange, Header, Message, Milliseconds, RequestReport, RunReport};
use url::Url;

use crate::attempt::end;
use crate::phases::phases;
use crate::wording::milliseconds;
use shape::{Shape, differences};

/// The most changes told of one request.
const MOST: usize = 12;
/// A time is told when it grew by more than this factor and by more than this
/// many milliseconds.
const SLOWER_FACTOR: f64 = 2.0;
const SLOWER_BY: f64 = 100.0;
/// The size of an answer is told when it changed by more than this factor and by
/// more than this many bytes.
const SIZE_FACTOR: u64 = 10;
const SIZE_BY: u64 = 10_000;
/// Headers that come and go by themselves: what they tell depends on the
/// moment, or on the size of the answer.
const NOISE: [&str; 9] = [
    "age",
    "connection",
    "content-length",
    "date",
    "etag",
    "expires",
    "keep-alive",
    "last-modified",
    "transfer-encoding",
];

/// The changes of one place.
pub(crate) struct Changes {
    /// The request; none for what belongs to the connections.
    pub(crate) request: Option<Request>,
    pub(crate) told: Vec<Change>,
    /// How many more there are that are not told.
    pub(crate) more: usize,
}

/// One change: `First byte 840 ms, was 210 ms`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// What changed, in our words.
    pub(crate) what: &'static str,
    /// Its name in the bank's words: a path, a header, a host; may be empty.
    pub(crate) name: String,
    /// How it changed; may hold foreign text.
    pub(crate) how: String,
}

/// What changed since `before`, in the order of the requests, and which
/// requests of it were not made.
pub(crate) fn compare(now: &RunReport, before: &RunReport) -> (Vec<Changes>, Vec<Request>) {
    let (now_by_name, before_by_name) = (by_name(now), by_name(before));
    let missing = before_by_name.keys().filter(|name| !now_by_name.contains_key(*name)).copied().collect();
    let mut places: Vec<Changes> = now_by_name
        .iter()
        .filter_map(|(name, request)| {
            let request_before = before_by_name.get(name)?;
            let failure = failure(now, request).filter(|_| failure(before, request_before).is_none());
            let mut changes: Vec<Change> = failure.map(failed).into_iter().collect();
            changes.extend(request_changes(request, request_before));
            Some(limited(Some(*name), changes))
        })
        .collect();
    places.push(limited(None, connection_changes(now, before)));
    places.retain(|place| !place.told.is_empty());
    (places, missing)
}

fn by_name(report: &RunReport) -> BTreeMap<Request, &RequestReport> {
    report.steps.iter().flat_map(|step| &step.requests).map(|request| (request.name, request)).collect()
}

fn limited(request: Option<Request>, mut changes: Vec<Change>) -> Changes {
    let more = changes.len().saturating_sub(MOST);
    changes.truncate(MOST);
    Changes { request, told: changes, more }
}

/// What failed of a request, by itself or as what decided the run.
fn failure<'a>(report: &'a RunReport, request: &'a RequestReport) -> Option<&'a Failure> {
    let decided = report.error.as_ref().filter(|error| error.request == Some(request.number));
    request.error.as_ref().or_else(|| decided.map(|error| &error.failure))
}

fn failed(failure: &Failure) -> Change {
    let what = match failure.verdict().outcome {
        Outcome::Degraded => "Degraded",
        Outcome::Passed | Outcome::Failed => "Failed",
    };
    Change::new(what, "", format!("with {}", failure.error_type))
}

fn request_changes(now: &RequestReport, before: &RequestReport) -> Vec<Change> {
    let mut changes = Vec::new();
    // The last answer is the one that counted.
    let (last, last_before) = (last(now), last(before));
    if last.status != last_before.status {
        let word = |status: Option<u16>| status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        changes.push(Change::new("Status", "", format!("{}, was {}", word(last.status), word(last_before.status))));
    }
    if now.polls.len() > before.polls.len() + 1 {
        changes.push(Change::new("Asked again", "", format!("{} times, was {}", now.polls.len(), before.polls.len())));
    }
    if let (Some(answer), Some(answer_before)) = (&last.response, &last_before.response) {
        changes.extend(another_size(answer.body_bytes, answer_before.body_bytes));
        shape_changes(answer, answer_before, &mut changes);
        header_changes(&answer.headers, &answer_before.headers, &mut changes);
    }
    changes.extend(slower(&now.exchange, &before.exchange));
    changes.extend(slower_polls(now, before));
    changes
}

fn last(request: &RequestReport) -> &Exchange {
    request.polls.last().unwrap_or(&request.exchange)
}

fn another_size(now: u64, before: u64) -> Option<Change> {
    let (less, more) = (now.min(before), now.max(before));
    let notable = more - less > SIZE_BY && more > less.saturating_mul(SIZE_FACTOR);
    notable.then(|| Change::new("Size", "", format!("{now} bytes, was {before}")))
}

fn shape_changes(now: &Message, before: &Message, changes: &mut Vec<Change>) {
    let whole = |message: &Message| message.body_omitted_bytes == 0;
    if !whole(now) || !whole(before) {
        return;
    }
    let value = |message: &Message| serde_json::from_str(message.body.as_deref().unwrap_or_default()).ok();
    match (value(now), value(before)) {
        (Some(now), Some(before)) => differences(&Shape::of(&now), &Shape::of(&before), changes),
        (None, Some(_)) => changes.push(Change::new("Answer", "", "is not JSON any more".to_owned())),
        (Some(_), None) => changes.push(Change::new("Answer", "", "is JSON now".to_owned())),
        (None, None) => {}
    }
}

fn header_changes(now: &[Header], before: &[Header], changes: &mut Vec<Change>) {
    let names = |headers: &[Header]| -> BTreeSet<String> {
        let names = headers.iter().map(|header| header.name.to_ascii_lowercase());
        names.filter(|name| !NOISE.contains(&name.as_str())).collect()
    };
    let (now, before) = (names(now), names(before));
    changes.extend(now.difference(&before).map(|name| Change::new("Header", name, "is new".to_owned())));
    changes.extend(before.difference(&now).map(|name| Change::new("Header", name, "is gone".to_owned())));
}

/// The phase that grew most, when the whole exchange grew a lot.
fn slower(now: &Exchange, before: &Exchange) -> Option<Change> {
    let phases = |exchange: &Exchange| phases(&exchange.timings).map(|(name, time)| (name, time.unwrap_or_default()));
    let pairs = phases(now).into_iter().zip(phases(before)).map(|((name, now), (_, before))| (name, now, before));
    let grew = |pair: &(_, Milliseconds, Milliseconds)| pair.1.get() - pair.2.get();
    let most = pairs.max_by(|one, other| grew(one).total_cmp(&grew(other)));
    let told = most.and_then(|(name, now, before)| longer(name, now, before));
    told.or_else(|| longer("Time", now.duration_ms, before.duration_ms))
}

/// How much longer the polls made a request: the slowest of them, and the
/// request from its beginning to its last answer. A run that did not ask again
/// has its only answer to compare with.
fn slower_polls(now: &RequestReport, before: &RequestReport) -> impl Iterator<Item = Change> {
    let polls = (!now.polls.is_empty()).then(|| {
        [
            longer("Slowest poll", slowest_poll(now), slowest_poll(before)),
            longer("Time with polls", with_polls(now), with_polls(before)),
        ]
    });
    polls.into_iter().flatten().flatten()
}

fn slowest_poll(request: &RequestReport) -> Milliseconds {
    let polls = request.polls.iter().map(|poll| poll.duration_ms);
    polls.max_by(|one, other| one.get().total_cmp(&other.get())).unwrap_or(request.exchange.duration_ms)
}

/// The waits between the polls count: a reader had to wait for them too.
fn with_polls(request: &RequestReport) -> Milliseconds {
    let time = (end(last(request)) - request.exchange.started_ms.get()).max(0.0);
    Duration::try_from_secs_f64(time / 1e3).unwrap_or_default().into()
}

/// None when it did not grow by much.
fn longer(what: &'static str, now: Milliseconds, before: Milliseconds) -> Option<Change> {
    let notable = now.get() - before.get() > SLOWER_BY && now.get() > before.get() * SLOWER_FACTOR;
    notable.then(|| Change::new(what, "", format!("{}, was {}", milliseconds(now), milliseconds(before))))
}

/// TLS version, address and certificate of each host that both runs spoke to.
fn connection_changes(now: &RunReport, before: &RunReport) -> Vec<Change> {
    let mut changes = Vec::new();
    let hosts_before = hosts(before);
    for (host, seen) in hosts(now) {
        let Some(seen_before) = hosts_before.get(&host) else { continue };
        let pairs =
            [("TLS version", &seen.tls, &seen_before.tls), ("Address", &seen.addresses, &seen_before.addresses)];
        for (what, now, before) in pairs {
            if !now.is_empty() && !before.is_empty() && now.is_disjoint(before) {
                changes.push(Change::new(what, &host, format!("{}, was {}", joined(now), joined(before))));
            }
        }
    }
    for certificate in &now.certificates {
        let same_host = before.certificates.iter().find(|before| before.host == certificate.host);
        if let Some(before) = same_host.filter(|before| before.fingerprint != certificate.fingerprint) {
            let [now, before] = [certificate, before].map(|certificate| certificate.not_after.strftime("%Y-%m-%d"));
            let how = format!("another one, valid until {now} (was {before})");
            changes.push(Change::new("Certificate", &certificate.host, how));
        }
    }
    changes
}

/// What was seen of one host.
#[derive(Default)]
struct Seen {
    tls: BTreeSet<String>,
    addresses: BTreeSet<String>,
}

fn hosts(report: &RunReport) -> BTreeMap<String, Seen> {
    let mut hosts: BTreeMap<String, Seen> = BTreeMap::new();
    for request in report.steps.iter().flat_map(|step| &step.requests) {
        for exchange in std::iter::once(&request.exchange).chain(&request.polls) {
            let Some(host) = Url::parse(&exchange.url).ok().and_then(|url| url.host_str().map(str::to_owned)) else {
                continue;
            };
            let seen = hosts.entry(host).or_default();
            seen.tls.extend(exchange.tls_version.clone());
            let address = exchange.remote_address.as_deref();
            seen.addresses.extend(address.map(|address| without_port(address).to_owned()));
        }
    }
    hosts
}

fn without_port(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(address, _)| address)
}

fn joined(names: &BTreeSet<String>) -> String {
    names.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(" and ")
}

impl Change {
    fn new(what: &'static str, name: &str, how: String) -> Self {
        Self { what, name: name.to_owned(), how }
    }
}
