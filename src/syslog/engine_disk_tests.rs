//! Queues on disk and files of the log, the whole room in one process: real files, real sockets, no sleeping.

use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};

use super::bench::*;
use super::*;
use crate::config::logging::{Host, InputTransport, Local, LocalSession, Transport};
use crate::config::persistent::{Bufferwrap, Persistent};
use crate::syslog::api::QueueKept;

/// A session whose queue is on disk, to whoever listens there.
fn on_disk(bench: &mut Bench, transport: Transport, at: SocketAddr) {
    bench.configure(|logging| {
        let host = Host {
            queue_disk: Some(64),
            ..Host::default()
        };
        logging.hosts.set(key(transport, at), host);
    });
}

/// A session whose queue is on disk and whose host is not there yet, and an input.
fn with_an_absent_host() -> (Bench, SocketAddr, SocketAddr) {
    let mut bench = Bench::start();
    let at = free_port();
    on_disk(&mut bench, Transport::Tcp, at);
    let input = bench.input(InputTransport::Tcp);
    (bench, at, input)
}

fn send(input: SocketAddr, numbers: std::ops::Range<usize>) {
    use std::io::Write;
    let mut stream = TcpStream::connect(input).expect("a connection");
    for number in numbers {
        let line = format!("{}\n", message(&format!("n{number}")));
        stream.write_all(line.as_bytes()).expect("written");
    }
}

fn is_stored(bench: &Bench, at: SocketAddr, messages: u64) -> bool {
    let host = bench.status_of(Transport::Tcp, at);
    host.counters.queued >= messages && host.queue == QueueKept::OnDisk { waiting: 0 }
}

#[test]
fn what_waits_on_disk_outlives_a_fault_of_the_plane_and_the_process() {
    let (bench, at, input) = with_an_absent_host();
    send(input, 0..500);
    eventually("all are on disk", || is_stored(&bench, at, 500));
    bench.engine.orders.give(Order::Panic);
    eventually("they are there again", || {
        let host = bench.status_of(Transport::Tcp, at);
        bench.engine.status().faults == 1 && host.counters.restored >= 500
    });
    let mut bench = bench.restarted();
    on_disk(&mut bench, Transport::Tcp, at);
    let host = bench.status_of(Transport::Tcp, at);
    assert!(host.counters.restored >= 500, "{host:?}");
    let listener = TcpListener::bind(at).expect("the same port");
    let mut stream = Stream::accept(&listener);
    assert_eq!(stream.bodies(500), numbered(0..500));
    eventually("nothing waits any more", || {
        bench.status_of(Transport::Tcp, at).counters.queued == 0
    });
    let counters = bench.status_of(Transport::Tcp, at).counters;
    assert_eq!(counters.possibly_repeated, 0);
    assert_eq!(counters.offered + counters.restored, counters.received);
    drop(stream);
}

#[test]
fn a_long_outage_is_made_up_for_in_order_and_exactly() {
    let (bench, at, input) = with_an_absent_host();
    send(input, 0..20_000);
    eventually("all are on disk", || is_stored(&bench, at, 20_000));
    let listener = TcpListener::bind(at).expect("the same port");
    let mut stream = Stream::accept(&listener);
    send(input, 20_000..21_000);
    assert_eq!(stream.bodies(21_000), numbered(0..21_000));
    let counters = bench.status_of(Transport::Tcp, at).counters;
    assert_eq!((counters.overflowed, counters.possibly_repeated), (0, 0));
}

#[test]
fn a_receiver_that_breaks_off_again_and_again_misses_nothing() {
    let mut bench = Bench::start();
    let (listener, at) = listener();
    on_disk(&mut bench, Transport::Tcp, at);
    let input = bench.input(InputTransport::Tcp);
    let mut got = std::collections::BTreeSet::new();
    for round in 1..=5 {
        let mut stream = Stream::accept(&listener);
        send(input, (round - 1) * 300..round * 300 - 100);
        // What its host has taken and it has not read is gone with it: it reads everything.
        while got.len() < round * 300 - 100 {
            got.extend(stream.bodies(1));
        }
        drop(stream);
        send(input, round * 300 - 100..round * 300);
    }
    let mut stream = Stream::accept(&listener);
    while got.len() < 1500 {
        got.extend(stream.bodies(1));
    }
    eventually("nothing waits any more", || {
        bench.status_of(Transport::Tcp, at).counters.queued == 0
    });
    let counters = bench.status_of(Transport::Tcp, at).counters;
    assert_eq!(counters.delivered, counters.received);
}

