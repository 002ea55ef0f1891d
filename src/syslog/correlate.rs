//! Correlation (docs/PROMISES.md): repeats of a message counted instead of delivered, objects that flap damped, symptoms
//! told with their cause. One `Correlator` a session; pure, time and messages in, what becomes of them out. What a session
//! asks stands in `settings`; numbering, rate limit and queue come behind it.

mod event;
mod object;
pub mod settings;
mod windows;

use std::collections::VecDeque;
use std::time::Duration;

use event::Kept;
pub(super) use event::{Event, Fate, Made};
use settings::{Correlation, Header, Rule};
use windows::Windows;

use super::api::CorrelationStatus;
use crate::message::{Kind, Parsed};

/// A message whose repeats are counted; the last of them is kept.
#[derive(Debug, Default)]
struct Repeats {
    count: u64,
    last: Kept,
}

/// An object that changes its state.
#[derive(Debug, Default)]
struct Object {
    state: Box<[u8]>,
    /// When it changed, the newest last; one more than may be within the time.
    changes: VecDeque<Duration>,
    /// What was kept back since it counts as flapping.
    damped: Option<u64>,
    last: Kept,
}

/// A cause that waits for its symptoms.
#[derive(Debug, Default)]
struct Cause {
    since: Duration,
    symptoms: u64,
    kept: Kept,
}

/// One session's open windows and what they did.
#[derive(Debug, Default)]
pub(super) struct Correlator {
    asks: Correlation,
    repeats: Windows<Repeats>,
    objects: Windows<Object>,
    causes: Windows<Cause>,
    counts: Counts,
    key: Vec<u8>,
    state: Vec<u8>,
}

/// Since the session began.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    repeats: u64,
    damped: u64,
    symptoms: u64,
    /// Causes that became part of a summary.
    causes: u64,
    summaries: u64,
}

impl Correlator {
    /// Nothing may be open when what is asked changes.
    pub(super) fn ask(&mut self, asks: &Correlation) {
        self.asks.clone_from(asks);
    }

    /// A message that the session's criteria let pass. What has to be closed early for it goes to `made`.
    pub(super) fn meet(&mut self, event: &Event<'_>, now: Duration, made: &mut Vec<Made>) -> Fate {
        let fate = self.judge(event, now, made);
        self.keep_to_bounds(made);
        fate
    }

    fn judge(&mut self, event: &Event<'_>, now: Duration, made: &mut Vec<Made>) -> Fate {
        if let Some(window) = self.asks.duplicates
            && self.is_repeated(event, now + window)
        {
            return Fate::Merged;
        }
        if self.asks.flapping.is_some() && self.is_damped(event, now, made) {
            return Fate::Merged;
        }
        if self.asks.rules.is_empty() {
            return Fate::Passes;
        }
        self.relate(event, now)
    }

    fn is_repeated(&mut self, event: &Event<'_>, due: Duration) -> bool {
        self.write_key(event);
        self.key.extend_from_slice(event.message.body);
        let Some(place) = self.repeats.find(&self.key) else {
            self.repeats.open(&self.key, due, Repeats::default());
            return false;
        };
        if let Some(repeats) = self.repeats.at(place) {
            repeats.count += 1;
            let kept = repeats.last.take(event);
            self.repeats.weigh(place, kept);
        }
        self.counts.repeats += 1;
        true
    }

    /// Sender, severity and names, with an end mark that occurs in none of them behind each.
    fn write_key(&mut self, event: &Event<'_>) {
        let message = event.message;
        self.key.clear();
        for part in [event.sender, message.facility, message.mnemonic] {
            self.key.extend_from_slice(part);
            self.key.push(b'\n');
        }
        self.key.push(message.severity.number());
    }

