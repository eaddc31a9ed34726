//! What the command line may say.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::{SignedDuration, Span, SpanRelativeTo};
use model::names::TargetId;
use playground::{Dialect, FaultRule};

/// Monitors open-banking APIs by walking a whole encrypted consumer journey.
#[derive(Parser)]
#[command(name = "xs2a-monitor", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run the journey once, now.
    ///
    /// With `REPORT_FOLDER` set its report and page are kept there, and the page's path is told.
    ///
    /// Exit code:
    ///   0    passed or degraded
    ///   1    failed, or something could not be published
    ///   2    not run or not told: bad usage, configuration, secret or output
    ///   130  ended by Ctrl-C (143: by SIGTERM): what is open at the bank is closed and
    ///        the report printed, nothing is published; a second signal ends at once
    #[command(verbatim_doc_comment)]
    Run(RunOptions),
    /// Show a run's report again: its table, and the path of its page.
    ///
    /// Without FILE it is the page that `run`, `make run` or `make drill` told last, in
    /// `REPORT_FOLDER` (default .local/reports). The page of a FILE is made beside it, unless
    /// an option says what is to be written instead; one from S3 is fetched first and
    /// given as `-`.
    ///
    /// Exit code: 0 shown, whatever the run came to; 2 no report, or it cannot be read.
    #[command(verbatim_doc_comment)]
    Report(ReportOptions),
    /// Start a simulated bank on this machine; it prints one JSON line when ready and ends on SIGTERM.
    Playground(PlaygroundOptions),
    /// Check the configuration and say what it monitors. Exit code: 0 or 2.
    Validate(ConfigOption),
    /// Print what a deployment needs to know of the configuration, as JSON. Exit code: 0 or 2.
    Deployment(DeployedConfig),
    /// Run the probe once for every region against a simulated bank and a local AWS.
    ///
    /// At the end stands the aggregator's verdict on every target.
    Rehearse(RehearseOptions),
    /// Play an outage, from its first failed run to its recovery, and show what each channel gets.
    ///
    /// The minutes are simulated: nothing waits for the clock.
    ///
    /// Exit code:
    ///   0    what had to be told was told, the end too
    ///   1    not, or not everything; the reason is the last thing printed
    ///   2    bad usage or configuration
    #[command(verbatim_doc_comment)]
    Drill(DrillOptions),
    /// Hold notifications back for a while; runs go on.
    ///
    /// Like `unmute`, `ack` and `test-alert` it speaks to a deployment: to the table
    /// `STATE_TABLE` (default xs2a-monitor) in the configuration's home region, with your
    /// AWS credentials. Exit code: 0 done, 1 AWS refused, 2 bad usage or configuration.
    #[command(verbatim_doc_comment)]
    Mute(MuteOptions),
    /// Let notifications through again; what is still wrong is told.
    Unmute(UnmuteOptions),
    /// Take an incident: no more reminders and calls, its end will be told.
    Ack(AcknowledgeOptions),
    /// Send a test to every channel and print each provider's answer. Exit code: 0 when all took it, else 1.
    TestAlert(TestAlertOptions),
    /// Call a function once, with any event, against a simulated bank and a local AWS.
    ///
    /// Its answer goes to standard output, its log to standard error. The exit code is
    /// cargo-lambda's: 0 when the function answered; 2 for bad usage or configuration.
    Invoke(InvokeOptions),
}

#[derive(Args)]
pub(crate) struct ConfigOption {
    /// The configuration file; beats `MONITOR_CONFIG`. Neither: one target, Klarna's playground.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct DeployedConfig {
    /// The configuration file; beats `MONITOR_CONFIG`. Neither: infra/monitor.toml, where it is.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct RunOptions {
    /// The target's id; may be left out when the configuration has only one.
    #[arg(long, value_name = "ID")]
    pub(crate) target: Option<TargetId>,
    #[command(flatten)]
    pub(crate) config: ConfigOption,
    /// Print the report as JSON, and nothing else, on standard output.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) files: Files,
    /// Where metrics and the run result go.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) publish: Publish,
}

