//! One remote session: its queue and bounds, its number and id, its link and its counters. Which messages it gets and how
//! they read is decided elsewhere.

use std::net::IpAddr;

use super::backlog::Backlog;
use super::batch::Tally;
use super::on_disk::{IN_MEMORY, OnDisk};
use super::plan::{DATAGRAM, Form, Framing, HostPlan, Origin};
use super::queue::{Advanced, Entering, Parts, Wire};
use crate::wire::syslog::{Decimal, write_param};

/// A session's state; its plan may change under it.
#[derive(Debug)]
pub(super) struct Remote {
    pub(super) wire: Wire,
    pub(super) backlog: Backlog,
    /// The queue is on disk, or something is left there.
    pub(super) disk: Option<Box<OnDisk>>,
    pub(super) form: Form,
    pub(super) framing: Framing,
    pub(super) is_up: bool,
    source: Option<IpAddr>,
    /// `sequence-num-session`, of the message that entered last.
    pub(super) number: Decimal,
    is_numbered: bool,
    /// What it was when it began to be counted, or was last kept from it.
    pub(super) lowest_number: u64,
    /// `TAG:PORT`; empty without `session-id`.
    id: Vec<u8>,
    pub(super) most_bytes: usize,
    pub(super) most_messages: usize,
    /// Messages that waited at most.
    most_queued: usize,
    /// Bytes and messages on the wire at which it should be written.
    full_bytes: usize,
    pub(super) is_dirty: bool,
    pub(super) is_full: bool,
    pub(super) counts: Counts,
}

/// What became of the messages that entered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// The device's `offered` when the session began, and what was not meant for it since.
    pub(super) offered_before: u64,
    pub(super) delivered: u64,
    pub(super) overflowed: u64,
    pub(super) repeated: u64,
    pub(super) cut: u64,
    /// From before the start, of a queue on disk that was given up since.
    pub(super) restored: u64,
}

impl Remote {
    pub(super) fn new(plan: &HostPlan, offered_before: u64) -> Self {
        let mut remote = Self {
            wire: Wire::default(),
            backlog: Backlog::default(),
            disk: None,
            form: plan.form,
            framing: plan.framing,
            is_up: false,
            source: None,
            number: Decimal::new(1),
            is_numbered: false,
            lowest_number: 0,
            id: Vec::new(),
            most_bytes: 0,
            most_messages: 0,
            most_queued: 0,
            full_bytes: 0,
            is_dirty: false,
            is_full: false,
            counts: Counts {
                offered_before,
                ..Counts::default()
            },
        };
        remote.adopt(plan);
        remote
    }

    /// Goes on under another plan: queue, link, number and counters stay.
    pub(super) fn adopt(&mut self, plan: &HostPlan) {
        self.form = plan.form;
        self.framing = plan.framing;
        if std::mem::replace(&mut self.is_numbered, plan.numbered) != plan.numbered {
            self.lowest_number = self.number.value();
        }
        self.most_bytes = plan.queue_bytes;
        self.most_messages = plan.queue_messages.unwrap_or(usize::MAX);
        self.full_bytes = FULL.min(plan.queue_bytes / 2);
        self.id.clear();
        if let Some(tag) = &plan.session_id {
            write_origin(&mut self.id, tag, self.source);
            self.id
                .extend_from_slice(format!(":{}", plan.key.port).as_bytes());
        }
        if let Some(disk) = &mut self.disk {
            disk.want(plan.on_disk);
        }
        self.keep_to_bounds();
    }

    /// What `sequence-num-session` and `session-id` add: the number of the message about to enter, and the id.
    /// `[syslog@9 s_sn="N" s_id="TAG:PORT"]`, or nothing.
    pub(super) fn write_element(&mut self, out: &mut Vec<u8>) {
        if !self.is_numbered && self.id.is_empty() {
            return;
        }
        out.extend_from_slice(b"[syslog@9");
        if self.is_numbered {
            self.number.increment();
            out.extend_from_slice(b" s_sn=\"");
            out.extend_from_slice(self.number.as_bytes());
            out.push(b'"');
        }
        if !self.id.is_empty() {
            write_param(out, "s_id", &self.id);
        }
        out.push(b']');
    }

