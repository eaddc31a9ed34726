//! One request, from its bytes to its answer.

use std::time::Duration;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Bytes};
use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use tokio::time::{sleep, timeout};

use crate::answer::{Answer, Refusal};
use crate::bank::Bank;
use crate::bend;
use crate::call::Call;
use crate::fault::Kind;
use crate::journal::{Journal, RecordedRequest, RequestKind};
use crate::payload::Payload;
use crate::plan::Plan;
use crate::route::{Host, Incoming};

/// More than any form needs; a longer body is answered 413.
const MAX_BODY: usize = 64 * 1024;

/// A client that sends its body slower than this is answered 408.
const BODY_TIME: Duration = Duration::from_secs(10);

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) bank: Bank,
    pub(crate) plan: Plan,
    pub(crate) journal: Journal,
}

/// The connection is to be reset instead of answered.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset on purpose")]
pub(crate) struct Reset;

impl Shared {
    /// Answers a request, unless a fault wants its connection reset.
    pub(crate) async fn serve<B>(&self, host: Host, request: Request<B>) -> Result<Response<Payload>, Reset>
    where
        B: Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (parts, body) = request.into_parts();
        let body = collect(body).await;
        let incoming = Incoming {
            host,
            method: &parts.method,
            path: parts.uri.path(),
            headers: &parts.headers,
            body: body.as_deref().unwrap_or_default(),
        };
        let call = incoming.call(&self.bank);
        let kind = call.as_ref().map_or(RequestKind::Other, |call| call.kind(&self.bank, incoming.json().as_ref()));
        let place = self.journal.begin(record(kind, &parts));
        let fault = self.plan.take(kind);
        match fault {
            Some(Kind::Reset) => return Err(Reset),
            // A client that gives up meanwhile leaves nothing behind at the bank.
            Some(Kind::Delay(time)) => sleep(time).await,
            _ => {}
        }
        let mut answer = match body {
            Ok(_) => self.answer(&incoming, call, kind, fault.as_ref()),
            Err(refusal) => refusal.into(),
        };
        sleep(answer.delay).await;
        let payload = bend::payload(fault.as_ref(), &mut answer);
        self.journal.complete(place, answer.status.as_u16(), answer.form.take());
        Ok(response(answer, payload))
    }

    fn answer(
        &self,
        incoming: &Incoming<'_>,
        call: Result<Call, Refusal>,
        kind: RequestKind,
        fault: Option<&Kind>,
    ) -> Answer {
        let call = match call {
            Ok(call) => call,
            Err(refusal) => return refusal.into(),
        };
        if let Some(answer) = fault.and_then(|fault| bend::instead(fault, &call, &self.bank)) {
            return answer;
        }
        let answered = incoming.check(&call, &self.bank).and_then(|body| call.answer(&self.bank, body.as_ref()));
        let mut answer = answered.unwrap_or_else(Answer::from);
        if let Some(fault) = fault {
            bend::inside(fault, &mut answer, &call, &self.bank, kind.number());
        }
        answer.headers.extend(call.rate_limit_headers());
        answer
    }
}

/// The whole body, within the limits.
async fn collect<B>(body: B) -> Result<Bytes, Refusal>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match timeout(BODY_TIME, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            Err(Refusal::new(status, "badRequest", "is over 64 KiB").at("body"))
        }
        Ok(Err(_)) => Err(Refusal::bad("body", "ended early")),
        Err(_) => {
            let status = StatusCode::REQUEST_TIMEOUT;
            Err(Refusal::new(status, "badRequest", "took over 10 seconds").at("body"))
        }
    }
}

fn record(kind: RequestKind, parts: &Parts) -> RecordedRequest {
    RecordedRequest {
        kind,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        header_names: parts.headers.keys().map(ToString::to_string).collect(),
        status: None,
        form: None,
    }
}

fn response(answer: Answer, payload: Payload) -> Response<Payload> {
    let mut response = Response::new(payload);
    *response.status_mut() = answer.status;
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
