//! A UDP input: one socket, and who may send to it.

use std::io;
use std::net::SocketAddr;

use mio::event::Event;

use super::datagrams::DatagramSocket;
use super::{Place, Room, Take, Tally};
use crate::net::udp::listen;

/// An open UDP input.
#[derive(Debug)]
pub struct UdpInput(DatagramSocket<mio::net::UdpSocket>);

impl UdpInput {
    pub fn open(at: SocketAddr, place: &mut Place<'_>) -> io::Result<Self> {
        let socket = mio::net::UdpSocket::from_std(listen(at)?);
        DatagramSocket::register(socket, place).map(Self)
    }

    pub fn ready(&mut self, event: &Event) -> bool {
        self.0.ready(event)
    }

    pub fn is_readable(&self) -> bool {
        self.0.is_readable()
    }

    /// A turn's share; how many datagrams there were.
    pub fn read(&mut self, room: &mut Room, tally: &mut Tally, take: &mut impl Take) -> usize {
        self.0.read(room, tally, |sender, bytes, tally| {
            if !take.admits(sender) {
                tally.refused += 1;
            } else if take.message(sender, bytes) {
                tally.received += 1;
            } else {
                tally.malformed += 1;
            }
        })
    }

    pub fn count_drops(&mut self, tally: &mut Tally) {
        self.0.count_drops(tally);
    }
}
