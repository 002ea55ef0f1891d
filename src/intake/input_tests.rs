//! Inputs with real sockets on loopback and a time of the test's own.

use std::io::Write;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;

use mio::{Events, Poll};

use super::*;
use crate::config::logging::InputPort;
use crate::intake::Tokens;
use crate::intake::grounds::Grounds;
use crate::state::Folder;

/// What an input is given: a poll, a time, and somebody who takes messages.
struct Bench {
    poll: Poll,
    tokens: Tokens,
    room: Room,
    now: Duration,
    taken: Taken,
    grounds: Grounds,
    _state: tempfile::TempDir,
}

#[derive(Default)]
struct Taken {
    messages: Vec<String>,
    refuses: bool,
}

impl Take for Taken {
    fn admits(&self, _: IpAddr) -> bool {
        !self.refuses
    }

    fn message(&mut self, _: IpAddr, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes).trim_end().to_owned();
        let whole = !text.is_empty();
        self.messages.extend(whole.then_some(text));
        whole
    }
}

impl Bench {
    fn new() -> Self {
        let poll = Poll::new().expect("a poll");
        let (tokens, room, taken) = (Tokens::from(1), Room::default(), Taken::default());
        let state = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(state.path()).expect("a state folder");
        Self {
            grounds: Grounds::new(Arc::new(folder), Vec::new()),
            _state: state,
            poll,
            tokens,
            room,
            now: Duration::from_secs(1),
            taken,
        }
    }

    fn open(&mut self, transport: InputTransport, port: u16) -> Input {
        let address = InputAddress::One(Ipv4Addr::LOCALHOST.into());
        Input::open(
            InputKey::Port(InputPort {
                transport,
                address,
                port,
            }),
            &mut self.place(),
        )
    }

    fn place(&mut self) -> Place<'_> {
        Place {
            registry: self.poll.registry(),
            tokens: &mut self.tokens,
            grounds: &self.grounds,
            now: self.now,
        }
    }

    /// Waits for events, then does what a plane does.
    fn turn(&mut self, input: &mut Input, wait: Duration) {
        let mut events = Events::with_capacity(1024);
        self.poll.poll(&mut events, Some(wait)).expect("a poll");
        for event in &events {
            assert!(input.ready(event), "an event of nobody");
        }
        let mut place = Place {
            registry: self.poll.registry(),
            tokens: &mut self.tokens,
            grounds: &self.grounds,
            now: self.now,
        };
        input.tend(&mut place, &self.taken);
        while input.is_readable() {
            input.read(&mut self.room, self.now, &mut self.taken);
        }
    }

    fn until(&mut self, input: &mut Input, what: &str, holds: impl Fn(&Input, &Taken) -> bool) {
        for _ in 0..1000 {
            if holds(input, &self.taken) {
                return;
            }
            self.turn(input, Duration::from_millis(20));
        }
        panic!("never: {what}");
    }
}

fn free_port(transport: InputTransport) -> u16 {
    match transport {
        InputTransport::Udp => {
            UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr())
        }
        InputTransport::Tcp => {
            TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr())
        }
    }
    .expect("a free port")
    .port()
}

#[test]
fn datagrams_that_found_no_room_are_counted_as_dropped() {
    let mut bench = Bench::new();
    let port = free_port(InputTransport::Udp);
    let mut input = bench.open(InputTransport::Udp, port);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let datagram = vec![b'x'; 60_000];
    let sent = 2000;
    for _ in 0..sent {
        sender
            .send_to(&datagram, ("127.0.0.1", port))
            .expect("sent");
    }
    bench.until(&mut input, "something arrives", |input, _| {
        input.tally().received > 0
    });
    input.count_drops();
    let tally = input.tally();
    assert!(
        tally.dropped > 0,
        "the receive buffer took {sent} large datagrams"
    );
    assert_eq!(tally.received + tally.dropped, sent);
    let dropped = tally.dropped;
    input.count_drops();
    assert_eq!(input.tally().dropped, dropped, "counted once");
}

#[test]
fn an_empty_datagram_is_malformed() {
    let mut bench = Bench::new();
    let port = free_port(InputTransport::Udp);
    let mut input = bench.open(InputTransport::Udp, port);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for datagram in ["", "\r\n", "words"] {
        sender
            .send_to(datagram.as_bytes(), ("127.0.0.1", port))
            .expect("sent");
    }
    bench.until(&mut input, "the last one arrives", |input, _| {
        input.tally().received == 1
    });
    assert_eq!(
        (input.tally().malformed, bench.taken.messages.as_slice()),
        (2, &["words".to_owned()][..])
    );
}

