//! What a session with a queue on disk and the disk tell each other: one job at a time for each session, one answer for each
//! job. Plain data; who keeps it in order is the session on one side, the spool on the other.

use std::sync::Arc;

use super::api::LeftOnDisk;
use crate::config::logging::SessionKey;
use crate::message::Severity;

/// A message of a batch, without its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The device's number of it while it goes to the disk, its place there when it comes back.
    pub number: u64,
    pub length: u32,
    pub severity: Severity,
    /// It came through an input.
    pub is_received: bool,
    /// It may have left before this process began.
    pub is_doubtful: bool,
    /// When it came, in seconds since 1970; 0 of what is not on its way to a queue on disk or from there.
    pub came: i64,
}

/// Messages, their bytes one behind the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub items: Vec<Item>,
    pub bytes: Vec<u8>,
}

impl Batch {
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn push(&mut self, item: Item, bytes: &[u8]) {
        self.items.push(item);
        self.bytes.extend_from_slice(bytes);
    }

    pub fn tally(&self) -> Tally {
        Tally {
            messages: self.items.len(),
            bytes: self.bytes.len(),
        }
    }

    /// Each message with its bytes, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Item, &[u8])> {
        let mut rest = &*self.bytes;
        self.items.iter().map_while(move |item| {
            let (bytes, behind) = rest.split_at_checked(item.length as usize)?;
            rest = behind;
            Some((item, bytes))
        })
    }

    /// Each message with its bytes, the last first.
    pub fn iter_back(&self) -> impl Iterator<Item = (&Item, &[u8])> {
        let mut rest = &*self.bytes;
        self.items.iter().rev().map_while(move |item| {
            let at = rest.len().checked_sub(item.length as usize)?;
            let (before, bytes) = rest.split_at_checked(at)?;
            rest = before;
            Some((item, bytes))
        })
    }
}

/// How many messages, and the sum of their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub messages: usize,
    pub bytes: usize,
}

impl Tally {
    /// What the messages count against the bound of a queue.
    pub fn held(self) -> usize {
        self.bytes + self.messages * ROW
    }

    pub fn add(&mut self, more: Self) {
        self.messages += more.messages;
        self.bytes += more.bytes;
    }

    pub fn take(&mut self, less: Self) {
        self.messages = self.messages.saturating_sub(less.messages);
        self.bytes = self.bytes.saturating_sub(less.bytes);
    }
}

/// What a message in a queue on disk counts besides its bytes.
pub const ROW: usize = 32;

/// What a session asks of the disk, done in this order: forget, store, overflow, hand back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub session: Arc<str>,
    /// Which life of the session asks; an answer to an earlier one is nobody's.
    pub life: u64,
    /// Up to this place everything has arrived.
    pub done: u64,
    pub store: Batch,
    /// The number of the session's message that entered last (C5b.2).
    pub number: u64,
    /// Up to this place everything is with the session: that never overflows, and what is handed back stands behind it.
    pub after: u64,
    /// Bytes that may be handed back; 0 when none are wanted.
    pub room: usize,
    /// The bounds of the queue.
    pub most_bytes: usize,
    pub most_messages: usize,
}

/// What became of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub session: Arc<str>,
    pub life: u64,
    /// Why nothing could be stored; the batch comes back.
    pub refused: Option<(Batch, String)>,
    pub overflowed: Tally,
    pub handed: Batch,
    /// What lay there for it from before, when the file could be opened only now.
    pub found: Option<Stored>,
    /// Everything that was on disk is gone: the file was damaged.
    pub lost: bool,
    /// When the oldest of what is there now came, in seconds since 1970; nothing is known of it when the job was refused.
    pub oldest: Option<i64>,
}

/// What lay on disk for a session when it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    pub tally: Tally,
    /// The number of the session's message that entered last.
    pub number: u64,
    /// When the oldest of it came, in seconds since 1970.
    pub oldest: Option<i64>,
}

/// What lies on disk under this name, in the operator's words.
pub fn left(name: &str, tally: Tally) -> LeftOnDisk {
    let mut words = name.splitn(5, ' ').map(str::to_owned);
    let mut next = || words.next().unwrap_or_default();
    let (transport, host, port) = (next(), next(), next());
    LeftOnDisk {
        host,
        transport,
        port: port.parse().unwrap_or_default(),
        channel: Some(next()).filter(|channel| channel != "0"),
        vrf: Some(next()).filter(|vrf| !vrf.is_empty()),
        messages: tally.messages as u64,
        bytes: tally.bytes as u64,
    }
}

/// The name of a session on disk.
pub fn name(key: &SessionKey) -> Arc<str> {
    let vrf = key.vrf.as_deref().unwrap_or_default();
    let channel = key.channel.unwrap_or_default();
    format!(
        "{} {} {} {channel} {vrf}",
        key.transport.keyword(),
        key.host,
        key.port
    )
    .into()
}
