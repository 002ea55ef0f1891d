//! `show logging input`: what each input received, refused and lost.

use std::fmt;

use serde::Serialize;

use crate::config::logging::{InputAddress, InputTransport};
use crate::syslog::api::{InputStatus, Status};

/// `show logging input`.
#[derive(Debug, Serialize)]
pub struct View {
    pub inputs: Vec<InputView>,
}

#[derive(Debug, Serialize)]
pub struct InputView {
    /// `udp` or `tcp`.
    pub transport: &'static str,
    /// `any` or the address.
    pub address: String,
    pub port: u16,
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
    InputView {
        transport: match status.key.transport {
            InputTransport::Udp => "udp",
            InputTransport::Tcp => "tcp",
        },
        address: match status.key.address {
            InputAddress::Any => "any".into(),
            InputAddress::One(address) => address.to_string(),
        },
        port: status.key.port,
        listening: status.listening.is_ok(),
        reason: status.listening.as_ref().err().cloned(),
        connections: status.connections,
        received: status.received,
        malformed: status.malformed,
        dropped: status.dropped,
        refused: status.refused,
        last_error: status.last_error.clone(),
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
        write!(
            f,
            "Logging input {} address {} port {}: ",
            self.transport, self.address, self.port
        )?;
        match &self.reason {
            None if self.transport == "tcp" => {
                writeln!(f, "listening, {} connections", self.connections)?
            }
            None => writeln!(f, "listening")?,
            Some(reason) => writeln!(f, "not listening, {reason}")?,
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
