//! Puts the rooms together, supervises and drains; decides nothing about the product.

mod arguments;
mod attached;
mod collect;
mod console;
mod console_lines;
mod crash;
mod daemon;
mod device;
mod terminal;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::state::{self, Folder, StateFault};
use arguments::{Arguments, Form, Input};
pub use crash::keep_crashes;
use device::Device;

/// Exit statuses (C1.9).
mod status {
    /// A console that was hung up ends as one that was left (C1.9).
    pub(super) const HANGUP: u8 = 0;
    pub(super) const REFUSED: u8 = 1;
    pub(super) const ARGUMENTS: u8 = 2;
    pub(super) const STATE_FOLDER: u8 = 3;
}

/// The whole program.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            error.print().unwrap_or_default();
            return if error.use_stderr() {
                ExitCode::from(status::ARGUMENTS)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let code = match &arguments.form {
        None => with_device(&arguments, |device| console::run(device, &arguments)),
        Some(Form::Daemon) => with_device(&arguments, |device| daemon::run(device, &arguments)),
        Some(Form::Attach(input)) => attached::run(&arguments, &arguments.input.joined(input)),
    };
    ExitCode::from(code.unwrap_or_else(|fault| {
        say(&fault.text);
        fault.status
    }))
}

/// Why the program ends before it has begun.
struct Stop {
    status: u8,
    text: String,
}

impl From<StateFault> for Stop {
    fn from(fault: StateFault) -> Self {
        Self {
            status: status::STATE_FOLDER,
            text: fault.to_string(),
        }
    }
}

fn folder(arguments: &Arguments) -> Result<PathBuf, Stop> {
    Ok(match &arguments.state {
        Some(path) => path.clone(),
        None => state::default_path_here()?,
    })
}

fn with_device(arguments: &Arguments, run: impl FnOnce(&Device) -> u8) -> Result<u8, Stop> {
    let state = Folder::open(&folder(arguments)?)?;
    keep_crashes(&state).map_err(|error| Stop {
        status: status::REFUSED,
        text: format!("crashes cannot be kept: {error}"),
    })?;
    let startup = if arguments.no_startup {
        None
    } else {
        state.read_startup()?
    };
    let device = Device::start(
        state,
        startup,
        arguments.only_to(),
        arguments.input_root.clone(),
    )
    .map_err(|error| Stop {
        status: status::REFUSED,
        text: format!("the engines cannot be started: {error}"),
    })?;
    let status = run(&device);
    device.leave();
    // The end of the process ends the engines; taking them apart before it would only wake their threads.
    std::mem::forget(device);
    Ok(status)
}

impl Input {
    /// Options stand before or behind `attach`; both count.
    fn joined(&self, behind: &Self) -> Self {
        let command = self
            .command
            .iter()
            .chain(&behind.command)
            .cloned()
            .collect();
        let file = self.file.iter().chain(&behind.file).cloned().collect();
        Self { command, file }
    }

    /// Whether a person is to be asked for lines.
    fn is_interactive(&self) -> bool {
        self.command.is_empty() && std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
    }
}

/// A line on standard error; who does not listen there is told nothing.
fn say(text: &str) {
    writeln!(std::io::stderr(), "watchfire: {text}").unwrap_or_default();
}
