//! The file of queues by itself, in a folder of its own.

use proptest::prelude::*;

use super::super::shelf::IN_ORDER;
use super::*;
use crate::message::Severity;
use crate::syslog::batch::{Item, ROW};

fn job(session: &str, texts: &[(u8, &str)]) -> Job {
    let mut store = Batch::default();
    for (severity, text) in texts {
        let item = Item {
            number: 0,
            length: text.len() as u32,
            severity: Severity::from_number(*severity).expect("a severity"),
            is_received: true,
            is_doubtful: false,
            came: 1_000 + store.items.len() as i64,
        };
        store.push(item, text.as_bytes());
    }
    Job {
        session: session.into(),
        life: 1,
        done: 0,
        store,
        number: 0,
        after: 0,
        room: 0,
        most_bytes: usize::MAX,
        most_messages: usize::MAX,
    }
}

fn texts(batch: &Batch) -> Vec<String> {
    let text = |(_, bytes): (&Item, &[u8])| String::from_utf8_lossy(bytes).into_owned();
    batch.iter().map(text).collect()
}

fn one(store: &mut Store, job: Job) -> Answer {
    let mut answers = store.carry_out(&[job]).expect("it is carried out");
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

fn opened() -> (tempfile::TempDir, PathBuf, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("queues.sqlite");
    let store = Store::open(&path).expect("a new file");
    (folder, path, store)
}

#[test]
fn rows_are_there_after_the_file_was_closed_and_come_back_in_their_order() {
    let (_folder, path, mut store) = opened();
    let asked = Job {
        number: 7,
        ..job("a", &[(6, "one"), (0, "two"), (3, "three")])
    };
    one(&mut store, asked);
    one(&mut store, job("b", &[(6, "other")]));
    drop(store);
    let mut store = Store::open(&path).expect("the file");
    let stored = store.stored();
    let tally = Tally {
        messages: 3,
        bytes: 11,
    };
    let stored_a = Stored {
        tally,
        number: 7,
        oldest: Some(1_000),
    };
    assert_eq!(stored.get("a"), Some(&stored_a));
    let answer = one(
        &mut store,
        Job {
            room: 1000,
            ..job("a", &[(1, "four")])
        },
    );
    assert_eq!(texts(&answer.handed), ["one", "two", "three", "four"]);
    assert!(answer.handed.items.iter().all(|item| !item.is_doubtful));
}

#[test]
fn the_oldest_is_the_first_of_what_is_there_whatever_its_severity() {
    let (_folder, _path, mut store) = opened();
    let answer = one(
        &mut store,
        job("a", &[(6, "one"), (0, "two"), (3, "three")]),
    );
    assert_eq!(answer.oldest, Some(1_000));
    let done = |done| Job {
        done,
        after: done,
        ..job("a", &[])
    };
    assert_eq!(one(&mut store, done(1)).oldest, Some(1_001));
    assert_eq!(one(&mut store, done(2)).oldest, Some(1_002));
    assert_eq!(one(&mut store, done(3)).oldest, None);
}

#[test]
fn a_file_that_does_not_say_when_messages_came_is_taken_over_with_all_that_it_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("queues.sqlite");
    let old = Connection::open(&path).expect("a database");
    let schema = SCHEMA.replace("came INTEGER NOT NULL,", "");
    assert_ne!(schema, SCHEMA);
    old.execute_batch(&schema).expect("the tables of version 1");
    old.execute_batch(&format!(
        "PRAGMA user_version = 1;
        PRAGMA application_id = {OURS};
        INSERT INTO session VALUES (1, 'a', 7, 1);
        INSERT INTO message VALUES (1, 6, 1, 1, x'61'), (1, 2, 2, 0, x'62');"
    ))
    .expect("rows of version 1");
    let now: i64 = old
        .query_row("SELECT unixepoch()", [], |row| row.get(0))
        .expect("the time");
    drop(old);
    for _ in 0..2 {
        let mut store = Store::open(&path).expect("the file");
        let stored = store.stored().remove("a").expect("the session");
        assert_eq!((stored.tally.messages, stored.number), (2, 7));
        assert!(stored.oldest.is_some_and(|oldest| oldest >= now));
        let read = Job {
            room: 1000,
            ..job("a", &[])
        };
        assert_eq!(texts(&one(&mut store, read).handed), ["a", "b"]);
    }
}

