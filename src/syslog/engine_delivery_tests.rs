//! What is promised of delivery, on loopback, one sentence a test: real sockets, the host's clock, no sleeping.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Instant;

use super::bench::*;
use super::*;
use crate::config::logging::{Host, InputTransport, Local, LocalSession, Transport};
use crate::syslog::api::Counters;

fn console(guaranteed: bool) -> Bench {
    let mut bench = Bench::start();
    bench.configure(|logging| {
        logging.console = Some(Local::On(LocalSession::default()));
        logging.console_guaranteed = guaranteed;
    });
    bench
}

/// Messages of a test that a terminal got, until it has this many.
fn heard(lines: &Lines, count: usize) -> Vec<String> {
    let mut got = Vec::new();
    while got.len() < count {
        got.extend(body(
            &lines.lines.recv_timeout(LIMIT).expect("a line in time"),
        ));
    }
    got
}

#[test]
fn a_guaranteed_console_gets_every_line_however_slow_it_is() {
    let mut bench = console(true);
    let lines = bench.engine.listen(Listener::Console);
    let input = bench.input(InputTransport::Tcp);
    let count = 30_000;
    let feeding = std::thread::spawn(move || {
        let mut peer = TcpStream::connect(input).expect("a connection");
        for n in 0..count {
            peer.write_all(format!("{}\n", message(&format!("n{n}"))).as_bytes())
                .expect("written");
        }
    });
    // The input is held back before anything is taken: the rest comes as there is room for it.
    eventually("lines wait for the console", || {
        bench.input_status(input).received > 2000
    });
    assert_eq!(heard(&lines, count), numbered(0..count));
    feeding.join().expect("fed");
    assert_eq!(bench.engine.status().console.lost, 0);
}

#[test]
fn any_other_console_loses_lines_and_is_told_how_many() {
    let mut bench = console(false);
    let lines = bench.engine.listen(Listener::Console);
    let input = bench.input(InputTransport::Udp);
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let send = |n: usize| {
        let text = message(&format!("n{n}"));
        sender.send_to(text.as_bytes(), input).expect("sent");
    };
    for n in 0..2000 {
        send(n);
        if n % 100 == 99 {
            eventually("they have come", || {
                bench.input_status(input).received > n as u64
            });
        }
    }
    let lost = bench.engine.status().console.lost;
    assert!(lost > 900, "{lost}");
    let kept = 2000 - usize::try_from(lost).expect("a small number");
    // Our own lines are among those that were kept.
    let mut got = Vec::new();
    while let Ok(line) = lines.lines.try_recv() {
        got.extend(body(&line));
    }
    assert!(got.len() <= kept + 10 && got.len() > 900, "{}", got.len());
    send(2000);
    let notice = lines.lines.recv_timeout(LIMIT).expect("a line in time");
    let notice = String::from_utf8_lossy(&notice).into_owned();
    assert_eq!(notice, format!(" {lost} messages lost"));
    assert_eq!(heard(&lines, 1), ["n2000"]);
}

/// A listener whose host takes little before its program reads.
fn reluctant() -> (TcpListener, SocketAddr) {
    let (listening, at) = listener();
    socket2::SockRef::from(&listening)
        .set_recv_buffer_size(4096)
        .expect("a small buffer");
    (listening, at)
}

/// Sends messages of about a kilobyte and waits until they are there, few at a time so that the kernel drops none.
fn send(bench: &Bench, input: SocketAddr, numbers: std::ops::Range<usize>) {
    let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let filler = "x".repeat(900);
    let before = bench.input_status(input).received;
    for (sent, n) in (1..).zip(numbers.clone()) {
        let text = message(&format!("n{n} {filler}"));
        sender.send_to(text.as_bytes(), input).expect("sent");
        if sent % 100 == 0 || n + 1 == numbers.end {
            eventually("they have come", || {
                bench.input_status(input).received == before + sent
            });
        }
    }
}

/// What stands behind a word in a message of ours.
fn number_behind(line: &str, word: &str) -> u64 {
    let behind = line.split_once(word).map(|(_, behind)| behind);
    let digits = behind.and_then(|behind| behind.split(|c: char| !c.is_ascii_digit()).next());
    digits
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_else(|| panic!("no number behind {word:?} in {line:?}"))
}

fn is_balanced(c: &Counters) -> bool {
    let left = c.delivered + c.filtered + c.rate_limited + c.merged + c.queued + c.overflowed;
    c.received == left && c.offered == c.below_level + c.received
}