    fn is_damped(&mut self, event: &Event<'_>, now: Duration, made: &mut Vec<Made>) -> bool {
        let Some(flapping) = self.asks.flapping else {
            return false;
        };
        self.write_key(event);
        // Up and down may be of different severities.
        self.key.pop();
        self.state.clear();
        if !object::split(event.message.body, &mut self.key, &mut self.state) {
            return false;
        }
        let place = match self.objects.find(&self.key) {
            Some(place) => place,
            None => self
                .objects
                .open(&self.key, now + flapping.within, Object::default()),
        };
        let Some(object) = self.objects.at(place) else {
            return false;
        };
        if *object.state != *self.state {
            object.state = self.state.as_slice().into();
            object.changes.push_back(now);
            if object.changes.len() > flapping.changes + 1 {
                object.changes.pop_front();
            }
        }
        object.forget(now, flapping.within);
        let is_start = object.damped.is_none() && object.changes.len() > flapping.changes;
        if is_start {
            object.damped = Some(0);
        } else if let Some(kept_back) = &mut object.damped {
            *kept_back += 1;
        }
        let is_damped = object.damped.is_some();
        if is_damped {
            object.last.take(event);
        }
        let due = object.due(&flapping, now);
        let kept = object.last.text.capacity() + object.changes.len() * size_of::<Duration>();
        self.objects.set(place, due, kept);
        self.counts.damped += u64::from(is_damped);
        if is_start {
            let mut kept = Kept::default();
            kept.take(event);
            let (changes, within) = (flapping.changes, flapping.within.as_secs());
            self.counts.summaries += 1;
            made.push(Made {
                kept,
                remark: format!(" (flapping, more than {changes} changes within {within} s)"),
            });
        }
        is_damped
    }

    /// Holds a cause, or counts a symptom with the cause that is held.
    fn relate(&mut self, event: &Event<'_>, now: Duration) -> Fate {
        let rules = self.asks.rules.clone();
        for (number, rule) in rules.iter().enumerate() {
            if rule
                .symptoms
                .iter()
                .any(|header| header.is_of(event.message))
            {
                self.write_cause_key(number, event.sender);
                let place = self.causes.find(&self.key);
                if let Some(cause) = place.and_then(|place| self.causes.at(place)) {
                    cause.symptoms += 1;
                    self.counts.symptoms += 1;
                    return Fate::Merged;
                }
            }
        }
        let is_cause = |(_, rule): &(usize, &Rule)| rule.cause.is_of(event.message);
        let Some((number, rule)) = rules.iter().enumerate().find(is_cause) else {
            return Fate::Passes;
        };
        self.write_cause_key(number, event.sender);
        let mut cause = Cause {
            since: now,
            ..Cause::default()
        };
        let kept = cause.kept.take(event);
        let place = self.causes.open(&self.key, now + rule.timeout, cause);
        self.causes.weigh(place, kept);
        Fate::Held
    }

    fn write_cause_key(&mut self, rule: usize, sender: &[u8]) {
        self.key.clear();
        self.key.extend_from_slice(&rule.to_le_bytes());
        self.key.extend_from_slice(sender);
    }

    /// When the first window ends.
    pub(super) fn due(&self) -> Option<Duration> {
        self.first().map(|(due, ..)| due)
    }

    /// Closes the windows whose time is over.
    pub(super) fn close_due(&mut self, now: Duration, made: &mut Vec<Made>) {
        while let Some((due, which, place)) = self.first()
            && due <= now
        {
            if which == Which::Objects && self.goes_on(place, now, made) {
                continue;
            }
            self.close(which, place, made);
        }
    }

    /// Closes all windows.
    pub(super) fn close_all(&mut self, made: &mut Vec<Made>) {
        while let Some((_, which, place)) = self.first() {
            self.close(which, place, made);
        }
    }

    fn first(&self) -> Option<(Duration, Which, usize)> {
        self.first_of(&[Which::Repeats, Which::Objects, Which::Causes])
    }

    fn first_of(&self, kinds: &[Which]) -> Option<(Duration, Which, usize)> {
        let first = |which: &Which| {
            let first = match which {
                Which::Repeats => self.repeats.first(),
                Which::Objects => self.objects.first(),
                Which::Causes => self.causes.first(),
            };
            first.map(|(due, place)| (due, *which, place))
        };
        kinds.iter().filter_map(first).min()
    }

    /// Ends the damping of an object that has calmed down; whether anything of it is still to be remembered.
    fn goes_on(&mut self, place: usize, now: Duration, made: &mut Vec<Made>) -> bool {
        let Some(flapping) = self.asks.flapping else {
            return false;
        };
        let Some(object) = self.objects.at(place) else {
            return false;
        };
        object.forget(now, flapping.within);
        if object.changes.is_empty() {
            return false;
        }
        let ended = object.end();
        let due = object.due(&flapping, now);
        let kept = object.changes.len() * size_of::<Duration>();
        self.objects.set(place, due, kept);
        if let Some(ended) = ended {
            self.counts.summaries += 1;
            made.push(ended);
        }
        true
    }

