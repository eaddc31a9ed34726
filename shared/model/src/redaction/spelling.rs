//! How a character can be spelled: as it is, percent-encoded, escaped for JSON
//! or HTML, several times over, or as a letter with a combining accent.

/// How many times over a character may be encoded for a URL or for HTML.
const DEEPEST: usize = 3;
/// The most backslashes before one escape: JSON three strings deep.
const MOST_BACKSLASHES: usize = 7;
/// The longest name of a character in HTML that is known, and the longest number.
const LONGEST_ENTITY: usize = 8;
/// The longest spelling of one character that is looked back for, in bytes:
/// two bytes of UTF-8, percent-encoded three times over.
const LONGEST: usize = 14;

/// Combining accents, what HTML calls a letter with one, and such letters after their bare ones.
const ACCENTS: [(char, &str, &str); 12] = [
    ('\u{300}', "grave", "aàeèiìoòuù"),
    ('\u{301}', "acute", "aáeéiíoóuúyýcćlĺnńrŕsśzź"),
    ('\u{302}', "circ", "aâeêiîoôuûwŵyŷ"),
    ('\u{303}', "tilde", "aãnñoõ"),
    ('\u{306}', "breve", "aăgğ"),
    ('\u{307}', "dot", "eėzż"),
    ('\u{308}', "uml", "aäeëiïoöuüyÿ"),
    ('\u{30a}', "ring", "aåuů"),
    ('\u{30b}', "dblac", "oőuű"),
    ('\u{30c}', "caron", "cčdďeěnňrřsštťzž"),
    ('\u{327}', "cedil", "cçsştţ"),
    ('\u{328}', "ogon", "aąeęiįuų"),
];

/// The other names of HTML that answers use (HTML, Named character references).
const NAMED: [(&str, char); 18] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("equals", '='),
    ("sol", '/'),
    ("plus", '+'),
    ("percnt", '%'),
    ("commat", '@'),
    ("colon", ':'),
    ("num", '#'),
    ("szlig", 'ß'),
    ("aelig", 'æ'),
    ("oelig", 'œ'),
    ("oslash", 'ø'),
    ("lstrok", 'ł'),
];

/// A character that a place may mean, and where the next one begins.
pub(super) type Reading = (char, usize);

/// Every way to read what stands at a place, in small letters.
pub(super) fn readings(text: &str, at: usize) -> impl Iterator<Item = Reading> {
    let single = move |at| literal(text, at).into_iter().chain(escaped(text, at)).map(|(c, end)| (small(c), end));
    single(at).flat_map(move |(c, end)| {
        let accented = may_be_accent(text, end).then(|| single(end)).into_iter().flatten();
        let composed = accented.filter_map(move |(accent, end)| Some((compose(c, accent)?, end)));
        std::iter::once((c, end)).chain(composed)
    })
}

/// A text in small letters, accents on their letters.
pub(super) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().map(small) {
        match folded.chars().next_back().and_then(|letter| compose(letter, c)) {
            Some(composed) => {
                folded.pop();
                folded.push(composed);
            }
            None => folded.push(c),
        }
    }
    folded
}

/// The ASCII characters that a spelling of `c` can begin with, escapes aside.
pub(super) fn ascii_forms(c: char) -> impl Iterator<Item = u8> {
    let bare = ACCENTS.into_iter().find_map(|(_, _, letters)| pairs(letters).find(|(_, letter)| *letter == c));
    let spaces = if c == ' ' { "\t\n\r" } else { "" };
    let forms = std::iter::once(c).chain(bare.map(|(bare, _)| bare)).chain(spaces.chars());
    let bytes = forms.filter_map(|c| u8::try_from(c).ok()).filter(u8::is_ascii);
    bytes.flat_map(|byte| [byte, byte.to_ascii_uppercase()])
}

/// Whether a byte is more than itself: it may begin an escape or a character beyond ASCII.
pub(super) fn is_special(byte: u8) -> bool {
    !byte.is_ascii() || is_escape(byte)
}

/// Whether no letter or digit stands before a place, however it is spelled.
pub(super) fn begins_word(text: &str, at: usize) -> bool {
    let Some(before) = text.get(..at).and_then(|text| text.chars().next_back()) else { return true };
    let spelled = || (at.saturating_sub(LONGEST)..at).flat_map(|start| escaped(text, start));
    !before.is_alphanumeric() || spelled().any(|(c, end)| end == at && !c.is_alphanumeric())
}

fn is_escape(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&' | b'+')
}

fn may_be_accent(text: &str, at: usize) -> bool {
    text.as_bytes().get(at).is_some_and(|byte| is_special(*byte))
}

