//! Colours for what a rehearsal shows, and the width of its lines.

use alerting::Vote;
use report::Style;

/// Wraps texts in colour codes, or leaves them as they are.
#[derive(Clone, Copy)]
pub(crate) struct Paint {
    pub(crate) style: Style,
}

impl Paint {
    pub(crate) fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.wrap("32", text)
    }

    pub(crate) fn warning(self, text: &str) -> String {
        self.wrap("33", text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    pub(crate) fn vote(self, vote: Vote, text: &str) -> String {
        match vote {
            Vote::Passing => self.good(text),
            Vote::Degraded => self.warning(text),
            Vote::Failing => self.bad(text),
        }
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.style.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// The text, or as much of it as fits and an ellipsis.
pub(crate) fn fitted(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        None => text.to_owned(),
        Some(_) => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The text in lines of at most so many characters, as far as its words allow.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_their_width() {
        assert_eq!(fitted("übermäßig", 5), "über…");
        assert_eq!(fitted("kurz", 4), "kurz");
        assert_eq!(wrapped("one two  three four", 9), ["one two", "three", "four"]);
    }
}
