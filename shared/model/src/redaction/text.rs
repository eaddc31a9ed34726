//! The search through a text, and through JSON without parsing it: a body that
//! was cut short is redacted as well as a whole one, and keeps its bytes.

use url::Url;

use super::{Redactor, names, patterns};

/// Takes out what is known by value, then what is known by its form.
pub(super) fn redact(redactor: &Redactor, text: &str) -> String {
    let mut text = text.to_owned();
    for known in &redactor.known {
        let value = known.value.expose();
        if text.contains(value) {
            text = replace(&text, value, &known.mark);
        }
    }
    redact_patterns(redactor, &text)
}

/// The same through a body: every JSON string is looked at decoded, and what
/// stands under a secret name is taken out whole, lists and objects too.
pub(super) fn redact_json(redactor: &Redactor, body: &str, more_names: &[&str]) -> String {
    let mut scan = Scan { redactor, more_names, under: None, out: String::with_capacity(body.len()) };
    let mut rest = body;
    while let Some(at) = rest.find('"') {
        let (between, quoted) = rest.split_at(at);
        scan.between(between);
        let (token, after) = split_string(quoted);
        scan.string(token, after.trim_start().starts_with(':'));
        rest = after;
    }
    scan.between(rest);
    scan.out
}

/// A walk through JSON, token by token.
struct Scan<'a> {
    redactor: &'a Redactor,
    more_names: &'a [&'a str],
    under: Option<Under>,
    out: String,
}

/// We are inside the value of a secret name, so many brackets deep.
struct Under {
    name: String,
    depth: usize,
}

impl Scan<'_> {
    fn string(&mut self, token: &str, is_name: bool) {
        let decoded = decode(token);
        let shown = match &self.under {
            Some(under)
                if !is_name && !decoded.is_empty() && !is_mark(&decoded) && !names::is_code(&under.name, &decoded) =>
            {
                self.redactor.mark(&under.name, &decoded)
            }
            _ => self.plain(&decoded),
        };
        // The token itself where nothing was taken out: its escapes stay as they were.
        if shown == decoded {
            self.out.push_str(token);
        } else {
            self.out.push_str(&serde_json::Value::String(shown).to_string());
        }
        if is_name && self.under.is_none() && names::is_secret(&decoded, self.more_names) {
            self.under = Some(Under { name: decoded.to_ascii_lowercase(), depth: 0 });
        }
    }

    /// A string that stands under no secret name; the parameters of a URL have names too.
    fn plain(&self, decoded: &str) -> String {
        match Url::parse(decoded) {
            Ok(url) if url.has_host() && url.query().is_some() => self.redactor.url(&url),
            _ => redact(self.redactor, decoded),
        }
    }

    /// What stands between two strings: brackets, commas, numbers; or anything
    /// at all where the body is no JSON.
    fn between(&mut self, text: &str) {
        let mut scalar = String::new();
        for (at, c) in text.char_indices() {
            let Some(under) = &mut self.under else {
                self.out.push_str(&redact(self.redactor, text.get(at..).unwrap_or_default()));
                return;
            };
            if c.is_alphanumeric() || matches!(c, '-' | '+' | '.') {
                scalar.push(c);
                continue;
            }
            let over = match c {
                ',' => under.depth == 0,
                ']' | '}' => under.depth <= 1,
                _ => false,
            };
            match c {
                '[' | '{' => under.depth += 1,
                ']' | '}' => under.depth = under.depth.saturating_sub(1),
                _ => {}
            }
            self.scalar(&mut scalar);
            self.out.push(c);
            if over {
                self.under = None;
            }
        }
        self.scalar(&mut scalar);
    }

    fn scalar(&mut self, scalar: &mut String) {
        match (scalar.as_str(), &self.under) {
            ("", _) => {}
            ("null" | "true" | "false", _) | (_, None) => self.out.push_str(scalar),
            (value, Some(under)) => {
                let mark = self.redactor.mark(&under.name, value);
                self.out.push_str(&serde_json::Value::String(mark).to_string());
            }
        }
        scalar.clear();
    }
}

/// A string token with its quotes, and what follows. An unfinished one reaches
/// to the end.
fn split_string(quoted: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in quoted.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return quoted.split_at(at + 1),
            _ => {}
        }
    }
    (quoted, "")
}

fn decode(token: &str) -> String {
    serde_json::from_str(token).unwrap_or_else(|_| token.trim_matches('"').to_owned())
}

/// Whether a text is a mark of ours already, so that it is not marked again.
pub(super) fn is_mark(text: &str) -> bool {
    let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let fingerprint = inside.and_then(|inside| inside.split_once(' ')).map(|(_, fingerprint)| fingerprint);
    fingerprint.is_some_and(|f| f.len() == 8 && f.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Replaces a value; a short one only where no word runs on beside it.
fn replace(text: &str, value: &str, mark: &str) -> String {
    if value.len() >= Redactor::SHORTEST_INSIDE_WORDS {
        return text.replace(value, mark);
    }
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, _) in text.match_indices(value) {
        let (before, after) = (text.get(..at), text.get(at + value.len()..));
        let inside_word =
            word(before.and_then(|t| t.chars().next_back())) || word(after.and_then(|t| t.chars().next()));
        if !inside_word {
            out.push_str(text.get(copied..at).unwrap_or_default());
            out.push_str(mark);
            copied = at + value.len();
        }
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    out
}

fn redact_patterns(redactor: &Redactor, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    while let Some((range, kind)) = patterns::find(text, copied) {
        out.push_str(text.get(copied..range.start).unwrap_or_default());
        out.push_str(&redactor.mark(kind, text.get(range.clone()).unwrap_or_default()));
        copied = range.end;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    out
}
