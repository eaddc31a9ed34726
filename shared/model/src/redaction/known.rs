//! The values that a run has met, and the search for them.

use std::fmt;
use std::ops::Range;

use super::spelling::{ascii_forms, begins_word, folded, is_special, readings};
use crate::secret::Secret;

/// The most values kept. One run needs a few dozen; its teacher bounds what an
/// answer can add, and this bounds the teacher.
const MOST: usize = 2_000;
/// The shortest value that is searched for, in characters. A shorter one (the
/// test banks have an account `0`) is taken out only by its name.
const SHORTEST: usize = 4;
/// Below this length in bytes a value counts only where it stands alone as a word.
const SHORTEST_INSIDE_WORDS: usize = 6;
/// So many characters of a longer value give it away, even where the rest is
/// missing. It also bounds the work at one place of a text.
const GIVEN_AWAY: usize = 64;
/// The most ways to read one text that are followed side by side.
const MOST_WAYS: usize = 8;

/// Known values in small letters, in their order, so that a search narrows down
/// a range of them character by character.
#[derive(Clone, Default)]
pub(super) struct KnownValues {
    values: Vec<Known>,
    /// By the first ASCII byte of a spelling: a bit for each second one.
    beginnings: Vec<u128>,
}

#[derive(Clone)]
struct Known {
    value: Secret,
    mark: String,
}

/// One way to read a text so far: the values that it may turn out to be, how
/// many bytes of them were read, and where the text goes on.
#[derive(PartialEq)]
struct Way {
    values: Range<usize>,
    read: usize,
    at: usize,
}

impl fmt::Debug for KnownValues {
    /// Their number; which values begin alike is nobody's business either.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} known values", self.values.len())
    }
}

impl KnownValues {
    /// Remembers a value with the mark that stands for it.
    pub(super) fn add(&mut self, value: &str, mark: &str) {
        let value = folded(value);
        // Capitals of ß are two letters, and so it is often written.
        let swiss = value.contains('ß').then(|| value.replace('ß', "ss"));
        for value in swiss.into_iter().chain([value]) {
            self.insert(value, mark.to_owned());
        }
    }

    /// The longest known value that begins at `at`, in any spelling: where it
    /// ends, and its mark; no mark where only its beginning stands there.
    pub(super) fn find_at(&self, text: &str, at: usize) -> Option<(usize, Option<&str>)> {
        if !self.may_begin(text.as_bytes(), at) {
            return None;
        }
        let mut found = None;
        let (mut ways, mut count) = (vec![Way { values: 0..self.values.len(), read: 0, at }], 0);
        loop {
            let next = self.follow(text, &ways);
            found = next.iter().filter_map(|way| self.whole(text, at, way)).chain(found).max_by_key(|(end, _)| *end);
            if next.is_empty() {
                break;
            }
            (ways, count) = (next, count + 1);
        }
        let cut = ways.iter().map(|way| way.at).max().filter(|_| count >= GIVEN_AWAY);
        let longer = cut.filter(|cut| found.is_none_or(|(end, _)| end < *cut));
        longer.map(|cut| (cut, None)).or(found)
    }

    /// The mark of a value that is known as it is.
    pub(super) fn exactly(&self, value: &str) -> Option<&str> {
        let (end, mark) = self.find_at(value, 0)?;
        mark.filter(|_| end == value.len())
    }

    /// Whether there is a value that JSON escapes.
    pub(super) fn has_escaped(&self) -> bool {
        self.values.iter().any(|known| known.value.expose().contains(['"', '\\']))
    }

    fn insert(&mut self, value: String, mark: String) {
        let mut chars = value.chars();
        let (Some(first), Some(second)) = (chars.next(), chars.next()) else { return };
        if chars.count() + 2 < SHORTEST || self.values.len() >= MOST {
            return;
        }
        let Err(place) = self.values.binary_search_by(|known| known.value.expose().cmp(&value)) else { return };
        self.beginnings.resize(128, 0);
        for first in ascii_forms(first) {
            for second in ascii_forms(second) {
                if let Some(seconds) = self.beginnings.get_mut(usize::from(first)) {
                    *seconds |= 1 << second;
                }
            }
        }
        if let Some(value) = Secret::new(value) {
            self.values.insert(place, Known { value, mark });
        }
    }

    /// Most places of a text begin no value: their first two bytes tell.
    fn may_begin(&self, text: &[u8], at: usize) -> bool {
        let (Some(first), Some(second)) = (text.get(at), text.get(at + 1)) else { return false };
        let seconds = self.beginnings.get(usize::from(*first)).copied().unwrap_or_default();
        is_special(*first) || is_special(*second) || seconds >> second & 1 == 1
    }

    /// Every way goes on by one character.
    fn follow(&self, text: &str, ways: &[Way]) -> Vec<Way> {
        let mut next = Vec::new();
        for way in ways {
            for (c, at) in readings(text, way.at) {
                for (values, read) in self.narrowed(way, c) {
                    let way = Way { values, read, at };
                    if next.len() < MOST_WAYS && !next.contains(&way) {
                        next.push(way);
                    }
                }
            }
        }
        next
    }

    /// The values that go on with a character. What was no UTF-8 can be any
    /// letter beyond ASCII.
    fn narrowed(&self, way: &Way, c: char) -> Vec<(Range<usize>, usize)> {
        let wanted = if c == char::REPLACEMENT_CHARACTER { '\u{80}'..=char::MAX } else { c..=c };
        let values = self.values.get(way.values.clone()).unwrap_or_default();
        let char_of = |known: &Known| known.value.expose().get(way.read..).and_then(|rest| rest.chars().next());
        let mut narrowed = Vec::new();
        let mut from = values.partition_point(|known| char_of(known) < Some(*wanted.start()));
        while let Some(c) = values.get(from).and_then(char_of).filter(|c| wanted.contains(c)) {
            let to = values.partition_point(|known| char_of(known) <= Some(c));
            narrowed.push((way.values.start + from..way.values.start + to, way.read + c.len_utf8()));
            from = to;
        }
        narrowed
    }

    /// The value that ends here; the first of those that begin alike is the shortest.
    fn whole(&self, text: &str, at: usize, way: &Way) -> Option<(usize, Option<&str>)> {
        let known = self.values.get(way.values.start).filter(|known| known.value.expose().len() == way.read)?;
        let ends_word = || !text.get(way.at..).is_some_and(|text| text.starts_with(char::is_alphanumeric));
        let counts = way.read >= SHORTEST_INSIDE_WORDS || ends_word() && begins_word(text, at);
        counts.then_some((way.at, Some(known.mark.as_str())))
    }
}
