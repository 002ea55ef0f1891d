//! The room's schedules at work: the newest configuration, the device's clock and zone, and the file in which runs are kept. What is
//! due is made a message by the engine.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};

use super::api::Scheduled;
use super::event::{Audience, Event};
use super::message::Kind;
use super::planned::{DeviceZone, Planned, may_register, planned};
use super::timetable::{Key, Timetable};
use crate::config::RunningConfig;
use crate::config::call_home::{AlertGroup, CISCO_TAC_1};
use crate::device::Facts;
use crate::device::clock::Clock;
use crate::message::zone::Offsets;
use crate::message::{Own, Say, Severity};
use crate::state::Folder;

/// The name of the file.
const NAME: &str = "call-home-timetable";

/// How long the room sleeps at most while anything is scheduled: the host's clock may be set meanwhile.
const LOOK: Duration = Duration::from_secs(1);

pub struct Schedules {
    clock: Arc<dyn Clock>,
    facts: Arc<dyn Facts>,
    say: Arc<dyn Say>,
    state: Option<Arc<Folder>>,
    start: DateTime<Utc>,
    inner: Mutex<Inner>,
    /// What the file contains; held while it is written.
    written: Mutex<Option<String>>,
}

struct Inner {
    config: Arc<RunningConfig>,
    /// Once it was needed.
    timetable: Option<Timetable>,
    /// What tells this host apart when nothing is configured; read once.
    host: Option<Host>,
    planned: Vec<Planned>,
    next: Option<DateTime<Utc>>,
    registers: bool,
}

struct Host {
    serial: Option<String>,
    name: Option<String>,
}

impl Host {
    /// The serial number, else the configured name, else the host's own.
    fn device<'a>(&'a self, config: &'a RunningConfig) -> &'a str {
        let serial = self.serial.as_deref();
        let serial = serial.filter(|serial| !serial.trim().is_empty());
        serial
            .or(config.system.hostname.as_deref())
            .or(self.name.as_deref())
            .unwrap_or(config.system.hostname())
    }
}

/// Something that is to be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Run(Key),
    Registration,
}

impl Due {
    pub(super) fn event(&self, at: DateTime<Utc>) -> (Event, Audience) {
        let (group, profile) = match self {
            Self::Run(key) => (key.group, key.profile.clone()),
            Self::Registration => (AlertGroup::Inventory, CISCO_TAC_1.into()),
        };
        let event = Event::report(Kind::Group(group), at);
        (event, Audience::Subscriber(profile))
    }
}

impl Schedules {
    pub fn new(
        clock: Arc<dyn Clock>,
        facts: Arc<dyn Facts>,
        say: Arc<dyn Say>,
        state: Option<Arc<Folder>>,
    ) -> Self {
        Self {
            start: clock.now(),
            clock,
            facts,
            say,
            state,
            inner: Mutex::new(Inner {
                config: Arc::default(),
                timetable: None,
                host: None,
                planned: Vec::new(),
                next: None,
                registers: false,
            }),
            written: Mutex::default(),
        }
    }

    /// What a configuration wants to run; whether there may be something to `keep`. Nothing is read while it wants nothing.
    pub fn take_over(&self, config: &Arc<RunningConfig>) -> bool {
        let mut inner = self.inner();
        let inner = &mut *inner;
        if Arc::ptr_eq(&inner.config, config) {
            return false;
        }
        inner.config = Arc::clone(config);
        let host = inner.host.get_or_insert_with(|| Host {
            serial: self.facts.serial(),
            name: self.facts.host_name(),
        });
        inner.planned = planned(config, host.device(config));
        let may_register = may_register(config);
        let wanted = inner
            .planned
            .iter()
            .filter(|planned| planned.not_due.is_none());
        let wanted: std::collections::BTreeMap<_, _> = wanted
            .map(|planned| (planned.key.clone(), planned.wanted))
            .collect();
        if inner.timetable.is_none() && wanted.is_empty() && !may_register {
            return false;
        }
        let now = self.clock.now();
        let timetable = inner
            .timetable
            .get_or_insert_with(|| self.read().starts(self.start));
        timetable.take_over(wanted, now);
        inner.registers |= timetable.registers(may_register);
        inner.plan_next(&*self.clock);
        true
    }

