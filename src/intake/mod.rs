//! Where messages come from: the UDP and TCP inputs of `logging input`. Bytes become whole messages here; what a message
//! means, who may send one and where it goes is decided by whoever takes them.

pub mod framing;
pub mod grounds;
pub mod input;
pub mod tcp;
pub mod udp;

use std::net::IpAddr;
use std::time::Duration;

use mio::{Registry, Token};

use crate::net::udp::Datagrams;
use grounds::Grounds;

/// Takes what inputs have received.
pub trait Take {
    /// Whether this input lets a sender in.
    fn admits(&self, sender: IpAddr) -> bool;
    /// One frame or datagram of a sender; whether there was a message in it.
    fn message(&mut self, sender: IpAddr, bytes: &[u8]) -> bool;
    /// As `message`, of bytes that are known to hold neither line feed nor carriage return, except at their end.
    fn line(&mut self, sender: &IpAddr, bytes: &[u8]) -> bool {
        self.message(*sender, bytes)
    }
}

/// What one input has seen, since it was configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Whole messages.
    pub received: u64,
    /// Broken, oversize or empty frames and datagrams.
    pub malformed: u64,
    /// Lost in the kernel before we could take them.
    pub dropped: u64,
    /// From senders that are not let in, or beyond the most connections.
    pub refused: u64,
    pub last_error: Option<String>,
}

/// Where sockets are registered, and what time it is.
#[derive(Debug)]
pub struct Place<'a> {
    pub registry: &'a Registry,
    pub tokens: &'a mut Tokens,
    pub grounds: &'a Grounds,
    /// Since the start of the process.
    pub now: Duration,
}

/// Tokens of one poll; none is given out twice, so an event of a closed socket meets nobody.
#[derive(Debug)]
pub struct Tokens(usize);

impl Tokens {
    /// The first one is given out by `take`.
    pub const fn from(first: usize) -> Self {
        Self(first)
    }

    pub fn take(&mut self) -> Token {
        self.0 += 1;
        Token(self.0 - 1)
    }
}

/// The buffers that all inputs of a plane read into; they cost nothing before the first read.
#[derive(Default)]
pub struct Room {
    datagrams: Option<Datagrams>,
    stream: Vec<u8>,
}
