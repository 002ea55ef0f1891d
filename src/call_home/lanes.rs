//! Messages on their way, one lane for each destination: in order, the first one tried until it is delivered or given up, lanes
//! independent of each other. Pure: the time is a parameter, attempts are made elsewhere.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use hyper::body::Bytes;

use super::message::Kind;
use super::outbox::{Place, Room};
use super::plan::{Address, Destination};
use crate::config::call_home::{AlertSeverity, Format};
use crate::net::backoff::Backoff;

/// One document for one destination.
#[derive(Debug)]
pub(super) struct Entry {
    /// Of this run.
    pub(super) id: u64,
    /// The id that the message says of itself; every attempt says the same.
    pub(super) message: Arc<str>,
    pub(super) kind: Kind,
    pub(super) severity: AlertSeverity,
    pub(super) destination: Destination,
    pub(super) format: Format,
    pub(super) accepted: DateTime<Utc>,
    /// When it is given up, since the start.
    pub(super) deadline: Duration,
    /// An earlier run has accepted it.
    pub(super) is_found: bool,
    /// It was said that no name server is configured.
    pub(super) is_reminded: AtomicBool,
    /// Where it lies; nowhere but in memory when the disk refused.
    pub(super) place: Option<Place>,
    pub(super) paper: Arc<Paper>,
}

/// A document that entries share.
#[derive(Debug)]
pub(super) struct Paper {
    bytes: Mutex<Option<(Bytes, Room)>>,
    /// Given back with the last entry.
    _room: Room,
}

impl Paper {
    /// With the bytes as long as memory has room for them, and the room that the whole takes.
    pub(super) fn new(bytes: Option<(Bytes, Room)>, room: Room) -> Self {
        Self {
            bytes: Mutex::new(bytes),
            _room: room,
        }
    }

    /// `None` where it has to be read from the disk.
    pub(super) fn bytes(&self) -> Option<Bytes> {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.as_ref().map(|(bytes, _)| bytes.clone())
    }

    /// It is read from the disk when it is needed again.
    pub(super) fn put_away(&self) {
        *self.bytes.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// What an attempt has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Delivered or given up: it leaves the lane.
    Settled,
    /// It is tried again, after a wait that grows.
    Again,
    /// It cannot be tried as things are configured; a change of the configuration wakes it.
    Waits,
}

/// All lanes.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: BTreeMap<Destination, Lane>,
}

#[derive(Debug, Default)]
struct Lane {
    queue: VecDeque<Arc<Entry>>,
    is_at_work: bool,
    backoff: Backoff,
    /// Since the start; the first one is not tried before. `None` waits for a change of the configuration.
    not_before: Option<Duration>,
}

/// How many there are, by what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) waiting: u64,
    pub(super) at_work: u64,
}

impl Lanes {
    /// Behind everything that its destination was to get before; `hurry` tries the first of those at once.
    pub(super) fn add(&mut self, entry: Entry, hurry: bool) {
        let new = || Lane {
            not_before: Some(Duration::ZERO),
            ..Lane::default()
        };
        let lane = self
            .lanes
            .entry(entry.destination.clone())
            .or_insert_with(new);
        lane.queue.push_back(Arc::new(entry));
        if hurry && lane.not_before.is_some() {
            lane.not_before = Some(Duration::ZERO);
        }
    }

    /// The entries that are to be tried now, one of a lane; each has to be settled.
    pub(super) fn due(&mut self, now: Duration) -> Vec<Arc<Entry>> {
        let mut due = Vec::new();
        for lane in self.lanes.values_mut() {
            let is_due = !lane.is_at_work && lane.not_before.is_some_and(|at| at <= now);
            if is_due && let Some(first) = lane.queue.front() {
                due.push(first.clone());
                lane.is_at_work = true;
            }
        }
        due
    }

    /// What became of the first entry of a lane that was due. Gives it back where it leaves the lane.
    pub(super) fn settle(
        &mut self,
        destination: &Destination,
        verdict: Verdict,
        now: Duration,
        random: u32,
    ) -> Option<Arc<Entry>> {
        let lane = self.lanes.get_mut(destination)?;
        lane.is_at_work = false;
        match verdict {
            Verdict::Settled => {
                let settled = lane.queue.pop_front();
                lane.backoff.reset();
                lane.not_before = Some(now);
                if lane.queue.is_empty() {
                    self.lanes.remove(destination);
                }
                settled
            }
            Verdict::Again => {
                let wait = lane.backoff.between(FIRST, LONGEST, random);
                lane.not_before = Some(now + wait);
                None
            }
            Verdict::Waits => {
                lane.not_before = None;
                None
            }
        }
    }

    /// Takes out what is too old; what is being tried right now is not.
    pub(super) fn expired(&mut self, now: Duration) -> Vec<Arc<Entry>> {
        let is_old = |entry: &Arc<Entry>| entry.deadline <= now;
        self.take(|lane| !lane.is_at_work, is_old)
    }

    /// Takes out what no destination of the configuration gets.
    pub(super) fn parked(&mut self) -> Vec<Arc<Entry>> {
        self.take(|lane| lane.not_before.is_none(), |_| true)
    }

    fn take(
        &mut self,
        of: impl Fn(&Lane) -> bool,
        which: impl Fn(&Arc<Entry>) -> bool,
    ) -> Vec<Arc<Entry>> {
        let mut taken = Vec::new();
        self.lanes.retain(|_, lane| {
            if of(lane) {
                while lane.queue.front().is_some_and(&which) {
                    taken.extend(lane.queue.pop_front());
                }
            }
            lane.is_at_work || !lane.queue.is_empty()
        });
        taken
    }

    /// The configuration has changed: everything is tried at once.
    pub(super) fn wake(&mut self) {
        for lane in self.lanes.values_mut() {
            lane.not_before = Some(Duration::ZERO);
        }
    }

    /// When something is due or too old, since the start.
    pub(super) fn next(&self) -> Option<Duration> {
        let next = |lane: &Lane| {
            let first = lane.queue.front()?;
            Some(
                lane.not_before
                    .map_or(first.deadline, |at| at.min(first.deadline)),
            )
        };
        let idle = self.lanes.values().filter(|lane| !lane.is_at_work);
        idle.filter_map(next).min()
    }

    /// By kind, and whether it is e-mail.
    pub(super) fn loads(&self) -> BTreeMap<(&'static str, bool), Load> {
        let mut loads: BTreeMap<_, Load> = BTreeMap::new();
        for (destination, lane) in &self.lanes {
            let is_email = matches!(destination.address, Address::Email(_));
            for (place, entry) in lane.queue.iter().enumerate() {
                let load = loads.entry((entry.kind.word(), is_email)).or_default();
                if place == 0 && lane.is_at_work {
                    load.at_work += 1;
                } else {
                    load.waiting += 1;
                }
            }
        }
        loads
    }

    /// The oldest of each lane first, `most` of them.
    pub(super) fn entries(&self, most: usize) -> Vec<Arc<Entry>> {
        let all = self.lanes.values().flat_map(|lane| &lane.queue);
        all.take(most).cloned().collect()
    }
}

/// Before the second attempt; shorter by up to a quarter.
const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(300);
/// How long a message is tried.
pub(super) const LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

#[cfg(test)]
#[path = "lanes_tests.rs"]
pub(super) mod tests;