    /// How long nothing is due at least; `None` while nothing is scheduled.
    pub(super) fn wait(&self) -> Option<Duration> {
        let inner = self.inner();
        if inner.registers {
            return Some(Duration::ZERO);
        }
        let wait = inner.next? - self.clock.now();
        Some(wait.to_std().unwrap_or_default().min(LOOK))
    }

    /// What is due now.
    pub(super) fn due(&self) -> Vec<Due> {
        let mut inner = self.inner();
        let mut due = Vec::new();
        if std::mem::take(&mut inner.registers) {
            due.push(Due::Registration);
        }
        let (now, config) = (self.clock.now(), Arc::clone(&inner.config));
        if let Some(timetable) = &mut inner.timetable {
            let zone = DeviceZone::new(&config, &*self.clock);
            due.extend(timetable.due(now, &zone).into_iter().map(Due::Run));
            inner.plan_next(&*self.clock);
        }
        due
    }

    /// It is on its way, or will never be: what has run is kept.
    pub(super) fn finish(&self, due: &Due) {
        let mut inner = self.inner();
        if let Some(timetable) = &mut inner.timetable {
            match due {
                Due::Run(key) => timetable.finish(key),
                Due::Registration => timetable.registered(),
            }
            inner.plan_next(&*self.clock);
        }
    }

    /// Brings what has run to the disk, if it differs. May block.
    pub(super) fn keep(&self) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let text = self.inner().timetable.as_ref().map(Timetable::to_text);
        let Some(text) = text.filter(|text| written.as_ref() != Some(text)) else {
            return;
        };
        let Some(state) = &self.state else {
            return;
        };
        match state.keep(NAME, text.as_bytes()) {
            Ok(()) => *written = Some(text),
            Err(fault) => self.say(format!("Times of periodic messages are not kept: {fault}")),
        }
    }

    /// Every periodic subscription and when it is sent next.
    pub fn scheduled(&self) -> Vec<Scheduled> {
        let inner = self.inner();
        let (now, zone) = (
            self.clock.now(),
            DeviceZone::new(&inner.config, &*self.clock),
        );
        let next = |planned: &Planned| {
            if let Some(not_due) = planned.not_due {
                return Err(not_due);
            }
            let timetable = inner.timetable.as_ref();
            let next = timetable.and_then(|timetable| timetable.next_of(&planned.key, now, &zone));
            Ok(next.and_then(|next| {
                let east = FixedOffset::east_opt(zone.seconds_east(next))?;
                Some(next.with_timezone(&east))
            }))
        };
        let scheduled = |planned: &Planned| Scheduled {
            profile: planned.key.profile.clone(),
            group: planned.key.group,
            cycle: planned.wanted.plan.shown(),
            next: next(planned),
        };
        inner.planned.iter().map(scheduled).collect()
    }

    /// What an earlier process has kept.
    fn read(&self) -> Timetable {
        let Some(state) = &self.state else {
            return Timetable::default();
        };
        let fault = match state.kept(NAME) {
            Ok(None) => return Timetable::default(),
            Ok(Some(bytes)) => {
                let text = String::from_utf8(bytes).ok();
                match text.as_deref().and_then(Timetable::of_text) {
                    Some(timetable) => return timetable,
                    None => "it is damaged".to_owned(),
                }
            }
            Err(fault) => fault.to_string(),
        };
        self.say(format!(
            "{NAME} cannot be read: {fault}; periodic messages begin anew"
        ));
        Timetable::default()
    }

    fn say(&self, text: String) {
        self.say
            .say(Own::sys(Severity::Warnings, "CALLHOME_TIMETABLE", &text));
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn plan_next(&mut self, clock: &dyn Clock) {
        let zone = DeviceZone::new(&self.config, clock);
        let timetable = self.timetable.as_ref();
        self.next = timetable.and_then(|timetable| timetable.next(&zone));
    }
}

#[cfg(test)]
#[path = "schedules_tests.rs"]
mod tests;
