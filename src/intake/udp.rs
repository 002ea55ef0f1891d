//! A UDP input: one socket, read in batches. Datagrams that the kernel had no room for are counted.

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;

use mio::event::Event;
use mio::{Interest, Token};

use super::{Place, Room, Take, Tally};
use crate::net::kernel;
use crate::net::reason::reason;
use crate::net::udp::{BATCH, Headers, listen, receive};

/// An open UDP input.
#[derive(Debug)]
pub struct UdpInput {
    socket: mio::net::UdpSocket,
    token: Token,
    headers: Headers,
    /// Edge-triggered: set by an event, cleared when the socket was found empty.
    readable: bool,
    /// The kernel's count of lost datagrams when it was read last.
    drops: u32,
}

impl UdpInput {
    pub fn open(at: SocketAddr, place: &mut Place<'_>) -> io::Result<Self> {
        let mut socket = mio::net::UdpSocket::from_std(listen(at)?);
        let token = place.tokens.take();
        place
            .registry
            .register(&mut socket, token, Interest::READABLE)?;
        let drops = kernel::drops(socket.as_fd()).unwrap_or(0);
        // What came between binding and registering may have raised no edge.
        Ok(Self {
            socket,
            token,
            headers: Headers::default(),
            readable: true,
            drops,
        })
    }

    pub fn ready(&mut self, event: &Event) -> bool {
        let mine = event.token() == self.token;
        self.readable |= mine;
        mine
    }

    pub fn is_readable(&self) -> bool {
        self.readable
    }

    /// Up to eight batches; how many datagrams there were.
    pub fn read(&mut self, room: &mut Room, tally: &mut Tally, take: &mut impl Take) -> usize {
        let datagrams = room.datagrams.get_or_insert_default();
        let mut messages = 0;
        for _ in 0..BATCHES {
            let batch = receive(
                &self.socket,
                &mut self.headers,
                datagrams,
                |sender, bytes| {
                    if !take.admits(sender) {
                        tally.refused += 1;
                    } else if take.message(sender, bytes) {
                        tally.received += 1;
                    } else {
                        tally.malformed += 1;
                    }
                },
            );
            match batch {
                Ok(count) => {
                    messages += count;
                    if count < BATCH {
                        self.readable = false;
                        break;
                    }
                }
                Err(error) => {
                    // What interrupts a receiving socket otherwise is an error left by the network; it is read away.
                    self.readable = error.kind() != io::ErrorKind::WouldBlock;
                    if self.readable && error.kind() != io::ErrorKind::Interrupted {
                        tally.last_error = Some(reason(&error));
                    }
                    break;
                }
            }
        }
        messages
    }

    /// Asks the kernel what it had to drop.
    pub fn count_drops(&mut self, tally: &mut Tally) {
        if let Ok(drops) = kernel::drops(self.socket.as_fd()) {
            tally.dropped += u64::from(drops.wrapping_sub(self.drops));
            self.drops = drops;
        }
    }
}

const BATCHES: usize = 8;
