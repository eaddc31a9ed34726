//! The certificates of the hosts spoken to, at the end of the page.

use maud::{Markup, html};
use model::report::{CertificateReport, PresentedCertificate, RunReport};

use super::foreign::Foreign;
use super::summary::{MINUTE, time};
use crate::attempt::attempts;
use crate::wording::days_left;

/// From how many days before its end on a certificate is warned about: the
/// first of the thresholds that alerts have.
const SOON: i64 = 30;
/// How much of a fingerprint tells certificates apart, in hex digits.
const SHORT_FINGERPRINT: usize = 16;
/// The most certificates shown of a host. The monitor keeps no more; a report
/// from elsewhere may.
const MOST: usize = PresentedCertificate::MOST;

/// A line of the table.
struct Row {
    name: String,
    /// The certificate as if it were alone.
    certificate: CertificateReport,
    /// What is to be said of its end beside how near it is.
    note: &'static str,
}

/// The certificates that each host presented, with the days that were left.
pub(super) fn certificates(report: &RunReport) -> Markup {
    html! {
        section.card aria-labelledby="certificates" {
            h2 #certificates { "Certificates" }
            @if report.certificates.is_empty() {
                p.soft { "No host presented one." }
            } @else {
                div.scroll tabindex="0" role="group" aria-label="Table of certificates" {
                    table.certificates {
                        thead { tr {
                            th scope="col" { "Host" } th scope="col" { "Certificate" } th scope="col" { "Left at the run" }
                            th scope="col" { "Valid from" } th scope="col" { "Until" } th scope="col" { "SHA-256" }
                        } }
                        @for host in &report.certificates { (host_rows(report, host)) }
                    }
                }
            }
        }
    }
}

fn host_rows(report: &RunReport, host: &CertificateReport) -> Markup {
    let rows = rows(report, host);
    html! {
        tbody {
            @for (index, row) in rows.iter().enumerate() {
                tr {
                    @if index == 0 { th scope="rowgroup" rowspan=(rows.len()) { bdi { (Foreign(&host.host)) } } }
                    (cells(report, row))
                }
            }
        }
    }
}

fn cells(report: &RunReport, row: &Row) -> Markup {
    let certificate = &row.certificate;
    let fingerprint: String = certificate.fingerprint.chars().take(SHORT_FINGERPRINT).collect();
    let days = days_left(report, certificate);
    let (class, word) = if has_ended(report, certificate) {
        ("outcome failed", "✗ expired")
    } else if days < SOON {
        ("outcome degraded", "! ends soon")
    } else {
        ("outcome passed", "✓")
    };
    html! {
        th scope="row" { bdi { (Foreign(&row.name)) } }
        td { (days) " days " span class=(class) { (word) } @if !row.note.is_empty() { ", " (row.note) } }
        td { (time(certificate.not_before, "%Y-%m-%d")) }
        td { (time(certificate.not_after, MINUTE)) }
        td { code { (Foreign(&fingerprint)) "…" } }
    }
}

/// One row for each certificate of the host's chain. Where none of them is the
/// one that the chain ends with, as in reports that hold no chain, a last row
/// tells the beginning of the leaf and the end of the chain.
fn rows(report: &RunReport, host: &CertificateReport) -> Vec<Row> {
    let chain = chain(report, host);
    let row = |(place, presented): (usize, &PresentedCertificate)| {
        let name = presented.subject.clone().unwrap_or_else(|| place_name(place));
        let PresentedCertificate { fingerprint, not_before, not_after, .. } = presented.clone();
        let certificate = CertificateReport { host: host.host.clone(), fingerprint, not_before, not_after };
        let note = note(report, host, &certificate, chain.len());
        Row { name, certificate, note }
    };
    let mut rows: Vec<Row> = chain.iter().enumerate().map(row).collect();
    if rows.iter().all(|row| row.certificate.not_after != host.not_after) {
        rows.push(Row { name: "Leaf, until the end of its chain".to_owned(), certificate: host.clone(), note: "" });
    }
    rows
}

/// What the host presented last with this leaf.
fn chain<'a>(report: &'a RunReport, host: &CertificateReport) -> &'a [PresentedCertificate] {
    let exchanges = attempts(report).into_iter().flat_map(|attempt| attempt.exchanges().collect::<Vec<_>>());
    let mut chains = exchanges.map(|exchange| exchange.certificate_chain.as_slice());
    let of_host =
        |chain: &&[PresentedCertificate]| chain.first().is_some_and(|leaf| leaf.fingerprint == host.fingerprint);
    let chain = chains.rfind(of_host).unwrap_or_default();
    chain.get(..MOST).unwrap_or(chain)
}

fn place_name(place: usize) -> String {
    if place == 0 { "Leaf".to_owned() } else { format!("Intermediate {place}") }
}

fn note(report: &RunReport, chain: &CertificateReport, one: &CertificateReport, of: usize) -> &'static str {
    if of > 1 && one.not_after == chain.not_after {
        "ends first"
    } else if has_ended(report, one) && !has_ended(report, chain) {
        "but the chain does not need it"
    } else {
        ""
    }
}

fn has_ended(report: &RunReport, certificate: &CertificateReport) -> bool {
    certificate.not_after < report.started_at
}
