//! An alert as each channel received it.

use alerting::AlertEvent;
use alerting::payload::{SIGNATURE_HEADER, TIMESTAMP_HEADER};
use model::config::{Channel, ChannelKind};
use serde_json::Value;

use super::ledger::Alert;
use super::lines::clock;
use crate::commands::rehearse::local_aws::Message;
use crate::commands::rehearse::paint::{Paint, fitted, wrapped};

/// What stands before a channel's lines.
const BAR: &str = "  │ ";
/// The width of the channels' names.
const NAME: usize = 14;
/// How far an e-mail stands to the right, and the width of the labels in it.
const INDENT: usize = 2;
const LABEL: usize = 15;

/// The alert with its title and a line or a few for each channel; the e-mail in
/// full, unless it is a reminder, which says again what was said.
pub(crate) fn letters(alert: &Alert<'_>, paint: Paint) -> String {
    let width = paint.style.width - BAR.chars().count() - NAME - 1;
    let mut out = head(alert, paint);
    for (channel, message) in &alert.received {
        let mut lines: Vec<String> = shown(channel, message).lines().flat_map(|line| wrapped(line, width)).collect();
        if !message.was_taken() {
            lines.push(paint.bad(&format!("refused with status {}", message.answered)));
        }
        out += &rows(channel.id.as_str(), &lines, paint);
        if matches!(channel.kind, ChannelKind::Email { .. }) && alert.event != AlertEvent::Reminder {
            out += &mail(message.text.as_deref().unwrap_or_default(), paint);
        }
    }
    for one in &alert.unsent {
        let line = format!("{}: {}", one.status.name(), report::printable(&one.answer));
        out += &rows(&one.channel, &[paint.warning(&fitted(&line, width))], paint);
    }
    out
}

/// When, what, and the title.
fn head(alert: &Alert<'_>, paint: Paint) -> String {
    let name = alert.event.name().replace('_', " ");
    let event = match alert.event {
        AlertEvent::Failure | AlertEvent::Reminder | AlertEvent::NoData => paint.bad(&name),
        event if event.closes() => paint.good(&name),
        _ => paint.warning(&name),
    };
    let title = alert.received.iter().find_map(|(channel, message)| title(channel, message));
    let title = report::printable(title.as_deref().unwrap_or("not received"));
    let start = format!("  ┌ {} {event}  ", clock(alert.at));
    let indent = clock(alert.at).len() + 1 + name.len() + 2;
    let starts = std::iter::once(start).chain(std::iter::repeat(format!("{}{:indent$}", paint.dim(BAR), "")));
    let width = paint.style.width.saturating_sub(BAR.chars().count() + indent);
    let line = |(start, line): (String, String)| format!("{start}{}\n", paint.bold(&line));
    starts.zip(wrapped(&title, width)).map(line).collect::<Vec<_>>().concat()
}

fn rows(name: &str, lines: &[String], paint: Paint) -> String {
    let bar = paint.dim(BAR);
    let names = std::iter::once(fitted(name, NAME)).chain(std::iter::repeat(String::new()));
    let row = |(name, line): (String, &String)| format!("{bar}{} {line}\n", paint.bold(&format!("{name:NAME$}")));
    names.zip(lines).map(row).collect::<Vec<_>>().concat()
}

/// The lines as they are; one that is too long goes on below its own text.
fn mail(text: &str, paint: Paint) -> String {
    let bar = paint.dim(BAR);
    let width = paint.style.width - BAR.chars().count() - INDENT;
    let lines = text.trim_end().lines().map(report::printable).flat_map(|line| folded(&line, width));
    let row = |line: String| format!("{bar}{:INDENT$}{line}", "").trim_end().to_owned() + "\n";
    lines.map(row).collect::<Vec<_>>().concat()
}

