//! `run`: one run, now.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use model::config::{Config, Target};
use model::journey::Outcome;
use model::names::TargetId;
use model::report::RunReport;
pub(crate) use probe::minute;
use probe::{Publisher, login};
use runner::{Order, Stop};
use system::Entropy;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, interval_at};

use crate::arguments::{Publish, RunOptions};
use crate::error::CliError;
use crate::screen;
use crate::signals::Ending;
use crate::surroundings::{AWS_TIMEOUT, Surroundings};

/// A person starts to wonder after this long.
const QUIET: Duration = Duration::from_secs(2);

pub(crate) async fn run(options: RunOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let config = surroundings.config_for_runs(options.config.config.as_deref())?;
    let target = choose(&config, options.target.as_ref())?;
    if options.publish == Publish::Aws {
        surroundings.region("--publish aws")?;
    }
    let mut ending = Ending::listen().map_err(CliError::Runtime)?;
    let run =
        Run { options: &options, config: &config, target, surroundings, stop: Stop::never(), signal: Cell::new(None) };
    let mut work = Box::pin(run.work());
    tokio::select! {
        done = &mut work => return done,
        code = ending.signalled() => run.end_early(code),
    }
    // At the second signal the person has waited enough.
    tokio::select! {
        done = work => done,
        code = ending.signalled() => Ok(ExitCode::from(code)),
    }
}

/// One run, its report and its publication.
struct Run<'a> {
    options: &'a RunOptions,
    config: &'a Config,
    target: &'a Target,
    surroundings: &'a Surroundings,
    stop: Stop,
    /// The exit code of the signal that ended it early.
    signal: Cell<Option<u8>>,
}

impl Run<'_> {
    async fn work(&self) -> Result<ExitCode, CliError> {
        let report = with_progress(self.target, Box::pin(self.journey())).await?;
        // First, so that a reader that does not read keeps no file back.
        let written = self.write(&report);
        let shown = self.show(&report).await;
        let kept = self.keep(&report);
        // Whoever waits for the metrics does not care whether the report could be shown.
        let wanted = self.signal.get().is_none() && self.options.publish == Publish::Aws;
        let published = if wanted { self.publish(&report).await } else { Ok(()) };
        shown.and(written).and(kept).and(published)?;
        Ok(match (self.signal.get(), report.outcome) {
            (Some(code), _) => ExitCode::from(code),
            (None, Outcome::Passed | Outcome::Degraded) => ExitCode::SUCCESS,
            (None, Outcome::Failed) => ExitCode::FAILURE,
        })
    }

    fn end_early(&self, code: u8) {
        self.signal.set(Some(code));
        self.stop.now();
        screen::complain("ending: closing the session at the bank (once more: end at once)");
    }

    async fn journey(&self) -> Result<RunReport, CliError> {
        let http = self.surroundings.http()?;
        // AWS is asked only for what the environment does not hold.
        let login = login(self.target, async |parameter| {
            let clients = self.surroundings.aws("a token or password in SSM").await?;
            clients.secure_string(parameter).await.map_err(CliError::Secret)
        });
        let login = login.await?;
        let mut entropy = Entropy::from_system()?;
        let now = system::now();
        let timeouts = self.config.timeouts;
        let order = Order {
            run_id: entropy.new_run_id(),
            region: self.surroundings.environment.region.clone(),
            scheduled_at: minute(now),
            started_at: now,
            budget: timeouts.run.saturating_sub(timeouts.publish),
            timeouts,
            stop: self.stop.clone(),
        };
        Ok(xs2a::run(&http, self.target, &login, order, &mut entropy).await)
    }

    /// On a thread of its own: a reader that does not read must not keep signals from being heard.
    async fn show(&self, report: &RunReport) -> Result<(), CliError> {
        let text = if self.options.json {
            serde_json::to_string_pretty(report).map_err(CliError::Json)? + "\n"
        } else {
            report::render(report, &screen::style(self.surroundings))
        };
        spawn_blocking(move || screen::answer(&text)).await.map_err(|lost| CliError::Output(lost.into()))?
    }

    /// Writes the files that the options ask for: all that can be written, whatever becomes of the others.
    fn write(&self, report: &RunReport) -> Result<(), CliError> {
        let write = |option, path: &Option<PathBuf>, render: fn(&RunReport) -> String| {
            let Some(path) = path else { return Ok(()) };
            let refused = |reason| CliError::File { option, path: path.clone(), reason };
            system::write_file(path, render(report).as_bytes()).map_err(refused)
        };
        let har = write("--har", &self.options.har, |report| format!("{:#}\n", report::har(report)));
        let junit = write("--junit", &self.options.junit, report::junit);
        har.and(junit)
    }

    /// Writes the full report where `REPORT_FOLDER` says.
    fn keep(&self, report: &RunReport) -> Result<(), CliError> {
        let folder = self.surroundings.environment.report_folder.as_ref();
        let fault = folder.and_then(|folder| probe::report_file::write(folder, report));
        fault.map_or(Ok(()), |fault| Err(CliError::Publish(vec![fault])))
    }

    async fn publish(&self, report: &RunReport) -> Result<(), CliError> {
        let publisher = Publisher {
            aws: self.surroundings.aws("--publish aws").await?,
            topic_arn: self.surroundings.environment.run_result_topic_arn.clone(),
            is_home_region: report.region.as_ref() == Some(&self.config.home_region),
            limit: AWS_TIMEOUT,
        };
        let faults = publisher.publish(report, self.target.metrics).await;
        if faults.is_empty() { Ok(()) } else { Err(CliError::Publish(faults)) }
    }
}

fn choose<'a>(config: &'a Config, id: Option<&TargetId>) -> Result<&'a Target, CliError> {
    match (id, config.targets.as_slice()) {
        (Some(id), _) => config.target(id).map_err(CliError::UnknownTarget),
        (None, [only]) => Ok(only),
        (None, targets) => {
            let ids: Vec<&str> = targets.iter().map(|target| target.id.as_str()).collect();
            Err(CliError::WhichTarget(ids.join(", ")))
        }
    }
}

/// Shows on a terminal that the work goes on once it takes longer.
async fn with_progress<T>(target: &Target, work: impl Future<Output = T>) -> T {
    if !io::stderr().is_terminal() {
        return work.await;
    }
    let started = Instant::now();
    let mut tick = interval_at(started + QUIET, Duration::from_secs(1));
    let mut shown = 0;
    tokio::pin!(work);
    loop {
        tokio::select! {
            result = &mut work => {
                show(&format!("\r{:shown$}\r", ""));
                return result;
            }
            _ = tick.tick() => {
                let line = format!("\rrunning {} for {} s", target.id, started.elapsed().as_secs());
                shown = line.len();
                show(&line);
            }
        }
    }
}

fn show(text: &str) {
    let mut terminal = io::stderr().lock();
    terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush()).ok();
}
