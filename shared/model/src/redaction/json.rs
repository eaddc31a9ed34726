//! The search through a body, without parsing it: what is JSON keeps its
//! bytes, and what was cut short is redacted as well as what is whole.

use super::text::{assigned_name, redact, redact_across_quotes};
use super::{Redactor, names};

/// How deep JSON inside a JSON string is followed.
const DEEPEST: usize = 4;
/// Stands for a string whose end is missing: its beginning may be a secret's.
const CUT: &str = "\"[cut]";

/// Every JSON string is looked at decoded, and what stands under a secret name
/// is taken out whole, lists and objects too.
pub(super) fn redact_body(redactor: &Redactor, body: &str, more_names: &[&str]) -> String {
    let scan = Scan::new(redactor, more_names, 0);
    if redactor.known.has_escaped() { scan.run(&redact_across_quotes(redactor, body)) } else { scan.run(body) }
}

/// A walk through a body, token by token.
struct Scan<'a> {
    redactor: &'a Redactor,
    more_names: &'a [&'a str],
    nesting: usize,
    under: Option<Under>,
    out: String,
}

/// We are inside the value of a secret name, so many brackets deep.
struct Under {
    name: String,
    depth: usize,
}

impl<'a> Scan<'a> {
    fn new(redactor: &'a Redactor, more_names: &'a [&'a str], nesting: usize) -> Self {
        Self { redactor, more_names, nesting, under: None, out: String::new() }
    }

    fn run(mut self, body: &str) -> String {
        let mut rest = body;
        while let Some(at) = rest.find('"') {
            let (between, quoted) = rest.split_at(at);
            self.between(between);
            let Some((token, after)) = split_string(quoted) else {
                self.out.push_str(CUT);
                return self.out;
            };
            self.string(token, after.trim_start().starts_with(':'), assigned_name(between));
            rest = after;
        }
        self.between(rest);
        self.out
    }

    /// `assigned`: the secret name of `name="value"`, which no JSON has.
    fn string(&mut self, token: &str, is_name: bool, assigned: Option<&str>) {
        let decoded = decode(token);
        let shown = match (&self.under, assigned) {
            (Some(under), _) if !is_name && self.hides(&under.name, &decoded) => {
                self.redactor.mark(&under.name, &decoded)
            }
            (None, Some(name)) if self.hides(name, &decoded) => self.redactor.mark("parameter", &decoded),
            _ => self.plain(&decoded),
        };
        // The token itself where nothing was taken out: its escapes stay as they were.
        if shown == decoded {
            self.out.push_str(token);
        } else {
            self.out.push_str(&serde_json::Value::String(shown).to_string());
        }
        if is_name && self.under.is_none() && names::is_secret(&decoded, self.more_names) {
            self.under = Some(Under { name: kind(&decoded), depth: 0 });
        }
    }

    /// Whether a value goes for the secret name that it stands under.
    fn hides(&self, name: &str, decoded: &str) -> bool {
        !decoded.is_empty() && !self.redactor.is_mark(decoded) && !names::is_code(name, decoded)
    }

    /// A string that stands under no secret name; it may hold JSON of its own.
    fn plain(&self, decoded: &str) -> String {
        if self.nesting < DEEPEST && decoded.starts_with(['{', '[']) && !self.redactor.is_mark(decoded) {
            Self::new(self.redactor, self.more_names, self.nesting + 1).run(decoded)
        } else {
            redact(self.redactor, decoded)
        }
    }

    /// What stands between two strings: brackets, commas, numbers; or anything
    /// at all where the body is no JSON.
    fn between(&mut self, text: &str) {
        let rest = if self.under.is_some() { self.scalars(text) } else { text };
        if is_structure(rest) {
            self.scalars(rest);
        } else {
            self.out.push_str(&redact(self.redactor, rest));
        }
    }

    /// Copies scalar by scalar; brings what follows the value of a secret name.
    fn scalars<'t>(&mut self, text: &'t str) -> &'t str {
        let began_under = self.under.is_some();
        let mut scalar = String::new();
        for (at, c) in text.char_indices() {
            if began_under && self.under.is_none() {
                return text.get(at..).unwrap_or_default();
            }
            if is_scalar(c) {
                scalar.push(c);
                continue;
            }
            self.scalar(&mut scalar);
            self.out.push(c);
            self.follow(c);
        }
        self.scalar(&mut scalar);
        ""
    }

    /// Follows the brackets below a secret name to the end of its value.
    fn follow(&mut self, c: char) {
        let Some(under) = &mut self.under else { return };
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
        if over {
            self.under = None;
        }
    }

    /// A number or literal: taken out as a whole, so that JSON stays JSON.
    fn scalar(&mut self, scalar: &mut String) {
        let mark = match (scalar.as_str(), &self.under) {
            ("" | "null" | "true" | "false", _) => None,
            (value, Some(under)) => Some(self.redactor.mark(&under.name, value)),
            (value, None) => {
                // A sign or decimals do not make another number of it.
                value.split(['-', '+', '.']).find_map(|digits| self.redactor.known.exactly(digits)).map(str::to_owned)
            }
        };
        match mark {
            Some(mark) => self.out.push_str(&serde_json::Value::String(mark).to_string()),
            None => self.out.push_str(scalar),
        }
        scalar.clear();
    }
}

fn is_scalar(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '+' | '.')
}

/// Whether a text is what JSON has between two strings: numbers, literals, punctuation.
fn is_structure(text: &str) -> bool {
    let number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit() || c == '-') && word.parse::<f64>().is_ok();
    let mut words = text.split([' ', '\t', '\n', '\r', ',', ':', '[', ']', '{', '}']);
    words.all(|word| matches!(word, "" | "null" | "true" | "false") || number(word))
}

/// A JSON name as one word of a mark.
fn kind(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).take(20).collect()
}

/// A string token with its quotes, and what follows; none when it has no end.
fn split_string(quoted: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, c) in quoted.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(quoted.split_at(at + 1)),
            _ => {}
        }
    }
    None
}

fn decode(token: &str) -> String {
    serde_json::from_str(token).unwrap_or_else(|_| token.trim_matches('"').to_owned())
}
