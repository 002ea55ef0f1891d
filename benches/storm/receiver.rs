//! The receivers of the storm's eight sessions, and what each session is configured to get. Two do not read: one stalls with
//! its connections open, at the address of the other nobody listens until the storm is over. A third comes and goes.

use std::io::{ErrorKind, Read};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::{fs, io};

use nix::sys::socket::{setsockopt, sockopt};

use crate::measure::Outcome;
use crate::tracker::Tracker;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Reads,
    Stalls,
    Refuses,
    ComesAndGoes,
}

/// One session.
pub(crate) struct Role {
    /// Of the session and of its discriminator.
    pub(crate) name: &'static str,
    pub(crate) transport: &'static str,
    /// Behind the name of the discriminator.
    pub(crate) discriminator: &'static str,
    /// Behind the port.
    attributes: &'static str,
    pub(crate) behaviour: Behaviour,
}

pub(crate) const ROLES: [Role; 8] = [
    Role {
        name: "EDGE",
        transport: "tcp",
        discriminator: "severity includes 0-4",
        attributes: "",
        behaviour: Behaviour::Reads,
    },
    Role {
        name: "DENIED",
        transport: "udp",
        discriminator: "facility includes ASA|SEC msg-body includes Deny|denied|failed",
        attributes: "",
        behaviour: Behaviour::Reads,
    },
    Role {
        name: "SLOW",
        transport: "tcp",
        discriminator: "msg-body includes 10\\.2[0-9]\\. rate-limit 500 except 2",
        attributes: "",
        behaviour: Behaviour::Reads,
    },
    Role {
        name: "LOGIN",
        transport: "udp",
        discriminator: "mnemonics includes CONFIG|LOGIN",
        attributes: "",
        behaviour: Behaviour::Reads,
    },
    Role {
        name: "DISK",
        transport: "tcp",
        discriminator: "severity includes 0-2",
        attributes: " queue disk 64",
        behaviour: Behaviour::Reads,
    },
    Role {
        name: "STALLED",
        transport: "tcp",
        discriminator: "severity drops 7",
        attributes: "",
        behaviour: Behaviour::Stalls,
    },
    Role {
        name: "REFUSED",
        transport: "tcp",
        discriminator: "facility drops ASA",
        attributes: "",
        behaviour: Behaviour::Refuses,
    },
    Role {
        name: "RETURNS",
        transport: "tcp",
        discriminator: "severity includes 0-3 duplicates 5 flapping 5 within 10",
        attributes: "",
        behaviour: Behaviour::ComesAndGoes,
    },
];

impl Role {
    /// The line that configures the session, with its discriminator or without one.
    pub(crate) fn line(&self, port: u16, with_discriminator: bool) -> String {
        let discriminator = match with_discriminator {
            true => format!(" discriminator {}", self.name),
            false => String::new(),
        };
        format!(
            "logging host 127.0.0.1{discriminator} transport {} port {port} sequence-num-session{}",
            self.transport, self.attributes
        )
    }
}

/// Below the ports that a system takes for connections, or one of those might connect to itself.
const REFUSING: u16 = 7514;
/// A receiver that comes and goes does so in turns of so many seconds, and is away in the last of them.
const TURN: usize = 20;
const AWAY: usize = 5;

pub(crate) struct Receiver {
    pub(crate) role: &'static Role,
    pub(crate) port: u16,
    tracker: Arc<Mutex<Tracker>>,
    gate: Arc<Gate>,
    open: Mutex<Option<Open>>,
}

pub(crate) struct Receivers {
    pub(crate) all: Vec<Receiver>,
    /// Where a ninth session may send; what it gets is not looked at.
    pub(crate) ninth: u16,
}

impl Receivers {
    pub(crate) fn open() -> Outcome<Self> {
        let all = ROLES
            .iter()
            .map(Receiver::open)
            .collect::<Outcome<Vec<_>>>()?;
        let ninth = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = ninth.local_addr()?.port();
        thread::spawn(move || {
            for mut stream in ninth.incoming().flatten() {
                thread::spawn(move || io::copy(&mut stream, &mut io::sink()));
            }
        });
        Ok(Self { all, ninth: port })
    }

    /// What happens to the receivers in this second of the storm.
    pub(crate) fn comes_and_goes(&self, second: usize) -> Outcome<()> {
        for receiver in self.who(Behaviour::ComesAndGoes) {
            match second % TURN {
                0 if second > 0 => receiver.comes()?,
                second if second == TURN - AWAY => receiver.goes()?,
                _ => {}
            }
        }
        Ok(())
    }

    pub(crate) fn last_comes(&self) -> Outcome<()> {
        self.who(Behaviour::ComesAndGoes)
            .try_for_each(Receiver::comes)
    }

    /// From now on everybody reads.
    pub(crate) fn all_read(&self) -> Outcome<()> {
        self.all.iter().for_each(|receiver| receiver.gate.open());
        self.who(Behaviour::Refuses).try_for_each(Receiver::comes)
    }

    fn who(&self, behaviour: Behaviour) -> impl Iterator<Item = &Receiver> {
        let is_it = move |receiver: &&Receiver| receiver.role.behaviour == behaviour;
        self.all.iter().filter(is_it)
    }