/// What a run is written to beside its answer.
#[derive(Args)]
pub(crate) struct Files {
    /// Write the run to this file as a page for a browser: every request, when and how.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write the run to this file as an HTTP archive (HAR 1.2), which browsers' developer tools open.
    #[arg(long, value_name = "FILE")]
    pub(crate) har: Option<PathBuf>,
    /// Write the run to this file as JUnit XML, for build servers.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// The report of a run that passed, as JSON: the page says what changed since.
    #[arg(long, value_name = "FILE")]
    pub(crate) against: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ReportOptions {
    /// The report, JSON as `run --json` prints it or S3 keeps it; `-` is standard input. None: the last run's.
    #[arg(value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) files: Files,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Publish {
    /// Nowhere; the run needs no AWS.
    #[default]
    None,
    /// To CloudWatch, and to SNS when `RUN_RESULT_TOPIC_ARN` is set, in `AWS_REGION`.
    Aws,
}

#[derive(Args)]
pub(crate) struct PlaygroundOptions {
    /// The port of the wizard's host; 0 takes a free one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) auth_port: u16,
    /// The port of the API's host; 0 takes a free one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) api_port: u16,
    /// The token that the API asks for [default: playground-token].
    #[arg(long, value_name = "T")]
    pub(crate) token: Option<String>,
    /// Which clients are served: documented or article.
    #[arg(long, value_name = "D", default_value = "documented")]
    pub(crate) dialect: Dialect,
    /// A fault to play, `REQUEST:KIND[*N]` as in `5:status=503`; may be given again, the first match wins.
    #[arg(long = "fault", value_name = "RULE")]
    pub(crate) faults: Vec<FaultRule>,
    /// Speak HTTPS under a test CA made for this start; its certificate is written to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_ca_out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct RehearseOptions {
    #[command(flatten)]
    pub(crate) config: DeployedConfig,
    /// A fault of the bank, `REQUEST:KIND[*N][@REGION]` as in `5:status=503@us-west-1`; may be given again.
    #[arg(long = "fault", value_name = "RULE")]
    pub(crate) faults: Vec<FaultRule>,
}

#[derive(Args)]
pub(crate) struct DrillOptions {
    /// The configuration file; beats `MONITOR_CONFIG`. Neither: infra/monitor.toml. Without a
    /// channel in it, those of infra/examples/drill.toml are told.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// A fault of the bank, `REQUEST:KIND[*N][@REGION]` as in `5:status=503@us-west-1`; may be given again.
    #[arg(long = "fault", value_name = "RULE", required = true)]
    pub(crate) faults: Vec<FaultRule>,
}

#[derive(Args)]
pub(crate) struct MuteOptions {
    #[command(flatten)]
    pub(crate) config: DeployedConfig,
    /// A target's id, or `all`.
    #[arg(long, value_name = "ID")]
    pub(crate) target: Subject,
    /// For how long, as in 30m, 2h or 1d.
    #[arg(long = "for", value_name = "SPAN", value_parser = span)]
    pub(crate) span: SignedDuration,
    /// Why; whoever looks will see it.
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) reason: String,
}

#[derive(Args)]
pub(crate) struct UnmuteOptions {
    #[command(flatten)]
    pub(crate) config: DeployedConfig,
    /// A target's id, or `all`.
    #[arg(long, value_name = "ID")]
    pub(crate) target: Subject,
}

#[derive(Args)]
pub(crate) struct AcknowledgeOptions {
    #[command(flatten)]
    pub(crate) config: DeployedConfig,
    /// The incident's key, as every alert tells it.
    #[arg(long, value_name = "KEY", value_parser = incident_key)]
    pub(crate) incident: String,
}

#[derive(Args)]
pub(crate) struct TestAlertOptions {
    #[command(flatten)]
    pub(crate) config: DeployedConfig,
}

/// One target or all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    All,
    Target(TargetId),
}

impl FromStr for Subject {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == TargetId::ALL {
            return Ok(Self::All);
        }
        text.parse().map(Self::Target).map_err(|_| "name a target's id, or all".to_owned())
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all targets"),
            Self::Target(id) => write!(f, "{id}"),
        }
    }
}

/// A target, what is wrong, and since when, with dots between.
fn incident_key(text: &str) -> Result<String, String> {
    if text.split('.').count() >= 3 {
        Ok(text.to_owned())
    } else {
        Err("not an incident's key such as bank.availability.20261125T1003Z; every alert tells its own".to_owned())
    }
}

/// A time that lies ahead, at most a year: silence for ever belongs into the file.
fn span(text: &str) -> Result<SignedDuration, String> {
    let span: Span = text.parse().map_err(|_| "not a time as 30m, 2h or 2d 12h".to_owned())?;
    let span = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|error| error.to_string())?;
    let longest = SignedDuration::from_hours(366 * 24);
    let valid = span.is_positive() && span <= longest;
    if valid { Ok(span) } else { Err("must be more than nothing and at most a year".to_owned()) }
}

#[derive(Args)]
pub(crate) struct InvokeOptions {
    #[command(flatten)]
    pub(crate) config: DeployedConfig,
    /// The function.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) function: Function,
    /// A file with the event, JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) event: PathBuf,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Function {
    /// Runs the journey and publishes what came of it.
    #[default]
    Probe,
    /// Brings the results of the regions together and tells people.
    Aggregator,
}

impl Function {
    /// Of its executable.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Aggregator => "aggregator",
        }
    }
}
