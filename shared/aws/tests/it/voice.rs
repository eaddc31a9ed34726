use std::net::SocketAddr;
use std::time::Duration;

use aws::{CallError, VoiceCall};
use tokio::net::{TcpListener, TcpSocket};
use url::Url;

use super::{clients, clients_at};
use crate::stub::{Answer, NO_ANSWER, Stub};

const CALL: VoiceCall<'_> = VoiceCall { number: "+4989123456", origination: "+4930123456", text: "The bank is down." };

/// What a call comes to when it is answered so, and how often it was asked for.
async fn call(answer: Answer) -> (Result<String, CallError>, usize) {
    let stub = Stub::start(move |_| answer.clone()).await.expect("a stub");
    let result = clients(&stub).await.voice().call(&CALL).await;
    (result, stub.calls().len())
}

fn url(address: SocketAddr) -> Url {
    Url::parse(&format!("http://{address}")).expect("a URL")
}

fn refusal(status: u16, code: &str, reason: &str) -> Answer {
    Answer::json(status, &serde_json::json!({"__type": code, "Message": reason}).to_string())
}

#[tokio::test]
async fn a_call_says_the_text_to_the_number() {
    let stub = Stub::start(|_| Answer::json(200, r#"{"MessageId":"m-1"}"#)).await.unwrap();
    assert_eq!(clients(&stub).await.voice().call(&CALL).await, Ok("m-1".to_owned()));
    let calls = stub.calls();
    assert_eq!((calls.len(), calls[0].operation().as_str()), (1, "SendVoiceMessage"));
    let asked: serde_json::Value = serde_json::from_slice(&calls[0].body).unwrap();
    let expected = serde_json::json!({
        "DestinationPhoneNumber": "+4989123456", "OriginationIdentity": "+4930123456",
        "MessageBody": "The bank is down.", "MessageBodyTextType": "TEXT", "TimeToLive": 900,
    });
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn each_call_has_a_fresh_connection() {
    let stub = Stub::start(|_| Answer::json(200, r#"{"MessageId":"m-1"}"#)).await.unwrap();
    let clients = clients(&stub).await;
    for _ in 0..2 {
        clients.voice().call(&CALL).await.unwrap();
    }
    let peers: Vec<String> = stub.calls().iter().map(|call| call.headers[":peer"].clone()).collect();
    assert_eq!(peers.len(), 2);
    assert_ne!(peers[0], peers[1]);
}

#[tokio::test]
async fn what_the_service_refuses_was_not_made() {
    for (answer, says) in [
        (refusal(400, "ThrottlingException", "Rate exceeded"), "the account's request rate is used up"),
        (refusal(400, "ConflictException", "not verified"), "SendVoiceMessage: ConflictException: not verified"),
        (refusal(403, "AccessDeniedException", "no"), "allow sms-voice:SendVoiceMessage to this role"),
        (refusal(400, "ResourceNotFoundException", "no"), "the number that calls must be leased in this region"),
        (refusal(400, "ServiceQuotaExceededException", "no"), "in the sandbox may make 20 calls in 24 hours"),
    ] {
        let (result, asked) = call(answer).await;
        let Err(CallError::NotMade(error)) = result else {
            panic!("{says}: {result:?}");
        };
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(asked, 1, "{error}");
    }
}

#[tokio::test]
async fn what_proves_nothing_is_unknown_and_not_tried_again() {
    for answer in [
        refusal(500, "InternalServerException", "try again"),
        Answer::json(503, ""),
        Answer::json(403, "<html>a proxy</html>"),
        Answer::json(200, "not JSON"),
        Answer::json(200, "{}"),
        Answer::json(NO_ANSWER, ""),
    ] {
        let told = format!("{answer:?}");
        let (result, asked) = call(answer).await;
        assert!(matches!(result, Err(CallError::Unknown(_))), "{told}: {result:?}");
        assert_eq!(asked, 1, "{told}");
    }
}

#[tokio::test]
async fn an_aws_that_is_not_there_was_not_asked_for_a_call() {
    // Bound, so that nobody else gets the port, and not listening.
    let closed = TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let voice = clients_at(url(closed.local_addr().unwrap()), Duration::from_secs(10)).await.voice();
    let result = voice.call(&CALL).await;
    assert!(matches!(result, Err(CallError::NotMade(_))), "{result:?}");
}

#[tokio::test]
async fn an_aws_that_is_silent_may_have_made_the_call() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let voice = clients_at(url(silent.local_addr().unwrap()), Duration::from_secs(1)).await.voice();
    let result = voice.call(&CALL).await;
    assert!(matches!(result, Err(CallError::Unknown(_))), "{result:?}");
}
