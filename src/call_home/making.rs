//! From an event to documents that are accepted for sending: outputs are collected, messages written, and lie in the outbox before
//! anybody is told. A test is not kept: it is tried once, here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::api::Line;
use super::document::{Document, documents};
use super::lanes::{Entry, LIFE, Paper};
use super::letter::{Addresses, letter};
use super::message::{Attachment, Device, Kind, Message, local};
use super::outbox::{Label, Parcel};
use super::outcome::{Outcome, Reason};
use super::plan::{Address, Destination, Order, Part, Target};
use super::room::{Ready, Room, Told};
use crate::config::Published;
use crate::config::call_home::Format;
use crate::device::Facts;
use crate::message::zone::Zone;

/// What is sent to one destination, or why nothing is.
struct Share<'a> {
    target: &'a Target,
    state: State,
}

enum State {
    Settled(Outcome),
    /// The documents of that number.
    Gets(usize),
}

/// Documents that go to several destinations of one message.
struct Batch {
    documents: Vec<Document>,
    destinations: Vec<Destination>,
}

/// Makes the messages of an order, and gives what is to be sent. An operator is told as it goes.
pub(super) async fn make(
    room: &Arc<Room>,
    published: &Published,
    order: &Order,
    lines: Option<Sender<Line>>,
) -> Vec<Ready> {
    let mut routable = order.parts.iter().collect::<Vec<_>>();
    routable.retain(|part| part.targets.iter().any(|target| target.route.is_ok()));
    let messages = match routable.is_empty() {
        true => Vec::new(),
        false => messages(room, order, &routable, published.config.clock.zone()).await,
    };
    let mut messages = messages.into_iter();
    let (mut shares, mut batches) = (Vec::new(), Vec::new());
    for part in &order.parts {
        let is_routable = part.targets.iter().any(|target| target.route.is_ok());
        let message = if is_routable { messages.next() } else { None };
        share(published, part, message.as_ref(), &mut shares, &mut batches);
    }
    let kind = order.event.kind;
    // An operator who has gone away wants nothing more sent.
    let first = shares.first().map(|share| share.target);
    let is_gone = first.zip(lines.as_ref()).is_some_and(|(target, lines)| {
        let told = lines.send(sending(kind, target));
        told.is_err()
    });
    if is_gone {
        for share in &mut shares {
            if let State::Gets(_) = share.state {
                let reason = Reason::new("CANCELLED", "the operator has gone away");
                share.state = State::Settled(Outcome::Dropped(reason));
            }
        }
        batches.clear();
    }
    if kind == Kind::Test {
        try_once(room, published, kind, shares, &batches, lines).await;
        return Vec::new();
    }
    accept(room, order, shares, batches, lines).await
}

fn sending(kind: Kind, target: &Target) -> Line {
    let (kind, to) = (kind.word(), &target.destination);
    Line::Info(format!("Sending {kind} message to {to}..."))
}

/// What each destination of a part gets. What is posted in the same format is shared; an e-mail names its recipient.
fn share<'a>(
    published: &Published,
    part: &'a Part,
    message: Option<&Message>,
    shares: &mut Vec<Share<'a>>,
    batches: &mut Vec<Batch>,
) {
    let mut written: Vec<(Format, Result<Vec<Document>, Reason>)> = Vec::new();
    let mut posted: Vec<(Format, usize)> = Vec::new();
    for target in &part.targets {
        let message = match (&target.route, message) {
            (Err(settled), _) => {
                let state = State::Settled(settled.clone());
                shares.push(Share { target, state });
                continue;
            }
            (Ok(_), None) => continue,
            (Ok(_), Some(message)) => message,
        };
        if written.iter().all(|(format, _)| *format != target.format) {
            let made = documents(message, target.format, part.size_limit);
            written.push((target.format, made.map_err(Reason::from)));
        }
        let made = written.iter().find(|(format, _)| *format == target.format);
        let documents = match made {
            Some((_, Ok(documents))) => documents,
            Some((_, Err(reason))) => {
                let state = State::Settled(Outcome::Dropped(reason.clone()));
                shares.push(Share { target, state });
                continue;
            }
            None => continue,
        };
        let documents = match &target.destination.address {
            Address::Email(to) => letters(published, message, documents, to),
            _ => {
                let known = posted.iter().find(|(format, _)| *format == target.format);
                if let Some(batch) = known.and_then(|(_, batch)| batches.get_mut(*batch)) {
                    batch.destinations.push(target.destination.clone());
                    let state = State::Gets(known.map_or(0, |(_, batch)| *batch));
                    shares.push(Share { target, state });
                    continue;
                }
                posted.push((target.format, batches.len()));
                documents.clone()
            }
        };
        let state = State::Gets(batches.len());
        batches.push(Batch {
            documents,
            destinations: vec![target.destination.clone()],
        });
        shares.push(Share { target, state });
    }
}

