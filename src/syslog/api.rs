//! All that others see of the syslog room: what it can be told to do, and what it says of itself. Plain data.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use super::log_files::savelog_name;
pub use super::trial::{Trial, Trier};
pub use super::verdict::Criterion;
use crate::config::TakenOver;
use crate::config::logging::{InputKey, SessionKey};
use crate::config::logging_limit::Limited;
pub use crate::intake::Position;
use crate::message::{Own, Severity};
pub use crate::net::ping::{Ping, Pinged};

/// The syslog room from outside. The real one stands behind channels; tests put a core on a virtual clock here.
pub trait Syslog: Send + Sync {
    /// Makes one local message; never blocks.
    fn say(&self, message: Own);
    /// Asks for counters and states; waits briefly for a balanced moment.
    fn status(&self) -> Status;
    /// The hosts that send here, by name (C3.8).
    fn senders(&self) -> Vec<SenderStatus>;
    /// What is counted by message: rules, limits.
    fn tables(&self) -> Tables;
    /// The elements of the XML buffer, as `buffer` has its lines.
    fn xml_buffer(&self) -> Vec<u8>;
    fn clear_xml_buffer(&self);
    /// The lines of the history buffer, oldest first, each without a line end; the first may be cut (the buffer is a ring of bytes).
    fn buffer(&self) -> Vec<u8>;
    /// Empties the history buffer.
    fn clear_buffer(&self);
    /// Drops what lies on disk of sessions that are not configured.
    fn clear_left_on_disk(&self);
    /// Lines for a console or a monitoring terminal from now on.
    fn listen(&self, who: Listener) -> Lines;
    /// How far the room has got with what was published.
    fn taken_over(&self) -> Arc<TakenOver>;
    /// Tries connections off the message path; what happens streams through the receiver, which ends when all is over.
    fn ping(&self, ping: Ping) -> Receiver<Pinged>;
    /// Waits until what was said and received so far has been handed to the sessions' queues and the queues have run empty, or `limit` is over.
    /// Sessions that never connected delay nothing while only the device's own messages wait for them (C1.3).
    fn drain(&self, limit: Duration);
    /// Ends the room: inputs are closed, their places kept. Waits for it a moment; nothing is answered afterwards.
    fn close(&self) {}
}

/// What a terminal is to the syslog room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// `logging console`.
    Console,
    /// `terminal monitor` with `logging monitor`.
    Monitor,
}

/// A bounded stream of rendered lines, without line ends. Dropping it ends the subscription.
pub struct Lines {
    pub lines: Receiver<Arc<[u8]>>,
}

/// The room's state at one balanced moment.
#[derive(Clone, Debug)]
pub struct Status {
    /// Counters count since then.
    pub since: DateTime<Utc>,
    pub device: DeviceCounters,
    pub console: LocalStatus,
    pub monitor: LocalStatus,
    pub buffer: LocalStatus,
    /// `logging buffered xml`.
    pub xml_buffer: LocalStatus,
    /// `logging history`.
    pub history: LocalStatus,
    /// `logging persistent`.
    pub persistent: LocalStatus,
    /// `logging mail`.
    pub mail: LocalStatus,
    pub mail_sending: MailSending,
    /// In order of entry.
    pub hosts: Vec<HostStatus>,
    pub inputs: Vec<InputStatus>,
    /// In order of their names.
    pub left_on_disk: Vec<LeftOnDisk>,
    /// The plane was started again this often after a fault of ours.
    pub faults: u64,
}

/// Device-wide: `received_by_inputs + own = disabled_by_logging_message + discarded_by_global_rate_limit + offered` (docs/PROMISES.md).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceCounters {
    pub received_by_inputs: u64,
    pub own: u64,
    pub disabled_by_logging_message: u64,
    pub discarded_by_global_rate_limit: u64,
    pub offered: u64,
}

