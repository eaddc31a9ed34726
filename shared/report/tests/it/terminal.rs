use model::error::{ErrorType, Failure};
use model::journey::Request;
use model::report::RunReport;
use report::{Style, render};

use crate::sample::{after_first_attempt, failed, http_503, passed};

const PLAIN: Style = Style { color: false, width: 90 };

fn plain(report: &RunReport) -> String {
    render(report, &PLAIN)
}

fn cut_short() -> Failure {
    Failure::new(ErrorType::Connection, "the connection was reset")
}

#[test]
fn a_passed_run_is_a_title_and_a_line_per_step() {
    assert_eq!(plain(&passed()), include_str!("terminal/passed.txt"));
}

#[test]
fn a_failed_step_shows_its_requests_the_error_and_what_to_do() {
    let mut report = failed(http_503(), Request::GetFlowConfiguration);
    report.cleanup.error = Some(cut_short());
    assert_eq!(plain(&report), include_str!("terminal/failed.txt"));
}

#[test]
fn a_request_without_an_answer_says_so_in_place_of_the_status() {
    let text = plain(&failed(cut_short(), Request::StartSession));
    let line = text.lines().find(|line| line.contains("1 start session")).unwrap();
    assert!(line.contains("no answer"), "{line}");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fault = "It looks like a fault of the network on the way, seen from this region alone.";
    assert!(text.contains(fault), "{text}");
}

#[test]
fn a_recovered_run_says_that_the_second_attempt_passed_and_why_the_first_did_not() {
    let text = plain(&after_first_attempt(passed(), http_503(), Request::SelectBank));
    assert!(text.starts_with("klarna-playground in us-east-1: passed on the second attempt in 843 ms\n"));
    let retry = text.split("Retry").nth(1).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        retry.starts_with(
            "Passed on the second attempt. The first one: Step 3 (Select test bank), request 3 (select \
             bank): the API answered with status 503 (http_status)."
        ),
        "{retry}"
    );
}

#[test]
fn a_second_attempt_is_told_by_what_it_adds() {
    let retry = |report: &RunReport| {
        plain(report).split("Retry").nth(1).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let twice = after_first_attempt(failed(http_503(), Request::SelectBank), http_503(), Request::SelectBank);
    assert!(retry(&twice).starts_with("A second attempt failed in the same way."), "{}", retry(&twice));
    let mut undecided = failed(http_503(), Request::SelectBank);
    let limited = Failure::new(ErrorType::RateLimited, "the API answered HTTP 429");
    undecided = after_first_attempt(undecided, limited, Request::SelectBank);
    (undecided.attempt, undecided.attempts[0].attempt) = (1, 2);
    assert!(
        retry(&undecided).starts_with("A second attempt did not confirm or undo it. Step 3"),
        "{}",
        retry(&undecided)
    );
}

#[test]
fn polls_are_counted_beside_the_requests_they_repeat() {
    let mut report = passed();
    let request = &mut report.steps[3].requests[0];
    request.polls = vec![request.exchange.clone(); 3];
    assert!(plain(&report).contains("400 ms  2 + 3 polls\n"));
}

#[test]
fn a_bank_cannot_steer_the_terminal() {
    let message = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m \u{202e}gnp.exe\r\nsecond line";
    let mut report = failed(Failure::new(ErrorType::Contract, message), Request::StartSession);
    report.steps[0].requests[0].exchange.url = message.to_owned();
    report.certificates[0].host = message.to_owned();
    report.cleanup.error = Some(Failure::new(ErrorType::Contract, message));
    report = after_first_attempt(report, Failure::new(ErrorType::Contract, message), Request::SelectBank);
    let text = plain(&report);
    let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!text.contains(harmful), "{text:?}");
    assert!(!text.contains("\nsecond line"), "{text}");
}

#[test]
fn colour_only_adds_codes() {
    let report = failed(http_503(), Request::SelectBank);
    let colored = render(&report, &Style { color: true, ..PLAIN });
    assert!(colored.contains("\u{1b}[1;31mfailed"), "{colored:?}");
    let stripped: String = colored
        .split('\u{1b}')
        .enumerate()
        .map(|(index, part)| if index == 0 { part } else { part.split_once('m').unwrap().1 })
        .collect();
    assert_eq!(stripped, plain(&report));
}

#[test]
fn no_line_is_longer_than_the_width() {
    let failure = Failure::new(ErrorType::Contract, "word ".repeat(60) + &"x".repeat(90));
    for width in [60, 90] {
        let text = render(&failed(failure.clone(), Request::LogIn), &Style { color: false, width });
        let notes = text.split("\n\n").last().unwrap();
        let longest = notes.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(width), "{longest:?} in {notes}");
    }
}

#[test]
fn nothing_of_headers_and_bodies_is_shown() {
    assert!(!plain(&failed(http_503(), Request::GetBalance)).contains("canary"));
}
