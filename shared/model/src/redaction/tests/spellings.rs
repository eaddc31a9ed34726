//! A known value in every spelling, between any neighbours.

use proptest::prelude::*;

use super::*;

const VALUES: [&str; 6] = ["12345678", "12345", "Jörg Müller", "pä%s&w\\o/r\"d+1", "Öztürk", "canary-token-1"];
/// Nothing of these belongs to a word, however it is spelled.
const BETWEEN: [&str; 25] = [
    "",
    " ",
    "=",
    "%3D",
    "%22",
    "%2522",
    "%253d",
    "\u{a0}",
    "„",
    "“",
    "\\n",
    "\\\"",
    "\\\\\\\"",
    "\\u00a0",
    "\\u003d",
    "&nbsp;",
    "&quot;",
    "&#34;",
    "&amp;nbsp;",
    "%C2%A0",
    "%0A",
    "[x ",
    "]",
    ": ",
    "?next=%2Fa%3Fx%3D",
];

fn taught() -> Redactor {
    let mut redactor = Redactor::new(&Secret::new("canary-token-1".to_owned()).unwrap());
    for value in VALUES {
        redactor.learn("value", value);
    }
    redactor
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}

fn utf16(c: char) -> String {
    c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat()
}

fn named(c: char) -> String {
    match c {
        'ö' => "&ouml;".into(),
        'Ö' => "&Ouml;".into(),
        'ü' => "&uuml;".into(),
        'ä' => "&auml;".into(),
        '&' => "&amp;".into(),
        '"' => "&quot;".into(),
        other => format!("&#x{:x};", u32::from(other)),
    }
}

fn decomposed(c: char) -> String {
    match c {
        'ö' => "o\u{308}".into(),
        'Ö' => "O\u{308}".into(),
        'ü' => "u\u{308}".into(),
        'ä' => "a\u{308}".into(),
        other => other.into(),
    }
}

/// One of the ways to write a character.
fn spelled(c: char, way: usize) -> String {
    match way % 16 {
        0 => c.into(),
        1 => c.to_uppercase().collect(),
        2 => percent(&c.to_string()),
        3 => percent(&c.to_string()).to_lowercase(),
        4 => percent(&c.to_string()).replace('%', "%25"),
        5 => percent(&c.to_string()).replace('%', "%2525"),
        6 if u32::from(c) < 256 => format!("%{:02x}", u32::from(c)),
        7 => utf16(c),
        8 => utf16(c).to_uppercase().replace("\\U", "\\\\u"),
        9 => named(c),
        10 => format!("&#{};", u32::from(c)),
        11 => named(c).replace('&', "&amp;"),
        12 => named(c).replace('&', "%26").replace(';', "%3B"),
        13 => named(c).replace('&', "\\u0026"),
        14 => decomposed(c),
        15 if matches!(c, '/' | '"' | '\\') => format!("\\{c}"),
        15 if c == ' ' => "+".into(),
        _ => c.to_lowercase().collect(),
    }
}

