//! An input of the configuration: open, or not and why, and then tried again. What it has counted outlives its sockets.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use mio::event::Event;

use super::tcp::TcpInput;
use super::udp::UdpInput;
use super::{Place, Room, Take, Tally};
use crate::config::logging::{InputAddress, InputKey, InputTransport};
use crate::net::backoff::{Backoff, random};
use crate::net::reason::reason;

/// One `logging input udp` or `tcp`.
#[derive(Debug)]
pub struct Input {
    key: InputKey,
    tally: Tally,
    source: Source,
    backoff: Backoff,
}

#[derive(Debug)]
enum Source {
    Udp(UdpInput),
    Tcp(TcpInput),
    Closed { reason: String, again: Duration },
}

impl Input {
    /// Opens it, or notes why it cannot be opened.
    pub fn open(key: InputKey, place: &mut Place<'_>) -> Self {
        let source = Source::Closed {
            reason: String::new(),
            again: Duration::ZERO,
        };
        let mut input = Self {
            key,
            tally: Tally::default(),
            source,
            backoff: Backoff::default(),
        };
        input.retry(place);
        input
    }

    /// Tries again to open it, when it is time.
    pub fn retry(&mut self, place: &mut Place<'_>) {
        if !matches!(&self.source, Source::Closed { again, .. } if *again <= place.now) {
            return;
        }
        self.source = open(&self.key, place).unwrap_or_else(|error| {
            let reason = reason(&error);
            self.tally.last_error = Some(reason.clone());
            Source::Closed {
                reason,
                again: place.now + self.backoff.next(random()),
            }
        });
    }

    pub fn key(&self) -> &InputKey {
        &self.key
    }

    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// `Err` says why it is not open.
    pub fn listening(&self) -> Result<(), &str> {
        match &self.source {
            Source::Closed { reason, .. } => Err(reason),
            Source::Udp(_) | Source::Tcp(_) => Ok(()),
        }
    }

    pub fn connections(&self) -> usize {
        match &self.source {
            Source::Tcp(tcp) => tcp.connections(),
            Source::Udp(_) | Source::Closed { .. } => 0,
        }
    }

    /// Its senders wait when we do not read (C5b.5).
    pub fn can_wait(&self) -> bool {
        match &self.key {
            InputKey::Port(port) => port.transport == InputTransport::Tcp,
            InputKey::Unix(_) => false,
            InputKey::File(_) | InputKey::Journal => true,
        }
    }

    /// Notes an event; whether it was one of this input's.
    pub fn ready(&mut self, event: &Event) -> bool {
        match &mut self.source {
            Source::Udp(udp) => udp.ready(event),
            Source::Tcp(tcp) => tcp.ready(event),
            Source::Closed { .. } => false,
        }
    }

    /// Something may wait to be read.
    pub fn is_readable(&self) -> bool {
        match &self.source {
            Source::Udp(udp) => udp.is_readable(),
            Source::Tcp(tcp) => tcp.is_readable(),
            Source::Closed { .. } => false,
        }
    }

    /// What is to be done besides reading: opening, accepting, closing what has expired.
    pub fn tend(&mut self, place: &mut Place<'_>, take: &impl Take) {
        self.retry(place);
        if let Source::Tcp(tcp) = &mut self.source {
            tcp.accept(place, &mut self.tally, take);
            tcp.expire(&mut self.tally, place.now);
        }
    }

    /// Reads a turn's share; how many datagrams there were.
    pub fn read(&mut self, room: &mut Room, now: Duration, take: &mut impl Take) -> usize {
        match &mut self.source {
            Source::Udp(udp) if udp.is_readable() => return udp.read(room, &mut self.tally, take),
            Source::Tcp(tcp) => tcp.read(room, &mut self.tally, now, take),
            Source::Udp(_) | Source::Closed { .. } => {}
        }
        0
    }

    /// `from` has changed: closes peers that are not let in any more.
    pub fn review(&mut self, take: &impl Take) {
        if let Source::Tcp(tcp) = &mut self.source {
            tcp.review(&mut self.tally, take);
        }
    }

    /// Brings the tally up to date with what the kernel alone knows.
    pub fn count_drops(&mut self) {
        if let Source::Udp(udp) = &mut self.source {
            udp.count_drops(&mut self.tally);
        }
    }

    /// When `tend` has something to do without an event.
    pub fn wakes_at(&self) -> Option<Duration> {
        match &self.source {
            Source::Closed { again, .. } => Some(*again),
            Source::Tcp(tcp) => tcp.wakes_at(),
            Source::Udp(_) => None,
        }
    }
}

/// `any` listens on IPv6 with IPv4 inside it, and on IPv4 alone where the system has no IPv6.
fn open(key: &InputKey, place: &mut Place<'_>) -> io::Result<Source> {
    let InputKey::Port(key) = key else {
        return Err(io::ErrorKind::Unsupported.into());
    };
    let mut at = |address: IpAddr| {
        let at = SocketAddr::new(address, key.port);
        match key.transport {
            InputTransport::Udp => UdpInput::open(at, place).map(Source::Udp),
            InputTransport::Tcp => TcpInput::open(at, place).map(Source::Tcp),
        }
    };
    match key.address {
        InputAddress::One(address) => at(address),
        InputAddress::Any => match at(Ipv6Addr::UNSPECIFIED.into()) {
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                at(Ipv4Addr::UNSPECIFIED.into())
            }
            opened => opened,
        },
    }
}

#[cfg(test)]
#[path = "input_tests.rs"]
mod tests;