/// The documents as e-mails to one address.
fn letters(
    published: &Published,
    message: &Message,
    documents: &[Document],
    to: &str,
) -> Vec<Document> {
    let call_home = &published.config.call_home;
    let addresses = Addresses {
        from: call_home.from_address().map_or("", |from| from),
        reply_to: call_home.reply_to_address().map(|to| &**to),
        to,
    };
    let letter = |document: &Document| Document {
        bytes: letter(document, message, &addresses).into(),
        ..document.clone()
    };
    documents.iter().map(letter).collect()
}

/// Every destination at the same time, once, and nothing is kept.
async fn try_once(
    room: &Arc<Room>,
    published: &Published,
    kind: Kind,
    shares: Vec<Share<'_>>,
    batches: &[Batch],
    lines: Option<Sender<Line>>,
) {
    enum Trial {
        Settled(Outcome),
        Runs(JoinHandle<Outcome>),
    }
    let begin = |share: &Share<'_>| {
        let batch = match &share.state {
            State::Settled(outcome) => return Trial::Settled(outcome.clone()),
            State::Gets(batch) => batches.get(*batch),
        };
        let (Some(batch), Ok(route)) = (batch, &share.target.route) else {
            return Trial::Settled(Outcome::Dropped(internal_fault()));
        };
        let (room, published, route) = (room.clone(), published.clone(), route.clone());
        let (destination, documents) = (share.target.destination.clone(), batch.documents.clone());
        Trial::Runs(tokio::spawn(async move {
            let mut link = None;
            for document in &documents {
                let outcome = room
                    .courier
                    .carry(
                        &published,
                        &destination,
                        &route,
                        document,
                        &mut link,
                        PATIENCE,
                    )
                    .await;
                if outcome != Outcome::Delivered {
                    return outcome;
                }
            }
            Outcome::Delivered
        }))
    };
    let trials: Vec<Trial> = shares.iter().map(begin).collect();
    for (place, (share, trial)) in shares.iter().zip(trials).enumerate() {
        let tell = |line| lines.as_ref().map(|lines| lines.send(line));
        if place > 0 {
            tell(sending(kind, share.target));
        }
        let outcome = match trial {
            Trial::Settled(outcome) => outcome,
            Trial::Runs(task) => match task.await {
                Ok(outcome) => outcome,
                Err(_) => {
                    room.fault();
                    Outcome::Failed(internal_fault())
                }
            },
        };
        let to = &share.target.destination;
        room.note(kind, to, &outcome);
        room.remind(&published.config, to, &outcome);
        tell(line_of(outcome.reason()));
    }
}