    pub(crate) fn of(&self, port: u64) -> Option<&Receiver> {
        self.all
            .iter()
            .find(|receiver| u64::from(receiver.port) == port)
    }
}

impl Receiver {
    fn open(role: &'static Role) -> Outcome<Self> {
        let mut receiver = Self {
            role,
            port: REFUSING,
            tracker: Arc::default(),
            gate: Arc::default(),
            open: Mutex::default(),
        };
        if role.behaviour != Behaviour::Stalls {
            receiver.gate.open();
        }
        if role.transport == "udp" {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
            // Where this is not allowed, the kernel counts what it drops.
            setsockopt(&socket, sockopt::RcvBufForce, &(4 << 20)).unwrap_or_default();
            receiver.port = socket.local_addr()?.port();
            let tracker = receiver.tracker.clone();
            thread::spawn(move || take_datagrams(&socket, &tracker));
        } else if role.behaviour != Behaviour::Refuses {
            receiver.port = 0;
            receiver.port = receiver.listen()?;
        }
        Ok(receiver)
    }

    fn listen(&self) -> Outcome<u16> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        let port = listener.local_addr()?.port();
        let ends = Arc::new(AtomicBool::new(false));
        let streams = Arc::new(Mutex::new(Vec::new()));
        let shared = (ends.clone(), streams.clone());
        let (tracker, gate) = (self.tracker.clone(), self.gate.clone());
        let accepts = thread::spawn(move || {
            let (ends, streams) = shared;
            while let Ok((stream, _)) = listener.accept() {
                if ends.load(Ordering::Relaxed) && listener.set_nonblocking(true).is_err() {
                    return;
                }
                let Ok(end) = stream.try_clone() else { return };
                let (tracker, gate) = (tracker.clone(), gate.clone());
                let reads = thread::spawn(move || take_stream(stream, &tracker, &gate));
                locked(&streams).push((end, reads));
            }
        });
        *locked(&self.open) = Some(Open {
            ends,
            accepts,
            streams,
        });
        Ok(port)
    }

    fn comes(&self) -> Outcome<()> {
        if locked(&self.open).is_none() {
            self.listen()?;
        }
        Ok(())
    }

    /// No longer listens, and takes no octet more; what its host has taken is still read. So what did not come was not
    /// acknowledged, and must come again.
    fn goes(&self) -> Outcome<()> {
        let Some(open) = locked(&self.open).take() else {
            return Ok(());
        };
        open.ends.store(true, Ordering::Relaxed);
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?);
        open.accepts.join().map_err(|_| "a listener panicked")?;
        for (end, reads) in locked(&open.streams).drain(..) {
            // One that has ended is shut down already.
            end.shutdown(Shutdown::Both).unwrap_or_default();
            reads.join().map_err(|_| "a reader panicked")?;
        }
        Ok(())
    }

    pub(crate) fn tracker(&self) -> Tracker {
        locked(&self.tracker).clone()
    }

    /// Datagrams that the kernel dropped because we were too slow.
    pub(crate) fn dropped(&self) -> u64 {
        let sockets = fs::read_to_string("/proc/net/udp").unwrap_or_default();
        let local = format!("0100007F:{:04X}", self.port);
        let line = sockets
            .lines()
            .find(|line| self.role.transport == "udp" && line.contains(&local));
        line.and_then(|line| line.split_whitespace().last()?.parse().ok())
            .unwrap_or(0)
    }
}

/// A listener and its connections.
struct Open {
    ends: Arc<AtomicBool>,
    accepts: JoinHandle<()>,
    streams: Arc<Mutex<Vec<Connection>>>,
}

/// One end more of a stream, to shut it down, and who reads it.
type Connection = (TcpStream, JoinHandle<()>);

/// Nobody reads before it is open.
#[derive(Default)]
struct Gate(Mutex<bool>, Condvar);

impl Gate {
    fn open(&self) {
        *locked(&self.0) = true;
        self.1.notify_all();
    }

    fn pass(&self) {
        let shut = self.1.wait_while(locked(&self.0), |open| !*open);
        drop(shut.unwrap_or_else(PoisonError::into_inner));
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take_datagrams(socket: &UdpSocket, tracker: &Mutex<Tracker>) {
    let mut datagram = vec![0; 64 << 10];
    loop {
        match socket.recv(&mut datagram) {
            Ok(length) => {
                let line = datagram.get(..length).unwrap_or_default();
                locked(tracker).take(line.trim_ascii_end());
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// Whole lines to the end of the connection; what a break cut short comes again.
fn take_stream(mut stream: TcpStream, tracker: &Mutex<Tracker>, gate: &Gate) {
    gate.pass();
    let (mut part, mut rest) = (vec![0; 256 << 10], Vec::new());
    while let Ok(count @ 1..) = stream.read(&mut part) {
        rest.extend_from_slice(part.get(..count).unwrap_or_default());
        let mut from = 0;
        let mut tracker = locked(tracker);
        for end in memchr::memchr_iter(b'\n', &rest) {
            tracker.take(rest.get(from..end).unwrap_or_default());
            from = end + 1;
        }
        drop(tracker);
        rest.drain(..from);
    }
}
