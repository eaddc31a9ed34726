//! What the local AWS can beside AWS's own API: it delivers to functions, keeps
//! a clock, and remembers what people and tools received.

use std::time::Duration;

use hyper::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::RehearsalError;
use super::cloud::understood;
use super::loopback::{Call, Loopback};

/// It answers at once; only deliveries are waited for.
const SOON: Duration = Duration::from_secs(10);
/// It waits half a minute by itself.
const SETTLING: Duration = Duration::from_secs(40);

/// The local AWS by its port.
#[derive(Clone, Copy)]
pub(crate) struct LocalAws(pub(crate) Loopback);

/// A message that a topic delivered to a function.
#[derive(Deserialize)]
pub(crate) struct Delivery {
    pub(crate) function: String,
    pub(crate) answer: Option<Value>,
    pub(crate) error: Option<String>,
}

/// What a person or a tool received.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Message {
    /// Its place in the order of arrival, from 1.
    pub(crate) n: u64,
    pub(crate) channel_type: String,
    /// The address, number or path that it went to.
    pub(crate) to: String,
    pub(crate) subject: Option<String>,
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) body: Value,
    #[serde(default)]
    pub(crate) headers: Value,
    #[serde(default)]
    pub(crate) attributes: Value,
    /// The status of the answer.
    pub(crate) answered: u16,
}

impl Message {
    /// What was refused nobody has got.
    pub(crate) fn was_taken(&self) -> bool {
        (200..300).contains(&self.answered)
    }
}

#[derive(Deserialize)]
struct Settled {
    deliveries: Vec<Delivery>,
}

#[derive(Deserialize)]
struct Inbox {
    messages: Vec<Message>,
}

impl LocalAws {
    /// From now on a function gets what its subscriptions deliver.
    pub(crate) async fn serve(self, function: &str, url: &str) -> Result<(), RehearsalError> {
        let path = format!("/local/functions/{function}");
        self.call("registering a function", Method::PUT, &path, Some(&json!({ "url": url }))).await.map(drop)
    }

    /// The time that topics write into their messages from now on.
    pub(crate) async fn set_clock(self, now: Timestamp) -> Result<(), RehearsalError> {
        let body = json!({ "now": now.to_string() });
        self.call("setting the clock", Method::PUT, "/local/clock", Some(&body)).await.map(drop)
    }

    /// Waits for every delivery under way and returns those that ended since the last time.
    pub(crate) async fn settle(self) -> Result<Vec<Delivery>, RehearsalError> {
        let what = "waiting for the deliveries";
        let call = Call { what, method: Method::POST, path: "/local/settle", body: None, limit: SETTLING };
        let settled: Settled = understood("the list of deliveries", &self.0.call(&call).await?)?;
        Ok(settled.deliveries)
    }

    /// What was received after the message with this number.
    pub(crate) async fn inbox_after(self, number: u64) -> Result<Vec<Message>, RehearsalError> {
        let path = format!("/local/inbox?after={number}");
        let inbox: Inbox = understood("the inbox", &self.call("reading the inbox", Method::GET, &path, None).await?)?;
        Ok(inbox.messages)
    }

    async fn call(
        self,
        what: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<String, RehearsalError> {
        self.0.call(&Call { what, method, path, body, limit: SOON }).await
    }
}
