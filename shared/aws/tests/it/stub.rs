//! A stand-in for AWS on loopback: it keeps what it was sent and answers as a
//! test tells it to. It is gone when it is dropped.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// The status of an answer that is none: the connection is closed instead.
pub(crate) const NO_ANSWER: u16 = 0;
/// The status of an answer that never comes, on a connection that stays open.
pub(crate) const SILENCE: u16 = 1;

/// One call as it arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    /// By name in small letters; `:peer` is the other end of the connection.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Call {
    /// The operation, whatever the protocol: CBOR (`CloudWatch`), query (SNS),
    /// the method itself (S3, which alone wants the body's hash), JSON (the others).
    pub(crate) fn operation(&self) -> String {
        if self.headers.contains_key("x-amz-content-sha256") {
            return if self.method == "PUT" { "PutObject" } else { "GetObject" }.to_owned();
        }
        let target = self.headers.get("x-amz-target");
        let place = target.map_or(self.path.as_str(), String::as_str);
        let last = place.rsplit(['/', '.']).next().unwrap_or_default();
        if last.is_empty() {
            return self.form().remove("Action").unwrap_or_default();
        }
        last.to_owned()
    }

    /// How often a text stands in the body.
    pub(crate) fn count(&self, text: &str) -> usize {
        String::from_utf8_lossy(&self.body).matches(text).count()
    }

    /// The body as the form that SNS is sent.
    pub(crate) fn form(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn new(status: u16, content_type: &str, body: &[u8]) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: body.to_vec() }
    }

    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::new(status, "application/json", body.as_bytes())
    }

    pub(crate) fn xml(status: u16, body: &str) -> Self {
        Self::new(status, "text/xml", body.as_bytes())
    }

    /// An empty CBOR map: `PutMetricData` went well.
    pub(crate) fn cbor_ok() -> Self {
        let mut answer = Self::new(200, "application/cbor", &[0xa0]);
        answer.headers.push(("smithy-protocol", "rpc-v2-cbor".to_owned()));
        answer
    }
}

pub(crate) struct Stub {
    pub(crate) url: Url,
    calls: Arc<Mutex<Vec<Call>>>,
    server: JoinHandle<()>,
}

impl Stub {
    pub(crate) async fn start(answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = Url::parse(&format!("http://{}", listener.local_addr()?)).map_err(io::Error::other)?;
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (Arc::clone(&calls), Arc::new(answer));
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                tokio::spawn(async move {
                    // A client that hangs up ends its own connection only.
                    let _ = serve(stream, &kept, answer.as_ref()).await;
                });
            }
        });
        Ok(Self { url, calls, server })
    }

    /// The calls so far, in the order of their arrival.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(
    stream: TcpStream,
    kept: &Mutex<Vec<Call>>,
    answer: &(impl Fn(&Call) -> Answer + Sync),
) -> io::Result<()> {
    let peer = stream.peer_addr()?.to_string();
    let mut stream = BufReader::new(stream);
    while let Some(mut call) = read_call(&mut stream).await? {
        call.headers.insert(":peer".to_owned(), peer.clone());
        let answer = answer(&call);
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        if answer.status == NO_ANSWER {
            return Ok(());
        }
        if answer.status == SILENCE {
            std::future::pending::<()>().await;
        }
        let mut head = format!("HTTP/1.1 {} -\r\ncontent-length: {}\r\n", answer.status, answer.body.len());
        for (name, value) in &answer.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        let mut response = (head + "\r\n").into_bytes();
        // In one write: two would wait for the client's delayed acknowledgement.
        response.extend(&answer.body);
        stream.write_all(&response).await?;
        stream.flush().await?;
    }
    Ok(())
}

async fn read_call(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Call>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut call = Call { method, path, ..Call::default() };
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        call.headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = call.headers.get("content-length");
    let length = length.and_then(|text| text.parse().ok()).unwrap_or(0);
    call.body = vec![0; length];
    stream.read_exact(&mut call.body).await?;
    Ok(Some(call))
}
