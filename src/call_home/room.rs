//! What the tasks of the room share: its outbox, lanes and counters, and how they are changed together. What happens when is the
//! engine's.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::courier::Courier;
use super::lanes::{Entry, LIFE, Lanes, Paper};
use super::message::Kind;
use super::outbox::{self, Found, Outbox, Place};
use super::outcome::{Outcome, Reason};
use super::plan::{self, Address, Destination};
use super::schedules::Schedules;
use super::statistics::Counters;
use crate::config::call_home::{AlertGroup, AlertSeverity, CallHome, Format};
use crate::config::{RunningConfig, TakenOver};
use crate::message::{Own, Severity};

/// What the room's tasks share.
pub(super) struct Room {
    pub(super) schedules: Schedules,
    pub(super) courier: Courier,
    pub(super) outbox: Outbox,
    pub(super) lanes: Mutex<Lanes>,
    pub(super) counters: Mutex<Counters>,
    pub(super) faults: Arc<AtomicU64>,
    pub(super) taken_over: Arc<TakenOver>,
    /// Of messages and their groups alike.
    pub(super) next_number: AtomicU64,
    pub(super) next_entry: AtomicU64,
    pub(super) start: Instant,
}

/// An entry that is accepted, and who waits for its first outcome.
pub(super) struct Ready {
    pub(super) entry: Entry,
    pub(super) tell: Option<oneshot::Sender<Told>>,
}

impl Ready {
    pub(super) fn ask(&mut self) -> oneshot::Receiver<Told> {
        let (tell, told) = oneshot::channel();
        self.tell = Some(tell);
        told
    }
}

/// What an operator hears of an attempt.
#[derive(Debug)]
pub(super) enum Told {
    Delivered,
    Failed(Reason),
    GivenUp(Reason),
}

impl Room {
    /// Since the start of the room.
    pub(super) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    pub(super) fn wall(&self) -> DateTime<Utc> {
        self.courier.outside.clock.now()
    }

