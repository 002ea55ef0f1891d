//! Files of the log in a folder of their own.

use super::*;
use crate::state::Folder;
use crate::syslog::batch::Item;

fn bench() -> (tempfile::TempDir, Folder, Files) {
    let folder = tempfile::tempdir().expect("a folder");
    let state = Folder::open(&folder.path().join("state")).expect("a state folder");
    let files = Files::new(state.disk0().clone());
    (folder, state, files)
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_527_060 + second, 0).expect("a time")
}

fn write(settings: Persistent, second: i64, lines: &[&str]) -> Write {
    let mut batch = Batch::default();
    for line in lines {
        let item = Item {
            number: 0,
            length: line.len() as u32,
            severity: Severity::Informational,
            is_received: true,
            is_doubtful: false,
            came: 0,
        };
        batch.push(item, line.as_bytes());
    }
    Write {
        settings: Arc::new(settings),
        batch,
        utc: at(second),
    }
}

fn small() -> Persistent {
    Persistent {
        size: Some(10_000),
        filesize: Some(4096),
        notify: true,
        ..Persistent::default()
    }
}

fn names(state: &Folder) -> Vec<String> {
    let entries = state.disk0().list().expect("a list");
    entries.into_iter().map(|entry| entry.name).collect()
}

fn read(state: &Folder, name: &str) -> String {
    String::from_utf8(state.disk0().read(name).expect("the file")).expect("text")
}

#[test]
fn lines_are_appended_to_the_newest_file_also_by_the_next_process() {
    let (_folder, state, mut files) = bench();
    let (written, said) = files.write(&write(small(), 0, &["one", "two"]));
    assert_eq!((written.messages, written.failed, said.len()), (2, 0, 0));
    let mut files = Files::new(state.disk0().clone());
    files.write(&write(small(), 60, &["three"]));
    assert_eq!(names(&state), ["syslog_20261124-133100"]);
    assert_eq!(read(&state, "syslog_20261124-133100"), "one\ntwo\nthree\n");
}

#[test]
fn a_full_file_is_followed_by_another_and_the_oldest_make_room() {
    let (_folder, state, mut files) = bench();
    let line = "x".repeat(1999);
    let mut said = Vec::new();
    for second in 0..8 {
        let (written, more) = files.write(&write(small(), second, &[&line]));
        assert_eq!(written.messages, 1);
        said.extend(more);
    }
    // Two lines a file, and five lines in all.
    assert_eq!(
        names(&state),
        ["syslog_20261124-133104", "syslog_20261124-133106"]
    );
    let said: Vec<_> = said.iter().map(|own| own.body.clone()).collect();
    assert_eq!(
        said,
        [
            "Log file disk0:syslog_20261124-133100 removed to make room",
            "Log file disk0:syslog_20261124-133102 removed to make room"
        ]
    );
}

#[test]
fn one_write_may_fill_several_files_within_a_second() {
    let (_folder, state, mut files) = bench();
    let line = "x".repeat(1999);
    let lines = [&*line; 4];
    let (written, _) = files.write(&write(small(), 0, &lines));
    assert_eq!((written.messages, written.failed), (4, 0));
    assert_eq!(
        names(&state),
        ["syslog_20261124-133100", "syslog_20261124-133100-0002"]
    );
    // A clock that was set back changes nothing in the order.
    let (written, said) = files.write(&write(small(), -100, &["x".repeat(200).as_str()]));
    assert_eq!((written.failed, said), (0, Vec::new()));
    assert_eq!(
        names(&state).last().map(String::as_str),
        Some("syslog_20261124-133100-0003")
    );
}

#[test]
fn names_go_on_however_many_a_second_has() {
    let newest = |name: &str| Entry {
        name: name.to_owned(),
        size: 0,
        modified: at(0).into(),
    };
    let next = |name| next_name("a", at(0), Some(&newest(name)));
    assert_eq!(next("a_20261124-133100"), "a_20261124-133100-0002");
    assert_eq!(next("a_20261124-133100-0099"), "a_20261124-133100-0100");
    assert_eq!(next("a_20261231-235959-9999"), "a_20270101-000000");
    assert_eq!(next("a_20261124-133059-0002"), "a_20261124-133100");
}

#[test]
fn a_line_longer_than_a_file_is_cut() {
    let (_folder, state, mut files) = bench();
    let (written, _) = files.write(&write(small(), 0, &["first", &"x".repeat(10_000), "last"]));
    assert_eq!(written.messages, 3);
    let entries = state.disk0().list().expect("a list");
    let sizes: Vec<u64> = entries.iter().map(|entry| entry.size).collect();
    assert_eq!(sizes, [6, 4096, 5]);
}

#[test]
fn other_files_are_never_removed_and_no_room_is_said_once() {
    let (_folder, state, mut files) = bench();
    let rest = usize::try_from(Disk0::LIMIT).expect("it fits") - 10;
    state
        .disk0()
        .write("other", &vec![b'x'; rest])
        .expect("written");
    for (count, messages) in [(1, 1), (2, 0), (3, 0)] {
        let text = "x".repeat(8);
        let (written, said) = files.write(&write(small(), count, &[&text]));
        assert_eq!((written.messages, written.failed), (messages, 1 - messages));
        let is_first = count == 2;
        assert_eq!(said.len(), usize::from(is_first), "{said:?}");
    }
    assert!(names(&state).contains(&"other".to_owned()));
}

#[test]
fn a_threshold_that_is_passed_is_said_once() {
    let (_folder, _state, mut files) = bench();
    let settings = Persistent {
        threshold: Some(crate::config::persistent::Threshold {
            percent: 20,
            alert: true,
        }),
        notify: false,
        ..small()
    };
    let mut said = Vec::new();
    for second in 0..8 {
        let line = "x".repeat(999);
        said.extend(files.write(&write(settings.clone(), second, &[&line])).1);
    }
    let said: Vec<_> = said.iter().map(|own| (own.severity, &*own.body)).collect();
    assert_eq!(
        said,
        [(
            Severity::Alerts,
            "Log files have taken 20 percent of 10000 bytes"
        )]
    );
}

#[test]
fn saved_buffers_have_their_own_bounds() {
    let (_folder, state, mut files) = bench();
    let settings = Bufferwrap {
        on: true,
        maximum_allocation: Some(4),
        minimum_free: Some(0),
    };
    for second in [0, 0, 1, 2] {
        let saving = Saving {
            settings: settings.clone(),
            lines: vec![b'x'; 1500],
            utc: at(second),
        };
        assert!(files.save(&saving).0.is_saved);
    }
    assert_eq!(
        names(&state),
        ["LOG-2026-11-24-133101.TXT", "LOG-2026-11-24-133102.TXT"]
    );
    let too_much = Saving {
        settings,
        lines: vec![b'x'; 5000],
        utc: at(9),
    };
    let (saved, said) = files.save(&too_much);
    assert!(!saved.is_saved && said.len() == 1);
}
