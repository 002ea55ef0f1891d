//! A room under test: a runtime, a publisher, and receivers on loopback that wait for what must come.

use std::io::{BufRead, BufReader};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Instant;

use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::config::interfaces::Interfaces;
use crate::config::logging::{
    Host, Input, InputAddress, InputKey, InputPort, InputTransport, Logging, SessionKey, Transport,
};
use crate::config::system::System;
use crate::device::clock::SystemClock;
use crate::net::ports;
use crate::syslog::api::{HostStatus, InputStatus};
use crate::syslog::engine::*;

/// Long enough for a busy machine; nothing that works takes a tenth of it.
pub(super) const LIMIT: Duration = Duration::from_secs(20);

/// The room under test, and how it is configured.
pub(super) struct Bench {
    pub(super) engine: Engine,
    pub(super) publisher: watch::Sender<Published>,
    pub(super) logging: Logging,
    pub(super) interfaces: Interfaces,
    pub(super) system: System,
    pub(super) state: Arc<Folder>,
    /// Where the state folder is; it is an input root, too.
    pub(super) folder: Arc<TempDir>,
    _runtime: Runtime,
}

impl Bench {
    pub(super) fn start() -> Self {
        Self::fenced(OnlyTo::anywhere())
    }

    pub(super) fn fenced(fence: OnlyTo) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let state = Folder::open(folder.path()).expect("a state folder");
        Self::with_state(fence, Arc::new(state), Arc::new(folder), Names::default())
    }

    /// One that knows names by a table, and asks it often.
    pub(super) fn naming(table: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let state = Folder::open(folder.path()).expect("a state folder");
        let names = Names::told_by(table, Duration::from_millis(50));
        let fence = OnlyTo::anywhere();
        Self::with_state(fence, Arc::new(state), Arc::new(folder), names)
    }

    /// Another process on the same state folder, when this one has left.
    pub(super) fn restarted(self) -> Self {
        let Self { state, folder, .. } = self;
        self.engine.close();
        Self::with_state(OnlyTo::anywhere(), state, folder, Names::default())
    }

    fn with_state(fence: OnlyTo, state: Arc<Folder>, folder: Arc<TempDir>, names: Names) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let (publisher, published) = watch::channel(Published {
            generation: 1,
            config: Arc::new(RunningConfig::default()),
        });
        let engine = launch(
            runtime.handle(),
            published,
            Outside {
                clock: Arc::new(SystemClock::start()),
                fence,
                state: state.clone(),
                input_roots: vec![folder.path().to_owned()],
                names,
            },
        )
        .expect("an engine");
        Self {
            engine,
            publisher,
            logging: Logging::default(),
            interfaces: Interfaces::default(),
            system: System::default(),
            state,
            folder,
            _runtime: runtime,
        }
    }

    /// Publishes, and waits until it is taken over.
    pub(super) fn configure(&mut self, change: impl FnOnce(&mut Logging)) {
        change(&mut self.logging);
        let generation = self.publisher.borrow().generation + 1;
        let config = RunningConfig {
            logging: Arc::new(self.logging.clone()),
            interfaces: Arc::new(self.interfaces.clone()),
            system: Arc::new(self.system.clone()),
            ..RunningConfig::default()
        };
        self.publisher.send_replace(Published {
            generation,
            config: Arc::new(config),
        });
        assert!(
            self.engine.taken_over().wait(generation, LIMIT),
            "generation {generation} is not taken over"
        );
    }

    pub(super) fn input(&mut self, transport: InputTransport) -> SocketAddr {
        self.input_from(transport, Input::default())
    }

    pub(super) fn input_from(&mut self, transport: InputTransport, input: Input) -> SocketAddr {
        let at = free_port();
        self.configure(|logging| {
            Arc::make_mut(&mut logging.inputs).insert(input_key(transport, at), input);
        });
        at
    }

    pub(super) fn add_input(&mut self, key: InputKey) {
        self.configure(|logging| {
            Arc::make_mut(&mut logging.inputs).insert(key, Input::default());
        });
    }

    pub(super) fn status_of_input(&self, key: &InputKey) -> InputStatus {
        let inputs = self.engine.status().inputs;
        let mut inputs = inputs.into_iter();
        inputs.find(|input| input.key == *key).expect("the input")
    }

    pub(super) fn host(&mut self, transport: Transport, at: SocketAddr) {
        self.configure(|logging| logging.hosts.set(key(transport, at), Host::default()));
    }

    pub(super) fn status_of(&self, transport: Transport, at: SocketAddr) -> HostStatus {
        let hosts = self.engine.status().hosts;
        hosts
            .into_iter()
            .find(|host| host.key == key(transport, at))
            .expect("the session")
    }

    pub(super) fn input_status(&self, at: SocketAddr) -> InputStatus {
        let inputs = self.engine.status().inputs;
        inputs
            .into_iter()
            .find(|input| matches!(&input.key, InputKey::Port(port) if port.port == at.port()))
            .expect("the input")
    }
}

