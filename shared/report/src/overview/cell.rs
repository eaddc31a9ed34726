//! One run as the history keeps it: a short text, because the history is paid
//! by its bytes.
//!
//! ```text
//! p843,12,20,80,90,30,50,20,60
//! fq1200,12,20,,415;http_status:4:5 s3://reports-1/reports/a-bank/us-east-1/20261125T100000Z.html
//! │││    │          │           │ │ └ where its report is
//! │││    │          │           │ └ the request that failed, 0: none
//! │││    │          │           └ the step that failed, 0: none
//! │││    │          └ error.type
//! │││    └ the steps' times, empty: it did not run
//! ││└ the run's time, all times in milliseconds
//! │└ nobody was to be told
//! └ how it counts
//! ```

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use model::error::{ErrorType, RunError, ToldAs};
use model::journey::{Outcome, Request, Step};
use model::names::ReportUri;
use model::report::Milliseconds;
use model::run_result::RunResult;

/// How a run counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It passed at once.
    Passed,
    /// Its second attempt passed.
    Recovered,
    /// It failed through the monitor's own fault: it says nothing about the target.
    MonitorError,
    /// It worked, with a fault.
    Degraded,
    /// It failed.
    Failed,
}

/// A run, as the overview knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// How it counts.
    pub kind: Kind,
    /// Whether the target was muted or in maintenance: availability leaves it out.
    pub quiet: bool,
    /// The run's time in milliseconds, all attempts and clean-up.
    pub duration: u32,
    /// The steps' times in milliseconds, in their order; none: it did not run.
    pub steps: [Option<u32>; 8],
    /// What decided, when it did not pass.
    pub cause: Option<Cause>,
    /// Where its report is.
    pub report: Option<ReportUri>,
}

/// Why a run did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// `error.type`.
    pub error_type: ErrorType,
    /// The step it happened in.
    pub step: Option<Step>,
    /// The request it happened in.
    pub request: Option<Request>,
}

/// A text that is not a run of the history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a run of the history")]
pub struct UnreadableCell(String);

impl Cell {
    /// What is kept of a run.
    #[must_use]
    pub fn of(result: &RunResult, quiet: bool) -> Self {
        let kind = match (result.told_as, result.outcome) {
            (Some(ToldAs::MonitorError), _) => Kind::MonitorError,
            (_, Outcome::Passed) if result.recovered => Kind::Recovered,
            (_, Outcome::Passed) => Kind::Passed,
            (_, Outcome::Degraded) => Kind::Degraded,
            (_, Outcome::Failed) => Kind::Failed,
        };
        let time = |step: Step| result.steps.iter().find(|ran| ran.name == step);
        Self {
            kind,
            quiet,
            duration: whole(result.duration_ms),
            steps: Step::ALL.map(|step| time(step).map(|ran| whole(ran.duration_ms))),
            cause: result.error.as_ref().map(Cause::from),
            report: result.report.clone(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (numbers, report) = match text.split_once(' ') {
            Some((before, uri)) => (before, Some(uri.parse().ok()?)),
            None => (text, None),
        };
        let (numbers, cause) = match numbers.split_once(';') {
            Some((before, cause)) => (before, Some(Cause::parse(cause)?)),
            None => (numbers, None),
        };
        let mut letters = numbers.chars();
        let kind = Kind::from_letter(letters.next()?)?;
        let rest = letters.as_str();
        let (quiet, rest) = rest.strip_prefix('q').map_or((false, rest), |rest| (true, rest));
        let mut times = rest.split(',');
        let duration = number(times.next()?)?;
        let mut steps = [None; 8];
        for step in &mut steps {
            *step = match times.next() {
                None | Some("") => None,
                Some(time) => Some(number(time)?),
            };
        }
        let complete = times.next().is_none();
        complete.then_some(Self { kind, quiet, duration, steps, cause, report })
    }
}

impl Kind {
    /// The kinds, the best first.
    pub(super) const ALL: [Self; 5] = [Self::Passed, Self::Recovered, Self::MonitorError, Self::Degraded, Self::Failed];

    /// Whether a reader wants to know more about such a run.
    pub(super) const fn is_bad(self) -> bool {
        matches!(self, Self::MonitorError | Self::Degraded | Self::Failed)
    }

    const fn letter(self) -> char {
        match self {
            Self::Passed => 'p',
            Self::Recovered => 'r',
            Self::MonitorError => 'm',
            Self::Degraded => 'd',
            Self::Failed => 'f',
        }
    }

    fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.letter() == letter)
    }
}

impl From<&RunError> for Cause {
    fn from(error: &RunError) -> Self {
        let request = error.request.and_then(Request::from_number);
        Self { error_type: error.failure.error_type, step: error.step, request }
    }
}

impl Cause {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let error_type = serde_json::from_value(parts.next()?.into()).ok()?;
        let (step, request) = (number(parts.next()?)?, number(parts.next()?)?);
        let step = match step {
            0 => None,
            number => Some(Step::ALL.into_iter().find(|step| u32::from(step.number()) == number)?),
        };
        let request = match request {
            0 => None,
            number => Some(Request::from_number(u8::try_from(number).ok()?)?),
        };
        parts.next().is_none().then_some(Self { error_type, step, request })
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.kind.letter(), if self.quiet { "q" } else { "" }, self.duration)?;
        let ran = self.steps.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        for step in self.steps.iter().take(ran) {
            match step {
                Some(time) => write!(f, ",{time}")?,
                None => f.write_str(",")?,
            }
        }
        if let Some(cause) = &self.cause {
            let (step, request) = (cause.step.map_or(0, Step::number), cause.request.map_or(0, Request::number));
            write!(f, ";{}:{step}:{request}", cause.error_type.name())?;
        }
        match &self.report {
            Some(uri) => write!(f, " {uri}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Cell {
    type Err = UnreadableCell;
    fn from_str(text: &str) -> Result<Self, UnreadableCell> {
        Self::parse(text).ok_or_else(|| UnreadableCell(text.to_owned()))
    }
}

/// Digits only: `parse` alone would take a sign.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Whole milliseconds; a time that no run can have becomes the longest or none.
fn whole(time: Milliseconds) -> u32 {
    let rounded = (time.get() / 1e3).max(0.0);
    Duration::try_from_secs_f64(rounded).map_or(u32::MAX, |time| {
        let millis = time.saturating_add(Duration::from_micros(500)).as_millis();
        u32::try_from(millis).unwrap_or(u32::MAX)
    })
}
