//! The grammar of fault rules: `REQUEST:KIND[*N][@REGION]`.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

mod parse;

/// One planned misbehaviour of the bank, such as `5:status=503` or `all:delay=15s*1`.
///
/// Read it with [`str::parse`] from `REQUEST:KIND[*N][@REGION]`; [`Display`] gives it back, times in
/// seconds where they are whole. `REQUEST` is 1 to 11, `cleanup`, `all` (each of these and any other
/// request) or `accept` (the connection). `*N` limits the rule to its first N matches.
///
/// | kind | what the client sees | does the bank do its work? |
/// |---|---|---|
/// | `status=N` | HTTP status N with the error envelope | no |
/// | `rate-limit=S` | 429 with `RateLimit-Reset: S` | no |
/// | `redirect` | 307 to another path of the API host | no |
/// | `category=C` | API: 400 with the code C; wizard: `EXCEPTION` with C | no, the flow ends |
/// | `state=EXCEPTION`, `ABORTED` | that state, an exception with `TECHNICAL` | no, the flow ends |
/// | `state=PROCESSING` | that state until the limit; polls count as matches | yes |
/// | `reset` | a TCP reset in place of an answer | no |
/// | `delay=D` | the answer, D later | yes, then |
/// | `drip=D` | the answer, one byte every D | yes |
/// | `truncate` | half of the body that `Content-Length` promises | yes |
/// | `not-json`, `empty`, `huge` | an HTML body, none, one over 1 MiB | yes |
/// | `missing=FIELD`, `type=FIELD` | FIELD (`next`, or narrower `result.key`) gone or of another type, in tokens too | yes |
/// | `bad-key` | a form key with an even modulus of 512 bits | yes |
/// | `foreign-url` | every URL of the bank on another host | yes |
///
/// D is whole seconds or milliseconds, `15s` or `200ms`, up to an hour. `accept` takes `reset`,
/// `delay`, `empty` (closed without a byte) and `not-json` (bytes that are no HTTP).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRule {
    pub(crate) request: Aim,
    pub(crate) kind: Kind,
    pub(crate) limit: Option<u32>,
    region: Option<String>,
}

impl FaultRule {
    /// The region after `@`. It belongs to whoever drives several regions; a playground is in none
    /// and refuses to start with such a rule.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }
}

/// Which requests a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    /// One of the eleven, with its polls.
    Number(u8),
    /// The DELETE of the session.
    CleanUp,
    /// Every request, whatever it is.
    All,
    /// The connection itself, before a request.
    Accept,
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Status(u16),
    Delay(Duration),
    Drip(Duration),
    Reset,
    Truncate,
    NotJson,
    Empty,
    Huge,
    Missing(String),
    Type(String),
    State(State),
    Category(String),
    RateLimit(u32),
    BadKey,
    Redirect,
    ForeignUrl,
}

/// The states of a flow that a rule can force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Exception,
    Aborted,
    Processing,
}

/// Why a text is no fault rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// There is no colon.
    #[error("fault rule {0:?} has no colon: write REQUEST:KIND[*N][@REGION], such as 5:status=503")]
    Shape(String),
    /// The part before the colon names no request.
    #[error("unknown request {0:?} in a fault rule: use 1 to 11, cleanup, all or accept")]
    Request(String),
    /// The part after the colon names no kind.
    #[error("unknown fault {0:?}: use {KINDS}")]
    Kind(String),
    /// The kind exists, but not with this value.
    #[error("fault {kind} cannot take {value:?}: {allowed}")]
    Value {
        /// The kind's name.
        kind: &'static str,
        /// The text after the equals sign; empty when there is none.
        value: String,
        /// What would be right.
        allowed: &'static str,
    },
    /// Kind and request exist, but not together.
    #[error("fault {kind} is not possible for request {request}: {allowed}")]
    Impossible {
        /// The kind's name.
        kind: &'static str,
        /// The request as the rule names it.
        request: String,
        /// Where it is possible, or what is.
        allowed: &'static str,
    },
    /// The text after `*` is no count.
    #[error("{0:?} is no limit for a fault: write *N with N from 1 to 4294967295")]
    Limit(String),
    /// The text after `@` is no region name.
    #[error("{0:?} is no region of a fault: use lower-case letters, digits and hyphens")]
    Region(String),
}

const KINDS: &str = "status=N, delay=D, drip=D, reset, truncate, not-json, empty, huge, \
    missing=FIELD, type=FIELD, state=EXCEPTION|ABORTED|PROCESSING, category=C, rate-limit=S, \
    bad-key, redirect or foreign-url";

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Delay(_) => "delay",
            Self::Drip(_) => "drip",
            Self::Reset => "reset",
            Self::Truncate => "truncate",
            Self::NotJson => "not-json",
            Self::Empty => "empty",
            Self::Huge => "huge",
            Self::Missing(_) => "missing",
            Self::Type(_) => "type",
            Self::State(_) => "state",
            Self::Category(_) => "category",
            Self::RateLimit(_) => "rate-limit",
            Self::BadKey => "bad-key",
            Self::Redirect => "redirect",
            Self::ForeignUrl => "foreign-url",
        }
    }
}

impl Display for FaultRule {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.request, self.kind)?;
        if let Some(limit) = self.limit {
            write!(f, "*{limit}")?;
        }
        match &self.region {
            Some(region) => write!(f, "@{region}"),
            None => Ok(()),
        }
    }
}

impl Display for Aim {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::CleanUp => f.write_str("cleanup"),
            Self::All => f.write_str("all"),
            Self::Accept => f.write_str("accept"),
        }
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Status(status) => write!(f, "={status}"),
            Self::Delay(time) | Self::Drip(time) if time.subsec_millis() == 0 => {
                write!(f, "={}s", time.as_secs())
            }
            Self::Delay(time) | Self::Drip(time) => write!(f, "={}ms", time.as_millis()),
            Self::Missing(text) | Self::Type(text) | Self::Category(text) => write!(f, "={text}"),
            Self::State(state) => write!(f, "={state}"),
            Self::RateLimit(seconds) => write!(f, "={seconds}"),
            _ => Ok(()),
        }
    }
}

impl Display for State {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exception => "EXCEPTION",
            Self::Aborted => "ABORTED",
            Self::Processing => "PROCESSING",
        })
    }
}