#[test]
fn a_return_says_what_is_sent_again_and_the_counters_and_the_outage_agree() {
    let mut bench = Bench::start();
    let (listening, at) = reluctant();
    bench.host(Transport::Tcp, at);
    let (stream, _) = listening.accept().expect("a connection");
    let (datagrams, udp) = Datagrams::open();
    bench.host(Transport::Udp, udp);
    let input = bench.input(InputTransport::Udp);
    send(&bench, input, 0..200);
    // Closing with unread bytes resets the connection: what its host had not taken is lost there.
    drop(stream);
    let failed = datagrams.line_with("LOGGINGHOST_FAIL");
    assert!(failed.contains(&format!(
        "Logging to host 127.0.0.1 port {} failed",
        at.port()
    )));
    let mut again = Stream::accept(&listening);
    let back = datagrams.line_with("started - reconnection");
    let repeated = number_behind(&back, "repeated ");
    assert!(repeated > 0, "{back}");
    assert_eq!(number_behind(&back, "overflowed "), 0);
    let last = again.bodies_until("n199 ");
    assert!(last.starts_with("n199 "));
    eventually("all is sent again", || {
        bench
            .status_of(Transport::Tcp, at)
            .counters
            .possibly_repeated
            == repeated
    });
    let status = bench.status_of(Transport::Tcp, at);
    assert!(is_balanced(&status.counters), "{:?}", status.counters);
    assert_eq!(status.counters.overflowed, 0);
    let [outage] = &status.outages[..] else {
        panic!("{:?}", status.outages);
    };
    assert_eq!((outage.repeated, outage.overflowed), (repeated, 0));
    assert_eq!(outage.reason, "connection reset by peer");
    assert_eq!(outage.to, Some(status.since));
}

#[test]
fn an_overflow_is_said_on_the_others_and_counted_in_the_outage() {
    let mut bench = Bench::start();
    let gone = free_port();
    bench.configure(|logging| {
        let host = Host {
            queue_memory: Some(1),
            ..Host::default()
        };
        logging.hosts.set(key(Transport::Tcp, gone), host);
    });
    let (datagrams, udp) = Datagrams::open();
    bench.host(Transport::Udp, udp);
    let input = bench.input(InputTransport::Udp);
    send(&bench, input, 0..1500);
    let said = datagrams.line_with("LOGGINGHOST_OVERFLOW");
    let expected = format!(
        "%SYS-4-LOGGINGHOST_OVERFLOW: Logging to host 127.0.0.1 port {}: queue is full, messages are discarded",
        gone.port()
    );
    assert!(said.contains(&expected), "{said}");
    let status = bench.status_of(Transport::Tcp, gone);
    assert!(is_balanced(&status.counters), "{:?}", status.counters);
    assert!(status.counters.overflowed > 300 && status.counters.queued > 500);
    let [outage] = &status.outages[..] else {
        panic!("{:?}", status.outages);
    };
    assert_eq!(
        (outage.to, outage.reason.as_str()),
        (None, "connection refused")
    );
    assert_eq!(outage.overflowed, status.counters.overflowed);
    assert!(outage.queue_peak_bytes <= status.queue_limit);
    assert!(outage.queue_peak >= status.counters.queued);
    assert!(status.oldest.is_some());
    // What is left is the newest, whole and in order.
    let listening = TcpListener::bind(gone).expect("the same port again");
    let left = Stream::accept(&listening).bodies(500);
    let first = number_behind(&left[0], "n");
    let expected: Vec<_> = (first..first + 500).map(|n| format!("n{n} ")).collect();
    let begin = |(body, expected): (&String, &String)| body.starts_with(expected);
    assert!(left.iter().zip(&expected).all(begin), "{first}");
}

#[test]
fn leaving_takes_no_longer_than_it_may_though_a_receiver_stalls() {
    let mut bench = Bench::start();
    let (stalled, at) = reluctant();
    bench.host(Transport::Tcp, at);
    let _never_read = stalled.accept().expect("a connection");
    let (listening, other) = listener();
    bench.host(Transport::Tcp, other);
    let mut stream = Stream::accept(&listening);
    let input = bench.input(InputTransport::Udp);
    send(&bench, input, 0..1000);
    let limit = Duration::from_millis(300);
    let began = Instant::now();
    bench.engine.drain(limit);
    let took = began.elapsed();
    assert!(took >= limit && took < LIMIT / 2, "{took:?}");
    // The other had everything meanwhile.
    assert!(stream.bodies(1000)[999].starts_with("n999 "));
}

#[test]
fn a_receiver_that_closes_is_noticed_though_nothing_is_written() {
    let mut bench = Bench::start();
    let (listening, at) = listener();
    bench.host(Transport::Tcp, at);
    let (datagrams, udp) = Datagrams::open();
    bench.host(Transport::Udp, udp);
    let mut stream = Stream::accept(&listening);
    // Bytes that are not read would make it a reset.
    let announced = format!("port {} started", udp.port());
    while !String::from_utf8_lossy(&stream.line()).contains(&announced) {}
    drop((stream, listening));
    datagrams.line_with("LOGGINGHOST_FAIL");
    let status = bench.status_of(Transport::Tcp, at);
    assert_eq!(status.outages[0].reason, "connection closed by peer");
    // The message about it is for the others: nothing waits here.
    assert_eq!(status.counters.queued, 0);
}
