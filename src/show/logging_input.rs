//! `show logging input`: what each input received, refused and lost.

use std::fmt;

use serde::Serialize;

use super::clock::DeviceTime;
use crate::config::logging::InputKey;
use crate::message::zone::Zone;
use crate::syslog::api::{InputStatus, Position, Status};

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
    /// What this device said itself and did not take in again.
    pub own: u64,
    /// Read, and not to be read again after a kill although they were not delivered.
    pub unkept: u64,
    /// Of a file: octets that were read, and that there are.
    pub offset: Option<u64>,
    pub size: Option<u64>,
    /// Of the journal: when the last entry was written that was taken.
    pub read_until: Option<DeviceTime>,
    pub last_error: Option<String>,
}

pub fn view(status: &Status, zone: &Zone) -> View {
    View {
        inputs: status
            .inputs
            .iter()
            .map(|status| input(status, zone))
            .collect(),
    }
}

fn input(status: &InputStatus, zone: &Zone) -> InputView {
    let (offset, size, read_until) = match status.position {
        Some(Position::File { offset, size }) => (Some(offset), Some(size), None),
        Some(Position::Journal { at }) => (None, None, Some(DeviceTime::new(at, zone))),
        None => (None, None, None),
    };
    let view = InputView {
        offset,
        size,
        read_until,
        listening: status.listening.is_ok(),
        reason: status.listening.as_ref().err().cloned(),
        connections: status.connections,
        received: status.received,
        malformed: status.malformed,
        dropped: status.dropped,
        refused: status.refused,
        own: status.own,
        unkept: status.unkept,
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

impl InputView {
    /// In words: while it is open, and while it is not.
    fn state(&self) -> (&'static str, &'static str) {
        match self.transport {
            "file" | "journal" => ("following", "not following"),
            _ => ("listening", "not listening"),
        }
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
            Some(reason) => write!(f, ": {}, {reason}", self.state().1)?,
            None => write!(f, ": {}", self.state().0)?,
        }
        if self.transport == "tcp" && self.listening {
            write!(f, ", {} connections", self.connections)?;
        }
        if let (Some(offset), Some(size)) = (self.offset, self.size) {
            write!(f, ", {offset} of {size} bytes read")?;
        }
        if let Some(time) = &self.read_until {
            write!(f, ", read until {time}")?;
        }
        writeln!(f)?;
        let Self {
            received,
            malformed,
            dropped,
            refused,
            own,
            unkept,
            ..
        } = self;
        write!(
            f,
            "    {received} received, {malformed} malformed, {dropped} dropped, {refused} refused"
        )?;
        if *own > 0 {
            write!(f, ", {own} own left out")?;
        }
        if *unkept > 0 {
            write!(f, ", {unkept} unkept")?;
        }
        writeln!(f)?;
        match &self.last_error {
            Some(error) => writeln!(f, "    last error: {error}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    fn status(key: InputKey, position: Option<Position>) -> InputStatus {
        InputStatus {
            key,
            listening: Ok(()),
            received: 7,
            malformed: 1,
            dropped: 0,
            refused: 0,
            own: 0,
            unkept: 0,
            last_error: None,
            connections: 0,
            position,
        }
    }

    #[test]
    fn each_kind_says_what_it_is_and_how_far_it_is() {
        let position = Position::File {
            offset: 10,
            size: 12,
        };
        let file = status(InputKey::File("/var/log/app".into()), Some(position));
        let waiting = InputStatus {
            listening: Err("no such file or directory".into()),
            ..status(InputKey::File("/var/log/b".into()), None)
        };
        let at = Utc.with_ymd_and_hms(2026, 3, 1, 18, 46, 11).single();
        let at = at.expect("a time");
        let journal = InputStatus {
            own: 2,
            ..status(InputKey::Journal, Some(Position::Journal { at }))
        };
        let unix = InputStatus {
            last_error: Some("datagram over 64 KiB".into()),
            ..status(InputKey::Unix("/run/app/log".into()), None)
        };
        let view = View {
            inputs: [unix, file, waiting, journal]
                .iter()
                .map(|status| input(status, &Zone::default()))
                .collect(),
        };
        assert_eq!(
            view.to_string(),
            "\
Logging input unix /run/app/log: listening
    7 received, 1 malformed, 0 dropped, 0 refused
    last error: datagram over 64 KiB
Logging input file /var/log/app: following, 10 of 12 bytes read
    7 received, 1 malformed, 0 dropped, 0 refused
Logging input file /var/log/b: not following, no such file or directory
    7 received, 1 malformed, 0 dropped, 0 refused
Logging input journal: following, read until 18:46:11.000 UTC Sun Mar 1 2026
    7 received, 1 malformed, 0 dropped, 0 refused, 2 own left out
"
        );
        let json = serde_json::to_value(&view).expect("JSON");
        let inputs = &json["inputs"];
        assert_eq!(inputs[1]["offset"], 10);
        assert_eq!(inputs[3]["read_until"], "2026-03-01T18:46:11.000Z");
    }
}