/// Per session: `offered + restored + summaries = below_level + received`, `received = delivered + filtered + rate_limited + merged + queued + overflowed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    pub offered: u64,
    pub below_level: u64,
    /// From before the start, out of a queue on disk (C5b.6).
    pub restored: u64,
    pub received: u64,
    /// `message lines logged`.
    pub delivered: u64,
    /// `dropped-by-MD`.
    pub filtered: u64,
    pub rate_limited: u64,
    pub merged: u64,
    pub queued: u64,
    pub overflowed: u64,
    /// Of `received`, those that correlation made for it.
    pub summaries: u64,
    /// Outside the equation (C5b.4).
    pub possibly_repeated: u64,
    /// Cut to 8192 octets for a datagram (C5b.7); outside the equation.
    pub cut: u64,
}

/// How often each criterion blocked a message that those before it had let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blocks {
    pub severity: u64,
    pub facility: u64,
    pub mnemonics: u64,
    pub msg_body: u64,
    pub sender: u64,
}

impl Blocks {
    pub fn total(&self) -> u64 {
        self.severity + self.facility + self.mnemonics + self.msg_body + self.sender
    }

    /// What came on top of what was `before`.
    pub fn since(&self, before: &Self) -> Self {
        Self {
            severity: self.severity - before.severity,
            facility: self.facility - before.facility,
            mnemonics: self.mnemonics - before.mnemonics,
            msg_body: self.msg_body - before.msg_body,
            sender: self.sender - before.sender,
        }
    }
}

/// What one session's discriminator did since it was attached, or defined as it is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// What the level let in: all that the first criterion met.
    pub received: u64,
    pub blocks: Blocks,
    /// What correlation counted as repeats, and kept back as flapping.
    pub repeats: u64,
    pub damped: u64,
    /// What came as far as the rate limit, and what that discarded.
    pub limitable: u64,
    pub rate_limited: u64,
}

/// What correlation does for one session (docs/PROMISES.md), since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CorrelationStatus {
    /// The configuration asks for it.
    #[serde(skip)]
    pub is_asked: bool,
    /// Messages and objects that are watched now.
    pub watched: u64,
    /// Objects that flap now.
    pub damped: u64,
    /// Causes that wait for symptoms now.
    pub held: u64,
    /// Together they are the session's `merged`.
    pub merged_duplicates: u64,
    pub merged_flapping: u64,
    pub merged_symptoms: u64,
    /// Summaries that were made.
    pub summaries: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LocalStatus {
    pub counters: Counters,
    pub hits: Hits,
    pub correlation: CorrelationStatus,
    /// Terminals that listen.
    pub listeners: usize,
    /// Lines that they were too slow for.
    pub lost: u64,
}

/// What became of e-mails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailSending {
    /// E-mails that a server took.
    pub emails: u64,
    /// Why the last one was not taken, or not for everybody.
    pub fault: Option<String>,
}

#[derive(Clone, Debug)]
pub struct HostStatus {
    pub key: SessionKey,
    pub counters: Counters,
    pub hits: Hits,
    pub correlation: CorrelationStatus,
    pub link: Link,
    /// Bytes in its queue, and the bound.
    pub queue_bytes: u64,
    pub queue_limit: u64,
    pub queue: QueueKept,
    /// Messages that waited in it at most.
    pub most_queued: u64,
    /// When the queue will be full at the present rate; `None` when it is not filling.
    pub full_in: Option<Duration>,
    /// The address its name was found at.
    pub address: Option<SocketAddr>,
    /// Since when the link is as it is.
    pub since: DateTime<Utc>,
    /// For how long the oldest of what is queued has waited.
    pub oldest: Option<Duration>,
    /// The last sixteen, oldest first.
    pub outages: Vec<Outage>,
}

/// What lies on disk of a session that is not configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOnDisk {
    pub host: String,
    pub transport: String,
    pub port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vrf: Option<String>,
    pub messages: u64,
    pub bytes: u64,
}

