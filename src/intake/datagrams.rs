//! A socket of datagrams, whichever its family: read in batches, and what the kernel had no room for counted. What a datagram is
//! to its input is decided by whoever reads.

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd};

use mio::event::{Event, Source};
use mio::{Interest, Token};

use super::{Place, Room, Tally};
use crate::net::kernel;
use crate::net::reason::reason;
use crate::net::udp::{BATCH, Headers, receive};

/// A registered socket.
#[derive(Debug)]
pub(super) struct DatagramSocket<S> {
    socket: S,
    token: Token,
    headers: Headers,
    /// Edge-triggered: set by an event, cleared when the socket was found empty.
    readable: bool,
    /// The kernel's count of lost datagrams when it was read last.
    drops: u32,
}

impl<S: Source + AsFd + AsRawFd> DatagramSocket<S> {
    pub(super) fn register(mut socket: S, place: &mut Place<'_>) -> io::Result<Self> {
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

    pub(super) fn ready(&mut self, event: &Event) -> bool {
        let mine = event.token() == self.token;
        self.readable |= mine;
        mine
    }

    pub(super) fn is_readable(&self) -> bool {
        self.readable
    }

    /// Up to eight batches, each datagram counted by `each`; how many there were.
    pub(super) fn read(
        &mut self,
        room: &mut Room,
        tally: &mut Tally,
        mut each: impl FnMut(IpAddr, &[u8], &mut Tally),
    ) -> usize {
        let datagrams = room.datagrams.get_or_insert_default();
        let mut messages = 0;
        for _ in 0..BATCHES {
            let batch = receive(
                &self.socket,
                &mut self.headers,
                datagrams,
                |sender, bytes| each(sender, bytes, tally),
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
    pub(super) fn count_drops(&mut self, tally: &mut Tally) {
        if let Ok(drops) = kernel::drops(self.socket.as_fd()) {
            tally.dropped += u64::from(drops.wrapping_sub(self.drops));
            self.drops = drops;
        }
    }
}

const BATCHES: usize = 8;
