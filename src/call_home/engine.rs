//! The room's one task and what it starts: takes over configurations, turns events into messages, keeps each destination's going,
//! tells the log. What a message is and where it goes is decided in `plan` and `message`, when it is tried in `lanes`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::Timelike;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::anonymous;
use super::api::{CallHome, Do, Line};
use super::courier::Courier;
use super::document::Document;
use super::door::{Asked, Door};
use super::event::{Audience, Event};
use super::lanes::{Entry, LIFE, Verdict};
use super::mail_servers::MailServers;
use super::making::{internal_fault, make};
use super::message::Kind;
use super::outbox::{Found, Outbox, Place};
use super::outcome::{Outcome, Reason};
use super::plan::{self, Destination, Order, Route};
use super::rate::Rate;
use super::room::{Ready, Room, Told};
use super::schedules::{Due, Schedules};
use crate::config::Published;
use crate::device::Facts;
use crate::device::clock::Clock;
use crate::message::{Say, Severity};
use crate::net::backoff::random;
use crate::net::http_link::{self, Link};
use crate::net::names::Names;
use crate::net::only_to::OnlyTo;
use crate::state::Folder;
use crate::trust::api::Trust;

/// Runs read-only commands and gives each one's name with its output. May block; called off the runtime's threads.
pub type Collect = Arc<dyn Fn(&[Arc<str>]) -> Vec<(String, String)> + Send + Sync>;

/// All that the room needs of the world.
#[derive(Clone)]
pub struct Outside {
    pub clock: Arc<dyn Clock>,
    pub facts: Arc<dyn Facts>,
    pub collect: Collect,
    pub say: Arc<dyn Say>,
    pub only_to: OnlyTo,
    /// Who knows what the names of destinations stand for.
    pub names: Names,
    pub trust: Arc<dyn Trust>,
    /// Where messages wait that were accepted; without one they wait in memory.
    pub state: Option<Arc<Folder>>,
}

/// Brings the room to life on `runtime`. Returns at once; nothing is opened, resolved or parsed before an action needs it, but
/// what an earlier run has left.
pub fn start(
    runtime: &Handle,
    published: watch::Receiver<Published>,
    outside: Outside,
) -> Arc<dyn CallHome> {
    // Messages of two runs within one second keep different numbers as long as the runs began a few microseconds apart.
    let first = u64::from(outside.clock.now().nanosecond() / 1000) * 2;
    let faults: Arc<AtomicU64> = Arc::default();
    let folder = outside.state.as_ref();
    let folder = folder.map(|folder| folder.path().to_owned());
    let schedules = Schedules::new(
        outside.clock.clone(),
        outside.facts.clone(),
        outside.say.clone(),
        outside.state.clone(),
    );
    let room = Arc::new(Room {
        schedules,
        outbox: Outbox::new(folder, outside.say.clone(), faults.clone()),
        courier: Courier {
            outside,
            mail_servers: MailServers::default(),
        },
        lanes: Mutex::default(),
        counters: Mutex::default(),
        faults,
        taken_over: Arc::default(),
        next_number: AtomicU64::new(first),
        next_entry: AtomicU64::new(1),
        start: std::time::Instant::now(),
    });
    let (actions, asked) = mpsc::unbounded_channel();
    let newest = published.clone();
    runtime.spawn(anonymous::live(Arc::clone(&room), published.clone()));
    runtime.spawn(live(Arc::clone(&room), published, asked));
    Arc::new(Door {
        room,
        actions,
        newest,
    })
}

/// Everything that can happen to the room.
enum Input {
    /// There is a newer configuration; or there will be none any more.
    Configuration { is_last: bool },
    /// An operator's action; `None` when nobody can ask any more.
    Asked(Option<Asked>),
    /// Something that the room began has ended.
    Work(Work),
    /// A message may be tried again, or is too old.
    Due,
    /// Something may be due by the clock.
    Scheduled,
}

enum Work {
    /// Messages were made of an event of that kind, maybe because it was due.
    Made(Kind, Vec<Ready>, Option<Due>),
    /// What has run was brought to the disk.
    Kept,
    /// An earlier run has left these.
    Found(Vec<(Place, Found)>),
    /// What leaves nothing behind.
    Over,
    Attempted {
        entry: Arc<Entry>,
        outcome: Outcome,
        link: Option<Link>,
    },
}

