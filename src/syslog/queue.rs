//! What waits for one remote session: a wire, the bytes to write next in one piece; behind it stands the backlog. How long
//! they may get, and when a message enters, is decided by the session.

use std::collections::VecDeque;

use super::backlog::Backlog;
use super::batch::{Item, Tally};
use super::plan::Framing;
use crate::message::Severity;
use crate::wire::syslog::write_number;

/// The parts of one message, written one behind the other.
pub(super) type Parts<'a> = [&'a [u8]; 3];

/// What a queue has to know of a message besides its bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entering {
    pub(super) severity: Severity,
    /// The device's number of it: lanes are merged by it.
    pub(super) number: u64,
    /// It came through an input.
    pub(super) is_received: bool,
}

/// Where a message on the wire comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comes {
    FromDevice,
    FromInput,
    /// From the queue on disk, where it stays until it has arrived. A doubtful one may have left before this process began.
    FromDisk {
        is_doubtful: bool,
    },
    /// The same, and the disk has lost it since.
    OnceOnDisk {
        is_doubtful: bool,
    },
}

impl Comes {
    fn is_on_disk(self) -> bool {
        matches!(self, Self::FromDisk { .. })
    }

    fn was_on_disk(self) -> bool {
        matches!(self, Self::FromDisk { .. } | Self::OnceOnDisk { .. })
    }

    fn is_doubtful(self) -> bool {
        let (Self::FromDisk { is_doubtful } | Self::OnceOnDisk { is_doubtful }) = self else {
            return false;
        };
        is_doubtful
    }
}

/// A message on the wire.
#[derive(Clone, Copy, Debug)]
struct Framed {
    /// The device's number of it, or the place that it has or had on disk.
    number: u64,
    /// With its frame.
    length: u32,
    severity: Severity,
    comes: Comes,
    /// Octets of the frame before the message and behind it.
    head: u8,
    tail: u8,
}

/// The bytes to write next. Whole messages leave it when the kernel took them, or with `retain` when the peer's host has
/// them; so it always begins with the first byte of a message.
#[derive(Debug, Default)]
pub(super) struct Wire {
    bytes: Vec<u8>,
    /// Each message in `bytes`.
    framed: VecDeque<Framed>,
    /// Bytes that the kernel took.
    written: usize,
    /// Messages whose last byte it took, and where they end. Both are 0 without `retain`.
    sent: usize,
    sent_end: usize,
    /// Messages at the front that were delivered once, before a link broke: sending them again is no delivery.
    again: usize,
    /// What has left `bytes` since the link came up.
    released: u64,
    retain: bool,
    /// Messages from a disk came this way.
    has_places: bool,
    /// The place on disk up to which everything has left.
    done: u64,
}

/// What went back to a queue on disk, and the place of the first of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Recalled {
    pub(super) tally: Tally,
    pub(super) first: Option<u64>,
}

/// What an advance did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Advanced {
    pub(super) delivered: u64,
    pub(super) repeated: u64,
}

impl Wire {
    /// Appends a message of `length` bytes at most, framed.
    pub(super) fn push(
        &mut self,
        framing: Framing,
        message: &Entering,
        parts: &Parts<'_>,
        length: usize,
    ) {
        let comes = if message.is_received {
            Comes::FromInput
        } else {
            Comes::FromDevice
        };
        let (number, severity) = (message.number, message.severity);
        self.frame(framing, (number, severity, comes), parts, length);
    }

    /// Appends what a queue on disk handed back.
    pub(super) fn push_from_disk(&mut self, framing: Framing, item: &Item, bytes: &[u8]) {
        let is_doubtful = item.is_doubtful;
        let comes = Comes::FromDisk { is_doubtful };
        self.has_places = true;
        let parts = [bytes, &[], &[]];
        self.frame(
            framing,
            (item.number, item.severity, comes),
            &parts,
            bytes.len(),
        );
    }

