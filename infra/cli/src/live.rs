//! How far a run is: one line on a terminal, rewritten as it goes on and gone
//! when it ends.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use model::journey::{Request, Step, StepOutcome};
use model::names::TargetId;
use runner::Moment;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, interval};

/// The longest line: a wrapped one cannot be rewritten, and the narrowest usual terminal has 80 columns.
const WIDE: usize = 79;
/// How often the seconds go on.
const TICK: Duration = Duration::from_secs(1);

/// Shows what the run tells until it ends. Only a terminal gets the line: it
/// goes to standard error, and only if that is one.
pub(crate) async fn watched<T>(
    target: &TargetId,
    mut moments: UnboundedReceiver<Moment>,
    run: impl Future<Output = T>,
) -> T {
    if !io::stderr().is_terminal() {
        return run.await;
    }
    let started = Instant::now();
    let mut tick = interval(TICK);
    let mut standing = Standing::default();
    let mut line = Line::default();
    tokio::pin!(run);
    loop {
        tokio::select! {
            biased;
            Some(moment) = moments.recv() => standing.take(moment),
            result = &mut run => {
                line.rewrite("");
                return result;
            }
            _ = tick.tick() => {}
        }
        line.rewrite(&standing.line(target, started.elapsed()));
    }
}

/// The line as it stands on the terminal.
#[derive(Default)]
struct Line {
    wide: usize,
}

impl Line {
    /// Blanks take away what the new text does not cover: any terminal can do that.
    fn rewrite(&mut self, text: &str) {
        let (wide, before) = (text.chars().count(), self.wide);
        let (rest, back) = (before.saturating_sub(wide), if wide == 0 { "\r" } else { "" });
        let mut terminal = io::stderr().lock();
        write!(terminal, "\r{text}{:rest$}{back}", "").and_then(|()| terminal.flush()).ok();
        self.wide = wide;
    }
}

/// Where a run stands.
#[derive(Default)]
struct Standing {
    attempt: u8,
    ended: Vec<StepOutcome>,
    now: Now,
}

#[derive(Default)]
enum Now {
    #[default]
    Start,
    Step(Step, Option<Request>),
    CleanUp,
}

impl Standing {
    fn take(&mut self, moment: Moment) {
        match moment {
            Moment::AttemptBegan(attempt) => *self = Self { attempt, ..Self::default() },
            Moment::StepBegan(step) => self.now = Now::Step(step, None),
            Moment::RequestBegan(request) => self.now = Now::Step(request.step(), Some(request)),
            Moment::StepEnded(_, outcome) => self.ended.push(outcome),
            Moment::CleanUpBegan => self.now = Now::CleanUp,
        }
    }

    /// At most [`WIDE`] characters.
    fn line(&self, target: &TargetId, elapsed: Duration) -> String {
        let marks: String = self.ended.iter().map(|outcome| mark(*outcome)).collect();
        let again = if self.attempt > 1 { ", second attempt" } else { "" };
        let now = match self.now {
            Now::Start => "starting".to_owned(),
            Now::Step(step, None) => format!("{}: {}", number(step), step.title()),
            Now::Step(step, Some(request)) => format!("{}: {}", number(step), request.title()),
            Now::CleanUp => "closing the session".to_owned(),
        };
        let line = format!("{target}{again}  {marks}  {now}, {} s", elapsed.as_secs());
        line.chars().take(WIDE).collect()
    }
}

fn number(step: Step) -> String {
    format!("{} of {}", step.number(), Step::ALL.len())
}

const fn mark(outcome: StepOutcome) -> char {
    match outcome {
        StepOutcome::Passed => '✓',
        StepOutcome::Degraded => '~',
        StepOutcome::Failed => '✗',
        StepOutcome::NotRun => '·',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_what_ended_and_what_is_under_way() {
        let target = "bank".parse().unwrap();
        let mut standing = Standing::default();
        let mut then = |moment| {
            standing.take(moment);
            standing.line(&target, Duration::from_millis(2_400))
        };
        assert_eq!(then(Moment::AttemptBegan(1)), "bank    starting, 2 s");
        then(Moment::StepBegan(Step::StartSession));
        assert_eq!(then(Moment::RequestBegan(Request::StartSession)), "bank    1 of 8: start session, 2 s");
        then(Moment::StepEnded(Step::StartSession, StepOutcome::Passed));
        let line = then(Moment::StepBegan(Step::StartAccountDetailsFlow));
        assert_eq!(line, "bank  ✓  2 of 8: Start account-details flow, 2 s");
        then(Moment::StepEnded(Step::StartAccountDetailsFlow, StepOutcome::Failed));
        assert_eq!(then(Moment::CleanUpBegan), "bank  ✓✗  closing the session, 2 s");
        assert_eq!(then(Moment::AttemptBegan(2)), "bank, second attempt    starting, 2 s");
    }

    #[test]
    fn the_line_fits_into_80_columns_and_that_of_a_usual_target_whole() {
        let mut standing = Standing { attempt: 2, ended: vec![StepOutcome::Passed; 7], now: Now::Start };
        standing.take(Moment::RequestBegan(Request::GetAccountDetails));
        let line = |target: &str| standing.line(&target.parse().unwrap(), Duration::from_secs(49));
        assert!(line("klarna-playground").ends_with("get account details, 49 s"));
        assert_eq!(line(&"a".repeat(64)).chars().count(), WIDE);
    }
}