/// The room's task; ends when nobody can ask any more. Without a publisher it goes on with what was published last.
async fn live(
    room: Arc<Room>,
    mut published: watch::Receiver<Published>,
    mut asked: mpsc::UnboundedReceiver<Asked>,
) {
    let newest = published.borrow_and_update().clone();
    let mut engine = Engine {
        room,
        newest: newest.clone(),
        is_on: false,
        rate: Rate::default(),
        work: JoinSet::new(),
        links: HashMap::new(),
        waiting: HashMap::new(),
    };
    engine.find();
    engine.take_over(newest);
    let mut is_published = true;
    loop {
        engine.dispatch();
        let due = engine.due();
        let wait = engine.room.schedules.wait();
        let input = tokio::select! {
            changed = published.changed(), if is_published => Input::Configuration {
                is_last: changed.is_err(),
            },
            next = asked.recv() => Input::Asked(next),
            Some(Ok(work)) = engine.work.join_next() => Input::Work(work),
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Input::Due,
            () = sleep(wait.unwrap_or_default()), if wait.is_some() => Input::Scheduled,
        };
        match input {
            Input::Configuration { is_last } => {
                is_published = !is_last;
                engine.take_over(published.borrow_and_update().clone());
            }
            Input::Asked(Some(Asked { action, lines })) => {
                // The operator's last line may have been published since the top of the loop.
                engine.take_over(published.borrow_and_update().clone());
                if action == Do::TestAnonymous {
                    engine.test_anonymous(lines);
                    continue;
                }
                let (event, audience) = Event::asked(&action, engine.room.wall());
                engine.begin(event, &audience, Some(lines));
            }
            Input::Asked(None) => break,
            Input::Work(work) => engine.hear(work),
            Input::Due => {}
            Input::Scheduled => engine.run_due(),
        }
    }
    // What was begun is finished: its time is limited and somebody may be waiting for its lines.
    while let Some(work) = engine.work.join_next().await {
        if let Ok(work) = work {
            engine.hear(work);
        }
    }
}

/// What the room's one task knows.
struct Engine {
    room: Arc<Room>,
    newest: Published,
    is_on: bool,
    rate: Rate,
    work: JoinSet<Work>,
    /// Connections that wait for the next message.
    links: HashMap<Destination, Link>,
    /// Operators, by entry.
    waiting: HashMap<u64, oneshot::Sender<Told>>,
}

impl Engine {
    /// What lies in the outbox since an earlier run.
    fn find(&mut self) {
        let found = self.room.outbox.found();
        self.work.spawn(async move { Work::Found(found.await) });
    }

    fn take_over(&mut self, newest: Published) {
        let (old, new) = (&self.newest.config, &newest.config);
        let is_changed = !Arc::ptr_eq(&old.call_home, &new.call_home)
            || !Arc::ptr_eq(&old.system, &new.system)
            || !Arc::ptr_eq(&old.interfaces, &new.interfaces)
            || !Arc::ptr_eq(&old.crypto, &new.crypto);
        if is_changed {
            // What an operator has corrected is tried at once.
            self.room.lanes().wake();
            let servers = &new.call_home.mail_servers;
            self.room.courier.mail_servers.keep(servers);
        }
        if self.room.schedules.take_over(&newest.config) {
            self.keep();
        }
        let service = new.call_home.service;
        match (self.is_on, service) {
            (false, true) => self.room.say(
                Severity::Notifications,
                120_001,
                "Call-Home Module started.".to_owned(),
            ),
            (true, false) => self.room.say(
                Severity::Notifications,
                120_002,
                "Call-Home Module terminated.".to_owned(),
            ),
            _ => {}
        }
        if self.is_on && service {
            let (old, new) = (&self.newest.config.call_home, &newest.config.call_home);
            self.room.say_clients(old, new);
        }
        self.is_on = service;
        self.room.taken_over.report(newest.generation);
        self.newest = newest;
    }

    /// What is due by the clock begins.
    fn run_due(&mut self) {
        for due in self.room.schedules.due() {
            let (event, audience) = due.event(self.room.wall());
            self.begin_because(event, &audience, None, Some(due));
        }
    }

    /// What was due is on its way, or will never be: a kill before that loses nothing.
    fn finish(&mut self, due: &Due) {
        self.room.schedules.finish(due);
        self.keep();
    }

    /// Brings to the disk what has run, off this task.
    fn keep(&mut self) {
        let room = self.room.clone();
        self.work.spawn_blocking(move || {
            room.schedules.keep();
            Work::Kept
        });
    }

    /// An event becomes messages, off this task; an operator is told as they go.
    fn begin(&mut self, event: Event, audience: &Audience, lines: Option<Sender<Line>>) {
        self.begin_because(event, audience, lines, None);
    }

