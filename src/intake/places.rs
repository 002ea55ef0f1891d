//! How far inputs have read, kept in the state folder as far as what they read is settled, so that a restart goes on where
//! they were. Written by a thread of its own, at most once a second: who reads messages never waits for a disk.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::pages::{Ahead, At, JOURNAL, Mark, Pages, Waiting};
use crate::state::Folder;

/// The places of all inputs of a device.
#[derive(Debug)]
pub(super) struct Places {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Arc<Folder>,
    book: Mutex<Book>,
    changed: Condvar,
    written: Condvar,
    /// Between one writing and the next, if nobody hurries.
    pause: Duration,
}

#[derive(Debug, Default)]
struct Book {
    pages: Option<Pages>,
    /// By input: what was read behind the place that is kept.
    ahead: BTreeMap<String, Ahead>,
    /// Counts changes, and which of them is on disk.
    change: u64,
    on_disk: u64,
    has_writer: bool,
    /// Somebody waits for the disk, or an input has just begun: a kill would cost the place that it began at.
    hurries: bool,
}

impl Places {
    pub(super) fn new(state: Arc<Folder>) -> Self {
        Self::pausing(state, PAUSE)
    }

    fn pausing(state: Arc<Folder>, pause: Duration) -> Self {
        Self {
            shared: Arc::new(Shared {
                state,
                book: Mutex::default(),
                changed: Condvar::new(),
                written: Condvar::new(),
                pause,
            }),
        }
    }

    /// Where to read on; `None` for a file that was never followed.
    pub(super) fn file(&self, path: &str) -> Option<Vec<Mark>> {
        let mut book = self.shared.lock();
        if let Some(At::File(marks)) = book.read(path) {
            return Some(marks.clone());
        }
        book.pages(&self.shared.state).files.get(path).cloned()
    }

    /// Up to where a file was read; kept when messages up to `number` are settled, at once for 0. `received` were read so far.
    pub(super) fn set_file(&self, path: &str, marks: Vec<Mark>, number: u64, received: u64) {
        self.advance(path, At::File(marks), number, received);
    }

    pub(super) fn forget_file(&self, path: &str) {
        self.change(|book, state| {
            book.ahead.remove(path);
            book.pages(state).files.remove(path).is_some()
        });
    }

    /// The journal's own word for the last entry that was read.
    pub(super) fn journal(&self) -> Option<String> {
        let mut book = self.shared.lock();
        if let Some(At::Journal(cursor, _)) = book.read(JOURNAL) {
            return cursor.clone();
        }
        book.pages(&self.shared.state).journal.clone()
    }

    /// From when on an input of the journal reads that has no cursor; the first who asks sets it.
    pub(super) fn journal_since(&self, now: i64) -> i64 {
        let mut since = now;
        self.change(|book, state| {
            if let Some(At::Journal(_, Some(read))) = book.read(JOURNAL) {
                since = *read;
                return false;
            }
            let pages = book.pages(state);
            let is_new = pages.journal_since.is_none();
            since = *pages.journal_since.get_or_insert(now);
            book.hurries |= is_new;
            is_new
        });
        since
    }

    /// As `set_file`: the last entry's cursor, if it had one, and the moment behind it.
    pub(super) fn set_journal(
        &self,
        (cursor, since): (Option<String>, Option<i64>),
        number: u64,
        received: u64,
    ) {
        let cursor = cursor.or_else(|| self.journal());
        self.advance(JOURNAL, At::Journal(cursor, since), number, received);
    }

    /// The journal does not know it.
    pub(super) fn give_up_cursor(&self) {
        self.change(|book, state| {
            let waits = book.ahead.get_mut(JOURNAL).map(|ahead| &mut ahead.waits);
            for waiting in waits.into_iter().flatten() {
                if let At::Journal(cursor, _) = &mut waiting.at {
                    *cursor = None;
                }
            }
            book.pages(state).journal.take().is_some()
        });
    }

    pub(super) fn forget_journal(&self) {
        self.change(|book, state| {
            book.ahead.remove(JOURNAL);
            let pages = book.pages(state);
            (pages.journal, pages.journal_since) = (None, None);
            true
        });
    }

    /// What was read and not settled is read again.
    pub(super) fn begin(&self) {
        self.shared.lock().ahead.clear();
    }

    /// Something was read whose place is not kept.
    pub(super) fn is_ahead(&self) -> bool {
        let book = self.shared.lock();
        book.ahead.values().any(|ahead| !ahead.waits.is_empty())
    }

