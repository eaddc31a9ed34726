//! A request as a command for a POSIX shell.

use model::report::{Exchange, Header};
use url::Url;

/// A command and what is to be known before it is run.
pub(super) struct Command {
    pub(super) text: String,
    pub(super) notes: Vec<String>,
}

/// What the shell puts in the place of the token. The scheme is Klarna's
/// (Klarna Open Banking docs, XS2A, Authentication).
const AUTHORIZATION: &str = "\"authorization: Token $KOSMA_AUTH_TOKEN\"";
/// The most header lines of a command, and the longest value and body, in
/// bytes. The monitor keeps no more; a report from elsewhere may.
const MOST_HEADERS: usize = 200;
const LONGEST_VALUE: usize = 4 * 1024;
const LONGEST_BODY: usize = 32 * 1024;
/// Headers that curl works out by itself.
const OWN: [&str; 4] = ["content-length", "host", "connection", "transfer-encoding"];

/// The request as a curl command; none for what is no HTTP request, so that a
/// report cannot make anybody read a file or speak another protocol.
pub(super) fn curl(exchange: &Exchange) -> Option<Command> {
    let web = ["https://", "http://"].iter().any(|scheme| exchange.url.starts_with(scheme));
    if !web || !is_token(&exchange.method) {
        return None;
    }
    let mut text = format!("curl --include --globoff -X {} {}", quoted(&exchange.method), quoted(&exchange.url));
    for header in exchange.request.headers.iter().filter(|header| is_told(header)).take(MOST_HEADERS) {
        text += " \\\n  -H ";
        if header.name.eq_ignore_ascii_case("authorization") {
            text += AUTHORIZATION;
        } else {
            text += &quoted(&format!("{}: {}", header.name, header.value));
        }
    }
    if let Some(body) = exchange.request.body.as_ref().filter(|body| body.len() <= LONGEST_BODY) {
        text += " \\\n  --data-raw ";
        text += &quoted(body);
    }
    let notes = notes(exchange, &text);
    Some(Command { text, notes })
}

fn notes(exchange: &Exchange, text: &str) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    if text.contains(AUTHORIZATION) {
        let host = Url::parse(&exchange.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        notes.push(format!("Set KOSMA_AUTH_TOKEN first; it is sent to {}.", host.unwrap_or_default()));
    }
    if text.chars().any(|c| c != '\n' && model::text::is_unsafe(c)) {
        notes.push("Characters that cannot be seen stand as their code points, such as U+200B.".into());
    }
    notes.push(
        "The session of this run is closed by now: a new one has other URLs, and stays open until it is deleted."
            .into(),
    );
    if has_mark(&exchange.url) || exchange.request.body.as_deref().is_some_and(has_mark) {
        notes.push(
            "Parts such as [id 5f1c09ab] are marks that stand for secrets: put the values in their places.".into(),
        );
    }
    if exchange.form.is_some() {
        notes.push("The form is encrypted for one flow: a new flow needs a new one.".into());
    }
    let too_long = exchange.request.body.as_ref().is_some_and(|body| body.len() > LONGEST_BODY);
    if too_long || exchange.request.body_omitted_bytes > 0 {
        notes.push("The body is not whole.".into());
    }
    notes
}

/// Whether curl can be given the header: a name that begins with `@` would
/// make it read a file.
fn is_told(header: &Header) -> bool {
    is_token(&header.name)
        && header.value.len() <= LONGEST_VALUE
        && !OWN.iter().any(|own| header.name.eq_ignore_ascii_case(own))
}

/// RFC 9110, section 5.6.2, without what a shell could take as its own.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// A word of eight hex digits after a space, before a bracket.
fn has_mark(text: &str) -> bool {
    text.match_indices(']').any(|(end, _)| {
        let inside = text.as_bytes().get(end.saturating_sub(9)..end).unwrap_or_default();
        matches!(inside, [b' ', digits @ ..] if digits.len() == 8 && digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// A text as one word of a POSIX shell (POSIX.1-2017, Shell Command Language,
/// 2.2.2): single quotes let nothing through, and a single quote itself stands
/// outside them. A NUL cannot stand in a command.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''").replace('\0', ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads words as a POSIX shell does that meets only quotes, backslashes and spaces; none for anything else.
    fn words(line: &str) -> Option<Vec<String>> {
        let (mut words, mut word) = (Vec::new(), None::<String>);
        let mut rest = line.chars();
        while let Some(c) = rest.next() {
            match c {
                ' ' => words.extend(word.take()),
                '\'' => {
                    let word = word.get_or_insert_default();
                    loop {
                        match rest.next()? {
                            '\'' => break,
                            c => word.push(c),
                        }
                    }
                }
                '\\' => word.get_or_insert_default().push(rest.next()?),
                _ => return None,
            }
        }
        words.extend(word);
        Some(words)
    }

    proptest! {
        #[test]
        fn a_quoted_text_is_one_word_and_the_same(text in "(?s)[^\0]*", other in "['\\\\$`\"!;&|\n ]{0,20}") {
            prop_assert_eq!(words(&format!("{} {}", quoted(&text), quoted(&other))), Some(vec![text, other]));
        }
    }

    #[test]
    fn only_web_addresses_become_commands() {
        let exchange = |method: &str, url: &str| Exchange {
            method: method.to_owned(),
            url: url.to_owned(),
            ..Exchange::default()
        };
        assert!(curl(&exchange("GET", "https://bank.example/a")).is_some());
        for (method, url) in
            [("GET", "file:///etc/passwd"), ("GET", "-o/tmp/x"), ("", "https://a"), ("G;T", "https://a")]
        {
            assert!(curl(&exchange(method, url)).is_none(), "{method} {url}");
        }
    }

    #[test]
    fn the_token_is_a_placeholder_and_files_are_not_read() {
        let header = |name: &str, value: &str| Header { name: name.to_owned(), value: value.to_owned() };
        let mut exchange =
            Exchange { method: "PUT".to_owned(), url: "https://a/[id 0123abcd]".to_owned(), ..Exchange::default() };
        exchange.request.headers = vec![
            header("authorization", "[header 0123abcd]"),
            header("@/etc/passwd", "x"),
            header("x-note", "it's"),
            header("content-length", "2"),
        ];
        exchange.request.body = Some("@/etc/passwd".to_owned());
        let command = curl(&exchange).unwrap();
        assert_eq!(
            command.text,
            "curl --include --globoff -X 'PUT' 'https://a/[id 0123abcd]' \\\n  -H \"authorization: Token $KOSMA_AUTH_TOKEN\" \\\n  \
             -H 'x-note: it'\\''s' \\\n  --data-raw '@/etc/passwd'"
        );
        assert!(command.notes.iter().any(|note| note.ends_with("it is sent to a.")), "{:?}", command.notes);
    }
}