    fn begin_because(
        &mut self,
        event: Event,
        audience: &Audience,
        lines: Option<Sender<Line>>,
        due: Option<Due>,
    ) {
        let room = &self.room;
        let kind = event.kind;
        let titled = format!("{} {}", kind.word(), event.description);
        room.counters().detected(kind);
        let mut order = match plan::order(&self.newest.config, event, audience) {
            Ok(order) => order,
            Err(nothing) => {
                room.counters().event_dropped(kind);
                room.say(
                    Severity::Warnings,
                    120_004,
                    format!("Event {titled} is dropped. Reason {nothing}"),
                );
                if let Some(lines) = lines {
                    lines.send(Line::Failed(format!("Failed: {nothing}"))).ok();
                }
                if let Some(due) = due {
                    self.finish(&due);
                }
                return;
            }
        };
        room.say(
            Severity::Informational,
            120_003,
            format!("Process event {titled}"),
        );
        if let Some(lines) = &lines {
            for note in &order.notes {
                lines.send(Line::Info(note.clone())).ok();
            }
        }
        self.limit(&mut order);
        let (room, newest) = (self.room.clone(), self.newest.clone());
        room.counters().processing(kind, true);
        self.work
            .spawn(async move { Work::Made(kind, guarded(room, newest, order, lines).await, due) });
    }

    /// A fault of ours ends it alone, and the operator is told.
    fn test_anonymous(&mut self, lines: Sender<Line>) {
        let (room, newest, told) = (self.room.clone(), self.newest.clone(), lines.clone());
        self.work.spawn(async move {
            let work = tokio::spawn({
                let room = room.clone();
                async move { anonymous::test(&room, &newest, lines).await }
            });
            if work.await.is_err() {
                room.fault();
                let line = Line::Failed(format!("Failed: {}", internal_fault()));
                told.send(line).ok();
            }
            Work::Over
        });
    }

    /// `rate-limit` counts messages that would be sent somewhere.
    fn limit(&mut self, order: &mut Order) {
        let (now, most) = (self.room.now(), self.newest.config.call_home.rate_limit());
        for part in &mut order.parts {
            let is_sent = part.targets.iter().any(|target| target.route.is_ok());
            if !is_sent || self.rate.admits(now, most) {
                continue;
            }
            for target in &mut part.targets {
                if target.route.is_ok() {
                    let detail = format!("{most} messages a minute");
                    target.route = Err(Outcome::Dropped(Reason::new("RATE_LIMIT", detail)));
                }
            }
        }
    }

    fn hear(&mut self, work: Work) {
        match work {
            Work::Kept => {}
            Work::Made(kind, ready, due) => {
                if let Some(due) = due {
                    self.finish(&due);
                }
                self.room.counters().processing(kind, false);
                for Ready { entry, tell } in ready {
                    let is_awaited = tell.is_some();
                    if let Some(tell) = tell {
                        self.waiting.insert(entry.id, tell);
                    }
                    self.room.add(entry, is_awaited);
                }
            }
            Work::Found(found) => {
                let (now, wall) = (self.room.now(), self.room.wall());
                for (place, found) in found {
                    let entry = self.room.entry(place, found, now, wall);
                    self.room.add(entry, false);
                }
            }
            Work::Over => {}
            Work::Attempted {
                entry,
                outcome,
                link,
            } => {
                if let Some(link) = link {
                    self.links.insert(entry.destination.clone(), link);
                }
                self.attempted(&entry, outcome);
            }
        }
    }

    /// Starts what is due, and gives up what is too old.
    fn dispatch(&mut self) {
        self.links.retain(|_, link| !link.is_idle());
        let now = self.room.now();
        let days = LIFE.as_secs() / (24 * 3600);
        let reason = Reason::new("EXPIRED", format!("not delivered within {days} days"));
        for entry in self.room.give_up(|lanes| lanes.expired(now), &reason) {
            if let Some(tell) = self.waiting.remove(&entry.id) {
                tell.send(Told::GivenUp(reason.clone())).ok();
            }
        }
        loop {
            let due = self.room.lanes().due(now);
            if due.is_empty() {
                return;
            }
            for entry in due {
                self.tries(entry);
            }
        }
    }

    fn tries(&mut self, entry: Arc<Entry>) {
        let config = &self.newest.config;
        let route = match plan::route(config, &entry.destination) {
            Some(route) if config.call_home.service => route,
            // It waits until there is such a destination again.
            _ => {
                let lanes = &mut self.room.lanes();
                lanes.settle(&entry.destination, Verdict::Waits, self.room.now(), 0);
                return;
            }
        };
        match route {
            Err(outcome) => self.attempted(&entry, outcome),
            Ok(route) => {
                let link = self.links.remove(&entry.destination);
                let (room, newest) = (self.room.clone(), self.newest.clone());
                self.work.spawn(attempt(room, newest, entry, route, link));
            }
        }
    }