    /// Keeps the places before which messages up to `settled` stand, and those that fell too far behind `number`.
    pub(super) fn settle(&self, settled: u64, number: u64) {
        self.change(|book, state| {
            let mut ahead = std::mem::take(&mut book.ahead);
            let mut any = false;
            for (input, ahead) in &mut ahead {
                while let Some(first) = ahead.waits.front() {
                    let is_settled = first.number <= settled;
                    if !is_settled && number.saturating_sub(first.number) <= MOST_WAITING {
                        break;
                    }
                    let Some(first) = ahead.waits.pop_front() else {
                        break;
                    };
                    let lines = first.received.saturating_sub(ahead.received);
                    ahead.unkept += if is_settled { 0 } else { lines };
                    ahead.received = first.received;
                    any |= book.pages(state).keep(input, first.at);
                }
            }
            book.ahead = ahead;
            any
        });
    }

    /// Messages of an input, since the last call, whose place was kept although they were not settled.
    pub(super) fn take_unkept(&self, input: &str) -> u64 {
        let mut book = self.shared.lock();
        let ahead = book.ahead.get_mut(input);
        ahead.map_or(0, |ahead| std::mem::take(&mut ahead.unkept))
    }

    fn advance(&self, input: &str, at: At, number: u64, received: u64) {
        self.change(|book, state| {
            let kept = book.pages(state).is_at(input, &at);
            let ahead = book.ahead.entry(input.to_owned()).or_default();
            if ahead.waits.back().map_or(kept, |last| last.at == at) {
                return false;
            }
            if number > 0 {
                ahead.wait(Waiting {
                    number,
                    received,
                    at,
                });
                return false;
            }
            if !ahead.waits.is_empty() {
                return false;
            }
            ahead.received = received;
            let pages = book.pages(state);
            let is_new = !pages.files.contains_key(input);
            let is_kept = pages.keep(input, at);
            book.hurries |= is_new && is_kept;
            is_kept
        });
    }

    /// Waits until all is on disk, for a while.
    pub(super) fn flush(&self) {
        let mut book = self.shared.lock();
        if book.on_disk == book.change {
            return;
        }
        book.hurries = true;
        self.shared.changed.notify_all();
        let is_waiting = |book: &mut Book| book.on_disk != book.change;
        drop(
            self.shared
                .written
                .wait_timeout_while(book, PATIENCE, is_waiting),
        );
    }

    fn change(&self, change: impl FnOnce(&mut Book, &Folder) -> bool) {
        let mut book = self.shared.lock();
        if !change(&mut book, &self.shared.state) {
            return;
        }
        book.change += 1;
        if !book.has_writer {
            let shared = self.shared.clone();
            let writer = std::thread::Builder::new().name("input-places".to_owned());
            // Without a thread nothing is kept until the next change finds one.
            book.has_writer = writer.spawn(move || shared.write()).is_ok();
        }
        self.shared.changed.notify_all();
    }
}

impl Drop for Places {
    /// Lets the writer end.
    fn drop(&mut self) {
        let mut book = self.shared.lock();
        book.has_writer = false;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The writer, until nobody keeps places any more.
    fn write(&self) {
        loop {
            let mut book = self.lock();
            while book.on_disk == book.change {
                if !book.has_writer {
                    return;
                }
                book = self
                    .changed
                    .wait(book)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            let change = book.change;
            let pages = book.pages.clone().unwrap_or_default();
            drop(book);
            // A disk that is full or gone costs the places, not the messages; the next change tries again.
            let bytes = serde_json::to_vec(&pages).unwrap_or_default();
            drop(self.state.keep(NAME, &bytes));
            let mut book = self.lock();
            book.on_disk = change;
            self.written.notify_all();
            book.hurries &= book.on_disk != book.change;
            let rests = |book: &mut Book| !book.hurries && book.has_writer;
            drop(self.changed.wait_timeout_while(book, self.pause, rests));
        }
    }
}

impl Book {
    /// Up to where an input was read, if that is not what is kept.
    fn read(&self, input: &str) -> Option<&At> {
        Some(&self.ahead.get(input)?.waits.back()?.at)
    }

    /// A file that cannot be read is as good as none.
    fn pages(&mut self, state: &Folder) -> &mut Pages {
        self.pages.get_or_insert_with(|| {
            let bytes = state.kept(NAME).ok().flatten().unwrap_or_default();
            serde_json::from_slice(&bytes).unwrap_or_default()
        })
    }
}

const NAME: &str = "input-places";
/// Messages of the device that are read again after a kill at most.
const MOST_WAITING: u64 = 1 << 18;
const PAUSE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
#[path = "places_tests.rs"]
mod tests;
