//! What a relay is sent: a corpus by TCP as fast as it goes, by TCP at a rate with stamps of the time, or by UDP at a rate.

use std::io::{IoSlice, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, sendmmsg};

use crate::corpus::Corpus;
use crate::measure::Outcome;
use crate::stamped::Stamped;

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

/// Sends the corpus over and over until then, or until nobody takes it for a while.
pub(crate) fn send_until(port: u16, corpus: &Corpus, end: Instant) -> Outcome<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_write_timeout(Some(Duration::from_secs(3)))?;
    let mut parts = corpus.bytes(0, corpus.len()).chunks(WRITE).cycle();
    while Instant::now() < end
        && let Some(part) = parts.next()
    {
        stream.write_all(part)?;
    }
    Ok(())
}

/// Sends the corpus once at `rate` messages a second, in bursts of two milliseconds. Those that have a stamp get the time
/// since `epoch`, taken before their burst is written.
pub(crate) fn send_paced(port: u16, corpus: &Stamped, rate: usize, epoch: Instant) -> Outcome<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    let burst = (rate / 500).max(1);
    let (since, mut bytes) = (Instant::now(), Vec::new());
    let mut from = 0;
    while from < corpus.len() {
        let due = Duration::from_secs_f64(from as f64 / rate as f64);
        thread::sleep(due.saturating_sub(since.elapsed()));
        let to = (from + burst).min(corpus.len());
        bytes.clear();
        corpus.write(from, to, epoch.elapsed().as_nanos(), &mut bytes);
        stream.write_all(&bytes)?;
        from = to;
    }
    stream.shutdown(Shutdown::Write)?;
    Ok(())
}

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
