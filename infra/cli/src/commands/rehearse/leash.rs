//! Processes that never outlive us.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{sleep, timeout};

use super::RehearsalError;

/// Runs a program and ends it as soon as our end of its standard input is
/// closed, which the system does however we die. `$$` is the program's own
/// process: the shell becomes it.
const LEASH: &str = r#"exec 3<&0 </dev/null; (cat <&3; kill $$) >/dev/null 2>&1 & exec 3<&- "$@""#;

/// From the request to end to the use of force.
const PATIENCE: Duration = Duration::from_secs(3);
/// Until a server listens. A cold Python takes some seconds to import.
const STARTING: Duration = Duration::from_mins(1);
/// Between two looks at a port.
const GLANCE: Duration = Duration::from_millis(20);

/// What to start.
pub(crate) struct Program<'a> {
    /// Its name for a person and for its log.
    pub(crate) name: String,
    /// The program and its arguments.
    pub(crate) command: Vec<String>,
    /// Its whole environment.
    pub(crate) environment: BTreeMap<String, String>,
    /// The folder of the logs.
    pub(crate) logs: &'a Path,
}

/// A running program. Dropping it ends it.
pub(crate) struct Leashed {
    name: String,
    log: PathBuf,
    child: Child,
    leash: Option<ChildStdin>,
}

impl Leashed {
    /// Starts a program with its output in a log file. It gets a process group
    /// of its own: Ctrl-C is for us, and we end it in order.
    pub(crate) fn start(program: Program<'_>) -> Result<Self, RehearsalError> {
        let log = program.logs.join(format!("{}.log", program.name));
        let name = program.name;
        let failed = |source| RehearsalError::NotStarted { name: name.clone(), source };
        let output = open_log(&log).map_err(failed)?;
        let errors = output.try_clone().map_err(failed)?;
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
        let leash = child.stdin.take();
        Ok(Self { name, log, child, leash })
    }

    /// Waits until the program listens on a port of loopback.
    pub(crate) async fn listens(&mut self, port: u16) -> Result<(), RehearsalError> {
        let (name, log) = (self.name.clone(), self.log.clone());
        tokio::select! {
            _ = self.child.wait() => Err(RehearsalError::Ended { name, log }),
            ready = timeout(STARTING, connects(port)) => {
                ready.map_err(|_| RehearsalError::NotReady { name, limit: STARTING, log })
            }
        }
    }

    /// Does some work that needs the program alive.
    pub(crate) async fn during<T>(
        &mut self,
        work: impl Future<Output = Result<T, RehearsalError>>,
    ) -> Result<T, RehearsalError> {
        let (name, log) = (self.name.clone(), self.log.clone());
        tokio::select! {
            _ = self.child.wait() => Err(RehearsalError::Ended { name, log }),
            result = work => result,
        }
    }

    /// Ends the program and waits for its end.
    pub(crate) async fn stop(mut self) {
        drop(self.leash.take());
        if timeout(PATIENCE, self.child.wait()).await.is_err() {
            self.child.kill().await.ok();
        }
    }
}

/// Runs a program to its end, within its own limit.
pub(crate) async fn output_of(
    name: &str,
    command: &[String],
    environment: &BTreeMap<String, String>,
) -> Result<(ExitStatus, String, String), RehearsalError> {
    let failed = |source| RehearsalError::NotStarted { name: name.to_owned(), source };
    let (program, arguments) = command.split_first().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
    let output = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(environment)
        .stdin(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .output()
        .await
        .map_err(failed)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((output.status, text(&output.stdout), text(&output.stderr)))
}

async fn connects(port: u16) {
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        sleep(GLANCE).await;
    }
}

fn open_log(path: &Path) -> io::Result<std::fs::File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new().create(true).write(true).truncate(true).open(path)
}
