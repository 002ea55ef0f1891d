//! What the room counts: outcomes by kind of message and way, and the events behind them. What waits is counted where it waits.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::api::{EventCount, MessageCount, Statistics};
use super::lanes::Lanes;
use super::message::Kind;
use super::outcome::Outcome;
use super::plan::{Address, Destination};

/// Counters since the start.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// By kind, and whether it is e-mail.
    messages: BTreeMap<(&'static str, bool), Tally>,
    events: BTreeMap<&'static str, EventTally>,
    /// Messages for one destination each that were accepted for sending, and how those ended.
    accepted: u64,
    delivered: u64,
    given_up: u64,
    denied: u64,
    last_sent: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    success: u64,
    failed: u64,
    dropped: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct EventTally {
    detected: u64,
    processing: u64,
    dropped: u64,
}

impl Counters {
    pub(super) fn detected(&mut self, kind: Kind) {
        self.event(kind).detected += 1;
    }

    pub(super) fn event_dropped(&mut self, kind: Kind) {
        self.event(kind).dropped += 1;
    }

    pub(super) fn processing(&mut self, kind: Kind, begins: bool) {
        let processing = &mut self.event(kind).processing;
        *processing = match begins {
            true => *processing + 1,
            false => processing.saturating_sub(1),
        };
    }

    fn event(&mut self, kind: Kind) -> &mut EventTally {
        self.events.entry(kind.word()).or_default()
    }

    pub(super) fn accepted(&mut self) {
        self.accepted += 1;
    }

    /// An accepted message has left its lane.
    pub(super) fn settled(&mut self, is_delivered: bool) {
        match is_delivered {
            true => self.delivered += 1,
            false => self.given_up += 1,
        }
    }

    /// What one attempt has brought, or that there was none.
    pub(super) fn attempted(
        &mut self,
        kind: Kind,
        destination: &Destination,
        outcome: &Outcome,
        at: DateTime<Utc>,
    ) {
        let tally = self.message(kind, destination);
        match outcome {
            Outcome::Delivered => {
                tally.success += 1;
                self.last_sent = Some(at);
            }
            Outcome::Failed(_) | Outcome::Distrusted(_) => tally.failed += 1,
            Outcome::Refused(_) => {
                tally.failed += 1;
                tally.dropped += 1;
            }
            Outcome::Dropped(_) => tally.dropped += 1,
            Outcome::Denied(_) => {
                tally.dropped += 1;
                self.denied += 1;
            }
        }
    }

    /// A message is given up that was tried, as its last attempt has told already.
    pub(super) fn dropped(&mut self, kind: Kind, destination: &Destination) {
        self.message(kind, destination).dropped += 1;
    }

    fn message(&mut self, kind: Kind, destination: &Destination) -> &mut Tally {
        let is_email = matches!(destination.address, Address::Email(_));
        self.messages.entry((kind.word(), is_email)).or_default()
    }

    pub(super) const fn denied(&self) -> u64 {
        self.denied
    }

    /// With what waits now.
    pub(super) fn read(&self, lanes: &Lanes) -> Statistics {
        let mut messages: BTreeMap<(&'static str, bool), MessageCount> = BTreeMap::new();
        let mut of = |key: (&'static str, bool), change: &dyn Fn(&mut MessageCount)| {
            let count = messages.entry(key).or_insert_with(|| MessageCount {
                kind: key.0,
                is_email: key.1,
                ..MessageCount::default()
            });
            change(count);
        };
        for (key, tally) in &self.messages {
            of(*key, &|count| {
                count.success = tally.success;
                count.failed = tally.failed;
                count.dropped = tally.dropped;
            });
        }
        let mut waiting = 0;
        for (key, load) in lanes.loads() {
            waiting += load.waiting + load.at_work;
            of(key, &|count| {
                count.in_delivering = load.at_work;
                count.in_queue = load.waiting;
            });
        }
        let event = |(kind, tally): (&&'static str, &EventTally)| EventCount {
            kind,
            detected: tally.detected,
            in_processing: tally.processing,
            dropped: tally.dropped,
        };
        Statistics {
            messages: messages.into_values().collect(),
            events: self.events.iter().map(event).collect(),
            accepted: self.accepted,
            delivered: self.delivered,
            given_up: self.given_up,
            waiting,
            last_sent: self.last_sent,
        }
    }
}
