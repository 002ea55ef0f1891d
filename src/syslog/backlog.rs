//! What waits behind a wire, or for a disk: eight lanes, one per severity, each in order; so that the oldest of the least
//! severe can go first when there is too much, and the oldest of all otherwise.

use std::collections::VecDeque;

use super::batch::{Batch, Item};
use super::plan::Framing;
use super::queue::{Entering, Parts, ROOMY, Wire};
use crate::message::Severity;

/// A message in the backlog.
#[derive(Clone, Copy, Debug)]
struct Entry {
    number: u64,
    length: u32,
    is_received: bool,
}

#[derive(Debug, Default)]
struct Lane {
    entries: VecDeque<Entry>,
    bytes: VecDeque<u8>,
}

/// Eight lanes, one per severity, each in order; a lane's number is a severity's or a place of the array.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    lanes: [Lane; 8],
    messages: usize,
    received: usize,
    bytes: usize,
}

impl Backlog {
    pub(super) fn push(&mut self, message: &Entering, parts: &Parts<'_>, length: usize) {
        let lane = &mut self.lanes[usize::from(message.severity.number())];
        let mut rest = length;
        for part in parts {
            let part = part.get(..rest.min(part.len())).unwrap_or_default();
            lane.bytes.extend(part);
            rest -= part.len();
        }
        lane.entries.push_back(Entry {
            number: message.number,
            length: length as u32,
            is_received: message.is_received,
        }); // At most 64 KiB and headers.
        self.count(message.is_received, length);
    }

    /// Takes back what is older than all that it holds.
    pub(super) fn restore(&mut self, message: &Entering, bytes: &[u8]) {
        let lane = &mut self.lanes[usize::from(message.severity.number())];
        lane.bytes.extend(bytes);
        lane.bytes.rotate_right(bytes.len());
        lane.entries.push_front(Entry {
            number: message.number,
            length: bytes.len() as u32,
            is_received: message.is_received,
        });
        self.count(message.is_received, bytes.len());
    }

    fn count(&mut self, is_received: bool, length: usize) {
        self.messages += 1;
        self.received += usize::from(is_received);
        self.bytes += length + ENTRY;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages == 0
    }

    pub(super) fn messages(&self) -> usize {
        self.messages
    }

    /// The lowest number.
    pub(super) fn first(&self) -> Option<u64> {
        let fronts = self.lanes.iter().filter_map(|lane| lane.entries.front());
        fronts.map(|entry| entry.number).min()
    }

    /// Messages that came through an input.
    pub(super) fn received(&self) -> usize {
        self.received
    }

    /// What it holds, with a little for each message's place in it.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Moves the message with the lowest number to the wire.
    pub(super) fn move_first(&mut self, wire: &mut Wire, framing: Framing) {
        self.take_first(|message, parts, length| wire.push(framing, message, parts, length));
    }

    /// Messages in the order of their numbers, at least one, else at most `most` bytes.
    pub(super) fn take(&mut self, most: usize) -> Batch {
        let mut batch = Batch::default();
        while !self.is_empty() && batch.bytes.len() < most {
            self.take_first(|message, parts, length| {
                batch.items.push(Item {
                    number: message.number,
                    length: length as u32, // As it was when it was pushed.
                    severity: message.severity,
                    is_received: message.is_received,
                    is_doubtful: false,
                    came: 0,
                });
                parts
                    .iter()
                    .for_each(|part| batch.bytes.extend_from_slice(part));
            });
        }
        batch
    }

    fn take_first(&mut self, into: impl FnOnce(&Entering, &Parts<'_>, usize)) {
        let first = |(_, lane): &(usize, &Lane)| lane.entries.front().map(|entry| entry.number);
        let lanes = self
            .lanes
            .iter()
            .enumerate()
            .filter(|lane| first(lane).is_some());
        let Some((lane, _)) = lanes.min_by_key(first) else {
            return;
        };
        let Some(entry) = self.pop(lane) else { return };
        let severity = u8::try_from(lane).ok().and_then(Severity::from_number);
        let message = Entering {
            severity: severity.unwrap_or_default(),
            number: entry.number,
            is_received: entry.is_received,
        };
        let length = entry.length as usize;
        let bytes = &mut self.lanes[lane].bytes;
        let (head, tail) = bytes.as_slices();
        let in_head = length.min(head.len());
        let parts = [
            &head[..in_head],
            tail.get(..length - in_head).unwrap_or_default(),
            &[],
        ];
        into(&message, &parts, length);
        self.drop_bytes(lane, length);
    }

    /// Drops the oldest of the least severe; `false` when there is nothing to drop.
    pub(super) fn overflow(&mut self) -> bool {
        let least_severe = (0..self.lanes.len())
            .rev()
            .find(|lane| !self.lanes[*lane].entries.is_empty());
        let Some((lane, entry)) = least_severe.and_then(|lane| Some((lane, self.pop(lane)?)))
        else {
            return false;
        };
        self.drop_bytes(lane, entry.length as usize);
        true
    }

    fn pop(&mut self, lane: usize) -> Option<Entry> {
        let entry = self.lanes[lane].entries.pop_front()?;
        self.messages -= 1;
        self.received -= usize::from(entry.is_received);
        self.bytes -= entry.length as usize + ENTRY;
        Some(entry)
    }

    fn drop_bytes(&mut self, lane: usize, length: usize) {
        let lane = &mut self.lanes[lane];
        lane.bytes.drain(..length.min(lane.bytes.len()));
        if lane.entries.is_empty() && lane.bytes.capacity() > ROOMY {
            *lane = Lane::default();
        }
    }
}

/// What a message in the backlog takes besides its bytes.
const ENTRY: usize = size_of::<Entry>();
