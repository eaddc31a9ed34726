//! A POST to a server on loopback.

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::RehearsalError;

/// What to send, and where.
pub(crate) struct Post<'a> {
    /// What it is, for an error.
    pub(crate) call: String,
    pub(crate) port: u16,
    pub(crate) path: String,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: String,
}

/// Sends it on a connection of its own and returns the body of a 2xx answer.
pub(crate) async fn post(post: Post<'_>) -> Result<Bytes, RehearsalError> {
    let failed = |reason: String| RehearsalError::Call { call: post.call.clone(), reason };
    let stream = TcpStream::connect(("127.0.0.1", post.port)).await.map_err(|error| failed(error.to_string()))?;
    let mut request = Request::post(&post.path).header("host", format!("127.0.0.1:{}", post.port));
    for (name, value) in post.headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::<Bytes>::from(post.body)).map_err(|error| failed(error.to_string()))?;
    let exchange = async {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let answer = async {
            let answer = sender.send_request(request).await?;
            let status = answer.status();
            Ok::<_, hyper::Error>((status, answer.into_body().collect().await?.to_bytes()))
        };
        tokio::pin!(answer);
        tokio::select! {
            answer = &mut answer => answer,
            closed = connection => match closed {
                Ok(()) => answer.await,
                Err(error) => Err(error),
            },
        }
    };
    let (status, body) = exchange.await.map_err(|error| failed(error.to_string()))?;
    if status.is_success() {
        return Ok(body);
    }
    let body = String::from_utf8_lossy(&body).chars().take(400).collect();
    Err(RehearsalError::Refused { call: post.call, status: status.as_u16(), body })
}
