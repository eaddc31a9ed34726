//! Tools that are told directly, over HTTPS.

use std::time::Duration;

use alerting::Notification;
use alerting::payload::{self, Message, NOTIFICATION_ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use jiff::Timestamp;
use model::config::ChannelKind;
use model::redaction::Redactor;
use model::secret::Secret;
use runner::{Answer, Call, Method};
use url::Url;

use super::{Senders, Sent};

/// The most time for a tool's answer.
const PATIENCE: Duration = Duration::from_secs(8);
/// The most characters of an answer that are kept.
const LONGEST_ANSWER: usize = 300;

impl Senders {
    pub(super) async fn tell_tool(
        &self,
        notification: &Notification,
        message: &Message<'_>,
        kind: &ChannelKind,
        now: Timestamp,
    ) -> Sent {
        let Some(parameter) = kind.secret_parameter() else {
            return Sent::Refused(format!("a channel of type {} is not told directly", kind.name()));
        };
        let secret = match self.secrets.get(&self.aws, parameter, now).await {
            Ok(secret) => secret,
            Err(error) => return Sent::Unreachable(format!("its secret cannot be read: {error}")),
        };
        let call = match call(kind, message, &secret, now) {
            Ok(call) => call.header(NOTIFICATION_ID_HEADER, notification.notification_id.clone()),
            Err(reason) => {
                self.secrets.forget(parameter);
                return Sent::Unreachable(format!("{parameter} {reason}"));
            }
        };
        match self.http.deliver(&call, &secret, PATIENCE).await {
            Ok(answer) => {
                if matches!(answer.status, 401 | 403 | 404 | 410) {
                    self.secrets.forget(parameter);
                }
                judge(&answer, &secret)
            }
            Err(failure) => Sent::Unreachable(failure.message),
        }
    }
}

/// The request for a tool.
///
/// # Errors
/// What is wrong with the secret, without it.
fn call(kind: &ChannelKind, message: &Message<'_>, secret: &Secret, now: Timestamp) -> Result<Call, &'static str> {
    let post = |url: Url| Call::new(Method::Post, url, "/");
    match kind {
        ChannelKind::Slack { .. } => Ok(post(hook(secret)?).json(&payload::slack(message))),
        ChannelKind::Teams { .. } => Ok(post(hook(secret)?).json(&payload::teams(message))),
        ChannelKind::PagerDuty { url, .. } => Ok(post(url.clone()).json(&payload::pagerduty(message, secret.expose()))),
        ChannelKind::Opsgenie { url, .. } => {
            let call = payload::opsgenie(message, url);
            let key = header_value(secret)?;
            Ok(post(call.url).json(&call.body).header("authorization", format!("GenieKey {key}")))
        }
        ChannelKind::Webhook { url, .. } => {
            let signed = payload::webhook(message, secret.expose().as_bytes(), now);
            let call = post(url.clone()).json_text(signed.body);
            Ok(call.header(TIMESTAMP_HEADER, signed.timestamp).header(SIGNATURE_HEADER, signed.signature))
        }
        ChannelKind::Email { .. } | ChannelKind::Sms { .. } | ChannelKind::Https { .. } | ChannelKind::Phone { .. } => {
            Err("is of no use for this type of channel")
        }
    }
}

/// A webhook's URL, which is its secret: https, or http on loopback.
fn hook(secret: &Secret) -> Result<Url, &'static str> {
    let url = Url::parse(secret.expose().trim()).map_err(|_| "holds no URL (not shown)")?;
    model::origin::Origin::of(&url).map_err(|_| "holds a URL that is neither https nor on loopback (not shown)")?;
    Ok(url)
}

fn header_value(secret: &Secret) -> Result<&str, &'static str> {
    let text = secret.expose().trim();
    let valid = text.bytes().all(|byte| byte.is_ascii_graphic());
    if valid { Ok(text) } else { Err("holds characters that cannot stand in a header (not shown)") }
}

/// Takes out the secret, and of a webhook's URL every part that may be one.
fn redactor(secret: &Secret) -> Redactor {
    let mut redactor = Redactor::new(secret);
    if let Ok(url) = Url::parse(secret.expose().trim()) {
        redactor.learn("webhook", url.path());
        url.path_segments().into_iter().flatten().for_each(|part| redactor.learn("webhook", part));
        url.query_pairs().for_each(|(_, value)| redactor.learn("webhook", &value));
    }
    redactor
}

/// What a tool's answer means: about the tool (it does not work, has enough for
/// now, or does not know us), or about what it was sent (RFC 9110, section 15).
fn judge(answer: &Answer, secret: &Secret) -> Sent {
    let text = String::from_utf8_lossy(&answer.body);
    let words = redactor(secret).text(&text);
    let words: String = report::printable(&words).split_whitespace().collect::<Vec<_>>().join(" ");
    let words: String = words.chars().take(LONGEST_ANSWER).collect();
    let told =
        if words.is_empty() { format!("HTTP {}", answer.status) } else { format!("HTTP {}: {words}", answer.status) };
    match answer.status {
        200..300 => Sent::Taken(told),
        401 | 403 | 404 | 410 | 429 | 500.. => Sent::Unreachable(told),
        _ => Sent::Refused(told),
    }
}
