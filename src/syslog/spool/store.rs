//! The file behind queues on disk: opened or set aside, and one transaction for many jobs. No thread and no channel; what a
//! job does to the rows of its session stands beside this.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use super::shelf::Shelf;
use crate::syslog::batch::{Answer, Batch, Job, Stored, Tally};

/// An open file of queues. What it says of a session in memory is what the last whole transaction left.
#[derive(Debug)]
pub(super) struct Store {
    connection: Connection,
    sessions: HashMap<Arc<str>, Shelf>,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreFault {
    /// It is no file of queues, or not a whole one.
    #[error("{0}")]
    Damaged(String),
    #[error("{0}")]
    Refused(String),
}

impl From<rusqlite::Error> for StoreFault {
    fn from(error: rusqlite::Error) -> Self {
        let text = match &error {
            rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
            other => other.to_string(),
        };
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(text),
            // What the rows hold is not what was written there.
            None => Self::Damaged(text),
            Some(_) => Self::Refused(text),
        }
    }
}

impl From<io::Error> for StoreFault {
    fn from(error: io::Error) -> Self {
        Self::Refused(crate::net::reason::reason(&error))
    }
}

impl Store {
    /// Opens the file, or creates it with mode 0600.
    pub(super) fn open(path: &Path) -> Result<Self, StoreFault> {
        let mut options = OpenOptions::new();
        let file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
            .open(path)?;
        if !file.metadata()?.is_file() {
            return Err(StoreFault::Damaged("not a plain file".to_owned()));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        // The state folder may be reached by a link; the file itself must not be one.
        let folder = path.parent().unwrap_or(Path::new("/")).canonicalize()?;
        let path = folder.join(path.file_name().unwrap_or_default());
        let connection = Connection::open_with_flags(path, flags)?;
        let is_ours = |name: &str| -> Result<i64, StoreFault> {
            Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
        };
        connection.pragma_update(None, "locking_mode", "exclusive")?;
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let version = is_ours("user_version")?;
        if tables > 0 && (is_ours("application_id")? != OURS || !(1..=VERSION).contains(&version)) {
            return Err(StoreFault::Damaged("not a file of queues".to_owned()));
        }
        connection.pragma_update(None, "auto_vacuum", "incremental")?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "journal_size_limit", WAL)?;
        if tables == 0 {
            connection.execute_batch(SCHEMA)?;
            connection.pragma_update(None, "user_version", VERSION)?;
            connection.pragma_update(None, "application_id", OURS)?;
        } else if version < VERSION {
            add_came(&connection)?;
        }
        connection.set_prepared_statement_cache_capacity(32);
        let mut store = Self {
            connection,
            sessions: HashMap::new(),
        };
        store.load()?;
        Ok(store)
    }

    /// What lies there, by session.
    pub(super) fn stored(&self) -> HashMap<Arc<str>, Stored> {
        let of = |shelf: &Shelf| Stored {
            tally: shelf.rows,
            number: shelf.number,
            oldest: shelf.oldest,
        };
        let sessions = self.sessions.iter();
        sessions
            .map(|(name, shelf)| (name.clone(), of(shelf)))
            .collect()
    }

    /// Carries out jobs in one transaction: an answer for each, in order, and everything is on disk.
    pub(super) fn carry_out(&mut self, jobs: &[Job]) -> Result<Vec<Answer>, StoreFault> {
        let before = self.sessions.clone();
        let answers = self.try_all(jobs);
        if answers.is_err() {
            self.sessions = before;
        }
        answers
    }

    fn try_all(&mut self, jobs: &[Job]) -> Result<Vec<Answer>, StoreFault> {
        let transaction = self.connection.unchecked_transaction()?;
        let mut answers = Vec::new();
        for job in jobs {
            if !self.sessions.contains_key(&job.session) {
                let row = add(&transaction, &job.session)?;
                let shelf = Shelf {
                    row,
                    ..Shelf::default()
                };
                self.sessions.insert(job.session.clone(), shelf);
            }
            if let Some(shelf) = self.sessions.get_mut(&job.session) {
                answers.push(shelf.carry_out(&transaction, job)?);
            }
        }
        transaction.commit()?;
        Ok(answers)
    }

    /// Rows behind `after`, when nothing can be written: they leave all the same.
    pub(super) fn hand(&self, job: &Job) -> Result<Batch, StoreFault> {
        match self.sessions.get(&job.session) {
            Some(shelf) if job.room > 0 => shelf.read(&self.connection, job.after, job.room),
            _ => Ok(Batch::default()),
        }
    }

    /// Drops a session and its rows.
    pub(super) fn forget(&mut self, session: &str) -> Result<(), StoreFault> {
        if let Some(shelf) = self.sessions.get(session) {
            let transaction = self.connection.unchecked_transaction()?;
            transaction.execute("DELETE FROM message WHERE session = ?1", [shelf.row])?;
            transaction.execute("DELETE FROM session WHERE id = ?1", [shelf.row])?;
            transaction.commit()?;
            self.sessions.remove(session);
        }
        Ok(())
    }