pub(super) fn key(transport: Transport, at: SocketAddr) -> SessionKey {
    SessionKey {
        host: at.ip().to_string().into(),
        vrf: None,
        transport,
        port: at.port(),
        channel: None,
    }
}

pub(super) fn input_key(transport: InputTransport, at: SocketAddr) -> InputKey {
    InputKey::Port(InputPort {
        transport,
        address: InputAddress::One(at.ip()),
        port: at.port(),
    })
}

/// Nobody listens there, and no other test is given it.
pub(super) fn free_port() -> SocketAddr {
    ([127, 0, 0, 1], ports::free()).into()
}

pub(super) fn message(body: &str) -> String {
    format!("<189>7: Jan  5 10:00:00: %TST-5-TAG: {body}")
}

/// The body of a test's message; `None` for the device's own.
pub(super) fn body(line: &[u8]) -> Option<String> {
    let line = String::from_utf8_lossy(line);
    line.split_once("%TST-5-TAG: ")
        .map(|(_, body)| body.trim_end().to_owned())
}

pub(super) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + LIMIT;
    while !holds() {
        assert!(Instant::now() < until, "not in time: {what}");
        std::thread::yield_now();
    }
}

/// A receiver of datagrams.
pub(super) struct Datagrams(pub(super) UdpSocket);

impl Datagrams {
    pub(super) fn open() -> (Self, SocketAddr) {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        socket.set_read_timeout(Some(LIMIT)).expect("a timeout");
        socket2::SockRef::from(&socket)
            .set_recv_buffer_size(4 << 20)
            .expect("room for a burst");
        let at = socket.local_addr().expect("its address");
        (Self(socket), at)
    }

    /// Bodies of the next test messages.
    pub(super) fn bodies(&self, count: usize) -> Vec<String> {
        let mut room = vec![0; 65_536];
        let mut next = || {
            let length = self.0.recv(&mut room).expect("a datagram in time");
            room.get(..length).and_then(body)
        };
        let mut got = Vec::new();
        while got.len() < count {
            got.extend(next());
        }
        got
    }

    /// The next line that contains a text, whoever said it.
    pub(super) fn line_with(&self, text: &str) -> String {
        let mut room = vec![0; 65_536];
        loop {
            let length = self.0.recv(&mut room).expect("a datagram in time");
            let line = String::from_utf8_lossy(room.get(..length).unwrap_or_default()).into_owned();
            if line.contains(text) {
                return line;
            }
        }
    }
}

/// A receiver of one stream.
pub(super) struct Stream(BufReader<TcpStream>);

impl Stream {
    pub(super) fn accept(listener: &TcpListener) -> Self {
        Self::of(listener.accept().expect("a connection").0)
    }

    pub(super) fn of(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(LIMIT)).expect("a timeout");
        Self(BufReader::new(stream))
    }

    /// The next line that contains a text, whoever said it.
    pub(super) fn line_with(&mut self, text: &str) -> String {
        loop {
            let line = String::from_utf8_lossy(&self.line()).into_owned();
            if line.contains(text) {
                return line;
            }
        }
    }

    pub(super) fn line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        let length = self.0.read_until(b'\n', &mut line).expect("a line in time");
        assert!(length > 0, "the stream has ended");
        line
    }

    /// Bodies of what still comes before the other side closes.
    pub(super) fn rest(mut self) -> Vec<String> {
        let mut got = Vec::new();
        let mut line = Vec::new();
        while self.0.read_until(b'\n', &mut line).expect("an end in time") > 0 {
            got.extend(body(&line));
            line.clear();
        }
        got
    }

    pub(super) fn bodies(&mut self, count: usize) -> Vec<String> {
        let mut got = Vec::new();
        while got.len() < count {
            got.extend(body(&self.line()));
        }
        got
    }

    /// The first body that begins like this.
    pub(super) fn bodies_until(&mut self, beginning: &str) -> String {
        loop {
            if let Some(body) = body(&self.line())
                && body.starts_with(beginning)
            {
                return body;
            }
        }
    }
}

pub(super) fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let at = listener.local_addr().expect("its address");
    (listener, at)
}

pub(super) fn numbered(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|n| format!("n{n}")).collect()
}
