//! Small matters of wording and width.

use model::report::Milliseconds;

/// A duration as a person reads it.
pub(super) fn milliseconds(duration: Milliseconds) -> String {
    let number = duration.get();
    if number < 1.0 {
        "<1 ms".to_owned()
    } else if number < 10_000.0 {
        format!("{number:.0} ms")
    } else {
        format!("{:.1} s", number / 1_000.0)
    }
}

/// The text with a full stop.
pub(super) fn sentence(text: &str) -> String {
    let stop = if text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{text}{stop}")
}

/// The text with its first letter in upper case.
pub(super) fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        Some(first) => first.to_uppercase().chain(rest).collect(),
        None => String::new(),
    }
}

/// The text in lines of at most `width` characters, broken at spaces; a longer
/// word is broken where the line ends.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ').flat_map(|word| pieces(word, width)) {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if used == 0 || used + 1 + length <= width => {
                if used > 0 {
                    line.push(' ');
                    used += 1;
                }
                line.push_str(&word);
                used += length;
            }
            _ => {
                lines.push(word);
                used = length;
            }
        }
    }
    lines
}

fn pieces(word: &str, width: usize) -> Vec<String> {
    let characters: Vec<char> = word.chars().collect();
    characters.chunks(width.max(1)).map(|piece| piece.iter().collect()).collect()
}

/// The text, or as much of it as fits and an ellipsis.
pub(super) fn fitted(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        text.to_owned()
    } else {
        text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
    }
}
