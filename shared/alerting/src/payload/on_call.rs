//! Tools that keep incidents of their own: PagerDuty and Opsgenie.

use serde_json::{Value, json};
use url::Url;

use super::{Action, Message, cut};
use crate::notification::Severity;

/// The longest summary (PagerDuty developer docs, Events API v2).
const LONGEST_SUMMARY: usize = 1024;
/// The longest message, description and tag, and the most tags (Opsgenie docs, Alert API).
const LONGEST_MESSAGE: usize = 130;
const LONGEST_DESCRIPTION: usize = 15_000;
const LONGEST_TAG: usize = 50;
const MOST_TAGS: usize = 20;

/// The body for PagerDuty's Events API v2. The incident's key is the dedup key,
/// so that a repeat joins the alert and the end closes it.
#[must_use]
pub fn pagerduty(message: &Message<'_>, routing_key: &str) -> Value {
    let notice = message.notice;
    let action = match message.action() {
        Action::Open => "trigger",
        Action::Acknowledge => "acknowledge",
        Action::Close => "resolve",
    };
    let mut event = json!({
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": notice.incident_key,
    });
    if message.action() == Action::Open
        && let Some(fields) = event.as_object_mut()
    {
        let links: Vec<Value> =
            message.named_links().into_iter().map(|(text, href)| json!({ "href": href, "text": text })).collect();
        fields.insert("client".to_owned(), "xs2a-monitor".into());
        fields.insert("links".to_owned(), links.into());
        fields.insert(
            "payload".to_owned(),
            json!({
                "summary": cut(&message.texts.subject, LONGEST_SUMMARY),
                "source": notice.target,
                "severity": notice.severity.name(),
                "timestamp": notice.at.to_string(),
                "class": notice.event.name(),
                "custom_details": message.facts(),
            }),
        );
    }
    event
}

/// A call of Opsgenie's Alert API.
#[derive(Clone, Debug, PartialEq)]
pub struct OpsgenieCall {
    /// Where it is posted to.
    pub url: Url,
    /// What is posted; the API key goes into the header `Authorization: GenieKey …`.
    pub body: Value,
}

/// The call that creates, acknowledges or closes an alert; the incident's key is
/// its alias. `base` is the address where alerts are created. Opsgenie ends in
/// April 2027 (Atlassian, end of support).
#[must_use]
pub fn opsgenie(message: &Message<'_>, base: &Url) -> OpsgenieCall {
    let notice = message.notice;
    let of_alert = |verb: &str| {
        let mut url = base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(&notice.incident_key).push(verb);
        }
        url.set_query(Some("identifierType=alias"));
        OpsgenieCall { url, body: json!({ "source": "xs2a-monitor", "note": message.texts.subject }) }
    };
    match message.action() {
        Action::Acknowledge => of_alert("acknowledge"),
        Action::Close => of_alert("close"),
        Action::Open => OpsgenieCall { url: base.clone(), body: new_alert(message) },
    }
}

fn new_alert(message: &Message<'_>) -> Value {
    let notice = message.notice;
    let priority = match notice.severity {
        Severity::Critical => "P1",
        Severity::Warning => "P3",
        Severity::Info => "P5",
    };
    let tags: Vec<String> = notice.tags.iter().take(MOST_TAGS).map(|tag| cut(tag, LONGEST_TAG)).collect();
    json!({
        "message": cut(&message.texts.subject, LONGEST_MESSAGE),
        "alias": notice.incident_key,
        "description": cut(&message.texts.email, LONGEST_DESCRIPTION),
        "tags": tags,
        "entity": notice.target,
        "source": "xs2a-monitor",
        "priority": priority,
        "details": { "event": notice.event.name(), "severity": notice.severity.name() },
    })
}