/// The small letter; one white space is like another, also where a line was turned.
fn small(c: char) -> char {
    if c.is_whitespace() {
        return ' ';
    }
    let mut small = c.to_lowercase();
    match (small.next(), small.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn compose(letter: char, accent: char) -> Option<char> {
    let (_, _, letters) = ACCENTS.into_iter().find(|(known, _, _)| *known == accent)?;
    pairs(letters).find(|(bare, _)| *bare == letter).map(|(_, composed)| composed)
}

fn pairs(letters: &str) -> impl Iterator<Item = (char, char)> {
    letters.chars().step_by(2).zip(letters.chars().skip(1).step_by(2))
}

fn literal(text: &str, at: usize) -> Option<Reading> {
    let c = text.get(at..)?.chars().next()?;
    Some((c, at + c.len_utf8()))
}

/// What an escape at a place may mean; nothing where there is none.
fn escaped(text: &str, at: usize) -> Vec<Reading> {
    match text.as_bytes().get(at) {
        Some(b'+') => vec![(' ', at + 1)],
        Some(byte) if is_escape(*byte) => {
            let mut found: Vec<Reading> = (0..DEEPEST).filter_map(|level| percent(text, at, level)).collect();
            found.extend(backslashes(text, at));
            found.extend(json(text, at));
            html(text, at, &mut found);
            found
        }
        _ => Vec::new(),
    }
}

/// Percent-encoded (RFC 3986, section 2.1) so many times more: UTF-8, or else ISO 8859-1.
fn percent(text: &str, at: usize, level: usize) -> Option<Reading> {
    let (first, end) = percent_byte(text, at, level)?;
    let length = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    let (mut bytes, mut next) = (vec![first], end);
    while let Some((byte, end)) = percent_byte(text, next, level).filter(|_| bytes.len() < length) {
        bytes.push(byte);
        next = end;
    }
    let utf8 = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next());
    Some(utf8.map_or((char::from(first), end), |c| (c, next)))
}

fn percent_byte(text: &str, at: usize, level: usize) -> Option<(u8, usize)> {
    let mut rest = text.get(at..)?.strip_prefix('%')?;
    for _ in 0..level {
        rest = rest.strip_prefix("25")?;
    }
    let digits = rest.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    Some((u8::from_str_radix(digits, 16).ok()?, text.len() - rest.len() + 2))
}

/// The character without its percent-encoding.
fn bare(text: &str, at: usize) -> Option<Reading> {
    if text.as_bytes().get(at) != Some(&b'%') {
        return literal(text, at);
    }
    (0..DEEPEST).rev().find_map(|level| percent(text, at, level)).or_else(|| literal(text, at))
}

/// One backslash may stand as two, or as four.
fn backslashes(text: &str, at: usize) -> impl Iterator<Item = Reading> {
    let run = std::iter::successors(backslash(text, at), move |at| backslash(text, *at));
    run.take(4).enumerate().filter(|(index, _)| matches!(index, 1 | 3)).map(|(_, end)| ('\\', end))
}

fn backslash(text: &str, at: usize) -> Option<usize> {
    // Most bytes tell by themselves that there is none.
    text.as_bytes().get(at).filter(|byte| matches!(byte, b'\\' | b'%'))?;
    bare(text, at).filter(|(c, _)| *c == '\\').map(|(_, end)| end)
}

/// An escape of a JSON string (RFC 8259, section 7), also of one inside another.
fn json(text: &str, at: usize) -> Option<Reading> {
    let run = std::iter::successors(backslash(text, at), |at| backslash(text, *at));
    let (c, end) = bare(text, run.take(MOST_BACKSLASHES).last()?)?;
    match c {
        '"' | '\'' | '/' => Some((c, end)),
        'n' => Some(('\n', end)),
        'r' => Some(('\r', end)),
        't' => Some(('\t', end)),
        'b' | 'f' => Some((' ', end)),
        'u' => utf16(text, end),
        _ => None,
    }
}

/// Four hex digits, and once more the whole for a character that takes two.
fn utf16(text: &str, at: usize) -> Option<Reading> {
    let (high, end) = utf16_unit(text, at)?;
    if let Some(c) = char::from_u32(high.into()) {
        return Some((c, end));
    }
    let run = std::iter::successors(backslash(text, end), |at| backslash(text, *at));
    let ('u', digits) = bare(text, run.take(MOST_BACKSLASHES).last()?)? else { return None };
    let (low, end) = utf16_unit(text, digits)?;
    char::decode_utf16([high, low]).next()?.ok().map(|c| (c, end))
}

fn utf16_unit(text: &str, at: usize) -> Option<(u16, usize)> {
    (0..4).try_fold((0, at), |(unit, at), _| {
        let (digit, end) = bare(text, at)?;
        Some((unit << 4 | u16::try_from(digit.to_digit(16)?).ok()?, end))
    })
}

/// A character reference of HTML; its `&` may be escaped in turn.
fn html(text: &str, at: usize, found: &mut Vec<Reading>) {
    let mut name = json(text, at).or_else(|| bare(text, at)).filter(|(c, _)| *c == '&').map(|(_, end)| end);
    for _ in 0..DEEPEST {
        let Some((c, end)) = name.and_then(|name| reference(text, name)) else { return };
        found.push((c, end));
        name = (c == '&').then_some(end);
    }
}

fn reference(text: &str, at: usize) -> Option<Reading> {
    let (mut name, mut next) = (String::new(), at);
    loop {
        let (c, end) = bare(text, next)?;
        next = end;
        match c {
            ';' => break,
            '#' | '0'..='9' | 'a'..='z' | 'A'..='Z' if name.len() < LONGEST_ENTITY => name.push(c),
            _ => return None,
        }
    }
    let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => digits.parse().ok(),
    });
    number.and_then(char::from_u32).or_else(|| named(&name)).map(|c| (c, next))
}

fn named(name: &str) -> Option<char> {
    let accented = |name: &str| {
        let letter = name.chars().next().map(small)?;
        let (accent, _, _) = ACCENTS.into_iter().find(|(_, suffix, _)| name.get(1..) == Some(suffix))?;
        compose(letter, accent)
    };
    let other = NAMED.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, c)| c);
    other.or_else(|| accented(name))
}
