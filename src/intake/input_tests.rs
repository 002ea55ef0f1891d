//! Inputs with real sockets on loopback and a time of the test's own.

use std::io::Write;
use std::net::{TcpListener, TcpStream, UdpSocket};

use super::*;
use crate::config::logging::InputPort;
use crate::intake::bench::Bench;
use crate::net::ports;

#[test]
fn datagrams_that_found_no_room_are_counted_as_dropped() {
    let mut bench = Bench::new();
    let port = ports::free();
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
    let port = ports::free();
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
    let port = ports::free();
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
    let port = ports::free();
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
    let port = ports::free();
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
    let port = ports::free();
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
    bench.retry(&mut input);
    assert!(input.listening().is_err(), "it is not yet time");
    bench.now = again;
    bench.retry(&mut input);
    assert_eq!(input.listening(), Ok(()));
}

#[test]
fn any_listens_for_both_families() {
    let mut bench = Bench::new();
    let port = ports::free();
    let key = InputKey::Port(InputPort {
        transport: InputTransport::Udp,
        address: InputAddress::Any,
        port,
    });
    let mut input = bench.open_key(key);
    assert_eq!(input.listening(), Ok(()));
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    sender
        .send_to(b"over IPv4", ("127.0.0.1", port))
        .expect("sent");
    bench.until(&mut input, "it arrives", |_, taken| {
        taken.messages == ["over IPv4"]
    });
}

#[test]
fn that_an_input_is_closed_and_open_again_is_said_in_turns_and_once_a_minute() {
    let mut bench = Bench::new();
    let path = bench.path("log");
    let key = InputKey::Unix(path.to_str().expect("a plain path").into());
    let mut input = bench.open_key(key);
    let mnemonic = |input: &mut Input| input.take_said().map(|own| own.mnemonic.to_string());
    assert_eq!(mnemonic(&mut input), None, "it is open");
    std::fs::remove_file(&path).expect("removed");
    let mut said = Vec::new();
    // Somebody who removes it every ten seconds. How long it waits for the next try is a matter of chance.
    for second in 2..=600 {
        bench.now = Duration::from_secs(second);
        if second % 10 == 0 {
            std::fs::remove_file(&path).unwrap_or_default();
        }
        bench.settle(&mut input);
        said.extend(mnemonic(&mut input).map(|mnemonic| (second, mnemonic)));
    }
    let first = said.first().map(|(second, _)| *second).expect("it is said");
    assert!(first <= 7, "at once: {first}");
    let turns = ["LOGGINGINPUT_FAIL", "LOGGINGINPUT_OPEN"];
    let mut in_turns = said.iter().zip(turns.iter().cycle());
    assert!(
        said.len() > 3 && in_turns.all(|((_, said), turn)| said == turn),
        "{said:?}"
    );
    let apart = said.windows(2).all(|two| two[1].0 >= two[0].0 + 60);
    assert!(apart, "{said:?}");
}
