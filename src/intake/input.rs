//! An input of the configuration: open, or not and why, and then tried again. What it has counted outlives its sockets.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use mio::event::Event;

use super::file::FileInput;
use super::grounds::Grounds;
use super::journal::JournalInput;
use super::pages::JOURNAL;
use super::tcp::TcpInput;
use super::udp::UdpInput;
use super::unix::UnixInput;
use super::{Place, Position, Room, Take, Tally};
use crate::config::logging::{InputAddress, InputKey, InputTransport};
use crate::message::{Own, Severity};
use crate::net::backoff::{Backoff, random};
use crate::net::reason::reason;

/// One `logging input`.
#[derive(Debug)]
pub struct Input {
    key: InputKey,
    tally: Tally,
    source: Source,
    backoff: Backoff,
    /// When it was opened last.
    opened: Duration,
    /// It was said that it is not open, and not yet that it is again.
    is_said_closed: bool,
    /// When either was said last; one that opens and fails in turns says so once a minute.
    said_at: Option<Duration>,
    said: Option<Own>,
}

#[derive(Debug)]
enum Source {
    Udp(UdpInput),
    Tcp(TcpInput),
    Unix(UnixInput),
    File(FileInput),
    Journal(JournalInput),
    Closed { reason: String, again: Duration },
}

impl Input {
    /// Opens it, or notes why it cannot be opened.
    pub fn open(key: InputKey, place: &mut Place<'_>, take: &mut impl Take) -> Self {
        let source = Source::Closed {
            reason: String::new(),
            again: Duration::ZERO,
        };
        let mut input = Self {
            key,
            tally: Tally::default(),
            source,
            backoff: Backoff::default(),
            opened: Duration::ZERO,
            is_said_closed: false,
            said_at: None,
            said: None,
        };
        input.retry(place, take);
        if let Source::File(file) = &input.source
            && let Err(why) = file.listening()
        {
            let why = why.to_owned();
            input.say_failed(&why, place.now);
        }
        input
    }

    /// Tries again to open it, when it is time.
    pub fn retry(&mut self, place: &mut Place<'_>, take: &mut impl Take) {
        if !matches!(&self.source, Source::Closed { again, .. } if *again <= place.now) {
            return;
        }
        match open(&self.key, place, &mut self.tally, take) {
            Ok(source) => {
                (self.source, self.opened) = (source, place.now);
            }
            Err(error) => self.close(&error, place.now),
        }
    }

    /// It cannot be open any more, or still not.
    fn close(&mut self, error: &io::Error, now: Duration) {
        let reason = reason(error);
        self.tally.last_error = Some(reason.clone());
        if !matches!(self.source, Source::Closed { .. }) && now >= self.opened + LASTED {
            self.backoff.reset();
        }
        self.say_failed(&reason, now);
        let again = now + self.backoff.next(random());
        self.source = Source::Closed { reason, again };
    }

    fn say_failed(&mut self, why: &str, now: Duration) {
        if !self.is_said_closed {
            let text = format!("Logging input {} is not open: {why}", self.key);
            let own = Own::sys(Severity::Errors, "LOGGINGINPUT_FAIL", text);
            self.is_said_closed = self.say(own, now);
        }
    }

    fn say_opened(&mut self, now: Duration) {
        if self.is_said_closed && self.listening().is_ok() {
            let text = format!("Logging input {} is open", self.key);
            let own = Own::sys(Severity::Notifications, "LOGGINGINPUT_OPEN", text);
            self.is_said_closed = !self.say(own, now);
        }
    }

    /// Whether it was said, and not too soon after the last time.
    fn say(&mut self, own: Own, now: Duration) -> bool {
        let is_time = self.said_at.is_none_or(|said| now >= said + QUIET);
        if is_time {
            (self.said, self.said_at) = (Some(own), Some(now));
        }
        is_time
    }

    /// What the device has to say of it.
    pub fn take_said(&mut self) -> Option<Own> {
        self.said.take()
    }

