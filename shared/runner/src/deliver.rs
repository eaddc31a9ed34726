//! One request outside any journey: a message handed over.

use std::time::Duration;

use model::error::{ErrorType, Failure};
use model::redaction::Redactor;
use model::secret::Secret;

use crate::call::{Answer, Call};
use crate::http::{Http, Limit};
use crate::stop::Stop;

impl Http {
    /// Sends one request on a connection of its own and reads the answer,
    /// whatever its status. Redirects are not followed. `secret` is what the call
    /// carries, which no record may show.
    ///
    /// # Errors
    /// When no whole answer came within `time`. The message names the host and
    /// never a path, query, header or body.
    pub async fn deliver(&self, call: &Call, secret: &Secret, time: Duration) -> Result<Answer, Failure> {
        let internal = |error: crate::HttpError| Failure::new(ErrorType::Internal, error.to_string());
        let client = self.client(time).map_err(internal)?;
        let limit = Limit { time, is_attempts: false, stop: &Stop::never() };
        client.send(call, &limit, &Redactor::new(secret)).await.result
    }
}
