//! The disk behind queues and its thread: jobs come from the plane, one at a time for each session, and go there again as
//! answers; many jobs are one transaction. It knows nothing of links; when a queue may be short, others decide.

mod shelf;
mod store;

use std::collections::{HashMap, HashSet};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, SendError, Sender, SyncSender, channel, sync_channel,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::batch::{Answer, Job, Stored};
use super::log_files::{Files, Saved, Saving, Write, Written};
use super::orders::{Order, Orders};
use crate::config::TakenOver;
use crate::message::{Own, Severity};
use crate::state::Folder;
use store::{Store, StoreFault};

/// What lies on disk, by session.
pub type Shelf = HashMap<Arc<str>, Stored>;

/// What the spool is told.
#[derive(Debug)]
enum Command {
    Job(Job),
    Forget(Arc<str>),
    /// Lines of `logging persistent`.
    Write(Write),
    /// The buffer of `logging flash-bufferwrap`.
    Save(Saving),
    /// Answer when everything before this is done, with what lies there.
    Settle(SyncSender<Shelf>),
    /// Answer when everything before this is done.
    Finish(SyncSender<()>),
}

/// The plane's end.
#[derive(Clone, Debug)]
pub struct Spool {
    sender: Sender<Command>,
    thread: Arc<Mutex<Thread>>,
}

/// The thread begins with the first thing that it has to do: most devices keep nothing on disk.
#[derive(Debug)]
enum Thread {
    /// What it needs is not there yet.
    Early {
        is_wanted: bool,
    },
    Ready(Box<Ready>),
    Begun,
}

#[derive(Debug)]
struct Ready {
    keeper: Keeper,
    orders: Orders,
    taken_over: Arc<TakenOver>,
    generation: u64,
    running: Sender<()>,
}

impl Spool {
    /// Never blocks; the job comes back when there is no spool any more.
    pub fn give(&self, job: Job) -> Result<(), Box<Job>> {
        match self.send(Command::Job(job)) {
            Err(SendError(Command::Job(job))) => Err(Box::new(job)),
            _ => Ok(()),
        }
    }

    /// Writes lines to the files of `logging persistent`; never blocks. Without a spool they are lost, and said to be.
    pub fn write(&self, write: Write) -> Result<(), Box<Write>> {
        match self.send(Command::Write(write)) {
            Err(SendError(Command::Write(write))) => Err(Box::new(write)),
            _ => Ok(()),
        }
    }

    /// Saves the buffer; whether there is anybody to do it.
    pub fn save(&self, saving: Saving) -> bool {
        self.send(Command::Save(saving)).is_ok()
    }

    /// Drops the rows of a session.
    pub fn forget(&self, session: Arc<str>) {
        // Without a spool nothing lies there.
        let _gone = self.send(Command::Forget(session));
    }

    /// What lies there once everything under way is done; blocks for that long.
    pub fn settle(&self) -> Shelf {
        let (reply, answer) = sync_channel(1);
        let asked = self.send(Command::Settle(reply));
        asked
            .ok()
            .and_then(|()| answer.recv_timeout(PATIENCE).ok())
            .unwrap_or_default()
    }

    /// Everything under way is done when it returns, unless the disk takes too long.
    pub fn finish(&self) {
        if !self.is_wanted() {
            return;
        }
        let (reply, answer) = sync_channel(1);
        if self.send(Command::Finish(reply)).is_ok() {
            let _finished = answer.recv_timeout(PATIENCE);
        }
    }

    fn send(&self, command: Command) -> Result<(), SendError<Command>> {
        self.begin();
        self.sender.send(command)
    }

    fn thread(&self) -> MutexGuard<'_, Thread> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It has or had something to do.
    fn is_wanted(&self) -> bool {
        matches!(
            *self.thread(),
            Thread::Begun | Thread::Early { is_wanted: true }
        )
    }

    fn begin(&self) {
        let mut thread = self.thread();
        match std::mem::replace(&mut *thread, Thread::Begun) {
            Thread::Early { .. } => *thread = Thread::Early { is_wanted: true },
            // Without a thread what is sent comes back.
            Thread::Ready(ready) => drop(ready.begin()),
            Thread::Begun => {}
        }
    }
}

