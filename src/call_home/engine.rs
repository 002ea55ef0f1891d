//! The room's one task and what it starts: takes over configurations, turns actions into messages, delivers them one
//! destination after the other, tells the operator and the log. What a message is and where it goes is decided in `plan`
//! and `message`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use chrono::Timelike;
use hyper::body::Bytes;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::api::{CallHome, Do, Line, Status};
use super::deliver::deliver;
use super::message::{Attachment, Device, Message};
use super::outcome::{Outcome, Reason};
use super::plan::{self, Order, Target};
use super::xml;
use crate::config::{Published, TakenOver};
use crate::device::Facts;
use crate::device::clock::Clock;
use crate::message::{Own, Say, Severity};
use crate::net::names::Names;
use crate::net::only_to::OnlyTo;
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
}

/// Brings the room to life on `runtime`. Returns at once; nothing is opened, resolved or parsed before an action needs it.
pub fn start(
    runtime: &Handle,
    published: watch::Receiver<Published>,
    outside: Outside,
) -> Arc<dyn CallHome> {
    // Messages of two runs within one second keep different numbers as long as the runs began a few microseconds apart.
    let first = u64::from(outside.clock.now().nanosecond() / 1000) * 2;
    let room = Arc::new(Room {
        outside,
        counters: Counters::default(),
        taken_over: Arc::default(),
        next_number: AtomicU64::new(first),
    });
    let (actions, asked) = mpsc::unbounded_channel();
    runtime.spawn(live(Arc::clone(&room), published, asked));
    Arc::new(Door { room, actions })
}

/// What others hold of the room.
struct Door {
    room: Arc<Room>,
    actions: mpsc::UnboundedSender<Asked>,
}

struct Asked {
    action: Do,
    lines: Sender<Line>,
}

impl CallHome for Door {
    fn act(&self, action: Do) -> Receiver<Line> {
        let (lines, told) = channel();
        if let Err(mpsc::error::SendError(asked)) = self.actions.send(Asked { action, lines }) {
            // The reader is at hand: it is returned below.
            asked
                .lines
                .send(Line::Failed(
                    "Failed: the call-home engine has ended".to_owned(),
                ))
                .ok();
        }
        told
    }

    fn status(&self) -> Status {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &self.room.counters;
        Status {
            sent: read(&counters.sent),
            failed: read(&counters.failed),
            denied: read(&counters.denied),
            dropped: read(&counters.dropped),
            faults: read(&counters.faults),
        }
    }

    fn taken_over(&self) -> Arc<TakenOver> {
        Arc::clone(&self.room.taken_over)
    }
}

struct Room {
    outside: Outside,
    counters: Counters,
    taken_over: Arc<TakenOver>,
    /// Of messages and their groups alike.
    next_number: AtomicU64,
}

#[derive(Default)]
struct Counters {
    sent: AtomicU64,
    failed: AtomicU64,
    denied: AtomicU64,
    dropped: AtomicU64,
    faults: AtomicU64,
}

/// The room's task; ends when nobody can ask any more. Without a publisher it goes on with what was published last.
async fn live(
    room: Arc<Room>,
    mut published: watch::Receiver<Published>,
    mut asked: mpsc::UnboundedReceiver<Asked>,
) {
    let (mut is_on, mut is_published) = (false, true);
    let mut at_work = JoinSet::new();
    loop {
        let newest = published.borrow_and_update().clone();
        room.take_over(&newest, &mut is_on);
        tokio::select! {
            changed = published.changed(), if is_published => is_published = changed.is_ok(),
            next = asked.recv() => {
                let Some(next) = next else { break };
                // The operator's last line may have been published since the top of the loop.
                let newest = published.borrow_and_update().clone();
                room.take_over(&newest, &mut is_on);
                at_work.spawn(guarded(Arc::clone(&room), newest, next));
            }
            Some(_) = at_work.join_next() => {}
        }
    }
    // What was begun is finished: its time is limited and somebody may be waiting for its lines.
    while at_work.join_next().await.is_some() {}
}

/// An action in a task of its own, so that a fault of ours ends it alone and the operator is told (C1.14).
async fn guarded(room: Arc<Room>, newest: Published, asked: Asked) {
    let Asked { action, lines } = asked;
    let told = lines.clone();
    let work = tokio::spawn({
        let room = Arc::clone(&room);
        async move { perform(&room, &newest, &action, &lines).await }
    });
    if work.await.is_err() {
        room.counters.faults.fetch_add(1, Ordering::Relaxed);
        let text = "Internal fault while a call-home message was made; it was not delivered";
        room.outside
            .say
            .say(Own::sys(Severity::Errors, "CALLHOME_FAULT", text));
        told.send(Line::Failed(
            "Failed: INTERNAL_FAULT(not delivered)".to_owned(),
        ))
        .ok();
    }
}

