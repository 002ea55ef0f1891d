//! A remote session whose queue is on disk (C5b.6): what it asks of the disk, one job at a time, and what it does with the
//! answer. Pure: the disk itself is elsewhere, and a session may have to do without it.

use std::sync::Arc;
use std::time::Duration;

use super::api::QueueKept;
use super::batch::{Answer, Job, Stored, Tally};
use super::queue::Entering;
use super::remote::Remote;

/// What a session knows of its rows. Its place is beside the queue in memory: what enters waits there for the disk, and on
/// the wire stands only what the disk has.
#[derive(Debug)]
pub(super) struct OnDisk {
    pub(super) name: Arc<str>,
    pub(super) life: u64,
    /// Configured so. A session that is not any more sends what is there, and keeps new messages in memory.
    wanted: bool,
    fault: Option<Fault>,
    asked: Option<Asked>,
    /// Rows that are not on the wire.
    rest: Tally,
    /// When the first of all rows came, and of those on the wire that are rows no more, in seconds since 1970.
    pub(super) oldest: Option<i64>,
    /// Rows from before the start.
    pub(super) restored: u64,
    /// The place of the row that went to the wire last.
    reached: u64,
    /// Up to this place the disk was told that everything has arrived.
    told: u64,
}

/// The disk takes nothing, and the session goes on in memory.
#[derive(Debug)]
struct Fault {
    reason: String,
    retry_at: Duration,
}

/// A job under way.
#[derive(Clone, Copy, Debug)]
struct Asked {
    tally: Tally,
    /// The first message of those that it is to store.
    first: Option<u64>,
    after: u64,
    /// Rows were asked for.
    reads: bool,
}

/// What is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// From now on the queue is in memory.
    Fails(String),
    /// On disk again.
    Returns,
}

impl OnDisk {
    pub(super) fn new(name: Arc<str>, life: u64, stored: Option<Stored>) -> Self {
        let Stored { tally, oldest, .. } = stored.unwrap_or_default();
        Self {
            name,
            life,
            wanted: false,
            fault: None,
            asked: None,
            rest: tally,
            oldest,
            restored: tally.messages as u64,
            reached: 0,
            told: 0,
        }
    }

    pub(super) fn want(&mut self, wanted: bool) {
        self.wanted = wanted;
    }

    /// Messages that are neither in memory nor on the wire.
    pub(super) fn tally(&self) -> Tally {
        let mut all = self.rest;
        all.add(self.asked.map_or_else(Tally::default, |asked| asked.tally));
        all
    }

    /// Rows wait that are not on the wire.
    pub(super) fn has_rest(&self) -> bool {
        self.rest.messages > 0
    }

    /// The first message that is on its way to the disk.
    pub(super) fn storing(&self) -> Option<u64> {
        self.asked.and_then(|asked| asked.first)
    }

    /// What enters goes past the disk: it takes nothing, or is not to, and nothing older is there.
    pub(super) fn is_passed_by(&self) -> bool {
        (!self.wanted || self.fault.is_some()) && self.tally().messages == 0
    }

    /// When something is to be tried again.
    pub(super) fn wakes_at(&self) -> Option<Duration> {
        let fault = self.fault.as_ref().filter(|_| self.wanted)?;
        self.asked.is_none().then_some(fault.retry_at)
    }
}

impl Remote {
    /// From now on with rows on disk, or with what lies there.
    pub(super) fn open_disk(&mut self, name: Arc<str>, life: u64, stored: Option<Stored>) {
        if let Some(stored) = stored {
            self.number.set_at_least(stored.number);
        }
        self.lowest_number = self.number.value();
        self.disk = Some(Box::new(OnDisk::new(name, life, stored)));
    }

    /// The next job for the disk, if there is anything to do and none is under way.
    pub(super) fn take_job(&mut self, now: Duration) -> Option<Job> {
        let waiting = self.wire.waiting().len();
        let done = self.wire.done();
        let disk = self.disk.as_mut().filter(|disk| disk.asked.is_none())?;
        let retries = disk.wanted && disk.wakes_at().is_some_and(|at| at <= now);
        let store = if disk.wanted && (disk.fault.is_none() || retries) {
            self.backlog.take(BATCH)
        } else {
            Default::default()
        };
        let wants = self.is_up && waiting < WINDOW / 2;
        let room = if wants { WINDOW - waiting } else { 0 };
        let reads = wants && disk.rest.messages > 0;
        if store.is_empty() && done == disk.told && !reads && !retries {
            return None;
        }
        if let Some(fault) = &mut disk.fault {
            fault.retry_at = fault.retry_at.max(now + RETRY);
        }
        disk.told = done;
        disk.asked = Some(Asked {
            tally: store.tally(),
            first: store.items.first().map(|item| item.number),
            after: disk.reached,
            reads: room > 0,
        });
        Some(Job {
            session: disk.name.clone(),
            life: disk.life,
            done,
            store,
            // Those behind the batch are the newest: a kill loses them, and their numbers are free again.
            number: (self.number.value())
                .saturating_sub(self.backlog.messages() as u64)
                .max(self.lowest_number),
            after: disk.reached,
            room,
            most_bytes: self.most_bytes,
            most_messages: self.most_messages,
        })
    }

