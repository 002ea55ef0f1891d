//! Both ends of a relay: a generator that sends a corpus by TCP as fast as it goes or by UDP at a rate, and receivers that
//! count lines.

use std::io::{IoSlice, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, sendmmsg};

use crate::corpus::Corpus;
use crate::measure::Outcome;

/// Receivers on ports of the system's choice; they end with the process.
pub(crate) struct Receivers {
    pub(crate) ports: Vec<u16>,
    lines: Vec<Arc<AtomicU64>>,
}

impl Receivers {
    pub(crate) fn open(count: usize) -> Outcome<Self> {
        let mut receivers = Self {
            ports: Vec::new(),
            lines: Vec::new(),
        };
        for _ in 0..count {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            receivers.ports.push(listener.local_addr()?.port());
            let lines = Arc::new(AtomicU64::new(0));
            receivers.lines.push(lines.clone());
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let lines = lines.clone();
                    thread::spawn(move || receive(stream, &lines));
                }
            });
        }
        Ok(receivers)
    }

    /// Lines so far, of each.
    pub(crate) fn lines(&self) -> Vec<u64> {
        self.lines
            .iter()
            .map(|lines| lines.load(Ordering::Relaxed))
            .collect()
    }

    /// Waits until every receiver has what is expected, or nothing has come for a while; what each has got, and when the last
    /// of it was seen.
    pub(crate) fn settle(&self, expected: &[u64]) -> (Vec<u64>, Instant) {
        let (mut got, mut seen) = (self.lines(), Instant::now());
        loop {
            let has_all = got.iter().zip(expected).all(|(got, wanted)| got >= wanted);
            if has_all || seen.elapsed() > QUIET {
                return (got, seen);
            }
            thread::sleep(Duration::from_millis(1));
            let lines = self.lines();
            if lines != got {
                (got, seen) = (lines, Instant::now());
            }
        }
    }
}

/// As long as this nothing may come before it is taken for over.
const QUIET: Duration = Duration::from_millis(1500);

fn receive(mut stream: TcpStream, lines: &AtomicU64) {
    let mut part = vec![0; 256 << 10];
    while let Ok(count @ 1..) = stream.read(&mut part) {
        let part = part.get(..count).unwrap_or_default();
        let ends = memchr::memchr_iter(b'\n', part).count();
        lines.fetch_add(ends as u64, Ordering::Relaxed);
    }
}

/// Sends the corpus `times` times over one connection, as fast as it goes.
pub(crate) fn send_tcp(port: u16, corpus: &Corpus, times: usize) -> Outcome<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    for _ in 0..times {
        for part in corpus.bytes(0, corpus.len()).chunks(WRITE) {
            stream.write_all(part)?;
        }
    }
    stream.shutdown(Shutdown::Write)?;
    Ok(())
}

const WRITE: usize = 52 << 10;

/// Sends the corpus `times` times at `rate` datagrams a second, in bursts of two milliseconds; how many a second it was.
pub(crate) fn send_udp(port: u16, corpus: &Corpus, times: usize, rate: usize) -> Outcome<f64> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    let burst = (rate / 500).max(1);
    let mut headers = MultiHeaders::<SockaddrIn>::preallocate(AT_ONCE, None);
    let (since, mut sent) = (Instant::now(), 0);
    for _ in 0..times {
        let mut from = 0;
        while from < corpus.len() {
            let due = Duration::from_secs_f64(sent as f64 / rate as f64);
            thread::sleep(due.saturating_sub(since.elapsed()));
            let to = (from + burst).min(corpus.len());
            send_burst(&socket, corpus, from..to, &mut headers)?;
            sent += to - from;
            from = to;
        }
    }
    Ok(sent as f64 / since.elapsed().as_secs_f64())
}

/// Datagrams of one system call.
const AT_ONCE: usize = 64;

fn send_burst(
    socket: &UdpSocket,
    corpus: &Corpus,
    burst: std::ops::Range<usize>,
    headers: &mut MultiHeaders<SockaddrIn>,
) -> Outcome<()> {
    let mut from = burst.start;
    while from < burst.end {
        let to = (from + AT_ONCE).min(burst.end);
        let slices: Vec<[IoSlice<'_>; 1]> = (from..to)
            .map(|number| [IoSlice::new(corpus.bytes(number, number + 1))])
            .collect();
        let nobody = vec![None; slices.len()];
        let sent = sendmmsg(
            socket.as_raw_fd(),
            headers,
            &slices,
            nobody,
            [],
            MsgFlags::empty(),
        );
        match sent {
            Ok(results) => from += results.count(),
            // The answer to an earlier datagram; this one was not sent.
            Err(Errno::ECONNREFUSED) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
