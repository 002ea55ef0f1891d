//! Messages at a steady rate, by TCP or by UDP. Nine of ten have a number, so that a receiver can tell their order; the tenth is
//! one of a few that are sent again and again, for correlation to find.

use std::io::Write;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::corpus::Corpus;
use crate::measure::Outcome;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Tcp,
    Udp,
}

/// Somebody who sends until told to end.
pub(crate) struct Sender(JoinHandle<std::io::Result<u64>>);

impl Sender {
    pub(crate) fn start(
        way: Way,
        port: u16,
        corpus: Arc<Corpus>,
        rate: usize,
        ends: Arc<AtomicBool>,
    ) -> Outcome<Self> {
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut line = match way {
            Way::Tcp => Line::Tcp(TcpStream::connect(to)?),
            Way::Udp => {
                let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
                socket.connect(to)?;
                Line::Udp(socket)
            }
        };
        Ok(Self(thread::spawn(move || {
            let texts: Vec<&str> = corpus.messages().collect();
            let burst = (rate / BURSTS).max(1);
            let (since, mut sent) = (Instant::now(), 0);
            let mut text = Vec::new();
            while !ends.load(Ordering::Relaxed) {
                let due = Duration::from_secs_f64(sent as f64 / rate as f64);
                thread::sleep(due.saturating_sub(since.elapsed()));
                text.clear();
                for _ in 0..burst {
                    message(&mut text, &texts, line.mark(), sent)?;
                    sent += 1;
                    line.after_message(&mut text)?;
                }
                line.after_burst(&text)?;
            }
            if let Line::Tcp(stream) = line {
                stream.shutdown(Shutdown::Write)?;
            }
            Ok(sent as u64)
        })))
    }

    /// Messages that were sent.
    pub(crate) fn join(self) -> Outcome<u64> {
        let sent = self.0.join().map_err(|_| "a sender panicked")?;
        Ok(sent?)
    }
}

/// Bursts in a second.
const BURSTS: usize = 500;

enum Line {
    Tcp(TcpStream),
    Udp(UdpSocket),
}

impl Line {
    fn after_message(&self, text: &mut Vec<u8>) -> std::io::Result<()> {
        if let Self::Udp(socket) = self {
            socket.send(text)?;
            text.clear();
        }
        Ok(())
    }

    fn after_burst(&mut self, text: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.write_all(text),
            Self::Udp(_) => Ok(()),
        }
    }

    fn mark(&self) -> char {
        match self {
            Self::Tcp(_) => 't',
            Self::Udp(_) => 'u',
        }
    }
}

fn message(text: &mut Vec<u8>, texts: &[&str], mark: char, number: usize) -> std::io::Result<()> {
    if number % 10 == 9 {
        let again = AGAIN.get(number / 10 % AGAIN.len()).copied();
        return writeln!(text, "{}", again.unwrap_or_default());
    }
    let message = texts.get(number % texts.len()).copied();
    writeln!(
        text,
        "{} #{mark}{}",
        message.unwrap_or_default(),
        number + 1
    )
}

/// What is sent again and again: repeats, an interface that flaps, a cause and its symptoms.
const AGAIN: [&str; 7] = [
    "<187>Mar  1 00:00:01 UTC: %LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to down",
    "<187>Mar  1 00:00:01 UTC: %LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to up",
    "<189>Mar  1 00:00:01 UTC: %SYS-5-RESTART: System restarted",
    "<186>Mar  1 00:00:01 UTC: %POWER-2-LOST: Power supply 1 has failed",
    "<188>Mar  1 00:00:01 UTC: %POWER-4-SHED: Line card 3 is shut down",
    "<188>Mar  1 00:00:01 UTC: %POWER-4-SHED: Line card 4 is shut down",
    "<187>Mar  1 00:00:01 UTC: %SNMP-3-AUTHFAIL: Authentication failure for SNMP request from host 192.0.2.66",
];
