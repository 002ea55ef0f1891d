//! The socket of one remote session: writes what the core has for it, notices when the peer is gone. Established by
//! control; why a link was lost is said here, when to try again is not decided here.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use mio::event::{Event, Source};
use mio::{Interest, Token};

use super::core::Core;
use super::orders::Socket;
use crate::intake::Place;
use crate::net::kernel;
use crate::net::reason::reason;
use crate::net::udp;

/// An established link.
#[derive(Debug)]
pub struct Link {
    socket: Open,
    token: Token,
    pub peer: SocketAddr,
    /// Which attempt of control's it came from.
    pub attempt: u64,
    since: Duration,
    /// Edge-triggered: cleared when the kernel would take no more.
    writable: bool,
    readable: bool,
    /// Octets written since the peer's acknowledgements were read last.
    unasked: usize,
}

#[derive(Debug)]
enum Open {
    Udp(mio::net::UdpSocket),
    Tcp(mio::net::TcpStream),
}

/// How a write ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Written {
    /// Nothing is left, or the kernel takes no more before the next event.
    Enough,
    /// More could be written, but others have their turn first.
    More,
    Lost(String),
}

impl Link {
    pub fn new(
        socket: Socket,
        peer: SocketAddr,
        attempt: u64,
        place: &mut Place<'_>,
    ) -> io::Result<Self> {
        let token = place.tokens.take();
        let both = Interest::READABLE | Interest::WRITABLE;
        let register = |source: &mut dyn Source| source.register(place.registry, token, both);
        let socket = match socket {
            Socket::Udp(socket) => {
                let mut socket = mio::net::UdpSocket::from_std(socket);
                register(&mut socket)?;
                Open::Udp(socket)
            }
            Socket::Tcp(stream) => {
                let mut stream = mio::net::TcpStream::from_std(stream);
                register(&mut stream)?;
                Open::Tcp(stream)
            }
        };
        // What happened before the registration may raise no edge.
        let (writable, readable) = (true, true);
        Ok(Self {
            socket,
            token,
            peer,
            attempt,
            since: place.now,
            writable,
            readable,
            unasked: 0,
        })
    }

    pub fn token(&self) -> Token {
        self.token
    }

    /// Our own address on it.
    pub fn source(&self) -> Option<SocketAddr> {
        match &self.socket {
            Open::Udp(socket) => socket.local_addr(),
            Open::Tcp(stream) => stream.local_addr(),
        }
        .ok()
    }

    /// What was written can be known to have arrived.
    pub fn acknowledges(&self) -> bool {
        matches!(self.socket, Open::Tcp(_))
    }

    /// Octets that the peer's host has acknowledged.
    pub fn acknowledged(&self) -> Option<u64> {
        self.acknowledges()
            .then(|| kernel::acknowledged(self.descriptor()).ok())
            .flatten()
    }

    /// It has carried something to the peer, or has lasted for a while.
    pub fn is_proven(&self, now: Duration) -> bool {
        now.saturating_sub(self.since) >= LASTED
            || self.acknowledged().is_some_and(|octets| octets > 0)
    }

    /// Notes an event; whether there is something to write into now.
    pub fn ready(&mut self, event: &Event) -> bool {
        self.readable |= event.is_readable() || event.is_read_closed() || event.is_error();
        self.writable |= event.is_writable();
        event.is_writable()
    }

    /// Reads away what a receiver says, which nobody wants to know; the reason when the link is gone.
    pub fn check(&mut self) -> Option<String> {
        let mut words = [0; 4096];
        for _ in 0..READS {
            if !std::mem::take(&mut self.readable) {
                break;
            }
            let read = match &mut self.socket {
                // A datagram socket without a listener behind it reports that here; it may have one later.
                Open::Udp(socket) => socket.recv(&mut words).map(|length| length.max(1)),
                Open::Tcp(stream) => stream.read(&mut words),
            };
            match read {
                Ok(0) => return Some("connection closed by peer".to_owned()),
                Ok(_) => self.readable = true,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => self.readable = true,
                Err(error) if self.is_of_one_datagram(&error) => self.readable = true,
                Err(error) => return Some(reason(&error)),
            }
        }
        None
    }

    /// A talkative receiver has more to say, and nothing will tell of it again.
    pub fn is_readable(&self) -> bool {
        self.readable
    }

    /// Writes what the core has for this session, as far as the kernel takes it; how much that was, and how it ended.
    pub fn write(&mut self, core: &mut Core, session: usize) -> (usize, Written) {
        let mut written = 0;
        while self.writable && written < SHARE {
            let sent = match &mut self.socket {
                Open::Udp(socket) => match send(socket, core, session) {
                    Ok(None) => break,
                    Ok(Some(octets)) => Ok(octets),
                    Err(error) => Err(error),
                },
                Open::Tcp(stream) => {
                    let bytes = core.bytes(session);
                    let piece = bytes.get(..PIECE).unwrap_or(bytes);
                    if piece.is_empty() {
                        break;
                    }
                    stream
                        .write(piece)
                        .inspect(|octets| core.advance(session, *octets))
                }
            };
            match sent {
                Ok(octets) => written += octets,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.writable = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if self.is_of_one_datagram(&error) => {}
                Err(error) => return (written, Written::Lost(reason(&error))),
            }
        }
        self.unasked += written;
        if self.unasked >= UNASKED {
            self.unasked = 0;
            if let Some(octets) = self.acknowledged() {
                core.acknowledged(session, octets);
            }
        }
        (
            written,
            if self.writable && written >= SHARE {
                Written::More
            } else {
                Written::Enough
            },
        )
    }

    /// An error that the network left on a datagram socket for something sent before: nobody listened there just then.
    fn is_of_one_datagram(&self, error: &io::Error) -> bool {
        matches!(self.socket, Open::Udp(_)) && error.kind() == io::ErrorKind::ConnectionRefused
    }

    fn descriptor(&self) -> BorrowedFd<'_> {
        match &self.socket {
            Open::Udp(socket) => socket.as_fd(),
            Open::Tcp(stream) => stream.as_fd(),
        }
    }
}

/// One batch of datagrams; `None` when there was none to send.
fn send(
    socket: &mio::net::UdpSocket,
    core: &mut Core,
    session: usize,
) -> io::Result<Option<usize>> {
    let mut datagrams = core.datagrams(session).peekable();
    if datagrams.peek().is_none() {
        return Ok(None);
    }
    let count = udp::send(socket, datagrams)?;
    let octets = core.datagrams(session).take(count).map(<[u8]>::len).sum();
    core.advance_datagrams(session, count);
    Ok(Some(octets))
}

/// Octets of one write: a wire that has just grown full is written whole.
const PIECE: usize = 256 * 1024;
/// Octets after which the peer's acknowledgements are asked for.
const UNASKED: usize = 128 * 1024;
/// Octets of one session in one turn.
const SHARE: usize = 1024 * 1024;
/// Reads of one session in one turn.
const READS: usize = 16;
/// A link that was up for so long was not refused in disguise.
const LASTED: Duration = Duration::from_secs(5);