fn folded(line: &str, width: usize) -> Vec<String> {
    if line.chars().count() <= width {
        return vec![line.to_owned()];
    }
    let label: String = line.chars().take(LABEL).collect();
    if !label.ends_with(' ') {
        return wrapped(line, width);
    }
    let text: String = line.chars().skip(LABEL).collect();
    let labels = std::iter::once(label).chain(std::iter::repeat(" ".repeat(LABEL)));
    labels.zip(wrapped(&text, width - LABEL)).map(|(label, text)| label + &text).collect()
}

/// What the channel shows to its reader. Of a title that all have it is enough
/// to see how it begins.
fn shown(channel: &Channel, message: &Message) -> String {
    let text = message.text.as_deref().unwrap_or_default();
    let body = &message.body;
    let gist = || title(channel, message).unwrap_or_default().split(": ").next().unwrap_or_default().to_owned();
    let shown = match &channel.kind {
        ChannelKind::Email { address } => format!("to {address}"),
        ChannelKind::Sms { .. } => text.to_owned(),
        ChannelKind::Phone { .. } => format!("\"{text}\""),
        ChannelKind::Https { .. } => format!("{}, JSON of {} bytes", gist(), text.len()),
        ChannelKind::Slack { .. } => format!("{}, {}", gist(), count(&body["blocks"], "block")),
        ChannelKind::Teams { .. } => {
            format!("{}, Adaptive Card, {}", gist(), word(body, "/attachments/0/content/body/0/color"))
        }
        ChannelKind::PagerDuty { .. } => pagerduty(body, &gist()),
        ChannelKind::Opsgenie { .. } => opsgenie(body, &gist()),
        ChannelKind::Webhook { .. } => {
            format!("{}, JSON of {} bytes, {}", gist(), text.len(), signed(&message.headers))
        }
    };
    report::printable(&shown)
}

/// The title that the channel shows; a phone call has none.
fn title(channel: &Channel, message: &Message) -> Option<String> {
    let text = message.text.as_deref().unwrap_or_default();
    let title = match &channel.kind {
        ChannelKind::Email { .. } => message.subject.clone()?,
        ChannelKind::Phone { .. } | ChannelKind::Sms { .. } => return None,
        ChannelKind::Https { .. } | ChannelKind::Webhook { .. } => word(&json(text), "/summary").to_owned(),
        // Without what keeps it from being read as Markdown.
        ChannelKind::Teams { .. } => text.lines().next()?.replace('\\', ""),
        ChannelKind::Slack { .. } | ChannelKind::PagerDuty { .. } | ChannelKind::Opsgenie { .. } => text.to_owned(),
    };
    Some(title).filter(|title| !title.is_empty())
}

fn pagerduty(body: &Value, gist: &str) -> String {
    let (action, key) = (word(body, "/event_action"), word(body, "/dedup_key"));
    match word(body, "/payload/severity") {
        "" => format!("{action} {key}"),
        severity => format!("{gist}, {action} {severity} {key}"),
    }
}

fn opsgenie(body: &Value, gist: &str) -> String {
    match word(body, "/alias") {
        "" => format!("{gist}, close"),
        alias => format!("{gist}, create {} {alias}", word(body, "/priority")),
    }
}

/// A body that is told as a text; null when it is none.
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn word<'a>(body: &'a Value, pointer: &str) -> &'a str {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn count(list: &Value, what: &str) -> String {
    match list.as_array().map_or(0, Vec::len) {
        1 => format!("1 {what}"),
        more => format!("{more} {what}s"),
    }
}

/// Whether whoever gets it can tell that it is from us.
fn signed(headers: &Value) -> &'static str {
    let has = |wanted: &str| headers.get(wanted).is_some();
    if has(SIGNATURE_HEADER) && has(TIMESTAMP_HEADER) { "signed" } else { "not signed" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_of_a_mail_goes_on_below_its_text() {
        let line = "What fails     one two three four five six seven";
        assert_eq!(
            folded(line, 30),
            ["What fails     one two three", "               four five six", "               seven"]
        );
        assert_eq!(folded("Somebody is down and out", 12), ["Somebody is", "down and out"]);
        assert_eq!(folded("  short", 30), ["  short"]);
    }
}
