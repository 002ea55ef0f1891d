//! The file of the outbox: opened or set aside, and transactions over its two tables, documents and deliveries. A document that
//! goes to several destinations lies there once. No thread and no channel.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};

/// An open outbox.
#[derive(Debug)]
pub(super) struct Store {
    connection: Connection,
}

/// What is accepted: one document and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Parcel {
    /// The id that the message says of itself.
    pub(in super::super) message: String,
    pub(in super::super) kind: &'static str,
    pub(in super::super) severity: u8,
    pub(in super::super) format: &'static str,
    /// Seconds since 1970.
    pub(in super::super) accepted: i64,
    pub(in super::super) bytes: hyper::body::Bytes,
    pub(in super::super) addresses: Vec<Label>,
}

/// A destination as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Label {
    pub(in super::super) profile: String,
    pub(in super::super) is_email: bool,
    pub(in super::super) address: String,
}

/// Where a delivery lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Row {
    pub(in super::super) document: i64,
    pub(in super::super) delivery: i64,
}

/// A delivery that an earlier run had accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Found {
    pub(in super::super) row: Row,
    pub(in super::super) message: String,
    pub(in super::super) kind: String,
    pub(in super::super) severity: u8,
    pub(in super::super) format: String,
    pub(in super::super) accepted: i64,
    /// Length of the document.
    pub(in super::super) bytes: usize,
    pub(in super::super) label: Label,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreFault {
    /// It is no outbox, or not a whole one.
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
            // Without a code the rows hold what was not written there.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) | None => {
                Self::Damaged(text)
            }
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
        let number = |name: &str| -> Result<i64, StoreFault> {
            Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
        };
        connection.pragma_update(None, "locking_mode", "exclusive")?;
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables > 0 && (number("application_id")? != OURS || number("user_version")? != VERSION) {
            return Err(StoreFault::Damaged("not an outbox".to_owned()));
        }
        connection.pragma_update(None, "auto_vacuum", "incremental")?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "journal_size_limit", WAL)?;
        if tables == 0 {
            connection.execute_batch(SCHEMA)?;
        }
        connection.set_prepared_statement_cache_capacity(16);
        Ok(Self { connection })
    }

    /// One transaction: all of `parcels` lie on disk then, and what is in `done` does not any more.
    pub(super) fn carry_out(
        &mut self,
        parcels: &[&Parcel],
        done: &[Row],
    ) -> Result<Vec<Vec<Row>>, StoreFault> {
        let transaction = self.connection.transaction()?;
        let mut rows = Vec::new();
        for parcel in parcels {
            rows.push(add(&transaction, parcel)?);
        }
        for row in done {
            transaction
                .prepare_cached("DELETE FROM delivery WHERE id = ?1")?
                .execute([row.delivery])?;
            transaction
                .prepare_cached(
                    "DELETE FROM document WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM delivery WHERE document = ?1)",
                )?
                .execute([row.document])?;
        }
        transaction.commit()?;
        Ok(rows)
    }

    /// What an earlier run has left, in the order in which it was accepted.
    pub(super) fn found(&self) -> Result<Vec<Found>, StoreFault> {
        let mut statement = self.connection.prepare(
            "SELECT delivery.id, document.id, message, kind, severity, format, accepted, length(bytes), profile, email, address
             FROM delivery JOIN document ON document = document.id ORDER BY delivery.id",
        )?;
        let found = statement.query_map([], |row| {
            Ok(Found {
                row: Row {
                    delivery: row.get(0)?,
                    document: row.get(1)?,
                },
                message: row.get(2)?,
                kind: row.get(3)?,
                severity: row.get(4)?,
                format: row.get(5)?,
                accepted: row.get(6)?,
                bytes: row.get(7)?,
                label: Label {
                    profile: row.get(8)?,
                    is_email: row.get(9)?,
                    address: row.get(10)?,
                },
            })
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// `None` where it does not lie there.
    pub(super) fn document(&self, id: i64) -> Result<Option<Vec<u8>>, StoreFault> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT bytes FROM document WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    }

    /// Gives room back to the file system that documents took; there are few of them.
    pub(super) fn shrink(&self) -> Result<(), StoreFault> {
        let mut statement = self.connection.prepare("PRAGMA incremental_vacuum")?;
        let mut pages = statement.query([])?;
        while pages.next()?.is_some() {}
        Ok(())
    }

    /// As on a full disk.
    #[cfg(test)]
    pub(super) fn allow_pages(&self, most: i64) {
        let allowed =
            self.connection
                .pragma_update_and_check(None, "max_page_count", most, |row| row.get::<_, i64>(0));
        assert!(allowed.is_ok());
    }
}

fn add(on: &Connection, parcel: &Parcel) -> Result<Vec<Row>, StoreFault> {
    on.prepare_cached(
        "INSERT INTO document (message, kind, severity, format, accepted, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        parcel.message,
        parcel.kind,
        parcel.severity,
        parcel.format,
        parcel.accepted,
        &parcel.bytes[..]
    ])?;
    let document = on.last_insert_rowid();
    let mut rows = Vec::new();
    for label in &parcel.addresses {
        on.prepare_cached(
            "INSERT INTO delivery (document, profile, email, address) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            document,
            label.profile,
            label.is_email,
            label.address
        ])?;
        rows.push(Row {
            document,
            delivery: on.last_insert_rowid(),
        });
    }
    Ok(rows)
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

