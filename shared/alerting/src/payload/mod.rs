//! What is posted to the tools that are told directly. Each body is pure data;
//! who posts it adds the credential that belongs into a header or the URL.

mod chat;
mod on_call;
mod webhook;

use serde_json::Value;
use url::Url;

use crate::notice::Notice;
use crate::notification::AlertEvent;
use crate::text::{Links, Texts};

pub use chat::{slack, teams};
pub use on_call::{OpsgenieCall, opsgenie, pagerduty};
pub use webhook::{SIGNATURE_HEADER, Signed, TIMESTAMP_HEADER, webhook};

/// The header with the notification's id, of every request: a repeat has the same.
pub const NOTIFICATION_ID_HEADER: &str = "x-xs2a-monitor-notification-id";

/// A notification ready to be put into a tool's shape.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The facts.
    pub notice: &'a Notice,
    /// The words.
    pub texts: &'a Texts,
    /// Where a reader finds more.
    pub links: &'a Links,
}

/// What a tool that keeps incidents of its own has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Open,
    Acknowledge,
    Close,
}

impl Message<'_> {
    fn action(&self) -> Action {
        match self.notice.event {
            AlertEvent::Acknowledgement => Action::Acknowledge,
            event if event.closes() => Action::Close,
            _ => Action::Open,
        }
    }

    /// The links that there are, with their names.
    fn named_links(&self) -> Vec<(&'static str, &Url)> {
        let all = [
            ("Run-book", self.notice.runbook_url.as_ref()),
            ("Report", self.links.report.as_ref()),
            ("Dashboard", self.links.dashboard.as_ref()),
            ("Log lines", self.links.logs.as_ref()),
        ];
        all.into_iter().filter_map(|(name, url)| Some((name, url?))).collect()
    }

    /// The facts as JSON.
    fn facts(&self) -> Value {
        serde_json::to_value(self.notice).unwrap_or_default()
    }
}

/// As many characters as fit.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}
