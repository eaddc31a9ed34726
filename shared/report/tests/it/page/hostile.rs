//! What others wrote stays text, and neither its length nor its numbers do harm.

use std::collections::BTreeMap;

use model::journey::StepOutcome;
use model::report::{Header, Message, RunReport};
use report::{Baseline, html};
use serde_json::Value;

use super::eventful;
use super::markup::{tags, text};
use crate::sample::passed;

#[test]
fn hostile_text_in_any_field_stays_text() {
    const HOSTILE: &str = "</title></style></script></pre><script>alert(1)</script>\"'><img src=x onerror=alert(1)> \
                           javascript:alert(1) ]]> --> <!-- &lt;b&gt; \u{202e}\u{200b}\u{2066}\u{feff}\u{1b}[31m\0\r {{";
    let baseline = passed();
    let value = serde_json::to_value(eventful()).unwrap();
    // The eleven requests are alike: all fields of one kind at once.
    let mut kinds = BTreeMap::<String, Vec<String>>::new();
    for pointer in strings(&value, String::new()) {
        kinds.entry(pointer.replace(|c: char| c.is_ascii_digit(), "")).or_default().push(pointer);
    }
    let (mut tried, mut seen) = (0, 0);
    for (kind, pointers) in kinds {
        let mut changed = value.clone();
        for pointer in pointers {
            *changed.pointer_mut(&pointer).unwrap() = HOSTILE.into();
        }
        let Ok(report) = serde_json::from_value::<RunReport>(changed) else { continue };
        let page = html(&report, Some(&Baseline { report: &baseline, link: Some("x.html") }));
        assert_harmless(&page, &kind);
        let other_way = html(&baseline, Some(&Baseline { report: &report, link: Some(HOSTILE) }));
        assert_harmless(&other_way, &kind);
        tried += 1;
        seen += usize::from(page.contains("&lt;script&gt;"));
    }
    assert!(tried > 60 && seen >= tried - 4, "{tried} {seen}");
}

/// The pointers of all strings of a value.
fn strings(value: &Value, at: String) -> Vec<String> {
    match value {
        Value::String(_) => vec![at],
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(index, item)| strings(item, format!("{at}/{index}"))).collect()
        }
        Value::Object(fields) => {
            fields.iter().flat_map(|(name, value)| strings(value, format!("{at}/{name}"))).collect()
        }
        _ => Vec::new(),
    }
}

/// Nothing stands in the page but the elements and attributes that are ours.
fn assert_harmless(page: &str, at: &str) {
    const ELEMENTS: &str = "!doctype html head meta title link style body script a header span button main section h1 h2 \
                            h3 h4 h5 p bdi b strong dl div dt dd time code ul ol li svg text line rect details summary \
                            pre table thead tbody tr th td footer kbd";
    const ATTRIBUTES: &str = "html lang charset http-equiv content name rel href class id tabindex type hidden open \
                              aria-labelledby aria-label aria-hidden role datetime scope rowspan x y x1 x2 y2 width height rx \
                              data-js data-copy";
    for tag in tags(page) {
        assert!(ELEMENTS.split_whitespace().any(|name| name == tag.name), "{at}: <{}>", tag.name);
        for (name, value) in &tag.attributes {
            assert!(ATTRIBUTES.split_whitespace().any(|known| known == name), "{at}: <{} {name}={value}>", tag.name);
            assert!(
                name != "href" || value.starts_with('#') || value == "data:," || value == "x.html",
                "{at}: {value}"
            );
        }
    }
    assert_eq!(page.matches("<script").count(), 1, "{at}");
    let odd = page.chars().find(|c| *c != '\n' && model::text::is_unsafe(*c));
    assert_eq!(odd, None, "{at}");
}

#[test]
fn what_a_reader_must_not_miss_is_marked_and_links_are_only_ours() {
    let mut report = passed();
    report.steps[0].requests[0].exchange.url = "https://bank.example/\u{202e}gpj".to_owned();
    assert!(html(&report, None).contains("https://bank.example/<b class=\"odd\">U+202E</b>gpj"));
    for (link, leads) in [
        ("20261125T100000Z-0123.html", true),
        ("../eu-west-1/a.html", true),
        ("https://s3.console.aws.amazon.com/s3/object/b?region=us-east-1&prefix=a", true),
        ("javascript:alert(1)", false),
        ("data:text/html,x", false),
        ("//elsewhere.example/x", false),
        ("/etc/passwd", false),
        ("file:///etc/passwd", false),
        ("", false),
    ] {
        let page = html(&report, Some(&Baseline { report: &passed(), link: Some(link) }));
        let found = tags(&page).iter().any(|tag| tag.name == "a" && tag.get("href") == Some(link));
        assert_eq!(found, leads, "{link}");
    }
}

#[test]
fn a_passing_run_is_small_and_huge_contents_are_cut() {
    let mut report = passed();
    assert!(html(&report, None).len() < 90_000);
    let exchange = &mut report.steps[0].requests[0].exchange;
    let header = Header { name: "x-a".to_owned(), value: "v".repeat(100_000) };
    exchange.response = Some(Message {
        headers: vec![header; 1_000],
        body: Some("[".repeat(1 << 20)),
        body_bytes: 1 << 20,
        body_omitted_bytes: 7,
    });
    exchange.request.body = Some("\0".repeat(1 << 20));
    let page = html(&report, None);
    assert!(page.contains("Cut: 1015815 bytes are not shown."), "the rest of 1 MiB and 7 bytes");
    assert!(page.contains("800 more header lines are not shown."));
    assert!(page.len() < 2_500_000, "{}", page.len());
}

#[test]
fn numbers_that_no_clock_gives_do_no_harm() {
    let mut value = serde_json::to_value(passed()).unwrap();
    for (number, told) in [(1e300, 0), (-5.0, 1), (0.0, 2)] {
        value["steps"][told]["requests"][0]["duration_ms"] = number.into();
        value["steps"][told]["requests"][0]["started_ms"] = (-number).into();
        value["steps"][told]["requests"][0]["timings"]["tls_ms"] = number.into();
    }
    value["steps"][7]["outcome"] = StepOutcome::Failed.name().into();
    let report: RunReport = serde_json::from_value(value).unwrap();
    assert_harmless(&html(&report, None), "numbers");
    let empty = RunReport { steps: Vec::new(), certificates: Vec::new(), ..report };
    assert!(text(&html(&empty, None)).contains("No host presented one."));
}
