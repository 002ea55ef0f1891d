//! Messages that were accepted and not yet delivered, on disk (D190): its one thread, from the first use on. What lies there survives
//! the process. When a message is tried again, and when it is given up, is decided in `lanes` and the engine.

mod store;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::body::Bytes;
use tokio::sync::oneshot;

pub(super) use store::{Found, Label, Parcel, Row};

use crate::message::{Own, Say, Severity};
use store::{Store, StoreFault};

/// The room's end.
pub(super) struct Outbox {
    path: Option<PathBuf>,
    say: Arc<dyn Say>,
    faults: Arc<AtomicU64>,
    thread: Mutex<Option<Sender<Job>>>,
    /// Bytes of documents that wait, on disk or in memory.
    used: Arc<AtomicUsize>,
    /// Bytes of those that are in memory.
    in_memory: Arc<AtomicUsize>,
}

/// Where a delivery lies, and in which file: one that was set aside holds none of the new one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) epoch: u64,
    pub(super) row: Row,
}

/// Room that a document takes as long as this lives.
#[derive(Debug)]
pub(super) struct Room {
    used: Arc<AtomicUsize>,
    bytes: usize,
}

impl Room {
    fn take(used: &Arc<AtomicUsize>, bytes: usize) -> Self {
        used.fetch_add(bytes, Ordering::Relaxed);
        Self {
            used: used.clone(),
            bytes,
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Why nothing lies on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unkept(pub(super) String);

enum Job {
    Accept(
        Vec<Parcel>,
        oneshot::Sender<Result<Vec<Vec<Place>>, Unkept>>,
    ),
    Done(Place),
    Document(Place, oneshot::Sender<Result<Option<Bytes>, Unkept>>),
    Found(oneshot::Sender<Vec<(Place, Found)>>),
    Finish(Sender<()>),
}

impl Outbox {
    /// `folder` is the state folder; without one nothing is kept.
    pub(super) fn new(folder: Option<PathBuf>, say: Arc<dyn Say>, faults: Arc<AtomicU64>) -> Self {
        Self {
            path: folder.map(|folder| folder.join(FILE)),
            say,
            faults,
            thread: Mutex::default(),
            used: Arc::default(),
            in_memory: Arc::default(),
        }
    }

    /// Room for a document and its deliveries, as long as there is some.
    pub(super) fn room(&self, document: usize, deliveries: usize) -> Option<Room> {
        let bytes = document.saturating_add(deliveries.saturating_mul(PLACE));
        let room = Room::take(&self.used, bytes);
        (self.used.load(Ordering::Relaxed) <= MOST).then_some(room)
    }

    /// Of what lies there already.
    pub(super) fn room_of_found(&self, document: usize) -> Room {
        Room::take(&self.used, document.saturating_add(PLACE))
    }

    /// Room for a document in memory, as long as there is some.
    pub(super) fn memory(&self, document: usize) -> Option<Room> {
        let room = Room::take(&self.in_memory, document);
        (self.in_memory.load(Ordering::Relaxed) <= MOST_IN_MEMORY).then_some(room)
    }

    /// On disk when it returns, all of them or none.
    pub(super) async fn accept(&self, parcels: Vec<Parcel>) -> Result<Vec<Vec<Place>>, Unkept> {
        let (reply, answer) = oneshot::channel();
        self.give(Job::Accept(parcels, reply));
        let unkept = || Err(Unkept("internal fault".to_owned()));
        answer.await.unwrap_or_else(|_| unkept())
    }

    /// Delivered or given up: it need not lie there any more.
    pub(super) fn done(&self, place: Place) {
        self.give(Job::Done(place));
    }

    /// `None` where it does not lie there any more.
    pub(super) async fn document(&self, place: Place) -> Result<Option<Bytes>, Unkept> {
        let (reply, answer) = oneshot::channel();
        self.give(Job::Document(place, reply));
        let unread = || Err(Unkept("internal fault".to_owned()));
        answer.await.unwrap_or_else(|_| unread())
    }

    /// What an earlier run has left, without what is accepted after this was called. Where there never was an outbox none is made.
    pub(super) fn found(&self) -> impl Future<Output = Vec<(Place, Found)>> + use<> {
        let exists = |path: &PathBuf| path.symlink_metadata().is_ok();
        let answer = self.path.as_ref().is_some_and(exists).then(|| {
            let (reply, answer) = oneshot::channel();
            self.give(Job::Found(reply));
            answer
        });
        async move {
            match answer {
                Some(answer) => answer.await.unwrap_or_default(),
                None => Vec::new(),
            }
        }
    }

    /// What was given is done when it returns, unless the disk takes too long.
    pub(super) fn finish(&self) {
        let (reply, answer) = channel();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(thread) = &*thread else { return };
        if thread.send(Job::Finish(reply)).is_ok() {
            let _finished = answer.recv_timeout(PATIENCE);
        }
    }

    /// Never blocks. Without a thread the job is dropped, and whoever waits for it hears that.
    fn give(&self, job: Job) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let (sender, receiver) = channel();
            let keeper = Keeper {
                path: self.path.clone(),
                say: self.say.clone(),
                faults: self.faults.clone(),
                store: None,
                epoch: 0,
                undone: Vec::new(),
                refused: false,
            };
            let named = std::thread::Builder::new().name("call-home-outbox".to_owned());
            if named.spawn(move || keeper.run(&receiver)).is_ok() {
                *thread = Some(sender);
            }
        }
        if let Some(thread) = &*thread {
            let _dropped = thread.send(job);
        }
    }
}

/// The thread's end.
struct Keeper {
    path: Option<PathBuf>,
    say: Arc<dyn Say>,
    faults: Arc<AtomicU64>,
    store: Option<Store>,
    epoch: u64,
    /// What could not be removed when it was done.
    undone: Vec<Row>,
    /// The disk has refused, and that was said.
    refused: bool,
}

impl Keeper {
    fn run(mut self, jobs: &Receiver<Job>) {
        while let Ok(job) = jobs.recv() {
            let mut next = Some(job);
            let (mut accepts, mut done, mut other) = (Vec::new(), Vec::new(), None);
            // What waits together is one transaction.
            while let Some(job) = next.take() {
                match job {
                    Job::Accept(parcels, reply) => accepts.push((parcels, reply)),
                    Job::Done(place) => done.push(place),
                    job => other = Some(job),
                }
                if other.is_none() && accepts.len() + done.len() < TOGETHER {
                    next = jobs.try_recv().ok();
                }
            }
            self.write(accepts, &done);
            match other {
                Some(Job::Document(place, reply)) => {
                    let _gone = reply.send(self.document(place));
                }
                Some(Job::Found(reply)) => {
                    let _gone = reply.send(self.found());
                }
                Some(Job::Finish(reply)) => drop(reply.send(())),
                _ => {}
            }
        }
    }