    /// As if so many messages had gone before.
    #[cfg(test)]
    pub(super) fn set_number(&mut self, number: u64) {
        self.number = Decimal::new(1);
        (0..number).for_each(|_| self.number.increment());
    }

    pub(super) fn has_element(&self) -> bool {
        self.is_numbered || !self.id.is_empty()
    }

    /// Takes a message into the queue; what that makes too much overflows.
    pub(super) fn enter(&mut self, message: &Entering, parts: &Parts<'_>) {
        let mut length = parts.iter().map(|part| part.len()).sum();
        if self.framing == Framing::Datagram && length > DATAGRAM {
            self.counts.cut += 1;
            length = whole_characters(parts, DATAGRAM);
        }
        let has_room = self.wire.waiting().len() < HIGHEST.min(self.most_bytes)
            && self.wire.messages() < self.most_messages;
        let is_direct = self.disk.as_ref().is_none_or(|disk| disk.is_passed_by());
        if self.is_up && has_room && is_direct && self.backlog.is_empty() {
            self.wire.push(self.framing, message, parts, length);
        } else {
            self.backlog.push(message, parts, length);
            self.keep_to_bounds();
            self.most_queued = self.most_queued.max(self.queued_messages());
        }
    }

    /// Whether it should be written before the turn is over.
    pub(super) fn is_pressed(&self) -> bool {
        self.is_up
            && (self.wire.waiting().len() >= self.full_bytes
                || self.wire.messages() >= self.most_messages)
    }

    pub(super) fn has_waiting(&self) -> bool {
        self.is_up && !self.wire.waiting().is_empty()
    }

    pub(super) fn link_up(&mut self, plan: &HostPlan, source: Option<IpAddr>, retain: bool) {
        self.is_up = true;
        self.source = source;
        self.wire.link_up(retain);
        self.adopt(plan);
        self.refill();
    }