/// One action from its plan to its last line.
async fn perform(room: &Arc<Room>, newest: &Published, action: &Do, lines: &Sender<Line>) {
    let order = match plan::order(&newest.config, action) {
        Ok(order) => order,
        Err(nothing) => {
            let kind = plan::kind(action);
            let event = format!("Event {} {}", kind.word(), kind.description());
            room.say(
                Severity::Warnings,
                120_004,
                format!("{event} is dropped. Reason {nothing}"),
            );
            lines.send(Line::Failed(format!("Failed: {nothing}"))).ok();
            return;
        }
    };
    let (kind, description) = (order.kind.word(), &order.description);
    room.say(
        Severity::Informational,
        120_003,
        format!("Process event {kind} {description}"),
    );
    for note in &order.notes {
        lines.send(Line::Info(note.clone())).ok();
    }
    let targets = order.targets.iter();
    let routable = targets.clone().any(|target| target.route.is_ok());
    let document = if routable {
        document(room, &order).await
    } else {
        Bytes::new()
    };
    for target in targets {
        let told = lines.send(Line::Info(format!(
            "Sending {kind} message to {}...",
            target.name
        )));
        let outcome = match told {
            Ok(()) => {
                let (names, outside) = (&newest.config.system.names, &room.outside);
                deliver(target, &document, names, outside).await
            }
            // An operator who has gone away wants nothing more sent.
            Err(_) => Outcome::Dropped(Reason::new("CANCELLED", "the operator has gone away")),
        };
        let is_unreached = matches!(&outcome, Outcome::Failed(reason) if reason.is_unreached());
        let line = room.note(kind, target, outcome);
        if is_unreached && target.wants_dns(&newest.config) {
            room.say(Severity::Warnings, 120_011, NO_DNS.to_owned());
        }
        lines.send(line).ok();
    }
}

/// Collects what is attached and writes the message down. Reads files and runs commands, hence off the runtime's threads.
async fn document(room: &Arc<Room>, order: &Order) -> Bytes {
    let event_time = room.outside.clock.now();
    let (room, kind, hostname) = (Arc::clone(room), order.kind, order.hostname.clone());
    let (description, customer) = (order.description.clone(), order.customer.clone());
    let commands = order.commands.clone();
    let made = tokio::task::spawn_blocking(move || {
        let outputs = (room.outside.collect)(&commands);
        let attach =
            |(name, output): (String, String)| Attachment::captured(name, &output, &hostname);
        let message = Message {
            kind,
            description,
            event_time,
            attachments: outputs.into_iter().map(attach).collect(),
            created: room.outside.clock.now(),
            number: room.next_number.fetch_add(2, Ordering::Relaxed),
            device: device(&*room.outside.facts, hostname),
            customer,
        };
        xml::encode(&message)
    });
    match made.await {
        Ok(Ok(document)) => document.into(),
        // Memory takes every write; and a panic goes on to whoever guards this action.
        Ok(Err(error)) => std::panic::resume_unwind(Box::new(error)),
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down; this task ends with it.
            Err(_) => std::future::pending().await,
        },
    }
}

/// What this host tells of itself.
fn device(facts: &dyn Facts, name: String) -> Device {
    let (version, hardware) = (facts.version(), facts.hardware());
    let system = [version.operating_system, version.kernel]
        .into_iter()
        .flatten();
    let parts = [format!("{} {}", version.product, version.version)]
        .into_iter()
        .chain(system);
    Device {
        name,
        // A machine without a model of its own is what runs on it.
        model: hardware.model.unwrap_or_else(|| version.product.clone()),
        hardware_version: hardware.revision.unwrap_or_default(),
        serial: facts.serial().unwrap_or_default(),
        description: parts
            .chain([version.architecture])
            .collect::<Vec<_>>()
            .join(", "),
        product: version.product,
        software_version: version.version,
    }
}

impl Room {
    fn take_over(&self, newest: &Published, is_on: &mut bool) {
        let service = newest.config.call_home.service;
        match (*is_on, service) {
            (false, true) => self.say(
                Severity::Notifications,
                120_001,
                "Call-Home Module started.".to_owned(),
            ),
            (true, false) => self.say(
                Severity::Notifications,
                120_002,
                "Call-Home Module terminated.".to_owned(),
            ),
            _ => {}
        }
        *is_on = service;
        self.taken_over.report(newest.generation);
    }

    fn say(&self, severity: Severity, number: u32, body: String) {
        self.outside.say.say(Own::asa(severity, number, body));
    }

    /// Counts an outcome, says it, and words it for the operator.
    fn note(&self, kind: &str, target: &Target, outcome: Outcome) -> Line {
        let name = &target.name;
        if let Outcome::Distrusted(reason) = &outcome {
            let body = format!(
                "Certificate validation failed. Reason: {name}: {}.",
                reason.detail
            );
            self.say(Severity::Errors, 717_009, body);
        }
        let (counter, severity, number, body, reason) = match outcome {
            Outcome::Delivered => {
                let body = format!("Message {kind} to {name} delivered.");
                (
                    &self.counters.sent,
                    Severity::Informational,
                    120_007,
                    body,
                    None,
                )
            }
            Outcome::Failed(reason) | Outcome::Distrusted(reason) => {
                let body = format!("Delivering message {kind} to {name} failed. Reason {reason}");
                (
                    &self.counters.failed,
                    Severity::Warnings,
                    120_006,
                    body,
                    Some(reason),
                )
            }
            Outcome::Dropped(reason) => {
                let body = format!("Message {kind} to {name} is dropped. Reason {reason}");
                (
                    &self.counters.dropped,
                    Severity::Warnings,
                    120_005,
                    body,
                    Some(reason),
                )
            }
            Outcome::Denied(reason) => {
                let body = format!("Message {kind} to {name} is dropped. Reason {reason}");
                (
                    &self.counters.denied,
                    Severity::Warnings,
                    120_005,
                    body,
                    Some(reason),
                )
            }
        };
        counter.fetch_add(1, Ordering::Relaxed);
        self.say(severity, number, body);
        match reason {
            None => Line::Succeeded("Succeeded".to_owned()),
            Some(reason) => Line::Failed(format!("Failed: {reason}")),
        }
    }
}

const NO_DNS: &str = "To ensure Smart Call Home can properly communicate with Cisco, \
                      use the command dns name-server to configure at least one DNS server.";

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
