//! The file that keeps the places of inputs, and places that wait to be kept in it. When one may be, and who writes the file,
//! is decided elsewhere.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

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

/// The file itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Pages {
    /// By path: the files that had its name, oldest first; the last one may have it still.
    pub(super) files: BTreeMap<String, Vec<Mark>>,
    pub(super) journal: Option<String>,
    /// Microseconds since 1970: what the journal has from then on was not read, as long as there is no word of its.
    pub(super) journal_since: Option<i64>,
}

/// How far an input is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum At {
    File(Vec<Mark>),
    /// A cursor, and the moment behind the last entry.
    Journal(Option<String>, Option<i64>),
}

/// A place that is kept when messages up to this number are settled.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) number: u64,
    /// What the input had received then.
    pub(super) received: u64,
    pub(super) at: At,
}

#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Oldest first.
    pub(super) waits: VecDeque<Waiting>,
    /// What the input had received at the place that is kept.
    pub(super) received: u64,
    pub(super) unkept: u64,
}

impl Ahead {
    /// Fewer places do, if there are many: more is read again then.
    pub(super) fn wait(&mut self, waiting: Waiting) {
        self.waits.push_back(waiting);
        if self.waits.len() >= MOST_PLACES {
            let mut number = 0;
            self.waits.retain(|_| {
                number += 1;
                number % 2 == 0
            });
        }
    }
}

impl Pages {
    pub(super) fn is_at(&self, input: &str, at: &At) -> bool {
        match at {
            At::File(marks) => self.files.get(input) == Some(marks),
            At::Journal(cursor, since) => (&self.journal, &self.journal_since) == (cursor, since),
        }
    }

    /// Whether that is another place.
    pub(super) fn keep(&mut self, input: &str, at: At) -> bool {
        if self.is_at(input, &at) {
            return false;
        }
        match at {
            At::File(marks) => {
                self.files.insert(input.to_owned(), marks);
            }
            At::Journal(cursor, since) => (self.journal, self.journal_since) = (cursor, since),
        }
        true
    }
}

/// The journal's name among the inputs; paths begin with a slash.
pub(super) const JOURNAL: &str = "journal";
/// Places of an input that wait until they are kept; an even number.
pub(super) const MOST_PLACES: usize = 1024;
