//! A TCP input: a listener and its connections, each with its framing. A peer that breaks the rules of framing, or leaves
//! a frame unfinished for ten minutes, is closed; the others are not touched.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use mio::event::Event;
use mio::{Interest, Token};

use super::framing::{Frames, Framing};
use super::{Place, Room, Take, Tally};
use crate::net::reason::reason;
use crate::net::tcp::listen;

/// An open TCP input.
#[derive(Debug)]
pub struct TcpInput {
    listener: mio::net::TcpListener,
    token: Token,
    /// Edge-triggered, as `readable` of a connection.
    acceptable: bool,
    /// The system had no room for another connection; not before then again.
    accepts_from: Duration,
    connections: BTreeMap<Token, Connection>,
}

#[derive(Debug)]
struct Connection {
    stream: mio::net::TcpStream,
    peer: IpAddr,
    framing: Framing,
    /// Edge-triggered: set by an event, cleared when the socket was found empty.
    readable: bool,
    /// The peer has said its last; a short read does not mean that nothing more can be read.
    ends: bool,
    /// When something was read last.
    read: Duration,
}

impl TcpInput {
    pub fn open(at: SocketAddr, place: &mut Place<'_>) -> io::Result<Self> {
        let mut listener = mio::net::TcpListener::from_std(listen(at)?);
        let token = place.tokens.take();
        place
            .registry
            .register(&mut listener, token, Interest::READABLE)?;
        let (acceptable, accepts_from, connections) = (true, Duration::ZERO, BTreeMap::new());
        Ok(Self {
            listener,
            token,
            acceptable,
            accepts_from,
            connections,
        })
    }

    pub fn ready(&mut self, event: &Event) -> bool {
        if event.token() == self.token {
            self.acceptable = true;
        } else if let Some(connection) = self.connections.get_mut(&event.token()) {
            connection.readable |=
                event.is_readable() || event.is_read_closed() || event.is_error();
            connection.ends |= event.is_read_closed() || event.is_error();
        } else {
            return false;
        }
        true
    }

    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    pub fn is_readable(&self) -> bool {
        self.connections
            .values()
            .any(|connection| connection.readable)
    }

    /// Takes in who has come.
    pub fn accept(&mut self, place: &mut Place<'_>, tally: &mut Tally, take: &impl Take) {
        while self.acceptable && place.now >= self.accepts_from {
            match self.listener.accept() {
                Ok((_, peer))
                    if self.connections.len() >= CONNECTIONS || !take.admits(peer.ip()) =>
                {
                    tally.refused += 1;
                }
                Ok((mut stream, peer)) => {
                    let token = place.tokens.take();
                    if let Err(error) =
                        place
                            .registry
                            .register(&mut stream, token, Interest::READABLE)
                    {
                        tally.last_error = Some(reason(&error));
                        continue;
                    }
                    let (peer, framing) = (peer.ip().to_canonical(), Framing::default());
                    let connection = Connection {
                        stream,
                        peer,
                        framing,
                        readable: true,
                        ends: false,
                        read: place.now,
                    };
                    self.connections.insert(token, connection);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.acceptable = false,
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) => {
                    tally.last_error = Some(reason(&error));
                    self.accepts_from = place.now + PATIENCE;
                }
            }
        }
    }

    /// One read of each connection that has something to read.
    pub fn read(
        &mut self,
        room: &mut Room,
        tally: &mut Tally,
        now: Duration,
        take: &mut impl Take,
    ) {
        if self.is_readable() {
            room.stream.resize(READ, 0);
            self.connections.retain(|_, connection| {
                !connection.readable || connection.read_once(&mut room.stream, tally, now, take)
            });
        }
    }

    /// Closes peers that have left a frame unfinished for ten minutes. One that we do not read from is not to blame.
    pub fn expire(&mut self, tally: &mut Tally, now: Duration) {
        self.connections.retain(|_, connection| {
            let stays = connection.expires().is_none_or(|at| at > now);
            if !stays {
                connection.framing.cut();
                connection.note(tally, "nothing for ten minutes in the middle of a frame");
            }
            stays
        });
    }

    /// Closes peers that are not let in any more.
    pub fn review(&mut self, tally: &mut Tally, take: &impl Take) {
        self.connections.retain(|_, connection| {
            let stays = take.admits(connection.peer);
            if !stays {
                tally.refused += 1;
            }
            stays
        });
    }

    /// When `accept` or `expire` has something to do without an event.
    pub fn wakes_at(&self) -> Option<Duration> {
        let accept = self.acceptable.then_some(self.accepts_from);
        self.connections
            .values()
            .filter_map(Connection::expires)
            .chain(accept)
            .min()
    }
}

impl Connection {
    /// Whether the connection stays.
    fn read_once(
        &mut self,
        room: &mut [u8],
        tally: &mut Tally,
        now: Duration,
        take: &mut impl Take,
    ) -> bool {
        let peer = self.peer;
        let mut frames = Messages {
            take,
            peer: &peer,
            received: 0,
        };
        let mut fault = None;
        let stays = match self.stream.read(room) {
            Ok(0) => {
                self.framing.end(&mut |bytes: &[u8]| frames.frame(bytes));
                false
            }
            Ok(length) => {
                self.read = now;
                self.readable = length == room.len() || self.ends;
                let pushed = self
                    .framing
                    .push_frames(room.get(..length).unwrap_or_default(), &mut frames);
                fault = pushed.err().map(|fault| fault.to_string());
                fault.is_none()
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.readable = false;
                true
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => true,
            Err(error) => {
                self.framing.cut();
                fault = Some(reason(&error));
                false
            }
        };
        tally.received += frames.received;
        if let Some(fault) = fault {
            self.note(tally, &fault);
        }
        tally.malformed += self.framing.take_malformed();
        stays
    }

    fn expires(&self) -> Option<Duration> {
        (self.framing.is_partial() && !self.readable).then(|| self.read + UNFINISHED)
    }

    fn note(&mut self, tally: &mut Tally, fault: &str) {
        tally.malformed += self.framing.take_malformed();
        tally.last_error = Some(format!("{fault} ({})", self.peer));
    }
}

/// Takes the frames of one peer.
struct Messages<'a, T> {
    take: &'a mut T,
    peer: &'a IpAddr,
    received: u64,
}

impl<T: Take> Frames for Messages<'_, T> {
    fn frame(&mut self, bytes: &[u8]) -> bool {
        let whole = self.take.message(*self.peer, bytes);
        self.received += u64::from(whole);
        whole
    }

    fn line(&mut self, bytes: &[u8]) -> bool {
        let whole = self.take.line(self.peer, bytes);
        self.received += u64::from(whole);
        whole
    }
}

/// A peer that left before it was accepted, or an error of the network that accept(2) passes on.
fn is_of_the_peer(error: &io::Error) -> bool {
    !matches!(
        error.raw_os_error(),
        Some(
            libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM | libc::EBADF | libc::EINVAL
        ) | None
    )
}

/// C3.1.
const CONNECTIONS: usize = 256;
const UNFINISHED: Duration = Duration::from_secs(600);
/// Until the system may have room for another connection.
const PATIENCE: Duration = Duration::from_secs(1);
/// Octets of one read.
const READ: usize = 256 * 1024;
