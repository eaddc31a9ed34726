//! Each way to fail is told by its type, and recorded all the same.

use runner::{Http, Stop};

use crate::probe::{OneRequest, once, run, run_until, timeouts};
use crate::server::{Then, plain};

#[tokio::test]
async fn a_broken_connection_is_told_by_how_far_the_answer_got() {
    for (then, error_type, said) in [
        (Then::Say(""), "connection", "closed before the answer"),
        (Then::Reset, "connection", "reset before the answer"),
        (Then::Say("HTTP/1.1 200 OK\r\ncontent-le"), "connection", "closed before the answer"),
        (Then::Say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"), "connection", "cut short"),
        (Then::Say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{}"), "connection", "cut short"),
        (Then::Say("SSH-2.0-OpenSSH_9.2\r\n"), "connection", "not valid HTTP"),
        (Then::SayAndWait(""), "timeout", "while waiting for the answer"),
        (
            Then::SayAndWait("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"),
            "timeout",
            "while reading the answer's body",
        ),
    ] {
        let server = plain(then).await;
        let (exchange, error) = once(&Http::new(None).unwrap(), &format!("http://{}/x", server.address)).await;
        let (seen, message) = error.unwrap();
        assert_eq!(seen, error_type, "{message}");
        assert!(message.contains(said), "{message}");
        assert!(exchange.timings.connect_ms.is_some() && exchange.duration_ms.get() > 0.0);
    }
}

#[tokio::test]
async fn no_name_and_no_connection_are_told_apart() {
    let http = Http::new(None).unwrap();
    let gone = plain(Then::Reset).await.address;
    let (exchange, error) = once(&http, &format!("http://{gone}/")).await;
    assert_eq!(error.unwrap().0, "connect");
    assert!(exchange.response.is_none() && exchange.timings.first_byte_ms.is_none());
    // RFC 6761: never a name; resolved without leaving the machine.
    let (exchange, error) = once(&http, "http://bank.invalid/").await;
    assert_eq!(error.unwrap().0, "dns");
    assert!(exchange.timings.dns_ms.is_some() && exchange.timings.connect_ms.is_none());
}

#[tokio::test]
async fn a_body_over_the_limit_is_cut_off_and_a_large_one_shown_in_part() {
    let body = "x".repeat(40 * 1024);
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let server = plain(Then::Say(answer.leak())).await;
    let (exchange, error) = once(&Http::new(None).unwrap(), &format!("http://{}/", server.address)).await;
    let response = exchange.response.unwrap();
    assert_eq!(error, None);
    assert_eq!((response.body.unwrap().len(), response.body_omitted_bytes), (32 * 1024, 8 * 1024));
    let huge = format!("HTTP/1.1 200 OK\r\ncontent-length: 99000000\r\n\r\n{}", "x".repeat(2 << 20));
    let server = plain(Then::Say(huge.leak())).await;
    let (_, error) = once(&Http::new(None).unwrap(), &format!("http://{}/", server.address)).await;
    assert!(error.unwrap().1.contains("larger than 1024 KiB"));
    let refusal = format!("HTTP/1.1 401 -\r\ncontent-length: 99000000\r\n\r\n{}", "x".repeat(2 << 20));
    let server = plain(Then::Say(refusal.leak())).await;
    let (exchange, error) = once(&Http::new(None).unwrap(), &format!("http://{}/", server.address)).await;
    assert_eq!((exchange.status, error), (Some(401), None), "a refusal is judged by its status, however long it is");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server =
        plain(Then::Say("HTTP/1.1 302 Found\r\nlocation: https://elsewhere.example/\r\ncontent-length: 0\r\n\r\n"))
            .await;
    let (exchange, error) = once(&Http::new(None).unwrap(), &format!("http://{}/", server.address)).await;
    assert_eq!((exchange.status, error), (Some(302), None));
}

#[tokio::test]
async fn what_was_opened_is_closed_after_every_attempt() {
    let server = plain(Then::Reset).await;
    let mut journey = OneRequest::to(format!("http://{}/", server.address));
    let report = run(&Http::new(None).unwrap(), &mut journey, true, timeouts()).await;
    assert_eq!((report.attempts.len(), journey.clean_ups), (1, 2));
}

#[tokio::test]
async fn the_attempts_own_time_ends_as_deadline_not_as_timeout() {
    let server = plain(Then::SayAndWait("")).await;
    let mut journey = OneRequest::to(format!("http://{}/", server.address));
    let short = model::config::Timeouts { attempt: std::time::Duration::from_millis(200), ..timeouts() };
    let report = run(&Http::new(None).unwrap(), &mut journey, false, short).await;
    let error = report.error.unwrap();
    assert_eq!((error.failure.error_type.name(), error.request), ("deadline", Some(1)));
}

#[tokio::test]
async fn a_kept_connection_has_no_phases_of_a_new_one() {
    let server = plain(Then::KeepAlive("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")).await;
    let mut journey = OneRequest { times: 2, ..OneRequest::to(format!("http://{}/", server.address)) };
    let report = run(&Http::new(None).unwrap(), &mut journey, false, timeouts()).await;
    let [first, second] = report.steps[0].requests.as_slice() else { unreachable!("two requests") };
    assert!(first.exchange.timings.connect_ms.is_some());
    assert_eq!(second.exchange.timings.connect_ms, None);
    assert!(second.exchange.timings.first_byte_ms.is_some());
}

#[tokio::test]
async fn a_run_that_is_stopped_gives_up_its_request_and_still_cleans_up() {
    let server = plain(Then::SayAndWait("")).await;
    let mut journey = OneRequest::to(format!("http://{}/", server.address));
    let stop = Stop::never();
    let http = Http::new(None).unwrap();
    let running = run_until(&http, &mut journey, true, model::config::Timeouts::default(), stop.clone());
    let (report, ()) = tokio::join!(running, async {
        server.asked().await;
        stop.now();
    });
    let failure = report.error.unwrap().failure;
    assert_eq!(failure.error_type.name(), "stopped");
    assert!(failure.message.contains("was stopped while waiting for the answer"), "{}", failure.message);
    assert_eq!((report.attempts.len(), journey.clean_ups), (0, 1));
}
