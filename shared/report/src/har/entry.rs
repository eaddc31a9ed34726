//! One exchange as an entry of the archive.

use std::net::SocketAddr;

use model::journey::Step;
use model::report::{Exchange, Header, Message, Milliseconds, Timings};
use serde_json::{Value, json};
use url::Url;

use super::uri::uri;
use super::{Attempt, Sent, page_id, whole_microseconds};

/// What the archive says where a number is not known.
const UNKNOWN: i64 = -1;

/// The shortest time that the archive tells, in milliseconds.
const SHORTEST: f64 = 0.001;

/// The only version that the monitor's client speaks.
const HTTP_VERSION: &str = "HTTP/1.1";

pub(super) fn entry(attempt: &Attempt<'_>, sent: &Sent<'_>) -> Value {
    let exchange = sent.exchange;
    let (timings, time) = timings(&exchange.timings);
    let mut entry = json!({
        "pageref": page_id(attempt),
        "startedDateTime": attempt.at(exchange.started_ms.get()),
        "time": time,
        "request": request(exchange),
        "response": response(sent),
        "cache": {},
        "timings": timings,
        "comment": sent.place,
    });
    let address = exchange.remote_address.as_deref().and_then(|address| address.parse::<SocketAddr>().ok());
    put_some(&mut entry, "serverIPAddress", address.map(|address| address.ip().to_string()));
    put_some(&mut entry, "connection", address.map(|address| address.port().to_string()));
    // Chromium's own field; it would guess a script from the media type.
    put_some(&mut entry, "_resourceType", Some("fetch"));
    put_some(&mut entry, "_step", sent.step.map(Step::name));
    put_some(&mut entry, "_urlTemplate", Some(exchange.url_template.as_str()).filter(|template| !template.is_empty()));
    put_some(&mut entry, "_tlsVersion", exchange.tls_version.as_deref());
    entry
}

/// The phases, and their sum. `ssl` is part of `connect`, and `send`, `wait`
/// and `receive` may not be unknown (HAR 1.2, "timings").
fn timings(timings: &Timings) -> (Value, f64) {
    let [dns, tcp, tls, wait, receive] =
        [timings.dns_ms, timings.connect_ms, timings.tls_ms, timings.first_byte_ms, timings.download_ms]
            .map(|phase| phase.map(Milliseconds::get));
    let connect = match (tcp, tls) {
        (None, None) => None,
        (tcp, tls) => Some(whole_microseconds(tcp.unwrap_or_default() + tls.unwrap_or_default())),
    };
    let time = [dns, connect, wait, receive].into_iter().flatten().sum();
    let or_unknown = |phase: Option<f64>| phase.map_or(json!(UNKNOWN), Value::from);
    // A wait that begins at zero is no wait for Chromium's network panel, which calls it stalled.
    let reused = dns.or(connect).is_none();
    let (blocked, wait) = match wait {
        Some(wait) if reused && wait > SHORTEST => (Some(SHORTEST), Some(whole_microseconds(wait - SHORTEST))),
        wait => (None, wait),
    };
    let phases = json!({
        "blocked": or_unknown(blocked),
        "dns": or_unknown(dns),
        "connect": or_unknown(connect),
        "ssl": or_unknown(tls),
        "send": 0,
        "wait": wait.unwrap_or_default(),
        "receive": receive.unwrap_or_default(),
    });
    (phases, whole_microseconds(time))
}

fn request(exchange: &Exchange) -> Value {
    let message = &exchange.request;
    let mut request = json!({
        "method": exchange.method,
        "url": uri(&exchange.url, None),
        "httpVersion": HTTP_VERSION,
        "cookies": [],
        "headers": headers(&message.headers),
        "queryString": query(&exchange.url),
        "headersSize": UNKNOWN,
        "bodySize": message.body_bytes,
    });
    let has_body = message.body.is_some() || message.body_bytes > 0;
    put_some(&mut request, "postData", has_body.then(|| post_data(message)));
    put_some(&mut request, "_form", exchange.form.as_deref());
    request
}

fn post_data(message: &Message) -> Value {
    let mut data = json!({
        "mimeType": mime_type(message),
        "text": message.body.as_deref().unwrap_or_default(),
    });
    put_some(&mut data, "comment", cut(message));
    data
}

/// Status 0 stands for an answer that did not come, as in browsers' exports.
fn response(sent: &Sent<'_>) -> Value {
    let exchange = sent.exchange;
    let answer = exchange.response.as_ref();
    let mut response = json!({
        "status": exchange.status.unwrap_or_default(),
        "statusText": "",
        "httpVersion": if answer.is_some() { HTTP_VERSION } else { "" },
        "cookies": [],
        "headers": answer.map_or(json!([]), |answer| headers(&answer.headers)),
        "content": answer.map_or(json!({ "size": UNKNOWN, "mimeType": "x-unknown" }), content),
        "redirectURL": answer.and_then(|answer| redirect_url(exchange, answer)).unwrap_or_default(),
        "headersSize": UNKNOWN,
        "bodySize": answer.map_or(json!(UNKNOWN), |answer| json!(answer.body_bytes)),
    });
    let error = sent.error.map(|failure| format!("{}: {}", failure.error_type, failure.message));
    put_some(&mut response, "_error", error);
    response
}

fn redirect_url(exchange: &Exchange, answer: &Message) -> Option<String> {
    let base = Url::parse(&exchange.url).ok();
    header(answer, "location").map(|location| uri(location, base.as_ref()))
}

fn content(message: &Message) -> Value {
    let mut content = json!({ "size": message.body_bytes, "mimeType": mime_type(message) });
    put_some(&mut content, "text", message.body.as_deref());
    put_some(&mut content, "comment", cut(message));
    content
}

/// Says that a body is not whole; none when it is.
fn cut(message: &Message) -> Option<String> {
    let (omitted, all) = (message.body_omitted_bytes, message.body_bytes);
    (omitted > 0).then(|| format!("cut: {omitted} of {all} bytes are not shown"))
}

fn mime_type(message: &Message) -> &str {
    header(message, "content-type").unwrap_or("x-unknown")
}

fn header<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    let mut headers = message.headers.iter();
    headers.find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
}

fn headers(headers: &[Header]) -> Value {
    headers.iter().map(|header| json!({ "name": header.name, "value": header.value })).collect()
}

/// Names and values as they are meant, without percent signs.
fn query(url: &str) -> Value {
    let Ok(url) = Url::parse(url) else { return json!([]) };
    url.query_pairs().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn put_some(object: &mut Value, key: &str, value: Option<impl Into<Value>>) {
    if let (Some(fields), Some(value)) = (object.as_object_mut(), value) {
        fields.insert(key.to_owned(), value.into());
    }
}