    fn frame(
        &mut self,
        framing: Framing,
        (number, severity, comes): (u64, Severity, Comes),
        parts: &Parts<'_>,
        length: usize,
    ) {
        let before = self.bytes.len();
        self.bytes.reserve(length + FRAME);
        if framing == Framing::Counted {
            write_number(&mut self.bytes, length);
            self.bytes.push(b' ');
        }
        let start = self.bytes.len();
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.bytes.truncate(start + length);
        let tail = u8::from(framing == Framing::LineFeed);
        if tail > 0 {
            self.bytes.push(b'\n');
        }
        self.framed.push_back(Framed {
            number,
            // A message has at most 64 KiB and its headers, a frame's head the digits of that and a blank.
            length: (self.bytes.len() - before) as u32,
            severity,
            comes,
            head: (start - before) as u8,
            tail,
        });
    }

    /// What the kernel has not taken.
    pub(super) fn waiting(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }

    /// Messages that are not delivered.
    pub(super) fn messages(&self) -> usize {
        self.framed.len() - self.sent.max(self.again)
    }

    /// The number of the first of `messages` that has never been on disk.
    pub(super) fn first(&self) -> Option<u64> {
        let mut queued = self.framed.iter().skip(self.sent.max(self.again));
        let first = queued.find(|framed| !framed.comes.was_on_disk())?;
        Some(first.number)
    }

    /// Some of `messages` came from a disk.
    pub(super) fn queues_from_disk(&self) -> bool {
        let mut queued = self.framed.iter().skip(self.sent.max(self.again));
        self.has_places && queued.any(|framed| framed.comes.was_on_disk())
    }

    /// The number of the first message that is here alone; with `leaves` the kernel sends what it took. What the disk has
    /// lost was settled once.
    pub(super) fn unsettled(&self, leaves: bool) -> Option<u64> {
        let sent = if leaves { self.sent } else { 0 };
        let mut framed = self.framed.iter().skip(sent);
        let here = framed.find(|framed| !framed.comes.was_on_disk())?;
        Some(here.number)
    }

    /// Messages that were delivered once and have to be sent again.
    pub(super) fn repeats(&self) -> usize {
        self.again.saturating_sub(self.sent)
    }

    pub(super) fn datagrams(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.waiting();
        self.framed.iter().skip(self.sent).map_while(move |framed| {
            let (datagram, behind) = rest.split_at_checked(framed.length as usize)?;
            rest = behind;
            Some(datagram)
        })
    }

    /// The bytes of the first `count` messages that the kernel has not taken.
    pub(super) fn length_of(&self, count: usize) -> usize {
        self.framed
            .iter()
            .skip(self.sent)
            .take(count)
            .map(|framed| framed.length as usize)
            .sum()
    }

    /// Gives the backlog back what the kernel has not begun to take, so that it can overflow there. What was delivered once
    /// stays, it never overflows; so does what was on disk: it has no number that could tell its turn.
    pub(super) fn recall(&mut self, backlog: &mut Backlog) {
        while let Some(framed) = self.take_unbegun(|comes| !comes.was_on_disk()) {
            let start = self.bytes.len().saturating_sub(framed.length as usize);
            let from = start + usize::from(framed.head);
            let to = self.bytes.len().saturating_sub(framed.tail.into());
            let message = Entering {
                number: framed.number,
                severity: framed.severity,
                is_received: framed.comes != Comes::FromDevice,
            };
            backlog.restore(&message, self.bytes.get(from..to).unwrap_or_default());
            self.bytes.truncate(start);
        }
    }

    /// Forgets what is on disk, at the end of the wire and not begun.
    pub(super) fn recall_to_disk(&mut self) -> Recalled {
        let mut recalled = Recalled::default();
        while let Some(framed) = self.take_unbegun(Comes::is_on_disk) {
            let start = self.bytes.len().saturating_sub(framed.length as usize);
            self.bytes.truncate(start);
            let frame = usize::from(framed.head) + usize::from(framed.tail);
            recalled.first = Some(framed.number);
            recalled.tally.add(Tally {
                messages: 1,
                bytes: (framed.length as usize).saturating_sub(frame),
            });
        }
        recalled
    }

    /// Takes the last message, when the kernel has not begun to take it, and it was never delivered.
    fn take_unbegun(&mut self, is_meant: impl Fn(Comes) -> bool) -> Option<Framed> {
        let begun = usize::from(self.written > self.sent_end);
        let kept = (self.sent + begun).max(self.again);
        let last = self.framed.back().filter(|last| is_meant(last.comes));
        last.filter(|_| self.framed.len() > kept)?;
        self.framed.pop_back()
    }

