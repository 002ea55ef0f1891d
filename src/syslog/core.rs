//! The message core: bytes of a message in, bytes per session out. Pure: given plan, state, messages and `Now`, what
//! leaves is determined. No clock, no socket, no thread; whoever owns it moves its bytes.
//!
//! A turn: `begin`, any number of `message` and `own` (after each: write what `take_full` names), `fold`, then write
//! what `take_dirty` names and hand out `take_lines`.

mod correlation;
mod counting;
mod deliver;
mod files;
mod hits;
mod links;
mod mail;
mod screening;
mod settling;
mod silence;
mod spooling;
mod stamps;
mod swap;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use correlation::Correlating;

use super::api::{Counters, DeviceCounters, Hits, Listener};
use super::count::Count;
use super::history::History;
use super::history_table::HistoryTable;
use super::judge::Judge;
use super::plan::{Place, Plan};
use super::remote::Remote;
use super::render::Renderer;
use super::screen::Screen;
use super::sender::Sender;
use super::senders::Senders;
use super::verdict::Window;
use crate::message::{self, Kind, Own, Parsed, Severity};
use files::ToFiles;
use mail::ToMail;
use settling::Settling;
use spooling::Spooling;
use stamps::Stamps;

/// One reading of all clocks, per turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Since the process started; rate windows are its whole seconds.
    pub monotonic: Duration,
    pub utc: DateTime<Utc>,
    /// Of the device, for uptime stamps.
    pub uptime: Duration,
    /// What the host says of its clock: `Some(false)` marks our stamps with `*`, or `.` once it was synchronised.
    pub synchronised: Option<bool>,
}

/// What waits in a session's queue, written but unacknowledged bytes apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    pub bytes: usize,
    pub messages: usize,
    /// The bound in bytes.
    pub limit: usize,
    /// Messages that waited here at most, those of a turn that went through apart.
    pub most: usize,
    /// Of `messages`, those that came through an input; the others are the device's own (C1.3).
    pub received: usize,
}

/// All sessions of a device and what waits in them.
#[derive(Debug)]
pub struct Core {
    plan: Arc<Plan>,
    now: Now,
    was_synchronised: bool,
    judge: Judge,
    global: Window,
    counts: DeviceCounters,
    /// The device's message number.
    number: u64,
    stamps: Stamps,
    renderer: Renderer,
    history: History,
    xml_buffer: History,
    history_table: HistoryTable,
    counted: Count,
    console: Terminal,
    monitor: Terminal,
    remotes: Vec<Remote>,
    spooling: Spooling,
    files: ToFiles,
    mail: ToMail,
    dirty: Vec<usize>,
    full: Vec<usize>,
    retired: Counters,
    correlating: Correlating,
    /// By session of the filter: what was counted when its discriminator became what it is; none counts as nothing.
    hits_before: Vec<Hits>,
    /// What stands between the shared pieces of a line, for the session at hand.
    middle: Vec<u8>,
    /// A message whose line ends became blanks.
    flat: Vec<u8>,
    /// What stands before all sessions, and a message that it gave another severity.
    screen: Screen,
    changed: Vec<u8>,
    senders: Senders,
    said: Vec<Own>,
    peer: Peer,
    settling: Settling,
}

/// Where the message at hand came from; most come in runs.
#[derive(Debug, Default)]
struct Peer {
    address: Option<IpAddr>,
    /// The machine, when it is not this one.
    foreign: Option<IpAddr>,
}

impl Peer {
    #[inline]
    fn meet(&mut self, address: Option<&IpAddr>) {
        if self.address.as_ref() != address {
            self.address = address.copied();
            self.foreign = address
                .map(IpAddr::to_canonical)
                .filter(|address| !address.is_loopback());
        }
    }
}

/// The console, or all monitoring terminals.
#[derive(Debug, Default)]
struct Terminal {
    has_listener: bool,
    lines: Vec<Arc<[u8]>>,
}

