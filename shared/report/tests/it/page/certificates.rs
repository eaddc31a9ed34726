//! The certificates of a run as the page shows them.

use model::report::{PresentedCertificate, RunReport};
use report::html;

use super::markup::{tags, text};
use crate::sample::passed;

/// The leaf of the sample's only host.
pub(crate) fn leaf() -> PresentedCertificate {
    PresentedCertificate {
        subject: Some("*.bank.example".to_owned()),
        fingerprint: "ab".repeat(32),
        not_before: "2026-10-01T00:00:00Z".parse().unwrap(),
        not_after: "2027-02-01T00:00:00Z".parse().unwrap(),
    }
}

fn intermediate(subject: Option<&str>, until: &str) -> PresentedCertificate {
    PresentedCertificate {
        subject: subject.map(str::to_owned),
        fingerprint: "cd".repeat(32),
        not_before: "2024-01-01T00:00:00Z".parse().unwrap(),
        not_after: format!("{until}T00:00:00Z").parse().unwrap(),
    }
}

/// A run whose host presented this chain, which ends on a day.
fn presented(chain: Vec<PresentedCertificate>, ends: &str) -> RunReport {
    let mut report = passed();
    report.steps[2].requests[0].exchange.certificate_chain = chain;
    report.certificates[0].not_after = format!("{ends}T00:00:00Z").parse().unwrap();
    report
}

/// The section's text.
fn section(report: &RunReport) -> String {
    let page = text(&html(report, None));
    let (_, section) = page.split_once("Certificates Host").unwrap();
    section.split_once("SHA-256 ").unwrap().1.split(" On a request").next().unwrap().to_owned()
}

#[test]
fn each_certificate_of_the_chain_has_its_own_dates_and_the_first_to_end_is_marked() {
    const LEAF: &str = "bank.example *.bank.example 67 days ✓ 2026-10-01 2027-02-01 00:00 UTC abababababababab…";
    let cases = [
        (
            Some("R11"),
            "2026-12-20",
            "2026-12-20",
            "R11 24 days ! ends soon, ends first 2024-01-01 2026-12-20 00:00 UTC",
        ),
        (None, "2026-12-20", "2026-12-20", "Intermediate 1 24 days ! ends soon, ends first 2024-01-01"),
        (None, "2026-11-24", "2026-11-24", "Intermediate 1 -1 days ✗ expired, ends first 2024-01-01"),
        // Presented, but another way to the root works.
        (None, "2026-11-24", "2027-02-01", "Intermediate 1 -1 days ✗ expired, but the chain does not need it 2024"),
    ];
    for (subject, until, ends, told) in cases {
        let section = section(&presented(vec![leaf(), intermediate(subject, until)], ends));
        assert!(section.contains(told), "{told}\n{section}");
        assert_eq!(section.contains(LEAF), ends == until, "{section}");
        assert_eq!(section.matches("ends first").count(), 1, "{section}");
    }
    let nameless = PresentedCertificate { subject: None, ..leaf() };
    let alone = section(&presented(vec![nameless], "2027-02-01"));
    assert!(alone.starts_with("bank.example Leaf 67 days ✓ 2026-10-01 2027-02-01 00:00 UTC ab"), "{alone}");
}

#[test]
fn a_report_without_the_chain_says_whose_dates_it_shows() {
    let mut report = passed();
    let told = "bank.example Leaf, until the end of its chain 57 days ✓ 2026-10-01 2027-01-21 22:01 UTC";
    assert!(section(&report).starts_with(told), "{}", section(&report));
    for (end, told) in [("2026-12-01T00:00:00Z", "5 days ! ends soon"), ("2026-11-25T10:00:00Z", "✗ expired")] {
        report.certificates[0].not_after = end.parse().unwrap();
        assert!(section(&report).contains(told), "{told}");
    }
    // The one that the chain ends with was not kept.
    let section = section(&presented(vec![leaf(), intermediate(None, "2028-01-01")], "2026-12-20"));
    assert!(section.contains("Leaf, until the end of its chain 24 days ! ends soon"), "{section}");
}

#[test]
fn names_of_certificates_stay_text_and_long_chains_are_cut() {
    let hostile = "<script>alert(1)</script>\u{202e}";
    let page = html(&presented(vec![leaf(), intermediate(Some(hostile), "2026-12-20")], "2026-12-20"), None);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;<b class=\"odd\">U+202E</b>"));
    let many = html(&presented(vec![leaf(); 1_000], "2027-02-01"), None);
    let rows = tags(&many).iter().filter(|tag| tag.get("scope") == Some("row")).count();
    assert_eq!(rows, PresentedCertificate::MOST);
}
