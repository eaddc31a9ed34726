//! Reads a page as far as the tests need it.

/// A start tag.
#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Tag {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The start tags of a page, those in scripts and style sheets left out.
pub(crate) fn tags(page: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    parts(page, |part| {
        if let Part::Start(tag) = part {
            tags.push(tag);
        }
    });
    tags
}

/// What is to be read in a page, with single spaces.
pub(crate) fn text(page: &str) -> String {
    let mut out = String::new();
    parts(page, |part| match part {
        Part::Text(text) => out += &decoded(text),
        // Inline elements do not part words.
        Part::Start(tag) if matches!(tag.name.as_str(), "b" | "span" | "bdi" | "code" | "time" | "a" | "strong") => {}
        Part::Start(_) => out.push(' '),
        Part::End => {}
    });
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

enum Part<'a> {
    Text(&'a str),
    Start(Tag),
    End,
}

fn parts<'a>(page: &'a str, mut tell: impl FnMut(Part<'a>)) {
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        tell(Part::Text(&rest[..at]));
        rest = &rest[at + 1..];
        if rest.starts_with('/') {
            rest = &rest[rest.find('>').unwrap() + 1..];
            tell(Part::End);
            continue;
        }
        let (tag, after) = start(rest);
        rest = after;
        if matches!(tag.name.as_str(), "script" | "style") {
            rest = &rest[rest.find(&format!("</{}", tag.name)).unwrap()..];
        }
        tell(Part::Start(tag));
    }
    tell(Part::Text(rest));
}

/// The start tag and what follows it. Attributes are as the page writes them: in double quotes, or without value.
fn start(text: &str) -> (Tag, &str) {
    let end = text.find([' ', '>']).unwrap();
    let mut tag = Tag { name: text[..end].to_ascii_lowercase(), attributes: Vec::new() };
    let mut rest = &text[end..];
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('>') {
            return (tag, after);
        }
        let end = rest.find(['=', ' ', '>']).unwrap();
        assert!(end > 0, "no attribute: {}", rest.lines().next().unwrap());
        let name = rest[..end].to_owned();
        rest = &rest[end..];
        let value = rest.strip_prefix("=\"").and_then(|value| value.split_once('"'));
        if let Some((_, after)) = value {
            rest = after;
        }
        tag.attributes.push((name, value.map(|(value, _)| decoded(value)).unwrap_or_default()));
    }
}

fn decoded(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
