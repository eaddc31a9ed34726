//! One request to send, and the answer to it.

use serde_json::Value;
use url::Url;

/// The header of a body of no bytes.
const EMPTY: &str = "content-length";

/// The methods of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads; never carries a body.
    Get,
    /// Acts.
    Post,
    /// Starts.
    Put,
    /// Closes.
    Delete,
}

impl Method {
    /// The method's name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// One request to send. The caller has checked that the URL may be called.
/// It holds secrets, so it does not print.
#[derive(Clone)]
pub struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) url_template: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<String>,
    pub(crate) form: Option<String>,
    pub(crate) secret_names: &'static [&'static str],
}

impl Call {
    /// A request without a body. `url_template` is the URL with its changing
    /// parts named (OpenTelemetry `url.template`): of low cardinality.
    #[must_use]
    pub fn new(method: Method, url: Url, url_template: &'static str) -> Self {
        let mut headers = vec![("accept", "application/json".to_owned())];
        // A gateway may refuse a POST that does not say that it is empty (RFC 9110, section 8.6).
        if matches!(method, Method::Post | Method::Put) {
            headers.push((EMPTY, "0".to_owned()));
        }
        Self { method, url, url_template, headers, body: None, form: None, secret_names: &[] }
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.json_text(body.to_string())
    }

    /// With a body that is JSON already, byte for byte: a signature may be over it.
    #[must_use]
    pub fn json_text(mut self, body: String) -> Self {
        self.body = Some(body);
        self.headers.retain(|(name, _)| *name != EMPTY);
        self.header("content-type", "application/json".to_owned())
    }

    /// With a header more.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// With the form that the body holds encrypted, for the report.
    #[must_use]
    pub fn form(mut self, form: String) -> Self {
        self.form = Some(form);
        self
    }

    /// With JSON names whose values are taken out of this exchange's record,
    /// beside those that always are.
    #[must_use]
    pub fn secret_names(mut self, names: &'static [&'static str]) -> Self {
        self.secret_names = names;
        self
    }

    /// The names given to [`secret_names`](Call::secret_names).
    #[must_use]
    pub const fn hidden(&self) -> &'static [&'static str] {
        self.secret_names
    }
}

/// An answer, whatever its status. It may hold secrets, so it does not print.
#[derive(Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, at most [`Answer::LARGEST`] bytes of it. That of a success is whole.
    pub body: Vec<u8>,
    pub(crate) headers: Vec<(String, String)>,
}

impl Answer {
    /// The most bytes of a body that are read.
    pub const LARGEST: usize = 1024 * 1024;

    /// The first header of this name (in lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}