#[test]
fn datagrams_may_wait_on_disk_too() {
    let mut bench = Bench::start();
    let (datagrams, udp) = Datagrams::open();
    on_disk(&mut bench, Transport::Udp, udp);
    let input = bench.input(InputTransport::Udp);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for number in 0..100 {
        let text = message(&format!("n{number}"));
        sender.send_to(text.as_bytes(), input).expect("sent");
    }
    assert_eq!(datagrams.bodies(100), numbered(0..100));
    eventually("they are gone from the disk", || {
        bench.status_of(Transport::Udp, udp).counters.queued == 0
    });
}

#[test]
fn a_session_that_is_removed_takes_what_was_on_disk_with_it() {
    let (mut bench, at, input) = with_an_absent_host();
    send(input, 0..50);
    eventually("all are on disk", || is_stored(&bench, at, 50));
    bench.configure(|logging| {
        logging.hosts.remove(&key(Transport::Tcp, at));
    });
    let mut bench = bench.restarted();
    on_disk(&mut bench, Transport::Tcp, at);
    assert_eq!(bench.status_of(Transport::Tcp, at).counters.restored, 0);
}

#[test]
fn what_is_on_disk_of_a_session_that_a_start_does_not_configure_is_said_and_shown_and_can_be_cleared()
 {
    let (bench, at, input) = with_an_absent_host();
    send(input, 0..50);
    eventually("all are on disk", || is_stored(&bench, at, 50));
    let mut bench = bench.restarted();
    bench.configure(|logging| logging.buffered = Some(Local::On(LocalSession::default())));
    let left = bench.engine.status().left_on_disk;
    let [left] = &*left else {
        panic!("one session: {left:?}")
    };
    assert_eq!(
        (&*left.host, &*left.transport, left.port),
        ("127.0.0.1", "tcp", at.port())
    );
    assert!(left.messages >= 50, "{left:?}");
    assert_eq!((&left.vrf, &left.channel), (&None, &None));
    let said = format!(
        "%SYS-4-LOGGER_SPOOL: {0} messages on disk are of hosts not configured: {0} for host 127.0.0.1 tcp port {1}",
        left.messages,
        at.port()
    );
    eventually("it is said", || {
        String::from_utf8_lossy(&bench.engine.buffer()).contains(&said)
    });
    bench.engine.clear_left_on_disk();
    assert_eq!(bench.engine.status().left_on_disk, []);
    let mut bench = bench.restarted();
    on_disk(&mut bench, Transport::Tcp, at);
    assert_eq!(bench.status_of(Transport::Tcp, at).counters.restored, 0);
}

#[test]
fn the_log_is_in_files_when_leaving_is_over() {
    let mut bench = Bench::start();
    bench.configure(|logging| logging.persistent = Some(Persistent::default()));
    let input = bench.input(InputTransport::Tcp);
    send(input, 0..100);
    eventually("all were received", || {
        bench.engine.status().device.received_by_inputs == 100
    });
    bench.engine.drain(LIMIT);
    let counters = bench.engine.status().persistent.counters;
    assert_eq!((counters.queued, counters.overflowed), (0, 0));
    let disk0 = bench.state.disk0();
    let mut bodies = Vec::new();
    let mut lines = 0;
    for entry in disk0.list().expect("a list") {
        for line in disk0
            .read(&entry.name)
            .expect("a file")
            .split(|b| *b == b'\n')
        {
            lines += u64::from(!line.is_empty());
            bodies.extend(body(line));
        }
    }
    assert_eq!(bodies, numbered(0..100));
    assert_eq!(lines, counters.delivered);
}

#[test]
fn a_buffer_that_has_come_round_is_saved() {
    let mut bench = Bench::start();
    bench.configure(|logging| {
        logging.buffered = Some(Local::On(LocalSession {
            size: Some(4096),
            ..LocalSession::default()
        }));
        logging.bufferwrap = Bufferwrap {
            on: true,
            ..Bufferwrap::default()
        };
    });
    let input = bench.input(InputTransport::Tcp);
    send(input, 0..200);
    let disk0 = bench.state.disk0();
    eventually("it is saved", || {
        let names = disk0.list().expect("a list");
        names.iter().any(|file| file.name.starts_with("LOG-"))
    });
}
