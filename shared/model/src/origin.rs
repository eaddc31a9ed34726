//! Where a URL leads: its origin, and what may be sent there.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The two hosts of the API. The role decides whether the token goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sessions, flows and consents; gets the token.
    Api,
    /// The wizard; gets none unless the target says so.
    Auth,
}

/// Scheme, host and port (RFC 6454). https, or http on loopback.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Origin {
    scheme: String,
    host: Host<String>,
    port: u16,
}

/// An absolute URL that we may call: https, or http on loopback; no user
/// information, no fragment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct BaseUrl {
    url: Url,
    origin: Origin,
}

/// Why a URL is not one that we may call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL.
    #[error("not an absolute URL ({0})")]
    Malformed(url::ParseError),
    /// Plain http to a host that is not this machine.
    #[error("plain http is only for loopback (127.0.0.1, [::1], localhost); use https")]
    NotHttps,
    /// Neither https nor http.
    #[error("`{0}` is not the scheme of a web address; use https")]
    Scheme(String),
    /// `https://user:password@host`.
    #[error("a user name or password in a URL is not allowed")]
    UserInformation,
    /// A query or fragment where only an address may stand.
    #[error("a base URL has no query and no fragment")]
    Query,
    /// An origin with a path.
    #[error("an origin is scheme, host and port only, without a path")]
    Path,
}

impl Origin {
    /// The origin of a URL that we may call.
    ///
    /// # Errors
    /// When the URL is plain http to a host that is not loopback, has user
    /// information, or has no host.
    pub fn of(url: &Url) -> Result<Self, UrlError> {
        if !["https", "http"].contains(&url.scheme()) {
            return Err(UrlError::Scheme(url.scheme().to_owned()));
        }
        let host = url.host().ok_or(UrlError::Malformed(url::ParseError::EmptyHost))?;
        if url.scheme() == "http" && !is_loopback(&host) {
            return Err(UrlError::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::UserInformation);
        }
        let port = url.port_or_known_default().ok_or(UrlError::Malformed(url::ParseError::InvalidPort))?;
        Ok(Self { scheme: url.scheme().to_owned(), host: host.to_owned(), port })
    }

    /// The host, IPv6 in brackets.
    #[must_use]
    pub fn host(&self) -> String {
        self.host.to_string()
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether the origin is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}

impl TryFrom<String> for Origin {
    type Error = UrlError;
    fn try_from(text: String) -> Result<Self, UrlError> {
        let base = BaseUrl::try_from(text)?;
        if base.url.path() == "/" { Ok(base.origin) } else { Err(UrlError::Path) }
    }
}

impl BaseUrl {
    /// The URL with a path below it; `path` without a leading slash.
    #[must_use]
    pub fn join(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url
    }

    /// The URL itself.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.url
    }

    /// Its origin.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = UrlError;
    fn try_from(text: String) -> Result<Self, UrlError> {
        let url = Url::parse(&text).map_err(UrlError::Malformed)?;
        let origin = Origin::of(&url)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(UrlError::Query);
        }
        Ok(Self { url, origin })
    }
}

impl std::str::FromStr for BaseUrl {
    type Err = UrlError;
    fn from_str(text: &str) -> Result<Self, UrlError> {
        Self::try_from(text.to_owned())
    }
}

fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => name.as_ref() == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<String, String> {
        BaseUrl::try_from(text.to_owned()).map(|base| base.origin().to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn only_https_and_loopback_http_are_urls_of_ours() {
        assert_eq!(check("https://api.example.com").unwrap(), "https://api.example.com:443");
        assert_eq!(check("http://127.0.0.1:8080/base").unwrap(), "http://127.0.0.1:8080");
        assert_eq!(check("http://[::1]:8080").unwrap(), "http://[::1]:8080");
        assert_eq!(check("http://localhost:8080").unwrap(), "http://localhost:8080");
        for (bad, why) in [
            ("api.example.com", "not an absolute URL"),
            ("http://api.example.com", "plain http is only for loopback"),
            ("http://127.0.0.1.example.com", "plain http is only for loopback"),
            ("ftp://127.0.0.1", "`ftp` is not the scheme"),
            ("https://user:pw@api.example.com", "user name or password"),
            ("https://api.example.com/?a=b", "no query"),
        ] {
            assert!(check(bad).unwrap_err().contains(why), "{bad}: {:?}", check(bad));
        }
    }

    #[test]
    fn paths_go_below_the_base() {
        let join = |base: &str| base.parse::<BaseUrl>().unwrap().join("xs2a/v1/sessions").to_string();
        assert_eq!(join("https://a.example"), "https://a.example/xs2a/v1/sessions");
        assert_eq!(join("https://a.example/proxy/"), "https://a.example/proxy/xs2a/v1/sessions");
    }

    #[test]
    fn an_origin_has_no_path() {
        assert!(Origin::try_from("https://a.example:8443".to_owned()).is_ok());
        assert_eq!(Origin::try_from("https://a.example/x".to_owned()), Err(UrlError::Path));
    }
}