/// A value, each character in a way of its own or all in the same.
fn anyhow() -> impl Strategy<Value = (&'static str, String)> {
    let ways = prop_oneof![proptest::collection::vec(0usize..16, 16), (0usize..16).prop_map(|way| vec![way; 16])];
    let word = |value: &str, ways: &[usize]| value.chars().zip(ways).map(|(c, way)| spelled(c, *way)).collect();
    (proptest::sample::select(&VALUES[..]), ways).prop_map(move |(value, ways)| (value, word(value, &ways)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn a_known_value_survives_in_no_spelling(
        (value, spelled) in anyhow(),
        before in proptest::sample::select(&BETWEEN[..]),
        after in proptest::sample::select(&BETWEEN[..]),
        (left, right) in ("\\PC*", "\\PC*"),
    ) {
        let redactor = taught();
        let end = if after.is_empty() && value.len() < 6 { "" } else { &right };
        let start = if before.is_empty() && value.len() < 6 { "" } else { &left };
        let text = format!("{start}{before}{spelled}{after}{end}");
        let json = serde_json::json!({"message": text, text.clone(): [text.clone()]}).to_string();
        for shown in [redactor.text(&text), redactor.body(&text, &[]), redactor.body(&json, &[]), redactor.header("x", &text)] {
            prop_assert!(!shown.contains(&spelled), "{text}: {shown}");
            prop_assert!(!shown.contains(value), "{text}: {shown}");
        }
        prop_assert!(redactor.text(&text).contains('['), "a mark stands for it");
    }

    #[test]
    fn a_forged_mark_hides_nothing(
        (value, spelled) in anyhow(),
        kind in "[a-z_-]{0,20}",
        (left, right) in ("\\PC*", "\\PC*"),
    ) {
        let redactor = taught();
        for mark in [format!("[{kind} {spelled}]"), format!("[{kind} 12ab34cd] {spelled} [{kind} 12ab34cd]")] {
            let text = format!("{left}{mark}{right}");
            prop_assert!(!redactor.text(&text).contains(&spelled), "{text}");
            let body = serde_json::json!({"message": text}).to_string();
            prop_assert!(!redactor.body(&body, &[]).contains(value), "{body}");
        }
    }

    #[test]
    fn other_text_keeps_every_byte(text in "([a-zA-Z .,;:%&+\\\\/<>äöüß\u{308}\"'{}()\\[\\]-]|&uuml;|%C3|%20|\\\\u00fc|&#252;|[0-9]{4})*") {
        let redactor = taught();
        prop_assume!(!text.contains("12345") && !text.contains("://"));
        prop_assert_eq!(redactor.text(&text), text.as_str());
        let body = serde_json::json!({"message": text.trim_start_matches(['{', '['])}).to_string();
        prop_assert_eq!(redactor.body(&body, &[]), body);
    }

    #[test]
    fn redacting_twice_changes_nothing((_, spelled) in anyhow(), (left, right) in ("\\PC*", "\\PC*")) {
        let redactor = taught();
        let text = redactor.text(&format!("{left}?token={spelled}&x=1 {spelled} {right}"));
        prop_assert_eq!(redactor.text(&text), text);
    }
}

#[test]
fn what_stands_around_a_short_value_is_read_as_it_is_meant() {
    let redactor = taught();
    let mark = redactor.mark("value", "12345");
    for (before, after) in [
        ("?next=%2Fa%3Fx%3D", ""),
        ("%22", "%22"),
        ("PIN\u{a0}", ""),
        ("„", "“"),
        ("\\n", "\\n"),
        ("PIN%C2%A0", "%0a"),
        ("%2522", "%2522"),
    ] {
        assert_eq!(redactor.text(&format!("{before}12345{after}")), format!("{before}{mark}{after}"));
    }
    for inside in ["a12345", "123456", "ü12345", "%C3%BC12345", "\\u00fc12345", "12345ü"] {
        assert_eq!(redactor.text(inside), inside, "a part of another word");
    }
}

#[test]
fn a_parameter_goes_however_its_equals_sign_and_quotes_are_spelled() {
    let redactor = taught();
    for (text, shown) in [
        ("?next=%2Fcb%3Ftoken%3Dopaque%26x%3D1", "?next=%2Fcb%3Ftoken%3D[]%26x%3D1"),
        ("?next=%252Fcb%253Ftoken%253dopaque%2526x", "?next=%252Fcb%253Ftoken%253d[]%2526x"),
        (
            "{\\\"url\\\":\\\"/a?x\\u0026token\\u003dopaque\\u0026y",
            "{\\\"url\\\":\\\"/a?x\\u0026token\\u003d[]\\u0026y",
        ),
        ("token=\"opa que\" x", "token=\"[]\" x"),
        ("token='opaque' x", "token='[]' x"),
        ("token=\"opa\\\"que\" x", "token=\"[]\" x"),
        ("token=\\\"opaque\\\" x", "token=\\\"[]\\\" x"),
        ("token%3D%22opaque%22 x", "token%3D%22[]%22 x"),
        ("token&#61;&quot;opaque&quot; x", "token&#61;&quot;[]&quot; x"),
        ("?a=1&amp;token=opaque&amp;x", "?a=1&amp;token=[]&amp;x"),
        ("token=opa%26que&x", "token=[]&x"),
        ("token=\"opaque", "token=\"[]"),
    ] {
        let mark = redactor.text(text);
        let (Some(from), Some(to)) = (mark.find("[parameter "), mark.rfind(']')) else { panic!("{text}: {mark}") };
        assert_eq!(format!("{}[]{}", &mark[..from], &mark[to + 1..]), shown);
        assert_eq!(redactor.text(&mark), mark);
    }
    let body = redactor.body("<a token=\"opaque\" title=\"x\">", &[]);
    assert!(!body.contains("opaque") && body.contains("title=\"x\""), "{body}");
}

#[test]
fn only_a_mark_of_ours_is_one() {
    let redactor = taught();
    for body in [r#"{"message":"User [id 12345678] locked"}"#, r#"{"account_number":"[x 99999999]"}"#] {
        let shown = redactor.body(body, &[]);
        assert!(!shown.contains("12345678") && !shown.contains("99999999"), "{shown}");
        assert_eq!(redactor.body(&shown, &[]), shown, "but this one is");
        assert_eq!(redactor.clone().body(&shown, &[]), shown, "also for what was made of it");
    }
}

#[test]
fn names_go_in_capitals_without_umlauts_and_where_bytes_were_no_utf8() {
    let mut redactor = taught();
    redactor.learn_name("Jürgen Großmann");
    for text in [
        "JÖRG MÜLLER",
        "M\u{fffd}LLER, J\u{fffd}RG M\u{fffd}LLER",
        "GROSSMANN",
        "Jörg\u{a0}Müller",
        "Jörg\nMüller",
        "Jörg+M%FCller",
        "Großmann",
    ] {
        let shown = redactor.text(text);
        assert!(shown.contains("[value ") || shown.contains("[name "), "{text}: {shown}");
    }
}

#[test]
fn a_long_value_that_was_cut_short_goes_too() {
    let mut redactor = taught();
    let long: String = ('a'..='z').cycle().take(500).collect();
    redactor.learn("account", &long);
    let shown = redactor.text(&format!("see {}… and {}!", &long[..80], &long[..20]));
    assert!(shown.starts_with("see [part ") && shown.ends_with(&format!("]… and {}!", &long[..20])), "{shown}");
}

#[test]
fn a_number_with_a_sign_or_decimals_is_known_too() {
    let shown = taught().body(r#"{"a":-12345678,"b":12345678.0,"c":1234567890}"#, &[]);
    assert!(!shown.contains("-12345678,") && !shown.contains("12345678.0"), "{shown}");
    assert!(serde_json::from_str::<serde_json::Value>(&shown).is_ok(), "{shown}");
}
