//! What the command line may say.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
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
    /// Run the journey once, now. Exit code: 0 passed or degraded, 1 failed, 2 bad usage or configuration.
    Run(RunOptions),
    /// Start a simulated bank on this machine; it prints one JSON line when ready and ends on SIGTERM.
    Playground(PlaygroundOptions),
    /// Check the configuration and say what it monitors. Exit code: 0 or 2.
    Validate(ConfigOption),
    /// Run the probe once for every region against a simulated bank and a local AWS.
    Rehearse(RehearseOptions),
}

#[derive(Args)]
pub(crate) struct ConfigOption {
    /// The configuration file; beats `MONITOR_CONFIG`. Neither: one target, Klarna's playground.
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
    /// Where metrics and the run result go.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) publish: Publish,
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
    pub(crate) config: ConfigOption,
    /// A fault of the bank, `REQUEST:KIND[*N][@REGION]` as in `5:status=503@us-west-1`; may be given again.
    #[arg(long = "fault", value_name = "RULE")]
    pub(crate) faults: Vec<FaultRule>,
}
