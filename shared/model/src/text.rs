//! Characters that must not reach a reader as they are.

/// Whether a character could change how others are shown, or is not seen at
/// all: control characters, bidirectional controls and invisible marks (Unicode
/// Standard Annex 9, section 2), line and paragraph separator.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
