//! Where a relay's messages end: TCP receivers that count lines, can be stopped, and measure how old the stamped ones are.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use memchr::memmem;

use crate::measure::Outcome;
use crate::stamped::{STAMP, STAMP_DIGITS};

/// Receivers on ports of the system's choice; closed when they go out of scope.
pub(crate) struct Receivers(Vec<Receiver>);

struct Receiver {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    lines: AtomicU64,
    is_over: AtomicBool,
    /// It reads no more for now.
    is_stopped: Mutex<bool>,
    goes_on: Condvar,
    stamps: Mutex<Option<Stamps>>,
}

/// How long stamped messages took, in milliseconds.
struct Stamps {
    epoch: Instant,
    taken: Vec<f64>,
    /// The beginning of a line.
    rest: Vec<u8>,
}

impl Receivers {
    pub(crate) fn open(count: usize) -> Outcome<Self> {
        let mut receivers = Self(Vec::new());
        for _ in 0..count {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            let port = listener.local_addr()?.port();
            let state = Arc::new(State::default());
            receivers.0.push(Receiver {
                port,
                state: state.clone(),
            });
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    if state.is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    let state = state.clone();
                    thread::spawn(move || state.receive(stream));
                }
            });
        }
        Ok(receivers)
    }

    pub(crate) fn ports(&self) -> Vec<u16> {
        self.0.iter().map(|receiver| receiver.port).collect()
    }

    /// Lines so far, of each.
    pub(crate) fn lines(&self) -> Vec<u64> {
        let lines = |receiver: &Receiver| receiver.state.lines.load(Ordering::Relaxed);
        self.0.iter().map(lines).collect()
    }

    /// From now on stamped messages are looked at; `epoch` is the time that stamps count from.
    pub(crate) fn look_at_stamps(&self, epoch: Instant) {
        for receiver in &self.0 {
            *lock(&receiver.state.stamps) = Some(Stamps {
                epoch,
                taken: Vec::new(),
                rest: Vec::new(),
            });
        }
    }

    /// How long each stamped message took, in milliseconds.
    pub(crate) fn taken(&self) -> Vec<f64> {
        let mut taken = Vec::new();
        for receiver in &self.0 {
            if let Some(stamps) = &*lock(&receiver.state.stamps) {
                taken.extend_from_slice(&stamps.taken);
            }
        }
        taken
    }

    /// Lets one of them read no more, with its connection open.
    pub(crate) fn stop(&self, receiver: usize) {
        if let Some(receiver) = self.0.get(receiver) {
            *lock(&receiver.state.is_stopped) = true;
        }
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

impl Drop for Receivers {
    fn drop(&mut self) {
        for Receiver { port, state } in &self.0 {
            state.is_over.store(true, Ordering::Relaxed);
            *lock(&state.is_stopped) = false;
            state.goes_on.notify_all();
            // Whoever waits for a connection gets this one, and ends.
            drop(TcpStream::connect((Ipv4Addr::LOCALHOST, *port)));
        }
    }
}

impl State {
    fn receive(&self, mut stream: TcpStream) {
        let mut part = vec![0; 256 << 10];
        while let Ok(count @ 1..) = stream.read(&mut part) {
            let part = part.get(..count).unwrap_or_default();
            let ends = memchr::memchr_iter(b'\n', part).count();
            self.lines.fetch_add(ends as u64, Ordering::Relaxed);
            if let Some(stamps) = &mut *lock(&self.stamps) {
                stamps.look_at(part);
            }
            let mut is_stopped = lock(&self.is_stopped);
            while *is_stopped {
                is_stopped = self
                    .goes_on
                    .wait(is_stopped)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

impl Stamps {
    fn look_at(&mut self, part: &[u8]) {
        let now = self.epoch.elapsed();
        self.rest.extend_from_slice(part);
        let end = memchr::memrchr(b'\n', &self.rest).map_or(0, |at| at + 1);
        let whole = self.rest.get(..end).unwrap_or_default();
        for at in memmem::find_iter(whole, STAMP.as_bytes()) {
            let from = at + STAMP.len();
            let digits = whole.get(from..from + STAMP_DIGITS).unwrap_or_default();
            let sent = std::str::from_utf8(digits)
                .ok()
                .and_then(|n| n.parse().ok());
            // None is older than the epoch.
            let age = now.saturating_sub(Duration::from_nanos(sent.unwrap_or_default()));
            self.taken.push(age.as_secs_f64() * 1e3);
        }
        self.rest.drain(..end);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
