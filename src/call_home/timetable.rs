//! What is due of all that is scheduled: once each, missed ones included, over restarts and whatever happens to the clock. Pure;
//! when a cycle comes round is decided in `schedule`, what is scheduled at all in `planned`.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::schedule::Plan;
use crate::config::call_home::{AlertGroup, Periodic};
use crate::message::zone::Offsets;

/// A group of a profile; there is one schedule for each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) profile: Arc<str>,
    pub(super) group: AlertGroup,
}

/// What is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// As configured.
    pub(super) periodic: Periodic,
    pub(super) plan: Plan,
}

/// All that runs by the clock.
#[derive(Debug, Default)]
pub(super) struct Timetable {
    entries: BTreeMap<Key, Entry>,
    /// Of the process before this one, and not wanted again so far.
    kept: BTreeMap<Key, (Periodic, DateTime<Utc>)>,
    /// Until when what was kept goes on where it was.
    adopts_until: Option<DateTime<Utc>>,
    registration: Registration,
    /// Whether the configuration of this process has asked for it.
    may_register: bool,
}

/// The inventory that a device sends once when it may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Registration {
    #[default]
    Open,
    Begun,
    Done,
}

#[derive(Clone, Debug)]
struct Entry {
    wanted: Wanted,
    /// What came due up to here is done with.
    done: DateTime<Utc>,
    /// When it was begun; it is not due again before that has ended.
    begun: Option<DateTime<Utc>>,
}

/// A configuration that comes from a file or a pipe is there within this time of the start.
const ARRIVAL: TimeDelta = TimeDelta::minutes(1);

/// A clock that is set back by more than that, and by more than two periods, was wrong: what has run by it says nothing.
const WRONG: TimeDelta = TimeDelta::days(2);

impl Timetable {
    /// Since when this process has been running.
    pub(super) fn starts(mut self, start: DateTime<Utc>) -> Self {
        self.adopts_until = start.checked_add_signed(ARRIVAL);
        self
    }

    /// What is wanted from `now` on. What is new waits for its next time; what is as it was goes on where it was.
    pub(super) fn take_over(&mut self, wanted: BTreeMap<Key, Wanted>, now: DateTime<Utc>) {
        if self.adopts_until.is_none_or(|until| now > until) {
            self.kept.clear();
        }
        let mut before = std::mem::take(&mut self.entries);
        self.entries = wanted
            .into_iter()
            .map(|(key, wanted)| {
                let known = before.remove(&key);
                let known = known.filter(|entry| entry.wanted == wanted);
                let kept = self.kept.remove(&key);
                let kept = kept.filter(|(periodic, _)| *periodic == wanted.periodic);
                let (done, begun) = match (known, kept) {
                    (Some(known), _) => (known.done, known.begun),
                    (None, Some((_, done))) => (done, None),
                    (None, None) => (now, None),
                };
                let entry = Entry {
                    wanted,
                    done,
                    begun,
                };
                (key, entry)
            })
            .collect();
    }

    /// What is due now, each once however often it was missed. It is not due again until it was `finish`ed.
    pub(super) fn due(&mut self, now: DateTime<Utc>, zone: &dyn Offsets) -> Vec<Key> {
        let mut due = Vec::new();
        for (key, entry) in &mut self.entries {
            if entry.done - now > (entry.wanted.plan.period() * 2).max(WRONG) {
                entry.done = now;
            }
            if entry.begun.is_none() && entry.next(zone).is_some_and(|next| next <= now) {
                entry.begun = Some(now);
                due.push(key.clone());
            }
        }
        due
    }

    /// It has been sent, as far as it could be.
    pub(super) fn finish(&mut self, key: &Key) {
        if let Some(entry) = self.entries.get_mut(key)
            && let Some(begun) = entry.begun.take()
        {
            entry.done = begun;
        }
    }

    /// The next moment at which anything is due; it may be past.
    pub(super) fn next(&self, zone: &dyn Offsets) -> Option<DateTime<Utc>> {
        let waiting = self.entries.values().filter(|entry| entry.begun.is_none());
        waiting.filter_map(|entry| entry.next(zone)).min()
    }

    /// When a group of a profile is sent next.
    pub(super) fn next_of(
        &self,
        key: &Key,
        now: DateTime<Utc>,
        zone: &dyn Offsets,
    ) -> Option<DateTime<Utc>> {
        let entry = self.entries.get(key)?;
        // What is due now is as good as sent.
        entry.wanted.plan.next(entry.done.max(now), zone)
    }

    /// Whether the device registers now: it may, and has not done so since it could not the last time.
    pub(super) fn registers(&mut self, may: bool) -> bool {
        // What a configuration that is still on its way leaves open is no withdrawal.
        if !may && std::mem::take(&mut self.may_register) {
            self.registration = Registration::Open;
        }
        self.may_register = may;
        let is_due = may && self.registration == Registration::Open;
        if is_due {
            self.registration = Registration::Begun;
        }
        is_due
    }

    /// The inventory of the registration has been sent, as far as it could be.
    pub(super) fn registered(&mut self) {
        if self.registration == Registration::Begun {
            self.registration = Registration::Done;
        }
    }

    pub(super) fn to_text(&self) -> String {
        let run = |(key, periodic, done): (&Key, Periodic, DateTime<Utc>)| Run {
            profile: key.profile.clone(),
            group: key.group,
            periodic,
            done: done.timestamp(),
        };
        let entries = self.entries.iter();
        let entries = entries.map(|(key, entry)| (key, entry.wanted.periodic, entry.done));
        let kept = self.kept.iter();
        let kept = kept.map(|(key, (periodic, done))| (key, *periodic, *done));
        let file = File {
            version: VERSION,
            registered: self.registration == Registration::Done,
            runs: entries.chain(kept).map(run).collect(),
        };
        // Memory takes every write.
        serde_json::to_string(&file).unwrap_or_default()
    }

    /// Reads what `to_text` wrote; `None` for anything else.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let file: File = serde_json::from_str(text).ok()?;
        if file.version != VERSION {
            return None;
        }
        let run = |run: Run| {
            let done = DateTime::from_timestamp(run.done, 0)?;
            let (profile, group) = (run.profile, run.group);
            Some((Key { profile, group }, (run.periodic, done)))
        };
        Some(Self {
            kept: file.runs.into_iter().map(run).collect::<Option<_>>()?,
            registration: match file.registered {
                true => Registration::Done,
                false => Registration::Open,
            },
            ..Self::default()
        })
    }
}

impl Entry {
    fn next(&self, zone: &dyn Offsets) -> Option<DateTime<Utc>> {
        self.wanted.plan.next(self.done, zone)
    }
}

const VERSION: u32 = 1;

/// The file in the state folder.
#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    registered: bool,
    runs: Vec<Run>,
}

#[derive(Serialize, Deserialize)]
struct Run {
    profile: Arc<str>,
    group: AlertGroup,
    periodic: Periodic,
    /// Seconds since 1970.
    done: i64,
}

#[cfg(test)]
#[path = "timetable_tests.rs"]
mod tests;
