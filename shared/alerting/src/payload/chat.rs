//! Rooms that people read: Slack and Microsoft Teams.

use serde_json::{Value, json};

use super::{Message, cut};
use crate::notification::Severity;

/// The longest header and section (Slack docs, Block Kit).
const LONGEST_HEADER: usize = 150;
const LONGEST_SECTION: usize = 3_000;
/// A card may be 28 KB (Microsoft Teams docs, Create and send messages); the text stays well below.
const LONGEST_CARD_TEXT: usize = 6_000;

/// The body for a Slack incoming webhook.
#[must_use]
pub fn slack(message: &Message<'_>) -> Value {
    let fence = "```";
    let body = escaped(&message.texts.email, LONGEST_SECTION - 2 * fence.len());
    let mut blocks = vec![
        json!({ "type": "header", "text": { "type": "plain_text", "text": cut(&message.texts.subject, LONGEST_HEADER) } }),
        json!({ "type": "section", "text": { "type": "mrkdwn", "text": format!("{fence}{body}{fence}") } }),
    ];
    // Each in a section of its own: a signed link alone may fill most of one.
    for (name, url) in message.named_links() {
        let link = format!("<{}|{name}>", escaped(url.as_str(), usize::MAX));
        if link.chars().count() <= LONGEST_SECTION {
            blocks.push(json!({ "type": "section", "text": { "type": "mrkdwn", "text": link } }));
        }
    }
    json!({ "text": escaped(&message.texts.subject, LONGEST_SECTION), "blocks": blocks })
}

/// The three characters that Slack reads as markup, as entities; a backtick
/// would end the fence. At most so many characters, and no entity cut in two.
fn escaped(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let piece = match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '`' => "'".to_owned(),
            other => other.to_string(),
        };
        used += piece.chars().count();
        if used > most {
            break;
        }
        out += &piece;
    }
    out
}

/// The body for a Teams workflow that takes webhooks: one Adaptive Card.
#[must_use]
pub fn teams(message: &Message<'_>) -> Value {
    let color = match message.notice.severity {
        Severity::Critical => "Attention",
        Severity::Warning => "Warning",
        Severity::Info => "Good",
    };
    let actions: Vec<Value> = message
        .named_links()
        .into_iter()
        .map(|(title, url)| json!({ "type": "Action.OpenUrl", "title": title, "url": url }))
        .collect();
    let text = cut(&message.texts.email, LONGEST_CARD_TEXT);
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": { "width": "Full" },
                "body": [
                    {
                        "type": "TextBlock",
                        "text": plain(&message.texts.subject),
                        "weight": "Bolder",
                        "size": "Large",
                        "color": color,
                        "wrap": true,
                    },
                    { "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": text, "fontType": "Monospace" }] },
                ],
                "actions": actions,
            },
        }],
    })
}

/// A text block reads Markdown; names and words of the bank are none.
fn plain(text: &str) -> String {
    let special = |c: char| matches!(c, '\\' | '*' | '_' | '[' | ']' | '(' | ')' | '#' | '`');
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}