    /// It is configured no more: its place is of no use to anybody.
    pub fn remove(self, place: &Place<'_>) {
        let Self { key, source, .. } = self;
        drop(source);
        match key {
            InputKey::Port(_) | InputKey::Unix(_) => {}
            InputKey::File(path) => place.grounds.forget_file(&path),
            InputKey::Journal => place.grounds.forget_journal(),
        }
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
            Source::File(file) => file.listening(),
            Source::Udp(_) | Source::Tcp(_) | Source::Unix(_) | Source::Journal(_) => Ok(()),
        }
    }

    pub fn connections(&self) -> usize {
        match &self.source {
            Source::Tcp(tcp) => tcp.connections(),
            _ => 0,
        }
    }

    pub fn position(&self) -> Option<Position> {
        match &self.source {
            Source::File(file) => file
                .position()
                .map(|(offset, size)| Position::File { offset, size }),
            Source::Journal(journal) => journal.at().map(|at| Position::Journal { at }),
            _ => None,
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

    /// What it does not read now it reads after a restart.
    pub fn keeps_place(&self) -> bool {
        matches!(self.key, InputKey::File(_) | InputKey::Journal)
    }

    /// Notes an event; whether it was one of this input's.
    pub fn ready(&mut self, event: &Event) -> bool {
        match &mut self.source {
            Source::Udp(udp) => udp.ready(event),
            Source::Tcp(tcp) => tcp.ready(event),
            Source::Unix(unix) => unix.ready(event),
            Source::File(file) => file.ready(event),
            Source::Journal(journal) => journal.ready(event),
            Source::Closed { .. } => false,
        }
    }

    /// Something may wait to be read.
    pub fn is_readable(&self) -> bool {
        match &self.source {
            Source::Udp(udp) => udp.is_readable(),
            Source::Tcp(tcp) => tcp.is_readable(),
            Source::Unix(unix) => unix.is_readable(),
            Source::File(file) => file.is_readable(),
            Source::Journal(journal) => journal.is_readable(),
            Source::Closed { .. } => false,
        }
    }

    /// What is to be done besides reading: opening, accepting, closing what has expired, looking at what has changed.
    pub fn tend(&mut self, place: &mut Place<'_>, take: &mut impl Take) {
        self.retry(place, take);
        self.say_opened(place.now);
        let tended = match &mut self.source {
            Source::Tcp(tcp) => {
                tcp.accept(place, &mut self.tally, take);
                tcp.expire(&mut self.tally, place.now);
                return;
            }
            Source::File(file) => file.tend(place, &mut self.tally, take),
            Source::Unix(unix) => unix.tend(place.now),
            Source::Udp(_) | Source::Journal(_) | Source::Closed { .. } => return,
        };
        if let Err(error) = tended {
            self.close(&error, place.now);
        }
    }

    /// Reads a turn's share; how many datagrams there were.
    pub fn read(&mut self, room: &mut Room, place: &Place<'_>, take: &mut impl Take) -> usize {
        if !self.is_readable() {
            return 0;
        }
        let tally = &mut self.tally;
        match &mut self.source {
            Source::Udp(udp) => return udp.read(room, tally, take),
            Source::Unix(unix) => return unix.read(room, tally, take),
            Source::Tcp(tcp) => tcp.read(room, tally, place.now, take),
            Source::File(file) => file.read(room, tally, place, take),
            Source::Journal(journal) => {
                if let Err(error) = journal.read(room, tally, place, take) {
                    self.close(&error, place.now);
                }
            }
            Source::Closed { .. } => {}
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
        match &mut self.source {
            Source::Udp(udp) => udp.count_drops(&mut self.tally),
            Source::Unix(unix) => unix.count_drops(&mut self.tally),
            _ => {}
        }
    }

    /// Counts messages whose place was kept before they were settled.
    pub fn count_ahead(&mut self, grounds: &Grounds) {
        let unkept = match &self.key {
            InputKey::File(path) => grounds.places.take_unkept(path),
            InputKey::Journal => grounds.places.take_unkept(JOURNAL),
            InputKey::Port(_) | InputKey::Unix(_) => 0,
        };
        self.tally.unkept += unkept;
    }

    /// When `tend` has something to do without an event.
    pub fn wakes_at(&self) -> Option<Duration> {
        match &self.source {
            Source::Closed { again, .. } => Some(*again),
            Source::Tcp(tcp) => tcp.wakes_at(),
            Source::File(file) => Some(file.wakes_at()),
            Source::Unix(unix) => Some(unix.wakes_at()),
            Source::Udp(_) | Source::Journal(_) => None,
        }
    }
}

/// `any` listens on IPv6 with IPv4 inside it, and on IPv4 alone where the system has no IPv6.
fn open(
    key: &InputKey,
    place: &mut Place<'_>,
    tally: &mut Tally,
    take: &mut impl Take,
) -> io::Result<Source> {
    let key = match key {
        InputKey::Port(port) => port,
        InputKey::Unix(path) => {
            return UnixInput::open(Path::new(&**path), place).map(Source::Unix);
        }
        InputKey::File(path) => {
            return FileInput::open(path, place, tally, take).map(Source::File);
        }
        InputKey::Journal => return JournalInput::open(place).map(Source::Journal),
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

const QUIET: Duration = Duration::from_secs(60);
/// An input that has been open so long was open in earnest.
const LASTED: Duration = Duration::from_secs(60);

#[cfg(test)]
#[path = "input_tests.rs"]
mod tests;
