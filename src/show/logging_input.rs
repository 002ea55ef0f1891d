//! `show logging input`: what each input received, refused and lost.

use std::fmt;

use serde::Serialize;

use crate::config::logging::InputKey;
use crate::syslog::api::{InputStatus, Status};

/// `show logging input`.
#[derive(Debug, Serialize)]
pub struct View {
    pub inputs: Vec<InputView>,
}

#[derive(Debug, Default, Serialize)]
pub struct InputView {
    /// `udp`, `tcp`, `unix`, `file` or `journal`.
    pub transport: &'static str,
    /// Of a port: `any` or the address.
    pub address: Option<String>,
    pub port: Option<u16>,
    /// Of a Unix socket or a file.
    pub path: Option<String>,
    pub listening: bool,
    /// Why it is not listening.
    pub reason: Option<String>,
    /// Open TCP connections.
    pub connections: usize,
    /// Whole messages.
    pub received: u64,
    /// Broken, oversize or empty frames.
    pub malformed: u64,
    /// Lost before they could be taken.
    pub dropped: u64,
    /// From senders that are not let in.
    pub refused: u64,
    pub last_error: Option<String>,
}

pub fn view(status: &Status) -> View {
    View {
        inputs: status.inputs.iter().map(input).collect(),
    }
}

fn input(status: &InputStatus) -> InputView {
    let view = InputView {
        listening: status.listening.is_ok(),
        reason: status.listening.as_ref().err().cloned(),
        connections: status.connections,
        received: status.received,
        malformed: status.malformed,
        dropped: status.dropped,
        refused: status.refused,
        last_error: status.last_error.clone(),
        ..InputView::default()
    };
    match &status.key {
        InputKey::Port(port) => InputView {
            transport: port.transport.keyword(),
            address: Some(port.address.to_string()),
            port: Some(port.port),
            ..view
        },
        InputKey::Unix(path) => InputView {
            transport: "unix",
            path: Some(path.to_string()),
            ..view
        },
        InputKey::File(path) => InputView {
            transport: "file",
            path: Some(path.to_string()),
            ..view
        },
        InputKey::Journal => InputView {
            transport: "journal",
            ..view
        },
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.inputs.is_empty() {
            return writeln!(f, "No logging input is configured.");
        }
        self.inputs
            .iter()
            .try_for_each(|input| write!(f, "{input}"))
    }
}

impl fmt::Display for InputView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Logging input {}", self.transport)?;
        if let (Some(address), Some(port)) = (&self.address, self.port) {
            write!(f, " address {address} port {port}")?;
        }
        if let Some(path) = &self.path {
            write!(f, " {path}")?;
        }
        match &self.reason {
            None if self.transport == "tcp" => {
                writeln!(f, ": listening, {} connections", self.connections)?
            }
            None => writeln!(f, ": listening")?,
            Some(reason) => writeln!(f, ": not listening, {reason}")?,
        }
        let Self {
            received,
            malformed,
            dropped,
            refused,
            ..
        } = self;
        writeln!(
            f,
            "    {received} received, {malformed} malformed, {dropped} dropped, {refused} refused"
        )?;
        match &self.last_error {
            Some(error) => writeln!(f, "    last error: {error}"),
            None => Ok(()),
        }
    }
}
