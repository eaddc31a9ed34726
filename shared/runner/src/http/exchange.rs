//! One request sent, and everything that can be known of it afterwards.

use std::time::{Duration, Instant};

use model::error::{ErrorType, Failure};
use model::redaction::Redactor;
use model::report::{CertificateReport, Exchange, Header, Message, Milliseconds, PresentedCertificate, Timings};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::tls::{TlsInfo, Version};
use url::Url;

use super::classify::{classify, during};
use super::marks::{Marks, Slot};
use crate::call::{Answer, Call, Method};
use crate::stop::Stop;

/// The most bytes of a body that a report shows.
const SHOWN: usize = 32 * 1024;
/// The most bytes of a body that are redacted for it: marks may be shorter than what they stand for.
const LOOKED_AT: usize = 2 * SHOWN;

/// The connections of one attempt.
pub(crate) struct Client {
    client: reqwest::Client,
    slot: Slot,
}

/// An exchange's record and what came of it.
pub(crate) struct Sent {
    pub(crate) exchange: Exchange,
    pub(crate) certificate: Option<CertificateReport>,
    pub(crate) result: Result<Answer, Failure>,
}

/// What ends a request early.
pub(crate) struct Limit<'a> {
    pub(crate) time: Duration,
    /// Whether the time is the rest of the attempt's, not the request's own.
    pub(crate) is_attempts: bool,
    pub(crate) stop: &'a Stop,
}

/// What ended a request early.
enum Cut {
    Request,
    Attempt,
    Stopped,
}

/// What has arrived so far; it outlives a request that is given up.
#[derive(Default)]
struct Progress {
    head: Option<Instant>,
    answer: Option<Answer>,
    remote_address: Option<String>,
    tls_version: Option<String>,
    too_large: bool,
}

impl Client {
    pub(super) fn new(client: reqwest::Client, slot: Slot) -> Self {
        Self { client, slot }
    }

    /// Sends a request and reads its answer within the limit.
    pub(crate) async fn send(&self, call: &Call, limit: &Limit<'_>, redactor: &Redactor) -> Sent {
        self.slot.take();
        let mut progress = Progress::default();
        let start = Instant::now();
        let ended = tokio::select! {
            () = limit.stop.wait() => Err(Cut::Stopped),
            ended = tokio::time::timeout(limit.time, self.exchange(call, &mut progress)) => {
                ended.map_err(|_| if limit.is_attempts { Cut::Attempt } else { Cut::Request })
            }
        };
        let end = Instant::now();
        let mut marks = self.slot.take();
        let failure = failure(ended, &progress, &marks, limit);
        let certificate = marks.certificate.take();
        let certificate_chain = redacted(std::mem::take(&mut marks.certificate_chain), redactor);
        let exchange = record(call, &progress, redactor, &phases(&marks, start, progress.head, end));
        let result = match (failure, progress.answer) {
            (None, Some(answer)) => Ok(answer),
            (failure, answer) => {
                let (error_type, reason) = failure.unwrap_or((ErrorType::Internal, "no answer was kept".to_owned()));
                let failure = Failure::new(error_type, format!("{}: {reason}", place(&call.url)));
                Err(answer.map_or(failure.clone(), |answer| failure.with_status(answer.status)))
            }
        };
        let exchange = Exchange { duration_ms: end.duration_since(start).into(), certificate_chain, ..exchange };
        Sent { exchange, certificate, result }
    }

    async fn exchange(&self, call: &Call, progress: &mut Progress) -> Result<(), reqwest::Error> {
        let method = match call.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut request = self.client.request(method, call.url.clone()).headers(headers(call));
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
        let mut response = request.send().await?;
        progress.head = Some(Instant::now());
        progress.remote_address = response.remote_addr().map(|address| address.to_string());
        progress.tls_version = response.extensions().get::<TlsInfo>().and_then(TlsInfo::version).map(tls_version);
        let expected = usize::try_from(response.content_length().unwrap_or_default()).unwrap_or(Answer::LARGEST);
        let answer = progress.answer.insert(Answer {
            status: response.status().as_u16(),
            body: Vec::with_capacity(expected.min(Answer::LARGEST)),
            headers: received(response.headers()),
        });
        while let Some(chunk) = response.chunk().await? {
            let room = Answer::LARGEST - answer.body.len();
            answer.body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if chunk.len() > room {
                progress.too_large = true;
                break;
            }
        }
        Ok(())
    }
}

/// What went wrong on the way to a complete answer.
fn failure(
    ended: Result<Result<(), reqwest::Error>, Cut>,
    progress: &Progress,
    marks: &Marks,
    limit: &Limit<'_>,
) -> Option<(ErrorType, String)> {
    match ended {
        // An answer that is no success is judged by its status, however long it is.
        Ok(Ok(())) if progress.too_large && is_success(progress) => Some((ErrorType::Contract, too_large())),
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(classify(&error, marks, progress.head.is_some())),
        Err(cut) => Some(cut.failure(limit.time, during(marks.phase(progress.head.is_some())))),
    }
}

