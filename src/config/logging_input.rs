//! `logging input ...`: where messages come from, as data, what its commands do, and its lines of text. What an input opens
//! and how it reads is no business of the configuration.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::logging::Logging;
use super::refusal::{Kind, Notice, Notices, Refusal};
use super::render::Lines;
use crate::command::logging as typed;

/// What an input is told apart by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InputKey {
    Port(InputPort),
    /// The path of a datagram socket.
    Unix(Arc<str>),
    /// The path of a file that is followed.
    File(Arc<str>),
    /// The host's journal.
    Journal,
}

/// A port that is listened on; 127.0.0.1 and 514 unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputPort {
    pub transport: InputTransport,
    pub address: InputAddress,
    pub port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InputTransport {
    Udp,
    Tcp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InputAddress {
    Any,
    One(IpAddr),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// Senders that are let in; everybody when empty.
    pub from: Vec<(Ipv4Addr, Ipv4Addr)>,
}

impl InputTransport {
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        }
    }
}

impl From<typed::InputTransport> for InputTransport {
    fn from(transport: typed::InputTransport) -> Self {
        match transport {
            typed::InputTransport::Udp => Self::Udp,
            typed::InputTransport::Tcp => Self::Tcp,
        }
    }
}

impl fmt::Display for InputAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::One(address) => address.fmt(f),
        }
    }
}

impl InputPort {
    const DEFAULT_ADDRESS: InputAddress = InputAddress::One(IpAddr::V4(Ipv4Addr::LOCALHOST));
    const DEFAULT_PORT: u16 = 514;

    fn typed(c: &typed::LoggingInput) -> Self {
        let address = match c.address {
            _ if c.any => InputAddress::Any,
            Some(address) => InputAddress::One(address),
            None => Self::DEFAULT_ADDRESS,
        };
        Self {
            transport: c.transport.into(),
            address,
            port: c.port.unwrap_or(Self::DEFAULT_PORT),
        }
    }

    fn line(&self, is_all: bool) -> String {
        let transport = self.transport.keyword();
        let address = if self.address == Self::DEFAULT_ADDRESS && !is_all {
            String::new()
        } else {
            format!(" address {}", self.address)
        };
        format!("logging input {transport}{address} port {}", self.port)
    }
}

/// As messages name an input: what follows `logging input`, all of it.
impl fmt::Display for InputKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(InputPort {
                transport,
                address,
                port,
            }) => write!(f, "{} address {address} port {port}", transport.keyword()),
            Self::Unix(path) => write!(f, "unix {path}"),
            Self::File(path) => write!(f, "file {path}"),
            Self::Journal => f.write_str("journal"),
        }
    }
}

fn senders(c: &typed::LoggingInput) -> Option<(Ipv4Addr, Ipv4Addr)> {
    // Kept as the network it means, so that two ways of writing it are one.
    c.from
        .zip(c.mask)
        .map(|(from, mask)| (Ipv4Addr::from(u32::from(from) & u32::from(mask)), mask))
}

pub(super) fn port(logging: &mut Logging, c: &typed::LoggingInput) -> Result<Notices, Refusal> {
    let port = InputPort::typed(c);
    let key = InputKey::Port(port);
    let input: &mut Input = Arc::make_mut(&mut logging.inputs).entry(key).or_default();
    if let Some(from) = senders(c)
        && !input.from.contains(&from)
    {
        input.from.push(from);
    }
    let open = port.address == InputAddress::Any && input.from.is_empty();
    Ok(if open {
        vec![Notice::Warning(
            "everybody who can reach this device may send to this input; `from` limits it".into(),
        )]
    } else {
        Notices::new()
    })
}

pub(super) fn no_port(logging: &mut Logging, c: &typed::LoggingInput) -> Result<Notices, Refusal> {
    let port = InputPort::typed(c);
    let key = InputKey::Port(port);
    let known = logging
        .inputs
        .get(&key)
        .ok_or_else(|| Refusal::NotDefined {
            kind: Kind::Input,
            name: format!("port {}", port.port).into(),
        })?;
    match senders(c) {
        Some(from) if !known.from.contains(&from) => {
            return Err(Refusal::NotDefined {
                kind: Kind::Sender,
                name: format!("{} {}", from.0, from.1).into(),
            });
        }
        // The last sender's line takes the input with it: without one it would let in everybody (D15).
        Some(from) if known.from.len() > 1 => {
            if let Some(input) = Arc::make_mut(&mut logging.inputs).get_mut(&key) {
                input.from.retain(|known| *known != from);
            }
        }
        _ => {
            Arc::make_mut(&mut logging.inputs).remove(&key);
        }
    }
    Ok(Notices::new())
}

/// `logging input unix PATH`.
pub(super) fn unix(path: &str) -> Result<InputKey, Refusal> {
    absolute(path).map(InputKey::Unix)
}

/// `logging input file PATH`.
pub(super) fn file(path: &str) -> Result<InputKey, Refusal> {
    absolute(path).map(InputKey::File)
}

/// A path from the root of the host, written one way: two ways of writing it are one input.
fn absolute(path: &str) -> Result<Arc<str>, Refusal> {
    let names = || path.split('/').filter(|name| !matches!(*name, "" | "."));
    if !path.starts_with('/') || names().next().is_none() || names().any(|name| name == "..") {
        return Err(Refusal::Value {
            expected: "an absolute path without `..`".into(),
        });
    }
    Ok(names()
        .flat_map(|name| ["/", name])
        .collect::<String>()
        .into())
}

pub(super) fn enter(logging: &mut Logging, key: InputKey) {
    Arc::make_mut(&mut logging.inputs).entry(key).or_default();
}

pub(super) fn remove(logging: &mut Logging, key: &InputKey) -> Result<(), Refusal> {
    if !logging.inputs.contains_key(key) {
        return Err(Refusal::NotDefined {
            kind: Kind::Input,
            name: key.to_string().into(),
        });
    }
    Arc::make_mut(&mut logging.inputs).remove(key);
    Ok(())
}

impl Logging {
    pub(super) fn input_lines(&self, out: &mut Lines) {
        for (key, input) in self.inputs.iter() {
            let InputKey::Port(port) = key else {
                out.line(0, format_args!("logging input {key}"));
                continue;
            };
            let line = port.line(out.is_all());
            if input.from.is_empty() {
                out.line(0, format_args!("{line}"));
            }
            for (from, mask) in &input.from {
                out.line(0, format_args!("{line} from {from} {mask}"));
            }
        }
    }
}