    /// Gives room that a long queue took back to the file system, a little at a time; whether there may be more.
    pub(super) fn shrink(&self) -> Result<bool, StoreFault> {
        let free: i64 = self
            .connection
            .pragma_query_value(None, "freelist_count", |row| row.get(0))?;
        if free <= PAGES {
            return Ok(false);
        }
        // A step gives back one page.
        let vacuum = format!("PRAGMA incremental_vacuum({PAGES})");
        let mut statement = self.connection.prepare(&vacuum)?;
        let mut pages = statement.query([])?;
        while pages.next()?.is_some() {}
        Ok(true)
    }

    fn load(&mut self) -> Result<(), StoreFault> {
        let mut statement = self
            .connection
            .prepare("SELECT id, name, number, handed FROM session")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(1)?;
            let shelf = Shelf {
                row: row.get(0)?,
                number: row.get(2)?,
                doubtful: row.get(3)?,
                ..Shelf::default()
            };
            self.sessions.insert(name.into(), shelf);
        }
        drop(rows);
        let mut statement = self.connection.prepare(
            "SELECT severity, count(*), total(length(text)), max(place) FROM message WHERE session = ?1 GROUP BY severity",
        )?;
        for shelf in self.sessions.values_mut() {
            let mut rows = statement.query([shelf.row])?;
            while let Some(row) = rows.next()? {
                let (severity, count): (usize, usize) = (row.get(0)?, row.get(1)?);
                let (bytes, last): (f64, u64) = (row.get(2)?, row.get(3)?);
                let lane = shelf.by_severity.get_mut(severity);
                *lane.ok_or_else(|| StoreFault::Damaged("no severity".to_owned()))? = count;
                shelf.rows.add(Tally {
                    messages: count,
                    bytes: bytes as usize,
                });
                shelf.last = shelf.last.max(last);
            }
            // Without rows nothing is in doubt, and places begin anew.
            shelf.doubtful = shelf.doubtful.min(shelf.last);
            shelf.handed = shelf.doubtful;
            shelf.find_oldest(&self.connection)?;
        }
        Ok(())
    }
}

/// Files of version 1 do not say when messages came: it was before now. No row is written.
fn add_came(on: &Connection) -> Result<(), StoreFault> {
    let now: i64 = on.query_row("SELECT unixepoch()", [], |row| row.get(0))?;
    on.execute_batch(&format!(
        "BEGIN;
        ALTER TABLE message ADD COLUMN came INTEGER NOT NULL DEFAULT {now};
        PRAGMA user_version = {VERSION};
        COMMIT;"
    ))?;
    Ok(())
}

fn add(on: &Connection, name: &str) -> Result<i64, StoreFault> {
    let known = on
        .query_row("SELECT id FROM session WHERE name = ?1", [name], |row| {
            row.get(0)
        })
        .optional()?;
    if let Some(row) = known {
        return Ok(row);
    }
    on.execute(
        "INSERT INTO session (name, number, handed) VALUES (?1, 0, 0)",
        [name],
    )?;
    Ok(on.last_insert_rowid())
}

/// Takes a file that cannot be used out of the way; its new place.
pub(super) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let aside = (1..ASIDE)
        .map(|number| beside(&format!(".damaged-{number}")))
        .find(|aside| aside.symlink_metadata().is_err())
        .unwrap_or_else(|| beside(&format!(".damaged-{ASIDE}")));
    std::fs::rename(path, &aside)?;
    for journal in ["-wal", "-journal", "-shm"] {
        let mut name = aside.as_os_str().to_owned();
        name.push(journal);
        // Where there is none there is nothing to keep.
        let _absent = std::fs::rename(beside(journal), name);
    }
    Ok(aside)
}

/// `WfQs`.
const OURS: i64 = 0x5766_5173;
const VERSION: i64 = 2;
/// Files that were set aside; the last is replaced.
const ASIDE: usize = 9;
/// Bytes that the write-ahead log keeps once it was long.
const WAL: i64 = 4 << 20;
/// Pages given back at a time; so many may lie idle.
const PAGES: i64 = 1024;

const SCHEMA: &str = "
    BEGIN;
    CREATE TABLE session (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        number INTEGER NOT NULL,
        handed INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE message (
        session INTEGER NOT NULL,
        severity INTEGER NOT NULL,
        place INTEGER NOT NULL,
        received INTEGER NOT NULL,
        text BLOB NOT NULL,
        came INTEGER NOT NULL,
        PRIMARY KEY (session, severity, place)
    ) STRICT, WITHOUT ROWID;
    COMMIT;
";

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
