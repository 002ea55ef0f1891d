//! Where messages come from: the inputs of `logging input`. Bytes become whole messages here; what a message means, who may
//! send one and where it goes is decided by whoever takes them.

#[cfg(test)]
mod bench;
mod datagrams;
pub mod entry;
mod file;
#[cfg(test)]
mod file_tests;
mod follow;
pub mod framing;
pub mod grounds;
pub mod input;
mod journal;
#[cfg(test)]
mod journal_tests;
pub mod lines;
mod own;
mod pages;
mod places;
pub mod tcp;
pub mod udp;
mod unix;
#[cfg(test)]
mod unix_tests;
mod watch;

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
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
    /// The number of the last message; 0 where nobody waits until it is delivered.
    fn number(&self) -> u64 {
        0
    }
    /// As `message`, of one that comes from this host itself.
    fn local(&mut self, bytes: &[u8]) -> bool;
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
    /// What this device said itself and did not take in again (C3.2).
    pub own: u64,
    /// Read, and given up as to be read again after a kill: too much came behind them while they waited (D143).
    pub unkept: u64,
    pub last_error: Option<String>,
}

/// How far an input has read that keeps its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Octets: where reading stands, and how many there are.
    File { offset: u64, size: u64 },
    /// When the last entry was written that was taken.
    Journal { at: DateTime<Utc> },
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