    /// The place on disk up to which everything has left.
    pub(super) fn done(&self) -> u64 {
        self.done
    }

    /// Something was written whose arrival is not known.
    pub(super) fn is_unacknowledged(&self) -> bool {
        self.sent > 0
    }

    /// Messages that a queue on disk still has are on it.
    pub(super) fn has_from_disk(&self) -> bool {
        self.has_places && self.framed.iter().any(|framed| framed.comes.is_on_disk())
    }

    /// Some of it was on a disk that has lost it.
    pub(super) fn has_lost(&self) -> bool {
        let is_lost = |framed: &Framed| matches!(framed.comes, Comes::OnceOnDisk { .. });
        self.has_places && self.framed.iter().any(is_lost)
    }

    /// The disk has lost what it had; from now on what is here is here alone.
    pub(super) fn forget_places(&mut self) {
        for framed in &mut self.framed {
            if let Comes::FromDisk { is_doubtful } = framed.comes {
                framed.comes = Comes::OnceOnDisk { is_doubtful };
            }
        }
        self.done = 0;
    }

    /// The kernel took `count` more bytes.
    pub(super) fn advance(&mut self, count: usize) -> Advanced {
        self.written = (self.written + count).min(self.bytes.len());
        let was_sent = self.sent;
        if self.written == self.bytes.len() {
            self.sent = self.framed.len();
            self.sent_end = self.written;
        } else {
            while let Some(framed) = self.framed.get(self.sent)
                && self.sent_end + framed.length as usize <= self.written
            {
                self.sent += 1;
                self.sent_end += framed.length as usize;
            }
        }
        let repeated = self.again.min(self.sent).saturating_sub(was_sent);
        let doubtful = if self.has_places {
            let new = self.framed.range(was_sent + repeated..self.sent);
            new.filter(|framed| framed.comes.is_doubtful()).count()
        } else {
            0
        };
        let advanced = Advanced {
            delivered: (self.sent - was_sent - repeated) as u64,
            repeated: (repeated + doubtful) as u64,
        };
        self.again = self.again.max(self.sent);
        if !self.retain {
            self.release(self.sent, self.sent_end);
        }
        advanced
    }

    /// The peer's host has this many bytes of those written since the link came up.
    pub(super) fn acknowledge(&mut self, total: u64) {
        let mut end = 0;
        let mut count = 0;
        while count < self.sent
            && let Some(framed) = self.framed.get(count)
            && self.released + (end + framed.length as usize) as u64 <= total
        {
            end += framed.length as usize;
            count += 1;
        }
        self.release(count, end);
    }

    pub(super) fn link_up(&mut self, retain: bool) {
        self.retain = retain;
        self.released = 0;
    }

    /// What was not wholly taken, or not acknowledged, goes again from its first byte.
    pub(super) fn link_down(&mut self, acknowledged: Option<u64>) {
        match acknowledged {
            Some(total) => self.acknowledge(total),
            // Nobody knows better: what the kernel took counts as arrived.
            None => self.release(self.sent, self.sent_end),
        }
        self.written = 0;
        self.sent = 0;
        self.sent_end = 0;
    }

    /// Drops the first `count` messages, `end` bytes long, which the kernel took.
    fn release(&mut self, count: usize, end: usize) {
        if count == 0 {
            return;
        }
        self.released += end as u64;
        if self.has_places {
            let mut gone = self.framed.range(..count.min(self.framed.len())).rev();
            if let Some(last) = gone.find(|framed| framed.comes.is_on_disk()) {
                self.done = last.number;
            }
        }
        if count == self.framed.len() {
            self.framed.clear();
            self.bytes.clear();
            self.bytes.shrink_to(ROOMY);
        } else {
            self.framed.drain(..count);
            self.bytes.drain(..end);
        }
        self.written -= end.min(self.written);
        self.sent -= count.min(self.sent);
        self.sent_end -= end.min(self.sent_end);
        self.again -= count.min(self.again);
    }
}

/// What a frame adds to a message at most.
const FRAME: usize = 16;
/// Room that an empty wire or lane may keep.
pub(super) const ROOMY: usize = 256 << 10;