/// A time in which a session had no link although it wanted one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    pub from: DateTime<Utc>,
    /// `None` as long as it lasts.
    pub to: Option<DateTime<Utc>>,
    /// Why the link was lost.
    pub reason: String,
    /// The most messages and bytes that waited meanwhile.
    pub queue_peak: u64,
    pub queue_peak_bytes: u64,
    pub overflowed: u64,
    /// Messages that are sent again because nobody knows whether they had arrived.
    pub repeated: u64,
}

/// Where a session's queue is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum QueueKept {
    #[default]
    InMemory,
    OnDisk {
        /// Messages that are not there yet.
        waiting: usize,
    },
    /// It should be on disk, which takes nothing; the reason in the operator's words.
    InMemoryFor { reason: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    Up,
    /// The reason in the operator's words, `connection refused`, `no address for name`.
    Down {
        reason: String,
    },
}

#[derive(Clone, Debug)]
pub struct InputStatus {
    pub key: InputKey,
    /// `Err` says why the socket is not open; it is retried (C3.2).
    pub listening: Result<(), String>,
    /// Whole messages.
    pub received: u64,
    /// Broken, oversize or empty frames, counted here only.
    pub malformed: u64,
    /// Whole messages or datagrams lost before we could take them (kernel buffer full).
    pub dropped: u64,
    /// From senders that `from` does not name, or connections beyond the 256th.
    pub refused: u64,
    /// What this device said itself and did not take in again (C3.2).
    pub own: u64,
    /// Read, and not to be read again after a kill although they were not delivered (D143).
    pub unkept: u64,
    pub last_error: Option<String>,
    pub connections: usize,
    pub position: Option<Position>,
}

/// What is counted by message, at one balanced moment.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// One for each `logging message`, by number.
    pub messages: Vec<MessageStatus>,
    /// One for each `logging rate-limit` of messages, in the order of the configuration.
    pub limits: Vec<LimitStatus>,
    /// `logging count`: by facility, then by name; 10,000 at most.
    pub counted: Vec<CountedMessage>,
    /// Messages of further names.
    pub counted_others: u64,
    /// `logging history`, oldest first.
    pub history: Vec<HistoryEntry>,
    /// Entries that gave way to newer ones.
    pub history_flushed: u64,
}

/// A message that `logging count` counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedMessage {
    pub facility: Vec<u8>,
    pub name: Vec<u8>,
    pub severity: Severity,
    pub count: u64,
    /// When it came last, as `service timestamps` writes it.
    pub last: Vec<u8>,
}

impl CountedMessage {
    /// The number of a message of ASA form.
    pub fn number(&self) -> Option<u32> {
        let digits = std::str::from_utf8(&self.name)
            .ok()
            .filter(|name| name.len() == 6)?;
        digits
            .parse()
            .ok()
            .filter(|_| self.facility.starts_with(b"ASA"))
    }
}

/// An entry of the history table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// From 1, counted on for ever.
    pub number: u64,
    pub facility: String,
    pub severity: Severity,
    pub mnemonic: String,
    pub body: String,
    /// Of the device, when it came.
    pub uptime: Duration,
}

/// A message that `logging message` is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageStatus {
    pub number: u32,
    /// The severity it came with last; `None` when it never came.
    pub default: Option<Severity>,
    /// How many were not made because it is turned off.
    pub disabled: u64,
}

/// A limit of one message or of one severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitStatus {
    pub limited: Limited,
    pub passed: u64,
    pub discarded: u64,
}

/// A host that sends here (C3.8).
#[derive(Clone, Debug, PartialEq)]
pub struct SenderStatus {
    /// The host its messages name, else the address they come from.
    pub host: String,
    pub messages: u64,
    /// Messages a second over the last minute.
    pub rate: f64,
    /// So long ago.
    pub last_seen: Duration,
    /// Numbers of its own counter that never came.
    pub missing: u64,
    pub reordered: u64,
    pub restarts: u64,
    /// It has been said that it is silent.
    pub is_silent: bool,
}