#[test]
fn the_257th_connection_is_refused() {
    let mut bench = Bench::new();
    let port = free_port(InputTransport::Tcp);
    let mut input = bench.open(InputTransport::Tcp, port);
    let mut peers = Vec::new();
    for _ in 0..257 {
        peers.push(TcpStream::connect(("127.0.0.1", port)).expect("the kernel accepts"));
        bench.turn(&mut input, Duration::from_millis(1));
    }
    bench.until(&mut input, "one is refused", |input, _| {
        input.tally().refused == 1
    });
    assert_eq!(input.connections(), 256);
    drop(peers.remove(0));
    bench.until(&mut input, "there is room again", |input, _| {
        input.connections() == 255
    });
    let mut next = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    next.write_all(b"words\n").expect("written");
    bench.until(&mut input, "the next one is heard", |_, taken| {
        taken.messages == ["words"]
    });
}

#[test]
fn a_peer_that_leaves_a_frame_unfinished_is_closed_after_ten_minutes_and_an_idle_one_is_not() {
    let mut bench = Bench::new();
    let port = free_port(InputTransport::Tcp);
    let mut input = bench.open(InputTransport::Tcp, port);
    let mut idle = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    idle.write_all(b"whole\n").expect("written");
    bench.until(&mut input, "the first is heard", |_, taken| {
        taken.messages.len() == 1
    });
    assert_eq!(input.wakes_at(), None);
    let mut unfinished = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    unfinished.write_all(b"whole too\nhal").expect("written");
    bench.until(&mut input, "the second is heard", |_, taken| {
        taken.messages.len() == 2
    });
    assert_eq!(input.wakes_at(), Some(Duration::from_secs(601)));
    bench.now = Duration::from_secs(600);
    bench.turn(&mut input, Duration::ZERO);
    assert_eq!(input.connections(), 2);
    bench.now = Duration::from_secs(601);
    bench.turn(&mut input, Duration::ZERO);
    assert_eq!((input.connections(), input.tally().malformed), (1, 1));
    let error = input.tally().last_error.as_deref();
    assert_eq!(
        error,
        Some("nothing for ten minutes in the middle of a frame (127.0.0.1)")
    );
}

#[test]
fn a_peer_that_is_not_let_in_any_more_is_closed() {
    let mut bench = Bench::new();
    let port = free_port(InputTransport::Tcp);
    let mut input = bench.open(InputTransport::Tcp, port);
    let _peer = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    bench.until(&mut input, "it is accepted", |input, _| {
        input.connections() == 1
    });
    input.review(&bench.taken);
    assert_eq!(input.connections(), 1);
    bench.taken.refuses = true;
    input.review(&bench.taken);
    assert_eq!((input.connections(), input.tally().refused), (0, 1));
}

#[test]
fn a_last_line_without_its_line_feed_is_heard_when_the_peer_closes() {
    let mut bench = Bench::new();
    let port = free_port(InputTransport::Tcp);
    let mut input = bench.open(InputTransport::Tcp, port);
    let mut peer = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    peer.write_all(b"one\ntwo").expect("written");
    drop(peer);
    bench.until(&mut input, "both are heard", |_, taken| {
        taken.messages == ["one", "two"]
    });
    bench.until(&mut input, "the peer is forgotten", |input, _| {
        input.connections() == 0
    });
    assert_eq!(input.tally().malformed, 0);
}

#[test]
fn an_input_that_cannot_open_is_tried_again_later() {
    let mut bench = Bench::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let port = taken.local_addr().expect("its address").port();
    let mut input = bench.open(InputTransport::Tcp, port);
    assert_eq!(input.listening(), Err("address already in use"));
    drop(taken);
    let again = input.wakes_at().expect("a time");
    assert!(
        again > bench.now && again <= bench.now + Duration::from_secs(1),
        "{again:?}"
    );
    input.retry(&mut bench.place());
    assert!(input.listening().is_err(), "it is not yet time");
    bench.now = again;
    input.retry(&mut bench.place());
    assert_eq!(input.listening(), Ok(()));
}

#[test]
fn any_listens_for_both_families() {
    let mut bench = Bench::new();
    let port = free_port(InputTransport::Udp);
    let key = InputKey::Port(InputPort {
        transport: InputTransport::Udp,
        address: InputAddress::Any,
        port,
    });
    let mut input = Input::open(key, &mut bench.place());
    assert_eq!(input.listening(), Ok(()));
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    sender
        .send_to(b"over IPv4", ("127.0.0.1", port))
        .expect("sent");
    bench.until(&mut input, "it arrives", |_, taken| {
        taken.messages == ["over IPv4"]
    });
}
