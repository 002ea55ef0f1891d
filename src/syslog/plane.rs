//! The message plane: one thread, one loop that moves the core's bytes between sockets. It decides nothing about messages
//! (the core does), resolves and connects nothing (control does), and survives nothing by itself (the supervisor does).

mod linking;
mod reading;
mod settling;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use mio::{Events, Poll};

use super::api::Listener;
use super::ask::{Ask, Drain, is_chatter};
use super::core::{Core, Now};
use super::link::Link;
use super::listeners::Listeners;
use super::nap::Nap;
use super::orders::{Inbox, Order, Report};
use super::outage;
use super::plan::Plan;
use super::session::Session;
use super::spool::{Shelf, Spool};
use crate::config::logging::SessionKey;
use crate::device::clock::Clock;
use crate::intake::grounds::Grounds;
use crate::intake::input::Input;
use crate::intake::{Room, Tokens};
use crate::message::{Own, Severity};
use crate::net::reason::reason;

/// What outlives a fault of the plane.
#[derive(Debug)]
pub struct Kept {
    pub plan: Arc<Plan>,
    pub console: Listeners,
    pub monitor: Listeners,
    /// What lies on disk, for the next plane.
    pub shelf: Shelf,
    /// How often a plane has ended by a fault of ours.
    pub faults: u64,
}

/// What a plane is given by its supervisor.
pub struct Surroundings<'a> {
    pub poll: &'a mut Poll,
    pub inbox: &'a Inbox,
    pub clock: &'a dyn Clock,
    pub grounds: &'a Grounds,
    pub spool: &'a Spool,
    pub report: &'a dyn Fn(Report),
    pub kept: &'a mut Kept,
}

/// One plane, from its start to its end.
pub struct Plane<'a> {
    pub(super) around: Surroundings<'a>,
    pub(super) core: Core,
    /// Counters count since then.
    pub(super) since: DateTime<Utc>,
    pub(super) sessions: Vec<Session>,
    pub(super) inputs: Vec<Input>,
    tokens: Tokens,
    room: Room,
    /// Messages of ours for the next turn, and the session that is not to get one (C3.7).
    pub(super) later: Vec<(Own, Option<SessionKey>)>,
    pub(super) asks: Vec<Ask>,
    pub(super) drains: Vec<Drain>,
    /// Messages of our own that matter to somebody who waits for them (C1.3).
    pub(super) spoken: u64,
    /// Inputs that can wait are not read (C5b.5).
    pub(super) held: bool,
    /// Inputs that keep their place are not read before then: what was read after a drain would be lost on leaving.
    pub(super) rests: Duration,
    /// The next turn has something to do at once.
    pub(super) busy: bool,
    nap: Nap,
    /// The first plan has not come: what is left on disk is said then.
    pub(super) begins: bool,
    /// When acknowledgements for the disk are looked at next.
    pub(super) acknowledges_at: Duration,
    /// When places of inputs are looked at next.
    pub(super) settles_at: Duration,
    /// What the host says of its clock, and until when that is believed.
    synchronised: (Option<bool>, Duration),
}

impl<'a> Plane<'a> {
    /// Opens what the plan asks for; links come from control.
    pub fn new(around: Surroundings<'a>) -> Self {
        let synchronised = around.clock.is_synchronised();
        let now = read_clock(around.clock, synchronised);
        let plan = around.kept.plan.clone();
        let mut core = Core::new(plan.clone(), now);
        core.listen(Listener::Console, !around.kept.console.is_empty());
        core.listen(Listener::Monitor, !around.kept.monitor.is_empty());
        around.kept.console.guarantee(plan.console_guaranteed);
        // What the plane before had taken and not delivered is read again.
        around.grounds.begin();
        let faults = around.kept.faults;
        core.restore(std::mem::take(&mut around.kept.shelf), faults << 32);
        let mut plane = Self {
            around,
            core,
            since: now.utc,
            sessions: plan
                .hosts
                .iter()
                .map(|host| Session::new(host.key.clone(), 0, &now))
                .collect(),
            inputs: Vec::new(),
            tokens: Tokens::from(WAKER.0 + 1),
            room: Room::default(),
            later: Vec::new(),
            asks: Vec::new(),
            drains: Vec::new(),
            spoken: 0,
            held: false,
            rests: Duration::ZERO,
            busy: true,
            nap: Nap::default(),
            begins: faults == 0,
            acknowledges_at: Duration::ZERO,
            settles_at: Duration::ZERO,
            synchronised: (synchronised, now.monotonic + BELIEVED),
        };
        plane.open_inputs(&plan, now.monotonic);
        if faults > 0 {
            let text =
                format!("Message path restarted after an internal fault, {faults} since start");
            plane
                .later
                .push((Own::sys(Severity::Critical, "LOGGER_FAULT", text), None));
        }
        plane
    }

