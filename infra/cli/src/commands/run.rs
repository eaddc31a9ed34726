//! `run`: one run, now.

use std::cell::Cell;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

use model::config::{Config, Target};
use model::journey::Outcome;
use model::names::TargetId;
use model::report::RunReport;
pub(crate) use probe::minute;
use probe::{Publisher, login};
use runner::{Order, Progress, Stop};
use system::Entropy;
use tokio::task::spawn_blocking;

use crate::arguments::{Publish, RunOptions};
use crate::commands::report::remember;
use crate::error::CliError;
use crate::files::Written;
use crate::live;
use crate::screen;
use crate::signals::Ending;
use crate::surroundings::{AWS_TIMEOUT, Surroundings};

pub(crate) async fn run(options: RunOptions, surroundings: &Surroundings) -> Result<ExitCode, CliError> {
    let config = surroundings.config_for_runs(options.config.config.as_deref())?;
    let target = choose(&config, options.target.as_ref())?;
    if options.publish == Publish::Aws {
        surroundings.region("--publish aws")?;
    }
    let files = Written::prepare(&options.files, None)?;
    let mut ending = Ending::listen().map_err(CliError::Runtime)?;
    let (options, config) = (&options, &config);
    let run = Run { options, files, config, target, surroundings, stop: Stop::never(), signal: Cell::new(None) };
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
    files: Written<'a>,
    config: &'a Config,
    target: &'a Target,
    surroundings: &'a Surroundings,
    stop: Stop,
    /// The exit code of the signal that ended it early.
    signal: Cell<Option<u8>>,
}

impl Run<'_> {
    async fn work(&self) -> Result<ExitCode, CliError> {
        let (progress, moments) = Progress::told();
        let report = live::watched(&self.target.id, moments, Box::pin(self.journey(progress))).await?;
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
        // Away from the line of the progress.
        if io::stderr().is_terminal() {
            screen::tell("");
        }
        screen::complain("ending: closing the session at the bank (once more: end at once)");
    }

    async fn journey(&self, progress: Progress) -> Result<RunReport, CliError> {
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
            progress,
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

    /// Writes the files that the options ask for.
    fn write(&self, report: &RunReport) -> Result<(), CliError> {
        let kept = self.surroundings.environment.report_folder.as_deref();
        let page = kept.map(|folder| probe::report_file::page(Path::new(folder), report));
        self.files.write(report, page.as_deref().and_then(Path::parent))
    }

    /// Writes the full report where `REPORT_FOLDER` says, and tells where its page is.
    fn keep(&self, report: &RunReport) -> Result<(), CliError> {
        let Some(folder) = self.surroundings.environment.report_folder.as_ref() else { return Ok(()) };
        let page = probe::report_file::write(folder, report).map_err(CliError::Kept)?;
        remember(Path::new(folder), &page);
        screen::tell(&format!("Page  {}", page.display()));
        Ok(())
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