impl Core {
    /// An idle core: no link is up, nobody listens, nothing is on disk.
    pub fn new(plan: Arc<Plan>, now: Now) -> Self {
        Self {
            now,
            was_synchronised: now.synchronised == Some(true),
            judge: Judge::new(&plan.filter),
            global: Window::default(),
            counts: DeviceCounters::default(),
            number: 0,
            stamps: Stamps::default(),
            renderer: Renderer::default(),
            history: History::new(plan.buffer.size),
            xml_buffer: History::new(plan.xml_buffer.size),
            history_table: HistoryTable::new(plan.history.size),
            counted: Count::default(),
            console: Terminal::default(),
            monitor: Terminal::default(),
            remotes: plan.hosts.iter().map(|host| Remote::new(host, 0)).collect(),
            spooling: Spooling::default(),
            files: ToFiles::default(),
            mail: mail::of(&plan),
            dirty: Vec::new(),
            full: Vec::new(),
            retired: Counters::default(),
            correlating: correlation::of(&plan),
            hits_before: Vec::new(),
            middle: Vec::new(),
            flat: Vec::new(),
            screen: Screen::default(),
            changed: Vec::new(),
            senders: Senders::default(),
            said: Vec::new(),
            peer: Peer::default(),
            settling: Settling::default(),
            plan,
        }
    }

    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The start of a turn.
    pub fn begin(&mut self, now: Now) {
        self.now = now;
        self.was_synchronised |= now.synchronised == Some(true);
        self.renderer.begin();
        self.stamps.mark(self.number + 1, now.monotonic);
        if self.plan.correlations.is_any {
            self.close_due_windows();
        }
    }

    /// One whole received message, without its framing. `sender` is the peer's address; `None` for local inputs.
    /// `false` when nothing is left once line ends and NULs at the end are taken off: an empty frame, which counts nowhere here.
    pub fn message(&mut self, sender: Option<IpAddr>, bytes: &[u8]) -> bool {
        self.peer.meet(sender.as_ref());
        let bytes = trimmed(bytes);
        if memchr::memchr2(b'\n', b'\r', bytes).is_none() {
            return self.receive(bytes);
        }
        let mut flat = std::mem::take(&mut self.flat);
        flat.clear();
        flatten(&mut flat, bytes);
        let any = self.receive(&flat);
        self.flat = flat;
        any
    }

    /// As `message`, of bytes that are known to hold neither line feed nor carriage return, except at their end.
    pub fn line(&mut self, sender: &IpAddr, bytes: &[u8]) -> bool {
        self.peer.meet(Some(sender));
        self.receive(trimmed(bytes))
    }

    /// `false` for an empty one.
    fn receive(&mut self, line: &[u8]) -> bool {
        if line.is_empty() {
            return false;
        }
        self.counts.received_by_inputs += 1;
        let mut message = message::parse(line);
        if self.plan.asa.debug_trace && message.kind == Kind::Debug {
            message = debug_trace(message);
        }
        self.note_sender(&message);
        self.decide(&message, line, false, None);
        true
    }

    /// A message of the device itself.
    pub fn own(&mut self, own: &Own) {
        self.own_beside(own, None);
    }

    /// A message of the device itself for every session but one: what a link does is said on the others (C3.7).
    pub fn own_beside(&mut self, own: &Own, session: Option<usize>) {
        self.counts.own += 1;
        let mut text = std::mem::take(&mut self.flat);
        text.clear();
        text.push(b'%');
        text.extend_from_slice(own.facility.as_bytes());
        text.extend_from_slice(&[b'-', b'0' + own.severity.number(), b'-']);
        text.extend_from_slice(own.mnemonic.as_bytes());
        text.extend_from_slice(b": ");
        let body = text.len();
        flatten(&mut text, own.body.as_bytes());
        let message = Parsed {
            kind: Kind::Cisco,
            severity: own.severity,
            facility: own.facility.as_bytes(),
            mnemonic: own.mnemonic.as_bytes(),
            body: text.get(body..).unwrap_or_default(),
            text: &text,
            ..Parsed::default()
        };
        self.decide(
            &message,
            &text,
            true,
            session.filter(|session| *session < self.remotes.len()),
        );
        self.flat = text;
    }

    /// The end of a batch: every counter is balanced until the next message.
    pub fn fold(&mut self) {
        self.judge.fold();
    }

    /// Remote sessions, numbered from 0 as in `plan().hosts`.
    pub fn sessions(&self) -> usize {
        self.remotes.len()
    }

    /// Whether lines are rendered for this kind of terminal. Without a listener they are counted all the same.
    pub fn listen(&mut self, who: Listener, listening: bool) {
        let terminal = match who {
            Listener::Console => &mut self.console,
            Listener::Monitor => &mut self.monitor,
        };
        terminal.has_listener = listening;
        if !listening {
            terminal.lines.clear();
        }
    }

