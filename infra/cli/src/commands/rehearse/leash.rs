//! Processes that never outlive us.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{sleep, timeout};

use super::{RehearsalError, sockets};

/// Runs a program and ends it, and what it started, as soon as our end of its
/// standard input is closed, which the system does however we die. The shell
/// becomes the program, in a process group of its own.
const LEASH: &str = r#"exec 3<&0 </dev/null; (cat <&3; kill 0) >/dev/null 2>&1 & exec 3<&- "$@""#;

/// From the request to end to the use of force.
const PATIENCE: Duration = Duration::from_secs(3);
/// Until a server is ready. A cold Python takes some seconds to import.
const STARTING: Duration = Duration::from_mins(1);
/// Between two looks at a port.
const GLANCE: Duration = Duration::from_millis(20);

/// What to start.
pub(crate) struct Program {
    /// Its name for a person and for its log.
    pub(crate) name: String,
    /// The program and its arguments.
    pub(crate) command: Vec<String>,
    /// Its whole environment.
    pub(crate) environment: BTreeMap<String, String>,
    /// The folder of the logs.
    pub(crate) logs: PathBuf,
    /// Where its standard output goes.
    pub(crate) output: Output,
}

/// Standard error goes to the log, always.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// To the log too.
    Log,
    /// To us.
    Ours,
}

/// A running program. Dropping it ends it.
pub(crate) struct Leashed {
    name: String,
    log: PathBuf,
    child: Child,
    /// Kept open when it was read from: a program may stumble over a closed one.
    output: Option<BufReader<ChildStdout>>,
    leash: Option<ChildStdin>,
}

/// What is left of a program.
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    /// Its standard output.
    pub(crate) output: String,
    /// What it wrote to its log.
    pub(crate) log: String,
}

impl Leashed {
    /// Starts a program. Ctrl-C does not reach it: that is for us, and we end it in order.
    pub(crate) fn start(program: Program) -> Result<Self, RehearsalError> {
        let name = program.name;
        let log = program.logs.join(format!("{name}.log"));
        let failed = |source| RehearsalError::NotStarted { name: name.clone(), source };
        let errors = open_log(&log).map_err(failed)?;
        let output = match program.output {
            Output::Log => Stdio::from(errors.try_clone().map_err(failed)?),
            Output::Ours => Stdio::piped(),
        };
        let mut child = Command::new("/bin/sh")
            .args(["-c", LEASH, "sh"])
            .args(program.command)
            .env_clear()
            .envs(program.environment)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let (leash, output) = (child.stdin.take(), child.stdout.take().map(BufReader::new));
        Ok(Self { name, log, child, output, leash })
    }

    /// Waits for the line that the program writes when it is ready.
    pub(crate) async fn announcement(&mut self) -> Result<String, RehearsalError> {
        let mut line = String::new();
        let read = async {
            match &mut self.output {
                Some(output) => output.read_line(&mut line).await,
                None => Ok(0),
            }
        };
        match timeout(STARTING, read).await {
            Ok(Ok(1..)) => Ok(line),
            Ok(_) => Err(self.ended()),
            Err(_elapsed) => Err(self.not_ready()),
        }
    }

    /// Waits until the program itself listens on a port of loopback.
    pub(crate) async fn listens(&mut self, port: u16) -> Result<(), RehearsalError> {
        let listening = async {
            while !self.child.id().is_some_and(|process| sockets::listens(process, port)) {
                if self.child.try_wait().is_ok_and(|status| status.is_some()) {
                    return false;
                }
                sleep(GLANCE).await;
            }
            true
        };
        match timeout(STARTING, listening).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.ended()),
            Err(_elapsed) => Err(self.not_ready()),
        }
    }

    /// Does some work that needs the program alive.
    pub(crate) async fn during<T>(
        &mut self,
        work: impl Future<Output = Result<T, RehearsalError>>,
    ) -> Result<T, RehearsalError> {
        tokio::select! {
            result = work => result,
            _ = self.child.wait() => Err(self.ended()),
        }
    }

    /// Waits for the program's own end, within the limit.
    pub(crate) async fn finish(mut self, limit: Duration) -> Result<Finished, RehearsalError> {
        let mut output = Vec::new();
        let end = async {
            if let Some(ours) = &mut self.output {
                ours.read_to_end(&mut output).await?;
            }
            self.child.wait().await
        };
        let status = match timeout(limit, end).await {
            Ok(Ok(status)) => status,
            Ok(Err(source)) => return Err(RehearsalError::NotStarted { name: self.name, source }),
            Err(_elapsed) => return Err(RehearsalError::TooSlow { name: self.name, limit, log: self.log }),
        };
        Ok(Finished { status, output: String::from_utf8_lossy(&output).into_owned(), log: text_of(&self.log) })
    }

    /// Ends the program, waits for its end and answers what it wrote to its log.
    pub(crate) async fn stop(mut self) -> String {
        drop(self.leash.take());
        if timeout(PATIENCE, self.child.wait()).await.is_err() {
            self.child.kill().await.ok();
        }
        text_of(&self.log)
    }

    fn ended(&self) -> RehearsalError {
        RehearsalError::Ended { name: self.name.clone(), log: self.log.clone() }
    }

    fn not_ready(&self) -> RehearsalError {
        RehearsalError::NotReady { name: self.name.clone(), limit: STARTING, log: self.log.clone() }
    }
}

#[expect(clippy::disallowed_methods, reason = "a child takes its log as an open file")]
fn open_log(path: &Path) -> io::Result<std::fs::File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Appended to: two streams share it, and what was there goes.
    std::fs::File::create(path)?;
    std::fs::OpenOptions::new().append(true).open(path)
}

/// A log is for a person: one that cannot be read is told in its place.
fn text_of(log: &Path) -> String {
    system::read_text(log).unwrap_or_else(|error| error.to_string())
}