#[test]
fn what_was_handed_out_before_the_start_is_doubtful_and_what_arrived_is_gone() {
    let (_folder, path, mut store) = opened();
    let texts_in = [(6, "one"), (6, "two"), (6, "three")];
    let answer = one(
        &mut store,
        Job {
            room: 1000,
            ..job("a", &texts_in)
        },
    );
    assert_eq!(answer.handed.items.len(), 3);
    let (done, after) = (1, 3);
    one(
        &mut store,
        Job {
            done,
            after,
            ..job("a", &[(6, "four")])
        },
    );
    drop(store);
    let mut store = Store::open(&path).expect("the file");
    let answer = one(
        &mut store,
        Job {
            room: 1000,
            ..job("a", &[])
        },
    );
    assert_eq!(texts(&answer.handed), ["two", "three", "four"]);
    let doubtful: Vec<_> = answer
        .handed
        .items
        .iter()
        .map(|item| item.is_doubtful)
        .collect();
    assert_eq!(doubtful, [true, true, false]);
}

#[test]
fn a_batch_that_nothing_stands_before_is_handed_back_without_being_read() {
    let (_folder, _path, mut store) = opened();
    let first = one(
        &mut store,
        Job {
            room: 1000,
            ..job("a", &[(6, "one"), (2, "two")])
        },
    );
    let places: Vec<_> = first.handed.items.iter().map(|item| item.number).collect();
    assert_eq!(places, [1, 2]);
    let second = one(
        &mut store,
        Job {
            room: 1000,
            after: 2,
            ..job("a", &[(6, "three")])
        },
    );
    assert_eq!(texts(&second.handed), ["three"]);
}

#[test]
fn no_more_is_handed_back_than_there_is_room_for_but_one_message_always() {
    let (_folder, _path, mut store) = opened();
    let answer = one(
        &mut store,
        Job {
            room: 1,
            ..job("a", &[(6, "one"), (6, "two")])
        },
    );
    assert_eq!(texts(&answer.handed), ["one"]);
    let answer = one(
        &mut store,
        Job {
            room: 7,
            after: 1,
            ..job("a", &[(6, "three"), (6, "four")])
        },
    );
    assert_eq!(texts(&answer.handed), ["two"]);
}

#[test]
fn the_oldest_of_the_least_severe_overflow_and_nothing_that_is_with_the_session() {
    let (_folder, _path, mut store) = opened();
    let texts_in = [(7, "a"), (7, "b"), (3, "c"), (7, "d"), (5, "e"), (0, "f")];
    let answer = one(
        &mut store,
        Job {
            after: 1,
            most_messages: 4,
            room: 1000,
            ..job("a", &texts_in)
        },
    );
    assert_eq!(answer.overflowed.messages, 2);
    assert_eq!(texts(&answer.handed), ["c", "e", "f"], "b and d are gone");
    let answer = one(
        &mut store,
        Job {
            most_bytes: 2 * ROW + 2,
            ..job("a", &[(1, "g")])
        },
    );
    assert_eq!(answer.overflowed.messages, 3, "{answer:?}");
    let left = one(
        &mut store,
        Job {
            room: 1000,
            ..job("a", &[])
        },
    );
    assert_eq!(texts(&left.handed), ["f", "g"]);
}

#[test]
fn a_session_that_is_forgotten_leaves_nothing() {
    let (_folder, path, mut store) = opened();
    one(&mut store, job("a", &[(6, "one")]));
    one(&mut store, job("b", &[(6, "two")]));
    store.forget("a").expect("it is forgotten");
    drop(store);
    let store = Store::open(&path).expect("the file");
    let names: Vec<_> = store.stored().into_keys().collect();
    assert_eq!(names, ["b".into()]);
}