    /// When there is something to do.
    fn due(&self) -> Option<Instant> {
        let lanes = self.room.lanes().next();
        let idle = (!self.links.is_empty()).then(|| self.room.now() + http_link::LONGEST);
        let due = lanes.into_iter().chain(idle).min()?;
        // What would be very far off is looked at before.
        let wait = due.saturating_sub(self.room.now()).min(LIFE);
        Some(Instant::now() + wait)
    }

    fn attempted(&mut self, entry: &Arc<Entry>, outcome: Outcome) {
        let room = self.room.clone();
        // A rehearsal must not throw away what the device has promised.
        let is_fenced = matches!(outcome, Outcome::Denied(_)) && entry.is_found;
        let verdict = match &outcome {
            _ if is_fenced => Verdict::Waits,
            outcome if outcome.may_pass() => Verdict::Again,
            _ => Verdict::Settled,
        };
        if !is_fenced {
            room.note(entry.kind, &entry.destination, &outcome);
        }
        // Once for a message, however often it is tried.
        if !entry.is_reminded.load(Ordering::Relaxed) {
            let config = &self.newest.config;
            let is_reminded = room.remind(config, &entry.destination, &outcome);
            entry.is_reminded.store(is_reminded, Ordering::Relaxed);
        }
        let (now, random) = (room.now(), random());
        {
            // Nobody sees it counted twice, or not at all.
            let mut counters = room.counters();
            if verdict == Verdict::Settled {
                counters.settled(outcome == Outcome::Delivered);
            }
            let lanes = &mut room.lanes();
            lanes.settle(&entry.destination, verdict, now, random);
        }
        match (entry.place, verdict) {
            (Some(place), Verdict::Settled) => room.outbox.done(place),
            (Some(_), _) => entry.paper.put_away(),
            (None, _) => {}
        }
        if let Some(tell) = self.waiting.remove(&entry.id) {
            let told = match (outcome.reason(), verdict) {
                (None, _) => Told::Delivered,
                (Some(reason), Verdict::Settled) => Told::GivenUp(reason.clone()),
                (Some(reason), _) => Told::Failed(reason.clone()),
            };
            tell.send(told).ok();
        }
    }
}

/// Messages are made in a task of their own, so that a fault of ours ends it alone and the operator is told (C1.14).
async fn guarded(
    room: Arc<Room>,
    newest: Published,
    order: Order,
    lines: Option<Sender<Line>>,
) -> Vec<Ready> {
    let told = lines.clone();
    let work = tokio::spawn({
        let room = Arc::clone(&room);
        async move { make(&room, &newest, &order, lines).await }
    });
    match work.await {
        Ok(ready) => ready,
        Err(_) => {
            room.fault();
            if let Some(told) = told {
                let line = Line::Failed(format!("Failed: {}", internal_fault()));
                told.send(line).ok();
            }
            Vec::new()
        }
    }
}

/// One attempt for one entry, in a task of its own for the same reason.
async fn attempt(
    room: Arc<Room>,
    newest: Published,
    entry: Arc<Entry>,
    route: Route,
    link: Option<Link>,
) -> Work {
    let carried = tokio::spawn({
        let (room, entry, mut link) = (room.clone(), entry.clone(), link);
        async move {
            let bytes = match (entry.paper.bytes(), entry.place) {
                (Some(bytes), _) => Ok(Some(bytes)),
                (None, Some(place)) => room.outbox.document(place).await,
                (None, None) => Ok(None),
            };
            let bytes = match bytes {
                Ok(Some(bytes)) => bytes,
                Ok(None) => {
                    let reason = Reason::new("LOST", "the outbox was damaged");
                    return (Outcome::Dropped(reason), link);
                }
                Err(unread) => {
                    return (Outcome::Failed(Reason::new("NO_OUTBOX", unread.0)), link);
                }
            };
            let document = Document {
                format: entry.format,
                id: entry.message.to_string(),
                bytes,
            };
            let to = &entry.destination;
            let carried = room
                .courier
                .carry(&newest, to, &route, &document, &mut link, LIMIT);
            (carried.await, link)
        }
    });
    let (outcome, link) = match carried.await {
        Ok(carried) => carried,
        Err(_) => {
            room.fault();
            (Outcome::Failed(internal_fault()), None)
        }
    };
    Work::Attempted {
        entry,
        outcome,
        link,
    }
}

/// For one attempt of what is in the outbox, everything included.
const LIMIT: Duration = Duration::from_secs(60);

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
