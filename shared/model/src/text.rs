//! Characters that must not reach a reader as they are.

/// Whether a character could change how others are shown, or is not seen at
/// all: control characters, bidirectional controls (Unicode Standard Annex 9,
/// section 2), line and paragraph separator, and what is shown as nothing
/// (`Default_Ignorable_Code_Point`, Unicode Standard Annex 44, section 5.1):
/// zero-width marks, fillers, tags, variation selectors.
///
/// Two of these are let through, as they stand in many names and hide little:
/// the selectors that show a sign as text or as emoji (U+FE0E, U+FE0F).
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}') || (is_ignorable(c) && !matches!(c, '\u{fe0e}' | '\u{fe0f}'))
}

fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_the_line_or_is_not_seen_is_unsafe() {
        let unseen = "\u{ad}\u{34f}\u{115f}\u{1160}\u{17b4}\u{180e}\u{200b}\u{200d}\u{2060}\u{3164}\u{feff}\u{ffa0}";
        let hiding = "\u{e0001}\u{e0041}\u{e007f}\u{fe00}\u{fe0d}\u{e0100}\u{e01ef}\u{1d173}\u{1bca0}\u{fff0}";
        let turning = "\0\n\u{1b}\u{85}\u{61c}\u{200e}\u{2028}\u{2029}\u{202e}\u{2066}\u{2069}";
        for c in [unseen, hiding, turning].concat().chars() {
            assert!(is_unsafe(c), "{c:?}");
        }
    }

    #[test]
    fn names_of_people_and_banks_are_shown_as_they_are() {
        for name in
            ["Bär & Söhne", "Crédit 🏦", "❤\u{fe0f} Bank", "↔\u{fe0e}", "한국은행", "بنك", "बैंक", "葛城", "e\u{301}"]
        {
            assert!(!name.chars().any(is_unsafe), "{name}");
        }
    }
}