    /// The lines of this turn for this kind of terminal, without line ends.
    pub fn take_lines(&mut self, who: Listener) -> Vec<Arc<[u8]>> {
        std::mem::take(match who {
            Listener::Console => &mut self.console.lines,
            Listener::Monitor => &mut self.monitor.lines,
        })
    }

    /// The history buffer: lines, oldest first, a line feed between them; the first may be cut.
    pub fn buffer(&self) -> Vec<u8> {
        self.history.lines()
    }

    pub fn clear_buffer(&mut self) {
        self.history.clear();
    }

    /// The buffer of `logging buffered xml`, as `buffer`.
    pub fn xml_buffer(&self) -> Vec<u8> {
        self.xml_buffer.lines()
    }

    pub fn clear_xml_buffer(&mut self) {
        self.xml_buffer.clear();
    }

    /// The way of every message: what is configured about it alone, then what is about all. `text` is all of it.
    #[inline]
    fn decide(&mut self, message: &Parsed<'_>, text: &[u8], is_own: bool, beside: Option<usize>) {
        if self.plan.screen.is_some() {
            self.screened(message, text, is_own, beside);
        } else {
            self.pass(message, text, is_own, beside);
        }
    }

    /// Numbers, global limit, verdict, then each session that gets it.
    fn pass(&mut self, message: &Parsed<'_>, text: &[u8], is_own: bool, beside: Option<usize>) {
        self.number += 1;
        self.renderer.count();
        let plan = &*self.plan;
        let second = self.now.monotonic.as_secs();
        if let Some(limit) = &plan.rate_limit
            && !self.global.admits(limit, message.severity, second)
        {
            self.counts.discarded_by_global_rate_limit += 1;
            return;
        }
        self.counts.offered += 1;
        if let Some(remote) = beside.and_then(|session| self.remotes.get_mut(session)) {
            remote.counts.offered_before += 1;
        }
        let peer = &self.peer;
        self.judge.judge(
            &plan.filter,
            message,
            || {
                let peer = peer.address.filter(|_| !is_own);
                Sender::of(message, peer, &plan.hostname)
            },
            beside.map(|session| session + HOSTS),
        );
        if plan.correlations.is_any {
            self.correlate(message, text, is_own);
        }
        let filter = &self.plan.filter;
        if self.judge.limit(filter, message.severity, second) {
            self.deliver(message, is_own);
        }
        if !self.correlating.is_quiet() {
            self.send_made();
        }
    }
}

/// A debug line as an ASA's message 711001; its header is written before its text wherever it goes.
fn debug_trace(message: Parsed<'_>) -> Parsed<'_> {
    Parsed {
        kind: Kind::Program,
        severity: Severity::Debugging,
        facility: b"ASA",
        mnemonic: b"711001",
        line: b"",
        ..message
    }
}

/// Without line ends and NULs at its end.
#[inline]
fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., b'\n' | b'\r' | 0] = bytes {
        bytes = rest;
    }
    bytes
}

/// Appends a text whose line ends become blanks.
fn flatten(out: &mut Vec<u8>, text: &[u8]) {
    out.extend(text.iter().map(|&byte| {
        if matches!(byte, b'\r' | b'\n') {
            b' '
        } else {
            byte
        }
    }));
}

/// The first places of the filter's sessions; remote ones follow.
const BUFFER: usize = Place::Buffer as usize;
const CONSOLE: usize = Place::Console as usize;
const MONITOR: usize = Place::Monitor as usize;
const PERSISTENT: usize = Place::Persistent as usize;
const XML_BUFFER: usize = Place::XmlBuffer as usize;
const HISTORY: usize = Place::History as usize;
const MAIL: usize = Place::Mail as usize;
const HOSTS: usize = Place::ALL.len();

#[cfg(test)]
mod correlation_tests;
#[cfg(test)]
mod files_tests;
#[cfg(test)]
mod filter_tests;
#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod mail_tests;
#[cfg(test)]
mod queue_tests;
#[cfg(test)]
mod requirement_tests;
#[cfg(test)]
mod screen_laws;
#[cfg(test)]
mod spooling_bench;
#[cfg(test)]
mod spooling_tests;
#[cfg(test)]
mod tests;