    #[expect(clippy::type_complexity, reason = "a reply beside what it answers")]
    fn write(
        &mut self,
        accepts: Vec<(
            Vec<Parcel>,
            oneshot::Sender<Result<Vec<Vec<Place>>, Unkept>>,
        )>,
        done: &[Place],
    ) {
        if accepts.is_empty() && done.is_empty() {
            return;
        }
        let epoch = self.epoch;
        let current = done.iter().filter(|place| place.epoch == epoch);
        self.undone.extend(current.map(|place| place.row));
        let all: Vec<&Parcel> = accepts.iter().flat_map(|(parcels, _)| parcels).collect();
        if let Ok(rows) = self.carry_out(&all, false) {
            let mut rows = rows.into_iter();
            for (parcels, reply) in accepts {
                let own = rows.by_ref().take(parcels.len()).collect();
                let _gone = reply.send(Ok(own));
            }
            return;
        }
        // One that is too long for the disk must not keep the others from it; and what is done is removed all the same.
        for (parcels, reply) in accepts {
            let own: Vec<&Parcel> = parcels.iter().collect();
            let _gone = reply.send(self.carry_out(&own, true).map_err(Unkept));
        }
        let _said = self.carry_out(&[], true);
    }

    fn carry_out(&mut self, parcels: &[&Parcel], says: bool) -> Result<Vec<Vec<Place>>, String> {
        // A file that was damaged is replaced, and the new one is tried once.
        for _ in 0..2 {
            let undone = std::mem::take(&mut self.undone);
            let carried = self
                .open()
                .and_then(|store| store.carry_out(parcels, &undone));
            match carried {
                Ok(rows) => {
                    self.refused = false;
                    if !undone.is_empty() && parcels.is_empty() {
                        // Room that cannot be given back now is given back later.
                        let _kept = self.store.as_ref().map(Store::shrink);
                    }
                    let epoch = self.epoch;
                    let place = |row| Place { epoch, row };
                    let places = |rows: Vec<Row>| rows.into_iter().map(place).collect();
                    return Ok(rows.into_iter().map(places).collect());
                }
                Err(StoreFault::Damaged(reason)) => self.set_aside(&reason),
                Err(StoreFault::Refused(reason)) => {
                    self.undone = undone;
                    if says && self.path.is_some() && !self.refused {
                        self.refused = true;
                        self.fault(format!(
                            "Call-home messages cannot be kept on disk: {reason}"
                        ));
                    }
                    return Err(reason);
                }
            }
        }
        Err("the file is damaged".to_owned())
    }

