//! A body as a reader wants it: JSON laid out in lines, anything else as it is.

use maud::{Markup, Render as _, html};

use super::foreign::ForeignLines;

/// The most bytes of a body that are shown. The monitor keeps no more; a
/// report from elsewhere may.
const LONGEST: usize = 32 * 1024;
/// Deeper JSON, or JSON that grows more than this by its indentation, is shown
/// as it is.
const DEEPEST: usize = 40;
const MOST_GROWTH: usize = 4;

/// The body, of which `omitted` bytes were left out before; `label` names the
/// block for those who do not see it and is its own on the page.
pub(super) fn body(text: &str, omitted: u64, label: &str) -> Markup {
    let shown = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or(text);
    let left_out = omitted.saturating_add((text.len() - shown.len()) as u64);
    html! {
        pre tabindex="0" role="group" aria-label=(label) {
            @match json(shown, left_out > 0) { Some(lines) => (lines), None => (ForeignLines(shown)) }
        }
        @if left_out > 0 { p.soft { "Cut: " (left_out) " bytes are not shown." } }
    }
}

/// JSON in lines, each token as it was; none when it is no JSON. A beginning of
/// JSON is one, too, when the rest was left out.
fn json(text: &str, cut: bool) -> Option<Markup> {
    let whole = || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if !text.trim_start().starts_with(['{', '[']) || !(cut || whole()) {
        return None;
    }
    let mut layout = Layout { out: String::new(), depth: 0, fresh: false };
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, after) = rest.split_at(token_length(rest, first));
        layout.token(token, first, after)?;
        if layout.out.len() > text.len() * MOST_GROWTH + 1024 {
            return None;
        }
        rest = after;
    }
    Some(maud::PreEscaped(layout.out))
}

struct Layout {
    out: String,
    depth: usize,
    /// Whether a bracket was opened just now.
    fresh: bool,
}

impl Layout {
    fn token(&mut self, token: &str, first: char, after: &str) -> Option<()> {
        match first {
            '{' | '[' => {
                self.value();
                self.out.push(first);
                self.depth = Some(self.depth + 1).filter(|depth| *depth <= DEEPEST)?;
                self.fresh = true;
            }
            '}' | ']' => {
                self.depth = self.depth.checked_sub(1)?;
                if !std::mem::take(&mut self.fresh) {
                    self.line();
                }
                self.out.push(first);
            }
            ',' => {
                self.out.push(',');
                self.line();
            }
            ':' => self.out.push_str(": "),
            _ if first.is_whitespace() => {}
            _ => {
                self.value();
                self.text(token, first == '"' && after.trim_start().starts_with(':'));
            }
        }
        Some(())
    }

    fn value(&mut self) {
        if std::mem::take(&mut self.fresh) {
            self.line();
        }
    }

    fn line(&mut self) {
        self.out.push('\n');
        for _ in 0..self.depth {
            self.out.push_str("  ");
        }
    }

    fn text(&mut self, token: &str, is_name: bool) {
        self.out.push_str(if is_name { "<b>" } else { "" });
        ForeignLines(token).render_to(&mut self.out);
        self.out.push_str(if is_name { "</b>" } else { "" });
    }
}

/// How long the token is that a text begins with.
fn token_length(text: &str, first: char) -> usize {
    match first {
        '"' => string_length(text),
        '{' | '}' | '[' | ']' | ',' | ':' => 1,
        _ if first.is_whitespace() => text.find(|c: char| !c.is_whitespace()).unwrap_or(text.len()),
        _ => {
            let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '{' | '}' | '[' | ']' | ',' | ':');
            text.find(ends).unwrap_or(text.len())
        }
    }
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, cut: bool) -> Option<String> {
        json(text, cut).map(maud::PreEscaped::into_string)
    }

    #[test]
    fn json_is_laid_out_and_keeps_its_tokens() {
        let lines = "{\n  <b>&quot;a&quot;</b>: [\n    1.50,\n    {}\n  ],\n  <b>&quot;b&quot;</b>: &quot;{x: \\&quot;, y}&quot;\n}";
        assert_eq!(shown(r#"{"a":[1.50, {} ],"b":"{x: \", y}"}"#, false).as_deref(), Some(lines));
        assert_eq!(
            shown(r#"{"a":"<script>"#, true).as_deref(),
            Some("{\n  <b>&quot;a&quot;</b>: &quot;&lt;script&gt;")
        );
    }

    #[test]
    fn what_is_no_json_or_too_deep_stays_as_it_is() {
        for text in ["", "<html>", "{oops", "[1", &"[".repeat(100), &format!("{}{}", "[".repeat(100), "]".repeat(100))]
        {
            assert_eq!(shown(text, false), None, "{text}");
        }
        assert_eq!(shown(&"[".repeat(100), true), None);
        assert_eq!(shown("]", true), None);
        let wide = format!("{}{}", "[".repeat(39), "1,".repeat(10_000));
        assert_eq!(shown(&wide, true), None, "grows too much");
    }

    #[test]
    fn a_long_body_is_cut_between_characters_and_says_so() {
        let page = body(&"ä".repeat(20_000), 5, "x").into_string();
        assert!(page.contains("Cut: 7237 bytes are not shown."), "{}", page.get(page.len() - 80..).unwrap());
    }
}
