//! A small HTTP client for the servers of the local cloud: plain HTTP/1.1 over
//! loopback, a connection for each call.

use std::error::Error;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::RehearsalError;

/// A server on a port of loopback.
#[derive(Clone, Copy)]
pub(crate) struct Loopback {
    pub(crate) port: u16,
}

/// What is asked of it.
pub(crate) struct Call<'a> {
    /// What it is about, for an error.
    pub(crate) what: &'a str,
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: &'a str,
    pub(crate) body: Option<&'a Value>,
    pub(crate) limit: Duration,
}

impl Loopback {
    /// The body of its answer.
    ///
    /// # Errors
    /// [`RehearsalError::Failed`] when there is no answer within the limit, or
    /// one with a status that is not of success: then with what it says.
    pub(crate) async fn call(self, call: &Call<'_>) -> Result<String, RehearsalError> {
        let failed = |reason: String| RehearsalError::Failed { name: call.what.to_owned(), reason };
        match timeout(call.limit, self.exchange(call)).await {
            Ok(Ok((200..300, body))) => Ok(body),
            Ok(Ok((status, body))) => {
                let said = body.split_whitespace().collect::<Vec<_>>().join(" ");
                Err(failed(format!("it answered with status {status}: {said}")))
            }
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(_elapsed) => Err(failed(format!("no answer within {} s", call.limit.as_secs()))),
        }
    }

    async fn exchange(self, call: &Call<'_>) -> Result<(u16, String), Box<dyn Error>> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with the sender.
        tokio::spawn(connection);
        let body = call.body.map(Value::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(&call.method)
            .uri(call.path)
            .header(HOST, format!("127.0.0.1:{}", self.port))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))?;
        let answer = sender.send_request(request).await?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await?.to_bytes();
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    async fn asked_of(answer: &'static str) -> (Result<String, String>, String) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut seen = vec![0; 1024];
            let read = stream.read(&mut seen).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            seen.truncate(read);
            String::from_utf8(seen).unwrap()
        };
        let body = serde_json::json!({ "now": null });
        let limit = Duration::from_secs(30);
        let call = Call { what: "the clock", method: Method::PUT, path: "/local/clock", body: Some(&body), limit };
        let (told, seen) = tokio::join!(Loopback { port }.call(&call), server);
        (told.map_err(|error| error.to_string()), seen)
    }

    #[tokio::test]
    async fn an_answer_is_its_body_and_a_refusal_is_told_with_its_words() {
        let (told, seen) = asked_of("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
        assert_eq!(told.as_deref(), Ok("{}"));
        assert!(seen.starts_with("PUT /local/clock HTTP/1.1\r\n"), "{seen}");
        assert!(seen.ends_with("{\"now\":null}"), "{seen}");

        let (told, _) = asked_of("HTTP/1.1 500 Oops\r\ncontent-length: 9\r\n\r\nno\nsuch x").await;
        assert_eq!(told.unwrap_err(), "the clock failed: it answered with status 500: no such x");
        let (told, _) = asked_of("gopher").await;
        assert!(told.unwrap_err().starts_with("the clock failed: "));
    }
}