impl Ready {
    fn begin(self) -> io::Result<()> {
        let begin = move || {
            if !self.keeper.said.is_empty() {
                self.taken_over.wait(self.generation, PATIENCE);
            }
            self.keeper.run(&self.orders);
            drop(self.running);
        };
        let thread = std::thread::Builder::new().name("syslog-spool".to_owned());
        thread.spawn(begin).map(drop)
    }
}

/// The thread's end.
#[derive(Debug)]
pub struct Keeper {
    receiver: Receiver<Command>,
    /// `None` where there is no state folder.
    path: Option<PathBuf>,
    store: Option<Store>,
    /// `None` where there is no state folder.
    files: Option<Files>,
    /// Sessions whose rows the plane knows of.
    known: HashSet<Arc<str>>,
    /// Rows that it does not know of, as the file could not be opened at the start.
    found: Shelf,
    /// Sessions that have not heard that their rows are gone.
    lost: HashSet<Arc<str>>,
    /// To be said once somebody hears it.
    said: Vec<Own>,
    shrinks: bool,
}

/// Opens the file, if it is there; links are made later. One that cannot be used is set aside and never a reason not to
/// start.
pub fn open(folder: Option<Arc<Folder>>) -> (Spool, Keeper) {
    let (sender, receiver) = channel();
    let mut keeper = Keeper {
        receiver,
        path: folder.as_ref().map(|folder| folder.path().join(FILE)),
        files: folder.map(|folder| Files::new(folder.disk0().clone())),
        store: None,
        known: HashSet::new(),
        found: HashMap::new(),
        lost: HashSet::new(),
        said: Vec::new(),
        shrinks: false,
    };
    let exists = |path: &PathBuf| path.symlink_metadata().is_ok();
    if keeper.path.as_ref().is_some_and(exists)
        && let Err(reason) = keeper.open_store()
    {
        let text = format!("Queues on disk cannot be opened: {reason}");
        keeper.say(Severity::Errors, text);
    }
    keeper.tell_all();
    let thread = Thread::Early { is_wanted: false };
    let thread = Arc::new(Mutex::new(thread));
    (Spool { sender, thread }, keeper)
}

impl Keeper {
    /// What lies there.
    pub fn stored(&self) -> Shelf {
        self.store.as_ref().map_or_else(HashMap::new, Store::stored)
    }

    /// What there is to say since the last call.
    pub fn take_said(&mut self) -> Vec<Own> {
        std::mem::take(&mut self.said)
    }

    /// Lets its thread begin when there is something to do; it ends when the plane is gone and everything is done. The
    /// receiver is disconnected then. What there is to say is said when the sessions that should hear it are there.
    pub fn start(
        self,
        spool: &Spool,
        orders: Orders,
        taken_over: Arc<TakenOver>,
        generation: u64,
    ) -> io::Result<Receiver<()>> {
        let (running, ended) = channel();
        let says = !self.said.is_empty();
        let ready = Box::new(Ready {
            keeper: self,
            orders,
            taken_over,
            generation,
            running,
        });
        let mut thread = spool.thread();
        if says || matches!(*thread, Thread::Early { is_wanted: true }) {
            *thread = Thread::Begun;
            ready.begin()?;
        } else {
            *thread = Thread::Ready(ready);
        }
        Ok(ended)
    }