#[test]
fn room_that_a_long_queue_took_is_given_back() {
    let (_folder, path, mut store) = opened();
    let text = "x".repeat(60_000);
    let texts_in = vec![(6, &*text); 400];
    one(&mut store, job("a", &texts_in));
    let size = |path: &Path| std::fs::metadata(path).expect("the file").len();
    one(
        &mut store,
        Job {
            done: 400,
            after: 400,
            ..job("a", &[])
        },
    );
    let mode: i64 = store
        .connection
        .pragma_query_value(None, "auto_vacuum", |row| row.get(0))
        .expect("a mode");
    assert_eq!(mode, 2, "incremental");
    let mut turns = 0;
    while store.shrink().expect("it shrinks") {
        turns += 1;
        assert!(turns < 20, "it never ends");
    }
    assert!(turns > 2);
    drop(store);
    assert!(size(&path) < 8 << 20, "{}", size(&path));
}

#[test]
fn nothing_is_sorted_when_rows_are_read_in_order() {
    let (_folder, _path, store) = opened();
    let plan = format!("EXPLAIN QUERY PLAN {IN_ORDER}");
    let mut statement = store.connection.prepare(&plan).expect("a plan");
    let rows = statement.query_map([1, 1], |row| row.get::<_, String>(3));
    let steps: Vec<String> = rows
        .expect("steps")
        .map(|row| row.expect("a step"))
        .collect();
    assert!(
        !steps.iter().any(|step| step.contains("TEMP B-TREE")),
        "{steps:#?}"
    );
}

#[test]
fn the_file_is_nobody_elses_to_read_and_a_foreign_one_is_not_taken() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path, store) = opened();
    let mode = |path: &Path| {
        std::fs::metadata(path)
            .expect("the file")
            .permissions()
            .mode()
    };
    assert_eq!(mode(&path) & 0o777, 0o600);
    drop(store);
    let text = folder.path().join("text");
    std::fs::write(&text, "x".repeat(10_000)).expect("a file");
    assert!(matches!(Store::open(&text), Err(StoreFault::Damaged(_))));
    let other = folder.path().join("other");
    let connection = Connection::open(&other).expect("a database");
    connection
        .execute_batch("CREATE TABLE t (x)")
        .expect("a table");
    drop(connection);
    assert!(matches!(Store::open(&other), Err(StoreFault::Damaged(_))));
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    assert!(matches!(Store::open(&link), Err(StoreFault::Refused(_))));
}

#[test]
fn a_file_that_is_set_aside_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("queues.sqlite");
    for number in 1..=11 {
        std::fs::write(&path, format!("{number}")).expect("a file");
        set_aside(&path).expect("set aside");
        assert!(!path.exists());
    }
    let kept = |n: usize| {
        std::fs::read_to_string(folder.path().join(format!("queues.sqlite.damaged-{n}")))
    };
    assert_eq!(kept(1).expect("the first"), "1");
    assert_eq!(kept(9).expect("the last"), "11");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a disk made of the file: it opens or it does not, and nothing panics.
    #[test]
    fn no_bytes_in_the_file_are_worse_than_a_refusal(
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..200),
        length in proptest::option::weighted(0.3, any::<proptest::sample::Index>()),
    ) {
        let (_folder, path, mut store) = opened();
        let texts_in = [(6, "one"), (2, "two"), (7, "three")];
        one(&mut store, Job { room: 2, ..job("a", &texts_in) });
        drop(store);
        let mut bytes = std::fs::read(&path).expect("the file");
        for (at, byte) in &damage {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        if let Some(length) = length {
            bytes.truncate(length.index(bytes.len()));
        }
        std::fs::write(&path, bytes).expect("written");
        if let Ok(mut store) = Store::open(&path) {
            let asked = Job { room: 1000, done: 1, after: 1, most_messages: 2, ..job("a", &texts_in) };
            drop(store.carry_out(std::slice::from_ref(&asked)));
            drop(store.hand(&asked));
            drop(store.forget("a"));
            drop(store.shrink());
        }
    }
}
