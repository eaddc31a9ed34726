//! A second bank, unlike the playground in everything that the API leaves
//! open: one host for both roles or two, other paths, other nesting, unknown
//! fields, PROCESSING in between, a 4096-bit key. It checks nothing; tests look
//! at what it saw.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// One request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) length: Option<String>,
    pub(crate) text: String,
    pub(crate) body: Value,
}

/// Changes an answer: path, then the body in place. Returns the HTTP status.
pub(crate) type Twist = fn(&str, &mut Value) -> u16;

pub(crate) struct OtherBank {
    pub(crate) base_url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for OtherBank {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl OtherBank {
    pub(crate) async fn open(twist: Twist) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (notes, origin) = (Arc::clone(&seen), host.clone());
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, origin.clone(), Arc::clone(&notes), twist));
            }
        });
        Self { base_url: format!("{host}/gateway"), seen, server }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The request to this path.
    pub(crate) fn request(&self, path: &str) -> Seen {
        self.seen().into_iter().find(|seen| seen.path == path).unwrap()
    }
}

async fn serve(stream: TcpStream, origin: String, notes: Arc<Mutex<Vec<Seen>>>, twist: Twist) {
    let mut stream = BufReader::new(stream);
    while let Some(seen) = read(&mut stream).await {
        let mut body = answer(&seen.method, &seen.path, &origin);
        let status = if body.is_null() { 404 } else { twist(&seen.path, &mut body) };
        notes.lock().unwrap().push(seen);
        let text = body.to_string();
        let head = format!("HTTP/1.1 {status} -\r\ncontent-length: {}\r\n\r\n", text.len());
        if stream.write_all(format!("{head}{text}").as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let (method, path) = (line.split(' ').next()?.to_owned(), line.split(' ').nth(1)?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        match line.trim().split_once(": ") {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
            None => break,
        }
    }
    let header = |name: &str| headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.clone());
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let text = String::from_utf8(body).ok()?;
    Some(Seen {
        method,
        path,
        authorization: header("authorization"),
        user_agent: header("user-agent"),
        length: header("content-length"),
        body: serde_json::from_str(&text).unwrap_or_default(),
        text,
    })
}

fn answer(method: &str, path: &str, origin: &str) -> Value {
    let at = |path: &str| format!("{origin}{path}");
    let page = |next: &str, result: Value| json!({"data": {"result": result, "next": at(next), "state": "CONSUMER_INPUT_NEEDED", "extra": [1]}, "more": {}});
    let processing = |next: Option<&str>| json!({"data": {"state": "PROCESSING", "next": next.map(at)}});
    let form = |id: &str, elements: Value| json!({"key": key(), "form": {"elements": elements, "form_identifier": id}});
    let deep = |element: Value| json!([{"type": "context", "content": [{"type": "text"}, {"type": "context", "content": [element]}]}]);
    match (method, path) {
        ("PUT", "/gateway/xs2a/v1/sessions") => json!({"data": {
            "session_id": "s-1", "self": at("/s"), "unknown": null, "consent": at("/s/c?v=2"),
            "flows": {"account_details": at("/f/account-details"), "accounts": at("/f/accounts")}}}),
        ("PUT", "/f/account-details") => json!({"data": {
            "flow_id": "f-1", "state": "PROCESSING", "self": at("/f/1"), "client_token": token(&json!({"auth_url": at("/w/0")}))}}),
        ("POST", "/w/0") => processing(Some("/w/1")),
        ("GET", "/w/1") => page("/w/2", json!({"form": null})),
        ("GET", "/w/2") => page(
            "/w/3?step=3",
            form(
                "i-1",
                deep(json!({"type": "choice", "key": "how-to", "options": [
            {"value": "other"}, {"value": "de_testbank_bias", "label": "Bias"}]})),
            ),
        ),
        ("POST", "/w/3?step=3") => page(
            "/w/4",
            form(
                "l-1",
                json!([
            {"type": "input", "key": "pw.PasswordElement", "password": true},
            {"type": "context", "content": [{"type": "input", "key": "un.UsernameElement", "label": null}]}]),
            ),
        ),
        ("POST", "/w/4") => page(
            "/w/5",
            json!({"context": "authentication",
            "redirect": {"id": "r-1", "url": "https://bank.example/login"}}),
        ),
        ("POST", "/w/5") => processing(None),
        // Without a next the state is read where the wizard began.
        ("GET", "/w/0") => page(
            "/w/6",
            form(
                "a-1",
                deep(json!({"type": "choice", "key": "konto", "options": [
            {"value": "1", "disabled": true}, {"value": "2", "transfer_type": "RESTRICTED"}, {"value": "3"}]})),
            ),
        ),
        ("POST", "/w/6") => json!({"data": {"state": "FINISHED"}}),
        ("POST", "/s/c?v=2") => json!({"data": {"consent_id": "c-1", "consent_token": "t-1",
            "consents": {"balances": at("/b"), "account_details": at("/d")}}}),
        ("POST", "/d") => {
            json!({"data": {"consent_token": "t-2", "result": {"account": {"id": "other-id", "alias": null}}}})
        }
        ("POST", "/b") => json!({"data": {"consent_token": "t-3", "result": {
            "available": {"amount": 5, "currency": "SEK", "extra": 1}}}}),
        ("DELETE", "/s") => json!({}),
        _ => Value::Null,
    }
}

/// A token whose signature nobody checks.
pub(crate) fn token(payload: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(&json!({"alg": "RS256"})), part(payload))
}

/// 4096 bits, odd; nobody has the private half, and nobody needs it.
fn key() -> String {
    token(&json!({"modulus": format!("C{}1", "0".repeat(1022)), "exponent": "010001"}))
}