    /// Turns until it is told to stop.
    pub fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS);
        while self.turn(&mut events) {}
        // The last orders may have removed sessions whose rows lie on disk.
        self.tend_disk(self.around.clock.monotonic());
        self.settle_places(true);
    }

    /// Whether there is another turn.
    fn turn(&mut self, events: &mut Events) -> bool {
        let timeout = self.timeout();
        if let Err(error) = self.around.poll.poll(events, timeout) {
            events.clear();
            if error.kind() != std::io::ErrorKind::Interrupted {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        let now = self.now();
        let drains = self.drains.len();
        self.core.begin(now);
        if self.rests <= now.monotonic {
            self.rests = Duration::ZERO;
        }
        for event in events.iter().filter(|event| event.token() != WAKER) {
            let session = self.sessions.iter_mut().any(|session| session.ready(event));
            let _found = session || self.inputs.iter_mut().any(|input| input.ready(event));
        }
        self.busy = false;
        if !self.take_orders(now) {
            return false;
        }
        self.say_later();
        self.sessions.iter_mut().for_each(Session::check);
        let datagrams = self.read_inputs(now.monotonic);
        if !self.drains.is_empty() {
            // Who leaves does not wait for the end of a window.
            self.core.close_windows();
        }
        self.core.fold();
        let said = self.core.take_said();
        self.later.extend(said.map(|own| (own, None)));
        self.write_sessions();
        self.take_broken(&now);
        self.tend_disk(now.monotonic);
        self.tend_mail();
        if self.settles_at <= now.monotonic {
            self.settle_places(false);
            self.settles_at = now.monotonic + SETTLES;
        }
        self.hand_lines(now.monotonic);
        self.judge(&now);
        self.answer(now.monotonic);
        self.end_drains(drains, now.monotonic);
        self.busy |=
            !self.later.is_empty() || self.sessions.iter().any(Session::is_busy) || !self.is_dry();
        if let Some(nap) = self
            .nap
            .after(datagrams, now.monotonic)
            .filter(|_| !self.busy)
        {
            std::thread::sleep(nap);
        }
        true
    }

    /// How long nothing is to be done without an event; `None` for ever.
    fn timeout(&self) -> Option<Duration> {
        if self.busy {
            return Some(Duration::ZERO);
        }
        let inputs = self.inputs.iter().filter_map(Input::wakes_at);
        let sessions = self
            .sessions
            .iter()
            .filter_map(|session| session.pace.wakes_at());
        let drains = self.drains.iter().map(|drain| drain.until);
        let senders = self.core.looks_at();
        let rest = Some(self.rests).filter(|rests| !rests.is_zero());
        let windows = self.core.closes_at();
        let now = self.around.clock.monotonic();
        let console = self.around.kept.console.wakes_at(now);
        let disk = self.disk_wakes_at();
        let first = inputs
            .chain(sessions)
            .chain(drains)
            .chain(senders)
            .chain(rest)
            .chain(windows)
            .chain(console)
            .chain(disk)
            .chain(self.core.mails_at())
            .chain(self.settles().then_some(self.settles_at))
            .min()?;
        // A poll counts whole milliseconds; a little late is better than a little early and again.
        Some(first.saturating_sub(now) + Duration::from_millis(1))
    }

    fn now(&mut self) -> Now {
        let now = read_clock(self.around.clock, self.synchronised.0);
        if now.monotonic < self.synchronised.1 {
            return now;
        }
        let synchronised = self.around.clock.is_synchronised();
        self.synchronised = (synchronised, now.monotonic + BELIEVED);
        Now {
            synchronised,
            ..now
        }
    }

    /// Whether there is another turn.
    fn take_orders(&mut self, now: Now) -> bool {
        for _ in 0..ORDERS {
            match self.around.inbox.next() {
                None => return true,
                Some(Order::Stop) => return false,
                Some(order) => self.take(order, now),
            }
        }
        self.busy = true;
        true
    }

    fn take(&mut self, order: Order, now: Now) {
        match order {
            Order::Say(own) => self.say(&own),
            Order::Swap { plan, generation } => self.swap(plan, generation, now),
            Order::Link {
                key,
                attempt,
                socket,
                peer,
            } => {
                if let Some(session) = self.find(&key) {
                    match Link::new(socket, peer, attempt, &mut self.place(now.monotonic)) {
                        Ok(link) => self.link(session, link, &now),
                        Err(error) => {
                            self.unlink(session, reason(&error), &now);
                            (self.around.report)(Report::Lost {
                                key,
                                attempt,
                                proven: false,
                            });
                        }
                    }
                }
            }
            Order::Unreachable {
                key,
                reason,
                hopeless,
            } => {
                let Some(number) = self.find(&key) else {
                    return;
                };
                self.unlink(number, reason, &now);
                if let Some(session) = self.sessions.get_mut(number) {
                    session.hopeless = hopeless;
                }
            }
            Order::Status(reply) => self.asks.push(Ask::Status(reply)),
            Order::Buffer(reply) => self.asks.push(Ask::Buffer(reply)),
            Order::Tables(reply) => self.asks.push(Ask::Tables(reply)),
            Order::Senders(reply) => self.asks.push(Ask::Senders(reply)),
            Order::Spooled(answer) => self.hear_disk(answer),
            Order::Written(written) => self.core.written(written),
            Order::Mailed(mailed) => self.hear_mail(mailed),
            Order::Saved(saved) => self.core.saved(saved),
            Order::ClearBuffer => self.core.clear_buffer(),
            Order::XmlBuffer(reply) => self.asks.push(Ask::XmlBuffer(reply)),
            Order::ClearXmlBuffer => self.core.clear_xml_buffer(),
            Order::ClearLeftOnDisk => self.core.clear_left_on_disk(),
            Order::Listen(who, lines) => {
                self.core.listen(who, true);
                self.listeners(who).add(lines);
            }
            Order::Drain { limit, done } => {
                self.drains.push(Drain {
                    until: now.monotonic.saturating_add(limit),
                    done,
                });
                self.busy = true;
            }
            Order::Stop => {}
            #[cfg(test)]
            Order::Panic => panic!("a fault for a test"),
        }
    }

    fn say(&mut self, own: &Own) {
        self.core.own(own);
        self.spoken += u64::from(!is_chatter(own));
    }

    fn say_later(&mut self) {
        let lost = self.around.inbox.take_lost();
        if lost > 0 {
            let text = format!("{lost} messages of this device were lost, too many at once");
            self.later
                .push((Own::sys(Severity::Warnings, "LOGGER_FLOODED", text), None));
        }
        for (own, beside) in std::mem::take(&mut self.later) {
            let beside = beside.and_then(|key| self.find(&key));
            self.core.own_beside(&own, beside);
        }
    }

    /// A new plan: what stays keeps its sockets; what is gone is closed before what is new is opened, as the port may be the
    /// same.
    fn swap(&mut self, plan: Arc<Plan>, generation: u64, now: Now) {
        let old = self.core.swap(plan.clone(), now);
        self.around.kept.plan = plan.clone();
        let console = &mut self.around.kept.console;
        console.guarantee(plan.console_guaranteed);
        let before = std::mem::take(&mut self.sessions);
        let mut before: HashMap<_, _> = before
            .into_iter()
            .map(|session| (session.key.clone(), session))
            .collect();
        let mut new = Vec::new();
        for host in &plan.hosts {
            let session = before.remove(&host.key).unwrap_or_else(|| {
                new.push(&host.key);
                Session::new(host.key.clone(), self.spoken, &now)
            });
            self.sessions.push(session);
        }
        let keys = old.hosts.iter().map(|host| &host.key);
        let gone: Vec<_> = keys.filter(|key| before.contains_key(key)).collect();
        let said = outage::started(&new)
            .into_iter()
            .chain(outage::stopped(&gone));
        self.later.extend(said.map(|own| (own, None)));
        drop(before);
        let faults = plan
            .faults
            .iter()
            .map(|fault| Own::sys(Severity::Errors, "LOGGER_PATTERN", fault.as_str()));
        self.later.extend(faults.map(|own| (own, None)));
        if std::mem::take(&mut self.begins) {
            self.say_left_on_disk();
        }
        self.open_inputs(&plan, now.monotonic);
        (self.around.report)(Report::Swapped { generation, old });
    }

    fn hand_lines(&mut self, now: Duration) {
        for who in [Listener::Console, Listener::Monitor] {
            if self.listeners(who).is_empty() {
                continue;
            }
            let lines = self.core.take_lines(who);
            self.listeners(who).hand(&lines, now);
            if self.listeners(who).is_empty() {
                self.core.listen(who, false);
            }
        }
    }

    pub(super) fn listeners(&mut self, who: Listener) -> &mut Listeners {
        match who {
            Listener::Console => &mut self.around.kept.console,
            Listener::Monitor => &mut self.around.kept.monitor,
        }
    }

    pub(super) fn find(&self, key: &SessionKey) -> Option<usize> {
        self.sessions.iter().position(|session| session.key == *key)
    }
}

fn read_clock(clock: &dyn Clock, synchronised: Option<bool>) -> Now {
    let monotonic = clock.monotonic();
    Now {
        monotonic,
        utc: clock.now(),
        uptime: monotonic,
        synchronised,
    }
}

/// The waker's token.
pub const WAKER: mio::Token = mio::Token(0);
const EVENTS: usize = 1024;
/// Orders of one turn.
const ORDERS: usize = 1024;
/// How often places of inputs follow what was delivered.
const SETTLES: Duration = Duration::from_millis(200);
/// How long the host's word on its clock is believed.
const BELIEVED: Duration = Duration::from_secs(10);