    fn run(mut self, orders: &Orders) {
        loop {
            self.take_said().into_iter().for_each(|own| orders.say(own));
            let command = if self.shrinks {
                match self.receiver.recv_timeout(IDLE) {
                    Ok(command) => command,
                    Err(RecvTimeoutError::Timeout) => {
                        self.shrink();
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            } else {
                match self.receiver.recv() {
                    Ok(command) => command,
                    Err(_) => return,
                }
            };
            let mut next = Some(command);
            while let Some(command) = next.take() {
                match command {
                    Command::Job(job) => {
                        let mut jobs = vec![job];
                        while jobs.len() < TOGETHER {
                            match self.receiver.try_recv() {
                                Ok(Command::Job(job)) => jobs.push(job),
                                Ok(other) => {
                                    next = Some(other);
                                    break;
                                }
                                Err(_) => break,
                            }
                        }
                        for answer in self.carry_out(jobs) {
                            orders.give(Order::Spooled(answer));
                        }
                    }
                    Command::Forget(session) => self.forget(&session),
                    Command::Write(write) => {
                        let written = self.write(&write);
                        orders.give(Order::Written(written));
                    }
                    Command::Save(saving) => {
                        let saved = self.save(&saving);
                        orders.give(Order::Saved(saved));
                    }
                    Command::Finish(reply) => drop(reply.try_send(())),
                    Command::Settle(reply) => {
                        self.tell_all();
                        drop(reply.try_send(self.stored()));
                    }
                }
            }
        }
    }

    /// An answer for each job, whatever happens.
    pub fn carry_out(&mut self, jobs: Vec<Job>) -> Vec<Answer> {
        let mut answers = match self.try_all(&jobs) {
            Ok(answers) => answers,
            Err(fault) => {
                if let StoreFault::Damaged(reason) = &fault {
                    self.set_aside(reason);
                }
                self.refuse(jobs, &fault.to_string())
            }
        };
        for answer in &mut answers {
            answer.found = self.found.remove(&answer.session);
            answer.lost = self.lost.remove(&answer.session);
            self.known.insert(answer.session.clone());
        }
        answers
    }

    /// Lines of `logging persistent` go to their files.
    pub fn write(&mut self, write: &Write) -> Written {
        // A fault of ours must not leave the session without its answer.
        let files = self.files.as_mut();
        let written = catch_unwind(AssertUnwindSafe(|| files.map(|files| files.write(write))));
        let (written, said) = written
            .ok()
            .flatten()
            .unwrap_or_else(|| Files::refuse(write, "internal fault"));
        self.said.extend(said);
        written
    }

    /// The buffer goes to a file of its own.
    pub fn save(&mut self, saving: &Saving) -> Saved {
        let files = self.files.as_mut();
        let saved = catch_unwind(AssertUnwindSafe(|| files.map(|files| files.save(saving))));
        let (saved, said) = saved.ok().flatten().unwrap_or_default();
        self.said.extend(said);
        saved
    }

    /// What lies there leaves all the same, as far as it can be read.
    fn refuse(&self, jobs: Vec<Job>, reason: &str) -> Vec<Answer> {
        let refused = |mut job: Job| {
            let handed = self.store.as_ref().map(|store| store.hand(&job));
            Answer {
                refused: Some((std::mem::take(&mut job.store), reason.to_owned())),
                handed: handed.and_then(Result::ok).unwrap_or_default(),
                session: job.session,
                life: job.life,
                ..Answer::default()
            }
        };
        jobs.into_iter().map(refused).collect()
    }

    fn try_all(&mut self, jobs: &[Job]) -> Result<Vec<Answer>, StoreFault> {
        if self.store.is_none() {
            self.open_store().map_err(StoreFault::Refused)?;
        }
        let Some(store) = &mut self.store else {
            return Err(StoreFault::Refused("no state folder".to_owned()));
        };
        // A fault of ours must not leave sessions without their answers.
        let answers = catch_unwind(AssertUnwindSafe(|| store.carry_out(jobs)));
        self.shrinks |= jobs.iter().any(|job| job.done > 0);
        answers.unwrap_or_else(|_| {
            self.store = None;
            Err(StoreFault::Refused("internal fault".to_owned()))
        })
    }

    /// The plane has heard of everything that lies there.
    fn tell_all(&mut self) {
        self.known = self.stored().into_keys().collect();
        self.found.clear();
        self.lost.clear();
    }

    fn open_store(&mut self) -> Result<(), String> {
        let Some(path) = self.path.clone() else {
            return Err("no state folder".to_owned());
        };
        let opened = match Store::open(&path) {
            Err(StoreFault::Damaged(reason)) => {
                self.set_aside(&reason);
                Store::open(&path)
            }
            other => other,
        };
        let store = opened.map_err(|fault| fault.to_string())?;
        self.found = store.stored();
        self.found
            .retain(|session, _| !self.known.contains(session));
        self.store = Some(store);
        Ok(())
    }

    /// What cannot be read is kept for whoever wants to look at it, out of the way.
    fn set_aside(&mut self, reason: &str) {
        self.store = None;
        self.found.clear();
        self.lost.extend(self.known.drain());
        let Some(path) = &self.path else { return };
        let text = match store::set_aside(path) {
            Ok(aside) => format!(
                "Queues on disk were damaged ({reason}) and begin anew; what was there is kept as {}",
                aside
                    .file_name()
                    .map_or_else(|| aside.to_string_lossy(), |name| name.to_string_lossy())
            ),
            Err(error) => format!(
                "Queues on disk are damaged ({reason}) and cannot be set aside: {}",
                crate::net::reason::reason(&error)
            ),
        };
        self.say(Severity::Errors, text);
    }

    fn forget(&mut self, session: &str) {
        self.found.remove(session);
        self.known.remove(session);
        self.lost.remove(session);
        if let Some(store) = &mut self.store
            && let Err(fault) = store.forget(session)
        {
            match fault {
                StoreFault::Damaged(reason) => self.set_aside(&reason),
                StoreFault::Refused(reason) => {
                    let text = format!("A queue on disk cannot be removed: {reason}");
                    self.say(Severity::Errors, text);
                }
            }
        }
    }

    fn shrink(&mut self) {
        // Room that cannot be given back now is given back later.
        let more = self.store.as_ref().map(Store::shrink);
        self.shrinks = matches!(more, Some(Ok(true)));
    }

    fn say(&mut self, severity: Severity, text: String) {
        self.said.push(Own::sys(severity, "LOGGER_SPOOL", text));
    }
}

/// The file of all queues, in the state folder.
const FILE: &str = "queues.sqlite";
/// Jobs of one transaction.
const TOGETHER: usize = 256;
/// A spool without work begins to give room back after that time.
const IDLE: Duration = Duration::from_secs(1);
/// A disk answers within milliseconds; one that hangs must not hold the plane for ever.
const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use mio::{Poll, Waker};

    use super::*;
    use crate::syslog::batch::Batch;
    use crate::syslog::orders::orders;
    use crate::syslog::plane::WAKER;

    fn job() -> Job {
        Job {
            session: "a".into(),
            life: 1,
            done: 0,
            store: Batch::default(),
            number: 0,
            after: 0,
            room: 0,
            most_bytes: usize::MAX,
            most_messages: usize::MAX,
        }
    }

    #[test]
    fn the_thread_begins_with_the_first_thing_to_do_whenever_that_comes() {
        for is_early in [false, true] {
            let folder = tempfile::tempdir().expect("a folder");
            let folder = Arc::new(Folder::open(folder.path()).expect("a state folder"));
            let poll = Poll::new().expect("a poll");
            let waker = Waker::new(poll.registry(), WAKER).expect("a waker");
            let (orders, inbox) = orders(waker);
            let (spool, keeper) = open(Some(folder));
            if is_early {
                spool.give(job()).expect("it is taken");
            }
            let ended = keeper.start(&spool, orders, Arc::default(), 0);
            let ended = ended.expect("it starts");
            if !is_early {
                spool.finish();
                assert!(matches!(*spool.thread(), Thread::Ready(_)));
                spool.give(job()).expect("it is taken");
            }
            spool.finish();
            let Some(Order::Spooled(answer)) = inbox.next() else {
                panic!("no answer");
            };
            assert_eq!((&*answer.session, answer.refused), ("a", None));
            drop(spool);
            assert!(ended.recv().is_err(), "it ends with the plane");
        }
    }

    #[test]
    fn a_thread_that_never_begins_has_ended_when_the_plane_is_gone() {
        let poll = Poll::new().expect("a poll");
        let waker = Waker::new(poll.registry(), WAKER).expect("a waker");
        let (orders, _inbox) = orders(waker);
        let (spool, keeper) = open(None);
        let ended = keeper.start(&spool, orders, Arc::default(), 0);
        let ended = ended.expect("it starts");
        drop(spool);
        assert!(ended.recv().is_err());
    }
}