    fn close(&mut self, which: Which, place: usize, made: &mut Vec<Made>) {
        let closed = match which {
            Which::Repeats => self.repeats.close(place).and_then(|repeats| {
                let count = repeats.count;
                (count > 0).then(|| Made {
                    kept: repeats.last,
                    remark: format!(" (repeated {count} times)"),
                })
            }),
            Which::Objects => self
                .objects
                .close(place)
                .and_then(|mut object| object.end()),
            Which::Causes => self.causes.close(place).map(|cause| Made {
                kept: cause.kept,
                remark: match cause.symptoms {
                    0 => String::new(),
                    symptoms => format!(" (symptoms: {symptoms})"),
                },
            }),
        };
        let Some(closed) = closed else { return };
        if !closed.remark.is_empty() {
            self.counts.summaries += 1;
            // The cause is told by its summary.
            self.counts.causes += u64::from(which == Which::Causes);
        }
        made.push(closed);
    }

    fn keep_to_bounds(&mut self, made: &mut Vec<Made>) {
        while self.causes.len() > MOST_CAUSES
            && let Some((_, place)) = self.causes.first()
        {
            self.close(Which::Causes, place, made);
        }
        while self.repeats.len() + self.objects.len() > MOST_KEYS
            && let Some((_, which, place)) = self.first_of(&[Which::Repeats, Which::Objects])
        {
            self.close(which, place, made);
        }
        while self.repeats.bytes() + self.objects.bytes() + self.causes.bytes() > MOST_BYTES
            && let Some((_, which, place)) = self.first()
        {
            self.close(which, place, made);
        }
    }

    /// Messages that were let in and went no further.
    pub(super) fn merged(&self) -> u64 {
        let Counts {
            repeats,
            damped,
            symptoms,
            causes,
            ..
        } = self.counts;
        repeats + damped + symptoms + causes
    }

    /// Messages that were made here.
    pub(super) fn summaries(&self) -> u64 {
        self.counts.summaries
    }

    /// Messages that wait here.
    pub(super) fn held(&self) -> u64 {
        self.causes.len() as u64
    }

    /// Since when the oldest of them has waited.
    pub(super) fn held_since(&self) -> Option<Duration> {
        self.causes.all().map(|cause| cause.since).min()
    }

    pub(super) fn status(&self) -> CorrelationStatus {
        let damped = self.objects.all().filter(|object| object.damped.is_some());
        CorrelationStatus {
            is_asked: !self.asks.is_none(),
            watched: (self.repeats.len() + self.objects.len()) as u64,
            damped: damped.count() as u64,
            held: self.held(),
            merged_duplicates: self.counts.repeats,
            merged_flapping: self.counts.damped,
            merged_symptoms: self.counts.symptoms + self.counts.causes,
            summaries: self.counts.summaries,
        }
    }
}

impl Object {
    /// Forgets what lies too far back.
    fn forget(&mut self, now: Duration, within: Duration) {
        while let Some(first) = self.changes.front()
            && *first + within <= now
        {
            self.changes.pop_front();
        }
    }

    /// When something is to be done about it: while it is damped, when it has calmed down, else when it can be forgotten.
    fn due(&self, flapping: &settings::Flapping, now: Duration) -> Duration {
        let counts = if self.damped.is_some() {
            let too_many = self.changes.len().saturating_sub(flapping.changes + 1);
            self.changes.get(too_many)
        } else {
            self.changes.back()
        };
        counts.map_or(now, |change| *change + flapping.within)
    }

    /// What is to be said at the end of its damping, if it was damped.
    fn end(&mut self) -> Option<Made> {
        let kept_back = self.damped.take()?;
        Some(Made {
            kept: std::mem::take(&mut self.last),
            remark: format!(" (flapping ended, {kept_back} more kept back)"),
        })
    }
}

impl Header {
    fn is_of(&self, message: &Parsed<'_>) -> bool {
        let facility = self.facility.as_bytes();
        message.kind != Kind::Debug
            && message.mnemonic == self.mnemonic.as_bytes()
            && if message.kind == Kind::Program {
                message.facility.eq_ignore_ascii_case(facility)
            } else {
                message.facility == facility
            }
    }
}

/// In the order in which windows end that end at one moment: a cause is told before its repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Which {
    Causes,
    Repeats,
    Objects,
}

/// Bounds of a session: what the network names, causes that are held, and bytes of all that is kept.
const MOST_KEYS: usize = 10_000;
const MOST_CAUSES: usize = 1_000;
const MOST_BYTES: usize = 16 << 20;

#[cfg(test)]
#[path = "correlate/tests.rs"]
mod tests;