/// Into the outbox, and from there on its way.
async fn accept(
    room: &Arc<Room>,
    order: &Order,
    shares: Vec<Share<'_>>,
    batches: Vec<Batch>,
    lines: Option<Sender<Line>>,
) -> Vec<Ready> {
    let (event, now) = (&order.event, room.courier.outside.clock.now());
    // For each batch: its papers with the parcels behind them, or why there is no room.
    let mut parcels = Vec::new();
    let mut rooms = Vec::new();
    for batch in &batches {
        let own: Option<Vec<_>> = batch
            .documents
            .iter()
            .map(|document| room.make_room(document.bytes.len(), batch.destinations.len()))
            .collect();
        if own.is_some() {
            let parcel = |document: &Document| Parcel {
                message: document.id.clone(),
                kind: event.kind.word(),
                severity: event.severity.level(),
                format: document.format.keyword(),
                accepted: now.timestamp(),
                bytes: document.bytes.clone(),
                addresses: batch.destinations.iter().map(label).collect(),
            };
            parcels.extend(batch.documents.iter().map(parcel));
        }
        rooms.push(own);
    }
    let kept = match parcels.is_empty() {
        true => Ok(Vec::new()),
        false => room.outbox.accept(parcels).await,
    };
    let mut places = kept.ok().map(IntoIterator::into_iter);
    let deadline = room.now() + LIFE;
    let mut ready = Vec::new();
    let mut full: Vec<bool> = Vec::new();
    for (batch, rooms) in batches.iter().zip(rooms) {
        let Some(rooms) = rooms else {
            full.push(true);
            continue;
        };
        let (mut own, mut is_full) = (Vec::new(), false);
        for (document, taken) in batch.documents.iter().zip(rooms) {
            let rows = places
                .as_mut()
                .map(|places| places.next().unwrap_or_default());
            let bytes = document.bytes.clone();
            let memory = room.outbox.memory(bytes.len());
            is_full |= rows.is_none() && memory.is_none();
            let paper = Paper::new(memory.map(|memory| (bytes, memory)), taken);
            let paper = Arc::new(paper);
            for (to, destination) in batch.destinations.iter().enumerate() {
                own.push(Entry {
                    id: room.next_entry.fetch_add(1, Ordering::Relaxed),
                    message: document.id.as_str().into(),
                    kind: event.kind,
                    severity: event.severity,
                    destination: destination.clone(),
                    format: document.format,
                    accepted: now,
                    deadline,
                    is_found: false,
                    is_reminded: AtomicBool::new(false),
                    place: rows.as_ref().and_then(|rows| rows.get(to)).copied(),
                    paper: paper.clone(),
                });
            }
        }
        full.push(is_full);
        if !is_full {
            ready.extend(own.into_iter().map(|entry| Ready { entry, tell: None }));
        }
    }
    let mut told: Vec<(Line, Waits)> = Vec::new();
    for share in shares {
        let destination = &share.target.destination;
        let outcome = match share.state {
            State::Settled(outcome) => Some(outcome),
            State::Gets(batch) if full.get(batch).copied().unwrap_or(true) => {
                let detail = "the outbox has no room for it";
                Some(Outcome::Dropped(Reason::new("QUEUE_FULL", detail)))
            }
            State::Gets(_) => None,
        };
        let waits = match outcome {
            Some(outcome) => {
                room.note(event.kind, destination, &outcome);
                Waits::Settled(outcome)
            }
            None if lines.is_none() => continue,
            None => {
                let own = ready.iter_mut();
                let own = own.filter(|ready| ready.entry.destination == *destination);
                Waits::For(own.map(Ready::ask).collect())
            }
        };
        told.push((sending(event.kind, share.target), waits));
    }
    if let Some(lines) = lines {
        tokio::spawn(tell(told, lines));
    }
    ready
}

/// What an operator waits for.
enum Waits {
    Settled(Outcome),
    For(Vec<oneshot::Receiver<Told>>),
}

