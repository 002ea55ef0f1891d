//! How far inputs have read, kept in the state folder, so that a restart goes on where they were. Written by a thread of its
//! own, at most once a second: who reads messages never waits for a disk. After a kill the last second is read again.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::state::Folder;

/// How far one file has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) device: u64,
    pub(super) inode: u64,
    /// Octets of whole lines.
    pub(super) offset: u64,
    /// What stands right before the offset, so that another file of the same number is not taken for this one.
    pub(super) print: u64,
}

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
}

#[derive(Debug, Default)]
struct Book {
    pages: Option<Pages>,
    /// Counts changes, and which of them is on disk.
    change: u64,
    on_disk: u64,
    has_writer: bool,
    /// Somebody waits for the disk.
    hurries: bool,
}

/// The file itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Pages {
    /// By path: the files that had its name, oldest first; the last one may have it still.
    files: BTreeMap<String, Vec<Mark>>,
    journal: Option<String>,
    /// Microseconds since 1970: what the journal has from then on was not read, as long as there is no word of its.
    journal_since: Option<i64>,
}

impl Places {
    pub(super) fn new(state: Arc<Folder>) -> Self {
        Self {
            shared: Arc::new(Shared {
                state,
                book: Mutex::default(),
                changed: Condvar::new(),
                written: Condvar::new(),
            }),
        }
    }

    /// `None` for a file that was never followed.
    pub(super) fn file(&self, path: &str) -> Option<Vec<Mark>> {
        self.shared.read(|pages| pages.files.get(path).cloned())
    }

    pub(super) fn set_file(&self, path: &str, marks: Vec<Mark>) {
        self.change(|pages| match pages.files.get_mut(path) {
            Some(known) if *known == marks => false,
            Some(known) => {
                *known = marks;
                true
            }
            None => pages.files.insert(path.to_owned(), marks).is_none(),
        });
    }

    pub(super) fn forget_file(&self, path: &str) {
        self.change(|pages| pages.files.remove(path).is_some());
    }

    /// The journal's own word for the last entry that was read.
    pub(super) fn journal(&self) -> Option<String> {
        self.shared.read(|pages| pages.journal.clone())
    }

    /// From when on an input of the journal reads that has not taken an entry; the first who asks sets it.
    pub(super) fn journal_since(&self, now: i64) -> i64 {
        self.change(|pages| {
            pages.journal_since.is_none() && {
                pages.journal_since = Some(now);
                true
            }
        });
        self.shared.read(|pages| pages.journal_since.unwrap_or(now))
    }

    /// Entries up to then were taken.
    pub(super) fn set_journal_since(&self, since: Option<i64>) {
        self.change(|pages| std::mem::replace(&mut pages.journal_since, since) != since);
    }

    pub(super) fn set_journal(&self, cursor: Option<&str>) {
        self.change(|pages| {
            let differs = pages.journal.as_deref() != cursor;
            if differs {
                pages.journal = cursor.map(str::to_owned);
            }
            differs
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

    fn change(&self, change: impl FnOnce(&mut Pages) -> bool) {
        let mut book = self.shared.lock();
        if !change(book.pages(&self.shared.state)) {
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

    fn read<T>(&self, look: impl FnOnce(&Pages) -> T) -> T {
        look(self.lock().pages(&self.state))
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
            drop(self.changed.wait_timeout_while(book, PAUSE, rests));
        }
    }
}

impl Book {
    /// A file that cannot be read is as good as none.
    fn pages(&mut self, state: &Folder) -> &mut Pages {
        self.pages.get_or_insert_with(|| {
            let bytes = state.kept(NAME).ok().flatten().unwrap_or_default();
            serde_json::from_slice(&bytes).unwrap_or_default()
        })
    }
}

const NAME: &str = "input-places";
const PAUSE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(offset: u64) -> Mark {
        Mark {
            device: 1,
            inode: 2,
            offset,
            print: 3,
        }
    }

    #[test]
    fn what_was_flushed_is_found_by_the_next_process() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = Arc::new(Folder::open(folder.path()).expect("a state folder"));
        let places = Places::new(state.clone());
        assert_eq!((places.file("/a"), places.journal()), (None, None));
        for offset in 0..100 {
            places.set_file("/a", vec![mark(offset)]);
        }
        places.set_file("/b", Vec::new());
        places.set_journal(Some("s=1;i=2"));
        places.flush();
        drop(places);
        let places = Places::new(state);
        assert_eq!(places.file("/a"), Some(vec![mark(99)]));
        assert_eq!(places.file("/b"), Some(Vec::new()));
        assert_eq!(places.journal().as_deref(), Some("s=1;i=2"));
        places.forget_file("/b");
        assert_eq!(places.file("/b"), None);
    }

    #[test]
    fn a_broken_file_is_as_good_as_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = Arc::new(Folder::open(folder.path()).expect("a state folder"));
        state.keep(NAME, b"{\"files\": 7").expect("written");
        let places = Places::new(state);
        assert_eq!(places.file("/a"), None);
        places.set_file("/a", vec![mark(1)]);
        places.flush();
        assert_eq!(places.file("/a"), Some(vec![mark(1)]));
    }
}
