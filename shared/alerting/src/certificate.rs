//! Certificates that end soon, by host and fingerprint.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use model::config::{Channel, ChannelKind};
use model::report::CertificateReport;
use serde::{Deserialize, Serialize};

use crate::minute::later;
use crate::notice::{CertificateFacts, Notice};
use crate::notification::{AlertEvent, Severity};
use crate::telling::{Audience, Telling};

/// How long a certificate is remembered after its end.
const MEMORY: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How many certificates of one host are remembered; a host with more shows a
/// new one in every run.
const MOST: usize = 8;

/// The certificates of a target's hosts: host, then fingerprint.
pub type Certificates = BTreeMap<String, BTreeMap<String, Certificate>>;

/// A certificate, and what was told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// When the chain stops working.
    pub not_after: Timestamp,
    /// The tightest threshold that was told, in days.
    pub told_days: Option<u16>,
    /// The channels that were told and not yet told of a successor.
    pub told_to: BTreeSet<String>,
    next_ordinal: u32,
}

/// Whose certificate it is.
pub(crate) struct Owner<'a> {
    pub(crate) target: &'a str,
    pub(crate) describe: &'a dyn Fn(AlertEvent, Severity, String) -> Notice,
}

/// Notes the certificates that a run saw.
pub(crate) fn note(certificates: &mut Certificates, seen: &[CertificateReport], now: Timestamp) {
    for report in seen {
        let known = certificates.entry(report.host.clone()).or_default();
        known.retain(|_, certificate| now < later(certificate.not_after, MEMORY));
        let full = known.len() >= MOST && !known.contains_key(&report.fingerprint);
        if full && let Some(first) = first_to_end(known) {
            known.remove(&first);
        }
        known.entry(report.fingerprint.clone()).or_insert_with(|| Certificate {
            not_after: report.not_after,
            told_days: None,
            told_to: BTreeSet::new(),
            next_ordinal: 1,
        });
    }
}

fn first_to_end(known: &BTreeMap<String, Certificate>) -> Option<String> {
    known.iter().min_by_key(|(_, certificate)| certificate.not_after).map(|(fingerprint, _)| fingerprint.clone())
}

/// Tells the thresholds that were crossed, each certificate's tightest one, and
/// the successors of those that were told.
pub(crate) fn tell(certificates: &mut Certificates, owner: &Owner<'_>, telling: &mut Telling<'_>) {
    for (host, known) in certificates {
        // With two certificates on one host, the later one has taken over.
        let successor =
            known.iter().max_by_key(|(_, certificate)| certificate.not_after).map(|(f, c)| (f.clone(), c.not_after));
        for (fingerprint, certificate) in known.iter_mut() {
            let newest = successor.as_ref().is_none_or(|(newest, _)| newest == fingerprint);
            let place = Place { owner, host, fingerprint };
            if newest {
                place.tell_threshold(certificate, telling);
            } else if let Some((newest, not_after)) = &successor {
                place.tell_successor(certificate, (newest, *not_after), telling);
            }
        }
    }
}

/// Closes what the tools that keep incidents of their own have open about the
/// certificates of a target that is no longer configured.
pub(crate) fn retire(certificates: &mut Certificates, owner: &Owner<'_>, telling: &mut Telling<'_>) {
    for (host, known) in certificates {
        for (fingerprint, certificate) in known.iter_mut() {
            let place = Place { owner, host, fingerprint };
            let mut notice = place.closing_notice((fingerprint, certificate.not_after), telling.now);
            notice.removed = true;
            telling.send_end(&notice, &mut certificate.told_to, &mut certificate.next_ordinal);
        }
    }
}

struct Place<'a> {
    owner: &'a Owner<'a>,
    host: &'a str,
    fingerprint: &'a str,
}

impl Place<'_> {
    fn tell_threshold(&self, certificate: &mut Certificate, telling: &mut Telling<'_>) {
        let days = days_left(certificate.not_after, telling.now);
        let crossed = |threshold: &&u16| days < i64::from(**threshold);
        let tightest = telling.policy.rules.certificate_days.iter().filter(crossed).min().copied();
        let Some(tightest) = tightest.filter(|days| certificate.told_days.is_none_or(|told| *days < told)) else {
            return;
        };
        if telling.quiet || !telling.has_room() {
            return;
        }
        let severity = if tightest <= 1 { Severity::Critical } else { Severity::Warning };
        let facts = self.facts(self.fingerprint, certificate.not_after, telling.now);
        let notice = self.notice(AlertEvent::CertificateExpiring, severity, facts);
        let wants = |channel: &Channel| channel.send_certificate && !matches!(channel.kind, ChannelKind::Phone { .. });
        let reached = telling.send(&notice, &Audience::with_topic(&wants), &mut certificate.next_ordinal);
        certificate.told_to.extend(reached);
        certificate.told_days = Some(tightest);
    }

    fn tell_successor(&self, certificate: &mut Certificate, newest: (&str, Timestamp), telling: &mut Telling<'_>) {
        if !telling.has_room() {
            return;
        }
        let notice = self.closing_notice(newest, telling.now);
        telling.send_end(&notice, &mut certificate.told_to, &mut certificate.next_ordinal);
    }

    fn closing_notice(&self, (fingerprint, not_after): (&str, Timestamp), now: Timestamp) -> Notice {
        self.notice(AlertEvent::CertificateRenewed, Severity::Info, self.facts(fingerprint, not_after, now))
    }

    fn facts(&self, fingerprint: &str, not_after: Timestamp, now: Timestamp) -> CertificateFacts {
        CertificateFacts {
            host: self.host.to_owned(),
            fingerprint: fingerprint.to_owned(),
            not_after,
            days_left: days_left(not_after, now),
        }
    }

    fn notice(&self, event: AlertEvent, severity: Severity, facts: CertificateFacts) -> Notice {
        let key = key(self.owner.target, self.host, self.fingerprint);
        let mut notice = (self.owner.describe)(event, severity, key);
        notice.certificate = Some(facts);
        notice
    }
}

/// The keys of what was told of a target's certificates, as an incident's.
pub(crate) fn told_keys(certificates: &Certificates, target: &str) -> Vec<String> {
    let told = |host: &str, known: &BTreeMap<String, Certificate>| -> Vec<String> {
        let told = known.iter().filter(|(_, certificate)| certificate.told_days.is_some());
        told.map(|(fingerprint, _)| key(target, host, fingerprint)).collect()
    };
    certificates.iter().flat_map(|(host, known)| told(host, known)).collect()
}

fn key(target: &str, host: &str, fingerprint: &str) -> String {
    let print: String = fingerprint.chars().take(12).collect();
    // PagerDuty takes keys of at most 255 characters, a host's name may have 253.
    let host: String = host.chars().take(120).collect();
    format!("{target}.certificate.{host}.{print}")
}

fn days_left(not_after: Timestamp, now: Timestamp) -> i64 {
    not_after.duration_since(now).as_secs().div_euclid(24 * 60 * 60)
}