/// The chain with its names redacted and then cut, so that no secret is cut in two.
fn redacted(mut chain: Vec<PresentedCertificate>, redactor: &Redactor) -> Vec<PresentedCertificate> {
    for subject in chain.iter_mut().filter_map(|certificate| certificate.subject.as_mut()) {
        *subject = redactor.text(subject).chars().take(PresentedCertificate::LONGEST_SUBJECT).collect();
    }
    chain
}

fn headers(call: &Call) -> HeaderMap {
    let valid = call.headers.iter().filter_map(|(name, value)| {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(*name == "authorization");
        Some((HeaderName::from_static(name), value))
    });
    valid.collect()
}

fn received(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

fn tls_version(version: Version) -> String {
    match version {
        Version::TLS_1_3 => "TLSv1.3".to_owned(),
        Version::TLS_1_2 => "TLSv1.2".to_owned(),
        other => format!("{other:?}"),
    }
}

/// The host and port that a failure is about; never a path, which may hold ids.
fn place(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or("?"))
}

fn is_success(progress: &Progress) -> bool {
    progress.answer.as_ref().is_some_and(|answer| (200..300).contains(&answer.status))
}

fn too_large() -> String {
    format!("the answer's body is larger than {} KiB", Answer::LARGEST / 1024)
}

impl Cut {
    fn failure(self, limit: Duration, during: &str) -> (ErrorType, String) {
        let seconds = (limit.as_secs_f64() * 10.0).round() / 10.0;
        match self {
            Self::Request => (ErrorType::Timeout, format!("no complete answer within {seconds} s, {during}")),
            Self::Attempt => {
                (ErrorType::Deadline, format!("the attempt's time ended {during}, after the last {seconds} s of it"))
            }
            Self::Stopped => (ErrorType::Stopped, format!("the run was stopped {during}")),
        }
    }
}

/// The phases up to the end; the one under way at a failure reaches to it.
fn phases(marks: &Marks, start: Instant, head: Option<Instant>, end: Instant) -> Timings {
    let between = |from: Option<Instant>, to: Option<Instant>| -> Option<Milliseconds> {
        from.map(|from| to.unwrap_or(end).saturating_duration_since(from).into())
    };
    let tcp_start = match (marks.dns_start, marks.dns_end) {
        (Some(_), None) => None,
        (_, dns_end) => dns_end.or(marks.dial_start),
    };
    let sent = if marks.dial_start.is_some() { marks.dial_end } else { Some(start) };
    Timings {
        dns_ms: between(marks.dns_start, marks.dns_end),
        connect_ms: between(tcp_start, marks.tls_start.or(marks.dial_end)),
        tls_ms: between(marks.tls_start, marks.dial_end),
        first_byte_ms: between(sent, head),
        download_ms: between(head, None),
    }
}

fn record(call: &Call, progress: &Progress, redactor: &Redactor, timings: &Timings) -> Exchange {
    let sent = call.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let body = call.body.as_deref().map(str::as_bytes);
    let response = progress.answer.as_ref().map(|answer| {
        let headers = answer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        message(headers, Some(&answer.body), call, redactor)
    });
    Exchange {
        method: call.method.name().to_owned(),
        url: redactor.url(&call.url),
        url_template: call.url_template.to_owned(),
        status: progress.answer.as_ref().map(|answer| answer.status),
        timings: *timings,
        remote_address: progress.remote_address.clone(),
        tls_version: progress.tls_version.clone(),
        request: message(sent, body, call, redactor),
        response,
        form: call.form.as_ref().map(|form| redactor.body(form, call.secret_names)),
        ..Exchange::default()
    }
}

/// Headers and body, redacted and then cut, so that no secret is cut in two.
fn message<'a>(
    headers: impl Iterator<Item = (&'a str, &'a str)>,
    body: Option<&[u8]>,
    call: &Call,
    redactor: &Redactor,
) -> Message {
    let header = |(name, value)| Header { name: str::to_owned(name), value: redactor.header(name, value) };
    let body = body.filter(|body| !body.is_empty());
    // What is far beyond the part that is shown is not looked at: a large body costs no more than this.
    let read = body.map(|body| body.get(..LOOKED_AT).unwrap_or(body));
    let text = read.map(|read| redactor.body(&String::from_utf8_lossy(read), call.secret_names));
    let shown = text.as_deref().map(|text| text.get(..text.floor_char_boundary(SHOWN)).unwrap_or_default());
    let is_whole = text.as_deref() == shown && read.map(<[u8]>::len) == body.map(<[u8]>::len);
    let omitted = body.map_or(0, <[u8]>::len).saturating_sub(shown.map_or(0, str::len));
    Message {
        headers: headers.map(header).collect(),
        body: shown.map(str::to_owned),
        body_bytes: body.map_or(0, |body| body.len() as u64),
        body_omitted_bytes: if is_whole { 0 } else { omitted as u64 },
    }
}