/// `WfCh`.
const OURS: i64 = 0x5766_4368;
const VERSION: i64 = 1;
/// Files that were set aside; the last is replaced.
const ASIDE: usize = 9;
/// Bytes that the write-ahead log keeps once it was long.
const WAL: i64 = 4 << 20;

/// Numbers are never given twice, so that what is kept of a row that is gone means no other.
const SCHEMA: &str = "
    BEGIN;
    CREATE TABLE document (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        message TEXT NOT NULL,
        kind TEXT NOT NULL,
        severity INTEGER NOT NULL,
        format TEXT NOT NULL,
        accepted INTEGER NOT NULL,
        bytes BLOB NOT NULL
    ) STRICT;
    CREATE TABLE delivery (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document INTEGER NOT NULL,
        profile TEXT NOT NULL,
        email INTEGER NOT NULL,
        address TEXT NOT NULL
    ) STRICT;
    CREATE INDEX delivery_document ON delivery (document);
    PRAGMA user_version = 1;
    PRAGMA application_id = 0x57664368;
    COMMIT;
";

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel(message: &str, addresses: &[&str]) -> Parcel {
        let label = |address: &&str| Label {
            profile: "ops".to_owned(),
            is_email: false,
            address: (*address).to_owned(),
        };
        Parcel {
            message: message.to_owned(),
            kind: "inventory",
            severity: 1,
            format: "xml",
            accepted: 1_889_965_205,
            bytes: format!("<{message}/>").into(),
            addresses: addresses.iter().map(label).collect(),
        }
    }

    fn messages(store: &Store) -> Vec<(String, String)> {
        let found = store.found().expect("readable").into_iter();
        found
            .map(|found| (found.message, found.label.address))
            .collect()
    }

    #[test]
    fn a_document_lies_there_once_until_its_last_delivery_is_done() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("o.sqlite");
        let mut store = Store::open(&path).expect("an outbox");
        let mode = path.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let (one, two) = (
            parcel("M1", &["http://a/", "http://b/"]),
            parcel("M2", &["http://a/"]),
        );
        let rows = store.carry_out(&[&one, &two], &[]).expect("accepted");
        let [first, second] = &rows[..] else {
            panic!("{rows:?}")
        };
        assert_eq!(first[0].document, first[1].document);
        drop(store);
        let mut store = Store::open(&path).expect("it is there again");
        assert_eq!(
            messages(&store),
            [
                ("M1", "http://a/"),
                ("M1", "http://b/"),
                ("M2", "http://a/")
            ]
            .map(|(message, address)| (message.to_owned(), address.to_owned()))
        );
        store.carry_out(&[], &first[..1]).expect("done");
        assert_eq!(
            store.document(first[0].document).expect("readable"),
            Some(b"<M1/>".to_vec())
        );
        store.carry_out(&[], &first[1..]).expect("done");
        assert_eq!(store.document(first[0].document).expect("readable"), None);
        // What was done twice is done once.
        store.carry_out(&[], &[first[1], second[0]]).expect("done");
        assert_eq!(messages(&store), []);
        let again = store.carry_out(&[&one], &[]).expect("accepted");
        assert!(
            again[0][0].document > second[0].document,
            "no number comes twice"
        );
    }

    #[test]
    fn a_full_disk_takes_all_or_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = Store::open(&folder.path().join("o.sqlite")).expect("an outbox");
        let small = parcel("M1", &["http://a/"]);
        store.carry_out(&[&small], &[]).expect("accepted");
        store.allow_pages(16);
        let mut long = parcel("M2", &["http://a/"]);
        long.bytes = vec![b'x'; 1 << 20].into();
        let refused = store.carry_out(&[&small, &long], &[]);
        assert!(
            matches!(refused, Err(StoreFault::Refused(_))),
            "{refused:?}"
        );
        assert_eq!(messages(&store).len(), 1);
    }

    #[test]
    fn what_is_no_outbox_is_set_aside_and_another_takes_its_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("o.sqlite");
        for bytes in [
            &b"no database, but a text that is long enough to be one"[..],
            &[0; 4096],
        ] {
            std::fs::write(&path, bytes).expect("written");
            let opened = Store::open(&path);
            assert!(matches!(opened, Err(StoreFault::Damaged(_))), "{opened:?}");
            let aside = set_aside(&path).expect("out of the way");
            assert_eq!(std::fs::read(aside).expect("kept"), bytes);
            drop(Store::open(&path).expect("a new one"));
            std::fs::remove_file(&path).expect("removed");
        }
    }
}
