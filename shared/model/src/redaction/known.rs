//! The values that a run has met, and the search for them.

use crate::secret::Secret;

/// The most values kept. One run needs a few dozen; its teacher bounds what an
/// answer can add, and this bounds the teacher.
const MOST: usize = 2_000;
/// The shortest value that is searched for. A shorter one (the test banks have
/// an account `0`) is taken out only by its name.
const SHORTEST: usize = 4;
/// Below this length a value counts only where it stands alone as a word.
const SHORTEST_INSIDE_WORDS: usize = 6;

/// Known values by their first byte, longest first.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownValues {
    by_first_byte: std::collections::BTreeMap<u8, Vec<Known>>,
    count: usize,
}

#[derive(Clone, Debug)]
struct Known {
    value: Secret,
    mark: String,
}

impl KnownValues {
    /// Remembers a value with the mark that stands for it.
    pub(super) fn add(&mut self, value: &str, mark: String) {
        let Some(first) = value.bytes().next().filter(|_| value.chars().count() >= SHORTEST && self.count < MOST)
        else {
            return;
        };
        let bucket = self.by_first_byte.entry(first.to_ascii_lowercase()).or_default();
        if bucket.iter().any(|known| known.value.expose() == value) {
            return;
        }
        let place = bucket.partition_point(|known| known.value.expose().len() >= value.len());
        if let Some(value) = Secret::new(value.to_owned()) {
            bucket.insert(place, Known { value, mark });
            self.count += 1;
        }
    }

    /// The longest known value that begins at `at`, in any spelling: letters of
    /// either case, any character percent-encoded, a space as `+`. Brings its
    /// end and its mark.
    pub(super) fn find_at(&self, text: &[u8], at: usize) -> Option<(usize, &str)> {
        let (first, _) = spelled(text, at)?;
        let literal = text.get(at).filter(|byte| **byte != first).map(u8::to_ascii_lowercase);
        let buckets = [Some(first.to_ascii_lowercase()), literal].into_iter().flatten();
        buckets.filter_map(|first| self.by_first_byte.get(&first)).flatten().find_map(|known| {
            let value = known.value.expose().as_bytes();
            let end = match_at(text, at, value)?;
            let alone = !is_word(at.checked_sub(1).and_then(|before| text.get(before))) && !is_word(text.get(end));
            (alone || value.len() >= SHORTEST_INSIDE_WORDS).then_some((end, known.mark.as_str()))
        })
    }

    /// The mark of a value that is known as it is.
    pub(super) fn exactly(&self, value: &str) -> Option<&str> {
        let (end, mark) = self.find_at(value.as_bytes(), 0)?;
        (end == value.len()).then_some(mark)
    }
}

/// Where the value ends that begins at `at`.
fn match_at(text: &[u8], at: usize, value: &[u8]) -> Option<usize> {
    value.iter().try_fold(at, |at, byte| {
        if text.get(at)?.eq_ignore_ascii_case(byte) {
            return Some(at + 1);
        }
        let (spelled, end) = spelled(text, at)?;
        spelled.eq_ignore_ascii_case(byte).then_some(end)
    })
}

/// The byte that is meant at a place, and where the next one begins.
fn spelled(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let hex = |at: usize| text.get(at).and_then(|digit| char::from(*digit).to_digit(16));
    match text.get(at)? {
        b'%' => match (hex(at + 1), hex(at + 2)) {
            (Some(high), Some(low)) => u8::try_from(high * 16 + low).ok().map(|byte| (byte, at + 3)),
            _ => Some((b'%', at + 1)),
        },
        b'+' => Some((b' ', at + 1)),
        byte => Some((*byte, at + 1)),
    }
}

fn is_word(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
}