/// The first outcome of each destination, as long as that is worth waiting for.
async fn tell(told: Vec<(Line, Waits)>, lines: Sender<Line>) {
    let until = tokio::time::Instant::now() + PATIENCE;
    for (place, (sending, waits)) in told.into_iter().enumerate() {
        // The first one was told before anything was accepted.
        if place > 0 && lines.send(sending).is_err() {
            return;
        }
        let line = match waits {
            Waits::Settled(outcome) => line_of(outcome.reason()),
            Waits::For(outcomes) => {
                let mut line = line_of(None);
                for outcome in outcomes {
                    line = match tokio::time::timeout_at(until, outcome).await {
                        Ok(Ok(Told::Delivered)) => continue,
                        Ok(Ok(Told::Failed(reason))) => {
                            Line::Failed(format!("Failed: {reason}, it is tried again"))
                        }
                        Ok(Ok(Told::GivenUp(reason))) => line_of(Some(&reason)),
                        Ok(Err(_)) => line_of(Some(&internal_fault())),
                        Err(_) => {
                            let seconds = PATIENCE.as_secs();
                            let detail = format!("no outcome within {seconds} s");
                            let reason = Reason::new("IN_QUEUE", detail);
                            Line::Failed(format!("Failed: {reason}, it is tried again"))
                        }
                    };
                    break;
                }
                line
            }
        };
        if lines.send(line).is_err() {
            return;
        }
    }
}

pub(super) fn line_of(reason: Option<&Reason>) -> Line {
    match reason {
        None => Line::Succeeded("Succeeded".to_owned()),
        Some(reason) => Line::Failed(format!("Failed: {reason}")),
    }
}

pub(super) fn internal_fault() -> Reason {
    Reason::new("INTERNAL_FAULT", "not delivered")
}

fn label(destination: &Destination) -> Label {
    let (is_email, address) = match &destination.address {
        Address::Http(url) => (false, url.to_string()),
        Address::Email(address) => (true, address.to_string()),
        Address::Nowhere => (false, String::new()),
    };
    Label {
        profile: destination.profile.to_string(),
        is_email,
        address,
    }
}

/// How long an operator waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// Collects what is attached, each output once, and makes a message for each part. Reads files and runs commands, hence off the
/// runtime's threads.
pub(super) async fn messages(
    room: &Arc<Room>,
    order: &Order,
    parts: &[&Part],
    zone: Zone,
) -> Vec<Message> {
    let (room, hostname) = (Arc::clone(room), order.hostname.clone());
    let (event, customer) = (order.event.clone(), order.customer.clone());
    let service_number = order.service_number.clone();
    let wanted: Vec<Vec<Arc<str>>> = parts.iter().map(|part| part.commands.clone()).collect();
    let made = tokio::task::spawn_blocking(move || {
        let mut commands: Vec<Arc<str>> = Vec::new();
        for command in wanted.iter().flatten() {
            if !commands.contains(command) {
                commands.push(command.clone());
            }
        }
        let outputs = if commands.is_empty() {
            Vec::new()
        } else {
            (room.courier.outside.collect)(&commands)
        };
        let attach =
            |(name, output): (String, String)| Attachment::captured(name, &output, &hostname);
        let outputs: Vec<Attachment> = outputs.into_iter().map(attach).collect();
        let device = device(&*room.courier.outside.facts, hostname);
        let message = |wanted: Vec<Arc<str>>| {
            let own = outputs.iter();
            let own = own.filter(|output| wanted.iter().any(|line| **line == *output.name));
            Message {
                kind: event.kind,
                subtype: event.subtype,
                severity: event.severity,
                description: event.description.clone(),
                event_time: local(event.at, &zone),
                attachments: event.attachments.iter().chain(own).cloned().collect(),
                created: local(room.courier.outside.clock.now(), &zone),
                number: room.next_number.fetch_add(2, Ordering::Relaxed),
                device: device.clone(),
                customer: customer.clone(),
                service_number: service_number.clone(),
                anonymous: None,
            }
        };
        wanted.into_iter().map(message).collect()
    });
    match made.await {
        Ok(messages) => messages,
        // A panic goes on to whoever guards this action.
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
