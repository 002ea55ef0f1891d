//! The program's own arguments (docs/PROMISES.md).

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::net::only_to::OnlyTo;

/// An IOS/ASA-style shell whose running-config drives a syslog engine and a call-home engine.
#[derive(Debug, Parser)]
#[command(
    name = "watchfire",
    version,
    about,
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = false
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) form: Option<Form>,

    #[command(flatten)]
    pub(super) input: Input,

    /// The state folder: startup-config, queues, keys, history, control socket
    #[arg(long, value_name = "DIR", global = true)]
    pub(super) state: Option<PathBuf>,

    /// Ignore the startup-config of the state folder
    #[arg(long, global = true)]
    pub(super) no_startup: bool,

    /// Rehearsal: what leaves goes to these networks or nowhere
    #[arg(long, value_name = "ADDRESS/LEN[,..]", default_value = None, global = true)]
    pub(super) only_to: Option<OnlyTo>,

    /// One more place for the paths of `logging input`; repeatable
    #[arg(long, value_name = "DIR", global = true)]
    pub(super) input_root: Vec<PathBuf>,

    /// How long leaving waits for what is queued
    #[arg(long, value_name = "SECONDS", default_value_t = 5, global = true)]
    drain: u64,
}

#[derive(Debug, Subcommand)]
pub(super) enum Form {
    /// No console: engines and the other ways in, until SIGTERM
    Daemon,
    /// A console on the running daemon, through its control socket
    Attach(Input),
}

/// Where lines come from when it is not a terminal.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Input {
    /// Run the line and exit; repeatable, in order, in one Session
    #[arg(short, value_name = "LINE", allow_hyphen_values = true)]
    pub(super) command: Vec<String>,

    /// First merge the file into the running-config
    #[arg(short, value_name = "FILE")]
    pub(super) file: Vec<PathBuf>,
}

impl Arguments {
    pub(super) fn drain(&self) -> Duration {
        Duration::from_secs(self.drain)
    }

    pub(super) fn only_to(&self) -> OnlyTo {
        self.only_to.clone().unwrap_or_default()
    }
}