    fn document(&mut self, place: Place) -> Result<Option<Bytes>, Unkept> {
        let store = self.store.as_ref().filter(|_| place.epoch == self.epoch);
        let Some(store) = store else {
            return Ok(None);
        };
        match store.document(place.row.document) {
            Ok(bytes) => Ok(bytes.map(Bytes::from)),
            Err(StoreFault::Damaged(reason)) => {
                self.set_aside(&reason);
                Ok(None)
            }
            Err(StoreFault::Refused(reason)) => Err(Unkept(reason)),
        }
    }

    fn found(&mut self) -> Vec<(Place, Found)> {
        let found = self.open().and_then(|store| store.found());
        match found {
            Ok(found) => {
                let epoch = self.epoch;
                let place = |found: Found| {
                    let row = found.row;
                    (Place { epoch, row }, found)
                };
                found.into_iter().map(place).collect()
            }
            Err(StoreFault::Damaged(reason)) => {
                self.set_aside(&reason);
                Vec::new()
            }
            Err(StoreFault::Refused(reason)) => {
                self.fault(format!(
                    "Call-home messages on disk cannot be read: {reason}"
                ));
                Vec::new()
            }
        }
    }

    fn open(&mut self) -> Result<&mut Store, StoreFault> {
        if self.store.is_none() {
            let path = self.path.as_ref();
            let path = path.ok_or_else(|| StoreFault::Refused("no state folder".to_owned()))?;
            self.store = Some(Store::open(path)?);
        }
        let store = self.store.as_mut();
        store.ok_or_else(|| StoreFault::Refused("it is not open".to_owned()))
    }

    /// What cannot be read is kept for whoever wants to look at it, out of the way.
    fn set_aside(&mut self, reason: &str) {
        self.store = None;
        self.undone.clear();
        self.epoch += 1;
        let Some(path) = &self.path else { return };
        let text = match store::set_aside(path) {
            Ok(aside) => format!(
                "The call-home outbox was damaged ({reason}) and begins anew; what was there is kept as {}",
                aside
                    .file_name()
                    .map_or_else(|| aside.to_string_lossy(), |name| name.to_string_lossy())
            ),
            Err(error) => format!(
                "The call-home outbox is damaged ({reason}) and cannot be set aside: {}",
                crate::net::reason::reason(&error)
            ),
        };
        self.fault(text);
    }

    fn fault(&self, text: String) {
        self.faults.fetch_add(1, Ordering::Relaxed);
        let own = Own::sys(Severity::Errors, "CALLHOME_OUTBOX", text);
        self.say.say(own);
    }
}

/// The file, in the state folder.
const FILE: &str = "call-home.sqlite";
/// Bytes of documents that wait; a delivery counts as well, since it takes memory as long as it waits.
pub(super) const MOST: usize = 64 << 20;
const PLACE: usize = 4 << 10;
/// Bytes of documents that are kept in memory, whether or not they lie on disk as well.
const MOST_IN_MEMORY: usize = 8 << 20;
/// Jobs of one transaction.
const TOGETHER: usize = 64;
/// A disk answers within milliseconds; one that hangs must not hold the process for ever.
const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