    /// Takes what became of the job.
    pub(super) fn answer(&mut self, answer: Answer, now: Duration) -> Option<Turn> {
        let disk = self.disk.as_mut().filter(|disk| disk.life == answer.life)?;
        let asked = disk.asked.take()?;
        let was_faulty = disk.fault.is_some();
        if answer.lost {
            // What is on the wire is still here.
            self.wire.forget_places();
            self.counts.overflowed += disk.rest.messages as u64;
            (disk.rest, disk.reached, disk.told) = (Tally::default(), 0, 0);
        }
        if let Some(found) = answer.found {
            disk.rest.add(found.tally);
            disk.restored += found.tally.messages as u64;
            disk.oldest = found.oldest;
            self.number.set_at_least(found.number);
        }
        if answer.refused.is_none() {
            // What is older than all that is there came from a disk that has lost it.
            let lost = disk.oldest.filter(|_| self.wire.has_lost());
            disk.oldest = lost.into_iter().chain(answer.oldest).min();
        }
        match answer.refused {
            Some((batch, reason)) => {
                for (item, bytes) in batch.iter_back() {
                    let message = Entering {
                        severity: item.severity,
                        number: item.number,
                        is_received: item.is_received,
                    };
                    self.backlog.restore(&message, bytes);
                }
                let retry_at = now + RETRY;
                disk.fault = Some(Fault { reason, retry_at });
            }
            None => {
                disk.rest.add(asked.tally);
                disk.fault = None;
            }
        }
        self.counts.overflowed += answer.overflowed.messages as u64;
        disk.rest.take(answer.overflowed);
        // What was asked for before the link broke is asked for again: it may overflow meanwhile.
        if asked.after == disk.reached && !answer.lost {
            if asked.reads && disk.fault.is_none() && answer.handed.is_empty() {
                // Nobody else takes rows away; what is counted and not there must not be asked for without end.
                self.counts.overflowed += disk.rest.messages as u64;
                disk.rest = Tally::default();
            } else if self.is_up {
                for (item, bytes) in answer.handed.iter() {
                    self.wire.push_from_disk(self.framing, item, bytes);
                    disk.reached = item.number;
                }
                disk.rest.take(answer.handed.tally());
            }
        }
        let turn = match (&disk.fault, was_faulty) {
            (Some(fault), false) if disk.wanted => Some(Turn::Fails(fault.reason.clone())),
            (None, true) => Some(Turn::Returns),
            _ => None,
        };
        self.leave_disk();
        self.keep_to_bounds();
        self.refill();
        turn
    }

    /// A queue that is to be in memory has nothing to do with the disk any more when nothing of it is there.
    pub(super) fn leave_disk(&mut self) {
        let is_over = |disk: &&OnDisk| {
            !disk.wanted
                && disk.asked.is_none()
                && disk.rest.messages == 0
                && disk.told == self.wire.done()
                && !self.wire.has_from_disk()
        };
        if let Some(disk) = self.disk.as_deref().filter(is_over) {
            self.counts.restored += disk.restored;
            self.disk = None;
        }
    }

    /// The link is gone: what it did not take is on disk alone again, and may overflow there.
    pub(super) fn recall_from_wire(&mut self) {
        let Some(disk) = &mut self.disk else { return };
        let recalled = self.wire.recall_to_disk();
        disk.rest.add(recalled.tally);
        if let Some(first) = recalled.first {
            disk.reached = first - 1; // Places begin with 1.
        }
    }

    /// Where its queue is kept.
    pub(super) fn queue_kept(&self) -> QueueKept {
        let Some(disk) = self.disk.as_ref().filter(|disk| disk.wanted) else {
            return QueueKept::InMemory;
        };
        match &disk.fault {
            Some(fault) => QueueKept::InMemoryFor {
                reason: fault.reason.clone(),
            },
            None => QueueKept::OnDisk {
                waiting: self.backlog.messages()
                    + disk.asked.map_or(0, |asked| asked.tally.messages),
            },
        }
    }

    /// Too much waits for the disk itself: inputs that can wait should (C5b.5).
    pub(super) fn is_behind(&self) -> bool {
        let waits = |disk: &OnDisk| disk.wanted && disk.fault.is_none();
        self.disk.as_deref().is_some_and(waits)
            && self.backlog.bytes() >= BATCH.min(self.most_bytes / 2)
    }

    /// Everything that the disk should know, it knows.
    pub(super) fn is_stored(&self) -> bool {
        self.disk.as_ref().is_some_and(|disk| {
            disk.wanted
                && disk.fault.is_none()
                && disk.asked.is_none()
                && self.backlog.is_empty()
                && disk.told == self.wire.done()
        })
    }

    pub(super) fn is_unacknowledged(&self) -> bool {
        self.is_up && self.wire.is_unacknowledged()
    }
}

/// Bytes of a job at most.
const BATCH: usize = 512 << 10;
/// Bytes from a disk that stand on the wire at most.
const WINDOW: usize = 1 << 20;
/// Bytes in memory at most while the disk takes nothing, or is slow.
pub(super) const IN_MEMORY: usize = 8 << 20;
/// How long a disk that takes nothing is left alone.
const RETRY: Duration = Duration::from_secs(5);
