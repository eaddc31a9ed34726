//! Text that somebody else wrote: a bank, the provider, a configuration.

use std::fmt::Write as _;

use maud::Render;

/// Foreign text within a line. What must not be shown as it is (controls, marks
/// that turn the reading direction or are not seen, line breaks) becomes a
/// visible mark with its code point; a very long text is cut.
#[derive(Clone, Copy)]
pub(crate) struct Foreign<'a>(pub(crate) &'a str);

/// Foreign text of several lines, for `pre`: line breaks and tabs are kept. How
/// much of it is shown is for the caller to say.
#[derive(Clone, Copy)]
pub(crate) struct ForeignLines<'a>(pub(crate) &'a str);

/// The most bytes of a text within a line.
const LONGEST_LINE: usize = 4 * 1024;
/// The most marks in one text; binary data would grow a page many times over.
const MOST_MARKS: usize = 100;

impl Render for Foreign<'_> {
    fn render_to(&self, out: &mut String) {
        let shown = self.0.get(..self.0.floor_char_boundary(LONGEST_LINE)).unwrap_or_default();
        write(shown, false, out);
        if shown.len() < self.0.len() {
            out.push('…');
        }
    }
}

impl Render for ForeignLines<'_> {
    fn render_to(&self, out: &mut String) {
        write(self.0, true, out);
    }
}

fn write(text: &str, lines: bool, out: &mut String) {
    let odd = |c: char| model::text::is_unsafe(c) && !(lines && matches!(c, '\n' | '\t'));
    let mut marks = 0;
    let mut rest = text;
    while let Some(at) = rest.find(odd) {
        let (plain, marked) = rest.split_at(at);
        plain.render_to(out);
        let mut characters = marked.chars();
        if let Some(c) = characters.next() {
            marks += 1;
            mark(c, marks, out);
        }
        rest = characters.as_str();
    }
    rest.render_to(out);
}

fn mark(c: char, number: usize, out: &mut String) {
    if number > MOST_MARKS {
        out.push('\u{fffd}');
    } else {
        let _ = write!(out, "<b class=\"odd\">U+{:04X}</b>", u32::from(c));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_change_how_others_are_shown_is_marked() {
        for (text, line, lines) in [
            ("a<b>\"&'", "a&lt;b&gt;&quot;&amp;'", "a&lt;b&gt;&quot;&amp;'"),
            ("a\u{202e}b", "a<b class=\"odd\">U+202E</b>b", "a<b class=\"odd\">U+202E</b>b"),
            ("a\n\tb", "a<b class=\"odd\">U+000A</b><b class=\"odd\">U+0009</b>b", "a\n\tb"),
            ("\u{1b}[31m", "<b class=\"odd\">U+001B</b>[31m", "<b class=\"odd\">U+001B</b>[31m"),
        ] {
            assert_eq!(Foreign(text).render().into_string(), line);
            assert_eq!(ForeignLines(text).render().into_string(), lines);
        }
    }

    #[test]
    fn binary_data_does_not_grow_without_end() {
        let page = ForeignLines(&"\0".repeat(32 * 1024)).render().into_string();
        assert!(page.len() < 150_000, "{}", page.len());
        assert_eq!(page.matches("odd").count(), MOST_MARKS);
    }
}