    pub(super) fn link_down(&mut self, acknowledged: Option<u64>) {
        if self.is_up {
            self.is_up = false;
            self.wire.link_down(acknowledged);
            self.recall_from_wire();
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.is_up
    }

    pub(super) fn source(&self) -> Option<IpAddr> {
        self.source
    }

    pub(super) fn waiting(&self) -> &[u8] {
        if self.is_up { self.wire.waiting() } else { &[] }
    }

    pub(super) fn datagrams(&self) -> impl Iterator<Item = &[u8]> {
        self.wire.datagrams().filter(|_| self.is_up)
    }

    pub(super) fn advance(&mut self, count: usize) {
        let Advanced {
            delivered,
            repeated,
        } = self.wire.advance(count);
        self.counts.delivered += delivered;
        self.counts.repeated += repeated;
        self.is_full = false;
        self.refill();
    }

    pub(super) fn advance_datagrams(&mut self, count: usize) {
        self.advance(self.wire.length_of(count));
    }

    pub(super) fn acknowledge(&mut self, total: u64) {
        self.wire.acknowledge(total);
    }

    pub(super) fn queued_messages(&self) -> usize {
        self.wire.messages() + self.backlog.messages() + self.on_disk().messages
    }

    /// What is in its queue on disk and not on the wire.
    fn on_disk(&self) -> Tally {
        self.disk
            .as_ref()
            .map_or_else(Tally::default, |disk| disk.tally())
    }

    /// Messages from before the start.
    pub(super) fn restored(&self) -> u64 {
        self.counts.restored + self.disk.as_ref().map_or(0, |disk| disk.restored)
    }

    /// Messages of inputs in the backlog, and all on the wire: what is there had a link once.
    pub(super) fn queued_received(&self) -> usize {
        self.wire.messages() + self.backlog.received()
    }

    pub(super) fn queued_bytes(&self) -> usize {
        self.wire.waiting().len() + self.backlog.bytes() + self.on_disk().held()
    }

    /// The device's number of the message that has been queued for the longest time of those that are not on disk.
    pub(super) fn oldest(&self) -> Option<u64> {
        let on_the_way = self.disk.as_ref().and_then(|disk| disk.storing());
        let here = [self.wire.first(), self.backlog.first(), on_the_way];
        here.into_iter().flatten().min()
    }

    /// When the oldest of what is queued on disk came, in seconds since 1970.
    pub(super) fn oldest_on_disk(&self) -> Option<i64> {
        let disk = self.disk.as_ref()?;
        let waits = disk.has_rest() || self.wire.queues_from_disk();
        disk.oldest.filter(|_| waits)
    }

    /// The device's number of the first message that is neither delivered nor on disk.
    pub(super) fn unsettled(&self, leaves: bool) -> Option<u64> {
        let on_the_way = self.disk.as_ref().and_then(|disk| disk.storing());
        let here = [
            self.wire.unsettled(leaves),
            self.backlog.first(),
            on_the_way,
        ];
        here.into_iter().flatten().min()
    }

    pub(super) fn repeats(&self) -> u64 {
        self.wire.repeats() as u64
    }

    pub(super) fn most_queued(&self) -> usize {
        self.most_queued.max(self.queued_messages())
    }

    pub(super) fn most_bytes(&self) -> usize {
        self.most_bytes
    }

    pub(super) fn refill(&mut self) {
        if self.disk.as_ref().is_some_and(|disk| !disk.is_passed_by()) {
            return;
        }
        while self.is_up
            && !self.backlog.is_empty()
            && self.wire.waiting().len() < self.full_bytes.max(1)
            && self.wire.messages() < self.most_messages
        {
            self.backlog.move_first(&mut self.wire, self.framing);
        }
    }

    /// Lets the oldest of the least severe overflow, wherever they wait, while there is too much.
    pub(super) fn keep_to_bounds(&mut self) {
        if self.disk.is_some() {
            return self.keep_memory_to_bounds();
        }
        if !self.is_too_much() {
            return;
        }
        self.wire.recall(&mut self.backlog);
        while self.is_too_much() && self.backlog.overflow() {
            self.counts.overflowed += 1;
        }
        // An empty wire is never written, and so would never be filled again.
        if self.is_up && self.wire.waiting().is_empty() {
            self.backlog.move_first(&mut self.wire, self.framing);
        }
    }

    /// The same of what waits in memory while the queue is on disk; the disk keeps its own bounds.
    fn keep_memory_to_bounds(&mut self) {
        let most = self.most_bytes.min(IN_MEMORY);
        while (self.backlog.bytes() > most || self.backlog.messages() > self.most_messages)
            && self.backlog.overflow()
        {
            self.counts.overflowed += 1;
        }
    }

    fn is_too_much(&self) -> bool {
        self.queued_bytes() > self.most_bytes || self.queued_messages() > self.most_messages
    }
}

/// The octets up to which a text may be cut without cutting a character; `most` where it is no UTF-8.
fn whole_characters(parts: &Parts<'_>, most: usize) -> usize {
    let is_continuation = |at: usize| {
        let octet = parts.iter().copied().flatten().nth(at);
        octet.is_some_and(|octet| octet & 0xc0 == 0x80)
    };
    let mut cuts = (most.saturating_sub(3)..=most).rev();
    cuts.find(|at| !is_continuation(*at)).unwrap_or(most)
}

/// The text of an origin, on a link from this address.
pub(super) fn write_origin(out: &mut Vec<u8>, origin: &Origin, source: Option<IpAddr>) {
    let source = source.map(|source| source.to_canonical());
    let text = match (origin, source) {
        (Origin::Text(text), _) => return out.extend_from_slice(text.as_bytes()),
        (Origin::Ipv4, Some(IpAddr::V4(source))) => source.to_string(),
        (Origin::Ipv4, _) => "0.0.0.0".to_owned(),
        (Origin::Ipv6, Some(IpAddr::V6(source))) => source.to_string(),
        (Origin::Ipv6, _) => "::".to_owned(),
    };
    out.extend_from_slice(text.as_bytes());
}

/// Bytes on a wire at which it should be written.
const FULL: usize = 120 << 10;
/// Bytes on a wire that wait at most; more goes to the backlog.
const HIGHEST: usize = 256 << 10;
