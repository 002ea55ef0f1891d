//! A receiver that is killed and comes back, under traffic: nothing that its host had not taken is lost (C5b.4). What its host
//! had taken and the program had not read nobody can know; how much that was, the kernel says.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use nix::sys::signal::Signal;

use crate::device::{Device, count};
use crate::program::{PATIENCE, Peer, Running, free};

/// What rsyslog reads at once from a connection.
const READ_AT_ONCE: u64 = 128 * 1024;
/// Octets of the text of each line.
const TEXT: usize = 400;
/// Octets that come before it, at least: `<189>1: [syslog@9 s_sn="1"]: Mar  1 18:46:11.123: %LAB-5-TAG: 1 `.
const HEAD: u64 = 60;

/// The numbers that a receiver was given, one behind the other.
struct Numbers {
    first: u64,
    last: u64,
}

impl Numbers {
    fn of(lines: &[String]) -> Self {
        let numbers: Vec<u64> = lines.iter().filter_map(|line| number(line)).collect();
        for pair in numbers.windows(2) {
            assert_eq!(
                pair[0] + 1,
                pair[1],
                "a gap, or a line again, within a connection"
            );
        }
        Self {
            first: *numbers.first().expect("lines"),
            last: *numbers.last().expect("lines"),
        }
    }
}

fn number(line: &str) -> Option<u64> {
    let (_, rest) = line.split_once("s_sn=\"")?;
    rest.split_once('"')?.0.parse().ok()
}

/// Queues of the established connections whose own or whose other port is this one: octets not acknowledged, not read.
fn queues(port: u16, column: usize) -> Option<(u64, u64)> {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("the kernel's table");
    let end = format!(":{port:04X}");
    table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let is_it = fields.get(column)?.ends_with(&end) && *fields.get(3)? == "01";
        let (sent, unread) = fields.get(4).filter(|_| is_it)?.split_once(':')?;
        let octets = |hex| u64::from_str_radix(hex, 16).ok();
        Some((octets(sent)?, octets(unread)?))
    })
}

/// What the receiver's host had taken and the program had not read, once its host takes no more and we have sent more.
fn taken_and_not_read(port: u16) -> u64 {
    let until = Instant::now() + PATIENCE;
    let (mut same, mut before) = (0, 0);
    while same < 100 {
        assert!(Instant::now() < until, "its host takes all there is");
        let not_acknowledged = queues(port, 2).map_or(0, |(sent, _)| sent);
        let unread = queues(port, 1).map_or(0, |(_, unread)| unread);
        let is_full = not_acknowledged > 0 && unread == before;
        same = if is_full { same + 1 } else { 0 };
        before = unread;
    }
    before
}

/// A load without end, until it is told; then a last line.
fn load(input: u16, is_over: Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", input)).expect("an input");
    let padding = "x".repeat(TEXT);
    std::thread::spawn(move || {
        let mut n = 0_u64;
        while !is_over.load(Ordering::Relaxed) {
            n += 1;
            let line = format!("<189>%LAB-5-TAG: {n} {padding}\n");
            stream.write_all(line.as_bytes()).expect("written");
        }
        let line = b"<189>%LAB-5-TAG: the end\n";
        stream.write_all(line).expect("written");
    })
}

fn until_the_end(peer: &Running) -> Vec<String> {
    let mut lines = Vec::new();
    while !lines
        .last()
        .is_some_and(|line: &String| line.ends_with("the end"))
    {
        lines.push(peer.line());
    }
    lines
}

#[test]
fn a_receiver_that_is_killed_and_comes_back_misses_only_what_its_host_had_taken() {
    let [port, input] = free();
    let start = || {
        let configuration = include_str!("rsyslog-keeps.conf");
        Running::start(Peer::Rsyslog, configuration, &[("TCP", port)])
    };
    let Some(mut peer) = start() else {
        return;
    };
    let device = Device::start(&format!(
        "logging input tcp port {input}\nlogging trap debugging\n\
         logging host 127.0.0.1 transport tcp port {port} sequence-num-session queue memory 512\n"
    ));
    let is_over = Arc::new(AtomicBool::new(false));
    let traffic = load(input, is_over.clone());
    // The last number that was printed, and what may be missing behind it.
    let (mut last, mut may_miss, mut again) = (0, 0, 0);
    let mut follow = |numbers: &Numbers, last: u64, may_miss: u64| {
        let missing = numbers.first.saturating_sub(last + 1);
        assert!(
            missing * (HEAD + TEXT as u64) <= may_miss,
            "{missing} are missing behind {last}; its host had taken {may_miss} octets"
        );
        again += (last + 1).saturating_sub(numbers.first);
    };
    for _ in 0..3 {
        let mut lines: Vec<String> = (0..1000).map(|_| peer.line()).collect();
        peer.signal(Signal::SIGSTOP);
        let taken = taken_and_not_read(port);
        lines.extend(peer.kill());
        let numbers = Numbers::of(&lines);
        follow(&numbers, last, may_miss);
        (last, may_miss) = (numbers.last, taken + READ_AT_ONCE);
        peer = start().expect("it was there");
    }
    is_over.store(true, Ordering::Relaxed);
    let numbers = Numbers::of(&until_the_end(&peer));
    follow(&numbers, last, may_miss);
    traffic.join().expect("the load ends");

    // It has read everything: now nothing may be missing.
    drop(peer);
    let traffic = load(input, Arc::new(AtomicBool::new(true)));
    traffic.join().expect("the load ends");
    let peer = start().expect("it was there");
    let last = numbers.last;
    let numbers = Numbers::of(&until_the_end(&peer));
    follow(&numbers, last, 0);
    let session = device.session(port);
    assert_eq!(count(&session, "overflowed"), 0, "{session}");
    assert_eq!(count(&session, "queued"), 0, "{session}");
    assert!(count(&session, "possibly_repeated") >= again, "{session}");
    assert_eq!(
        count(&session, "message_lines_logged"),
        numbers.last,
        "{session}"
    );
}
