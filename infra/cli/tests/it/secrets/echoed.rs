//! Secrets that are no long canaries, told back by a bank in many spellings.

use super::*;
use crate::stub::{Answer, Stub};

const NUMBER: &str = "87654321";
const PIN: &str = "75319";
const PERSON: &str = "Jörg Müller";
/// Each value in spellings that answers really have.
const SPELLINGS: [(&str, &[&str]); 3] = [
    (NUMBER, &[NUMBER, "%38%37654321", "\\u0038\\u0037654321", "&#56;7654321", "%25387654321"]),
    (PIN, &[PIN, "%37%35319", "\\u00375319", "&#55;5319", "&#x37;5319"]),
    (
        PERSON,
        &[
            PERSON,
            "JÖRG MÜLLER",
            "J%C3%B6rg+M%C3%BCller",
            "J%25C3%25B6rg%2520M%25C3%25BCller",
            "J\\u00f6rg M\\u00fcller",
            "J&ouml;rg M&uuml;ller",
            "J&#246;rg&nbsp;M&#252;ller",
            "Jo\u{308}rg Mu\u{308}ller",
        ],
    ),
];
/// Around them, one of them forged: it looks like what we put in a secret's place.
const AROUND: [(&str, &str); 8] = [
    ("User [id ", "] locked"),
    ("?next=%2Fa%3Fx%3D", "%26y"),
    ("%22", "%22"),
    ("PIN\u{a0}", "."),
    ("„", "“"),
    ("x=", "&y"),
    ("\\n", "\\n"),
    ("\\\"", "\\\""),
];

fn echoes() -> Vec<String> {
    let spelled = SPELLINGS.iter().flat_map(|(_, spelled)| spelled.iter());
    spelled.flat_map(|spelled| AROUND.map(|(before, after)| format!("{before}{spelled}{after}"))).collect()
}

fn assert_not_told_back(place: &str, text: &str) {
    for echo in echoes() {
        for shown in [echo.replace('\\', "\\\\").replace('"', "\\\""), echo.replace('&', "&amp;"), echo] {
            assert!(!text.contains(&shown), "{shown} stands in {place}:\n{text}");
        }
    }
}

#[tokio::test]
async fn no_output_holds_what_a_bank_tells_back_however_it_spells_it() {
    let (bank, http) = (bank().await, Http::new(None).unwrap());
    let passed = journey(&http, &target(&bank, false)).await;
    let plain = echoes().join("\r\n");
    let json = |text: &str| serde_json::json!({"error": {"message": text, text: [text]}}).to_string();
    for body in [json(&plain), plain.clone(), format!("<p title=\"{plain}\">{plain}</p>"), format!("{{\"a\":\"{plain}")]
    {
        let stub = Stub::start(move |_| {
            let mut answer = Answer::json(500, &body);
            answer.headers.extend(echoes().chunks(AROUND.len()).map(|some| ("x-echo-87654321", some.join(" "))));
            answer
        });
        let stub = stub.await.unwrap();
        let mut target = target_at(stub.url.as_str(), stub.url.as_str(), false);
        target.user_name = PERSON.to_owned();
        let report = journey_with(&http, &target, NUMBER, PIN).await;
        let told = serde_json::to_string(&report).unwrap();
        for kind in ["token", "password", "user_name"] {
            assert!(told.contains(&format!("[{kind} ")), "{kind}: {told}");
        }
        for (place, text) in outputs(&report, &passed) {
            assert_not_told_back(place, &text);
            assert!(!text.contains(NUMBER), "{NUMBER} stands in {place}:\n{text}");
        }
    }
}

#[tokio::test]
async fn the_form_as_sent_names_nobody() {
    let (bank, http) = (bank().await, Http::new(None).unwrap());
    let mut target = target(&bank, false);
    let passed = journey(&http, &target).await;
    assert!(forms(&passed).contains("\"redirect\""), "a test bank's word may be seen");
    for name in [PERSON, "Max"] {
        target.user_name = name.to_owned();
        let report = journey(&http, &target).await;
        assert!(forms(&report).contains("UsernameElement"), "{}", forms(&report));
        assert!(!forms(&report).contains(name), "{}", forms(&report));
    }
}

fn forms(report: &RunReport) -> String {
    let requests = report.steps.iter().flat_map(|step| &step.requests);
    requests.filter_map(|request| request.exchange.form.as_deref()).collect()
}
