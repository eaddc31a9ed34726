//! The frame around a page: one file that needs no network and lets no other
//! script run than its own.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::terminal::paint::printable;

/// A page before it is written out.
pub(crate) struct Document<'a> {
    /// The page's title; may hold foreign text.
    pub(crate) title: &'a str,
    /// The style sheets, in the order in which they count.
    pub(crate) styles: &'a [&'static str],
    /// The only script that may run.
    pub(crate) script: &'static str,
    /// What stands in the body, the script left out.
    pub(crate) body: Markup,
}

impl Document<'_> {
    /// The page as text. Its policy (Content Security Policy Level 3, W3C)
    /// allows the style sheet and the script by their hashes and nothing else:
    /// neither attributes that hold styles or code nor anything from elsewhere.
    pub(crate) fn into_html(self) -> String {
        let styles = self.styles.concat();
        let policy = format!(
            "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
            source(&styles),
            source(self.script)
        );
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="referrer" content="no-referrer";
                    meta name="robots" content="noindex";
                    meta name="color-scheme" content="light dark";
                    title { (printable(self.title)) }
                    // Or the browser asks the host for one.
                    link rel="icon" href="data:,";
                    style { (PreEscaped(styles)) }
                }
                body {
                    (self.body)
                    script { (PreEscaped(self.script)) }
                }
            }
        };
        page.into_string()
    }
}

/// The source expression that allows exactly this text.
fn source(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}