    pub(super) fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn counters(&self) -> MutexGuard<'_, Counters> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn say(&self, severity: Severity, number: u32, body: String) {
        let own = Own::asa(severity, number, body);
        self.courier.outside.say.say(own);
    }

    pub(super) fn fault(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
        let text = "Internal fault while a call-home message was made; it was not delivered";
        let own = Own::sys(Severity::Errors, "CALLHOME_FAULT", text);
        self.courier.outside.say.say(own);
    }

    /// Room for a document in the outbox; where there is none, what no destination gets any more leaves it.
    pub(super) fn make_room(&self, document: usize, deliveries: usize) -> Option<outbox::Room> {
        if let Some(room) = self.outbox.room(document, deliveries) {
            return Some(room);
        }
        let detail = "its destination is not configured, and the outbox is full";
        self.give_up(Lanes::parked, &Reason::new("CANCELLED", detail));
        self.outbox.room(document, deliveries)
    }

    pub(super) fn add(&self, entry: Entry, is_awaited: bool) {
        let mut counters = self.counters();
        counters.accepted();
        self.lanes().add(entry, is_awaited);
    }

    /// What leaves its lane without an attempt that decides it.
    pub(super) fn give_up(
        &self,
        take: impl FnOnce(&mut Lanes) -> Vec<Arc<Entry>>,
        reason: &Reason,
    ) -> Vec<Arc<Entry>> {
        let taken = {
            let mut counters = self.counters();
            let taken = take(&mut self.lanes());
            for entry in &taken {
                counters.settled(false);
                counters.dropped(entry.kind, &entry.destination);
            }
            taken
        };
        for entry in &taken {
            if let Some(place) = entry.place {
                self.outbox.done(place);
            }
            self.say_dropped(entry.kind, &entry.destination, reason);
        }
        taken
    }

    /// A delivery as an earlier run has left it. What is not understood is sent as what it resembles.
    pub(super) fn entry(
        &self,
        place: Place,
        found: Found,
        now: Duration,
        wall: DateTime<Utc>,
    ) -> Entry {
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == found.kind);
        let format = [Format::Xml, Format::LongText, Format::ShortText]
            .into_iter()
            .find(|format| format.keyword() == found.format);
        let severity = AlertSeverity::ALL
            .into_iter()
            .find(|severity| severity.level() == found.severity);
        let accepted = DateTime::from_timestamp(found.accepted, 0).unwrap_or(wall);
        let age = (wall - accepted).to_std().unwrap_or_default();
        let address = match found.label.is_email {
            true => Address::Email(found.label.address.into()),
            false => Address::Http(found.label.address.into()),
        };
        Entry {
            id: self.next_entry.fetch_add(1, Ordering::Relaxed),
            message: found.message.into(),
            kind: kind.unwrap_or(Kind::Test),
            severity: severity.unwrap_or(AlertSeverity::Normal),
            destination: Destination {
                profile: found.label.profile.into(),
                address,
            },
            format: format.unwrap_or_default(),
            accepted,
            deadline: now + LIFE.saturating_sub(age),
            is_found: true,
            is_reminded: AtomicBool::new(false),
            place: Some(place),
            paper: Arc::new(Paper::new(None, self.outbox.room_of_found(found.bytes))),
        }
    }

    /// Counts what an attempt has brought, or that there was none, and says it.
    pub(super) fn note(&self, kind: Kind, to: &Destination, outcome: &Outcome) {
        let word = kind.word();
        self.counters().attempted(kind, to, outcome, self.wall());
        if let Outcome::Distrusted(reason) = outcome {
            let body = format!(
                "Certificate validation failed. Reason: {to}: {}.",
                reason.detail
            );
            self.say(Severity::Errors, 717_009, body);
        }
        match outcome {
            Outcome::Delivered => {
                let body = format!("Message {word} to {to} delivered.");
                self.say(Severity::Informational, 120_007, body);
            }
            Outcome::Failed(reason) | Outcome::Distrusted(reason) | Outcome::Refused(reason) => {
                let body = format!("Delivering message {word} to {to} failed. Reason {reason}");
                self.say(Severity::Warnings, 120_006, body);
            }
            Outcome::Dropped(_) | Outcome::Denied(_) => {}
        }
        if let Outcome::Refused(reason) | Outcome::Dropped(reason) | Outcome::Denied(reason) =
            outcome
        {
            self.say_dropped(kind, to, reason);
        }
    }

    /// Who has no name server is told so when a name leads nowhere; whether that was said.
    pub(super) fn remind(
        &self,
        config: &RunningConfig,
        to: &Destination,
        outcome: &Outcome,
    ) -> bool {
        self.remind_if(outcome, || plan::wants_dns(config, to))
    }

    pub(super) fn remind_if(&self, outcome: &Outcome, wants_dns: impl FnOnce() -> bool) -> bool {
        let is_unreached = matches!(outcome, Outcome::Failed(reason) if reason.is_unreached());
        let is_said = is_unreached && wants_dns();
        if is_said {
            self.say(Severity::Warnings, 120_011, NO_DNS.to_owned());
        }
        is_said
    }

    /// Alert groups that were switched while the module runs.
    pub(super) fn say_clients(&self, old: &CallHome, new: &CallHome) {
        for group in AlertGroup::ALL {
            let (number, what) = match (old.is_enabled(group), new.is_enabled(group)) {
                (false, true) => (120_008, "activated"),
                (true, false) => (120_009, "deactivated"),
                _ => continue,
            };
            let body = format!("SCH client {} is {what}.", group.keyword());
            self.say(Severity::Notifications, number, body);
        }
    }

    pub(super) fn say_dropped(&self, kind: Kind, to: &Destination, reason: &Reason) {
        let body = format!(
            "Message {} to {to} is dropped. Reason {reason}",
            kind.word()
        );
        self.say(Severity::Warnings, 120_005, body);
    }
}

const NO_DNS: &str = "To ensure Smart Call Home can properly communicate with Cisco, \
                      use the command dns name-server to configure at least one DNS server.";
