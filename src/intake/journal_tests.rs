//! The journal input with a reader of the test's own in place of `journalctl`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use super::Position;
use super::bench::Bench;
use super::input::Input;
use crate::config::logging::InputKey;

/// A program that notes its arguments, prints the entries so far and those that come, in place of the one of the host.
fn reader(bench: &mut Bench, then: &str) {
    let path = bench.path("reader");
    let folder = bench.root.path().display();
    let script =
        format!("#!/bin/sh\necho \"$@\" >>{folder}/arguments\necho $$ >{folder}/process\n{then}\n");
    fs::write(&path, script).expect("a program");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    bench.grounds = bench.new_grounds().with_journal_reader(path);
}

fn follower(bench: &mut Bench) {
    let entries = bench.path("entries");
    fs::write(&entries, "").expect("a file");
    reader(bench, &format!("exec tail -n +1 -f {}", entries.display()));
}

fn journal(bench: &mut Bench) -> Input {
    bench.open_key(InputKey::Journal)
}

fn write(bench: &Bench, entries: &[&str]) {
    fs::write(bench.path("entries"), entries.join("\n") + "\n").expect("written");
}

const ONE: &str = r#"{"__CURSOR":"c1","__REALTIME_TIMESTAMP":"1772390771123456","MESSAGE":"one","PRIORITY":"6","SYSLOG_IDENTIFIER":"sshd"}"#;
const TWO: &str = r#"{"__CURSOR":"c3","__REALTIME_TIMESTAMP":"1772390773000000","MESSAGE":"two","PRIORITY":"6","SYSLOG_IDENTIFIER":"sshd"}"#;
const OWN: &str = r#"{"__CURSOR":"c2","__REALTIME_TIMESTAMP":"1772390772000000","MESSAGE":"x","SYSLOG_IDENTIFIER":"watchfire"}"#;

#[test]
fn entries_become_messages_and_the_reader_goes_on_behind_the_last_one() {
    let mut bench = Bench::new();
    follower(&mut bench);
    write(&bench, &[ONE, "broken", r#"{"__CURSOR":"c0"}"#, OWN]);
    let mut input = journal(&mut bench);
    assert_eq!(input.listening(), Ok(()));
    bench.until(&mut input, "all are read", |input, _| {
        input.tally().own == 1
    });
    assert_eq!(
        bench.take(),
        ["<14>1 2026-03-01T18:46:11.123456Z - sshd - - - one"]
    );
    let tally = input.tally();
    assert_eq!((tally.received, tally.malformed), (1, 2));
    let at = chrono::DateTime::from_timestamp(1_772_390_772, 0).expect("a time");
    assert_eq!(input.position(), Some(Position::Journal { at }));
    let arguments = || fs::read_to_string(bench.path("arguments")).expect("arguments");
    assert!(
        arguments().contains("--no-tail --since=@"),
        "{}",
        arguments()
    );
    assert!(!arguments().contains("cursor"), "{}", arguments());
    drop(input);
    bench.restart();
    follower(&mut bench);
    let mut input = journal(&mut bench);
    write(&bench, &[ONE]);
    bench.until(&mut input, "it is read", |input, _| {
        input.tally().received == 1
    });
    let arguments = fs::read_to_string(bench.path("arguments")).expect("arguments");
    let last = arguments.lines().last().unwrap_or_default();
    assert!(last.ends_with("--no-tail --after-cursor=c2"), "{last}");
}

/// The first time there is no entry to go on behind, perhaps for long: then it is a moment.
#[test]
fn what_comes_before_an_entry_was_ever_seen_is_neither_lost_nor_read_twice() {
    let mut bench = Bench::new();
    let entries = bench.path("entries");
    fs::write(&entries, "").expect("a file");
    let path = entries.display();
    let then = format!(
        "case \"$*\" in *--lines=0*) exec tail -n 0 -f {path};; *c1) exec tail -n +2 -f {path};; *) exec tail -n +1 -f {path};; esac"
    );
    reader(&mut bench, &then);
    let mut input = journal(&mut bench);
    let process = bench.path("process");
    bench.until(&mut input, "it runs", |_, _| process.exists());
    drop(input);
    write(&bench, &[ONE]);
    bench.restart();
    reader(&mut bench, &then);
    let mut input = journal(&mut bench);
    bench.until(&mut input, "what came meanwhile is read", |input, _| {
        input.tally().received == 1
    });
    drop(input);
    let arguments = fs::read_to_string(bench.path("arguments")).expect("arguments");
    let since: Vec<_> = arguments
        .lines()
        .filter_map(|line| line.split("--since=@").nth(1))
        .collect();
    assert_eq!(since.len(), 2, "{arguments}");
    assert_eq!(since[0], since[1], "from the same moment on");
    let (seconds, micros) = since[0].split_once('.').expect("microseconds");
    assert!(seconds.parse::<i64>().expect("seconds") <= chrono::Utc::now().timestamp());
    assert_eq!(micros.len(), 6, "{micros}");
    bench.restart();
    reader(&mut bench, &then);
    let mut input = journal(&mut bench);
    write(&bench, &[ONE, TWO]);
    bench.until(&mut input, "what is new is read", |input, _| {
        input.tally().received == 1
    });
    assert_eq!(
        bench.take().last().map(String::as_str),
        Some("<14>1 2026-03-01T18:46:13.000000Z - sshd - - - two")
    );
}

#[test]
fn a_reader_does_not_outlive_its_input() {
    let mut bench = Bench::new();
    follower(&mut bench);
    write(&bench, &[ONE]);
    let mut input = journal(&mut bench);
    bench.until(&mut input, "it is read", |input, _| {
        input.tally().received == 1
    });
    let process = fs::read_to_string(bench.path("process")).expect("a number");
    let folder = format!("/proc/{}", process.trim());
    assert!(fs::metadata(&folder).is_ok());
    drop(input);
    let until = std::time::Instant::now() + Duration::from_secs(20);
    while fs::metadata(&folder).is_ok() {
        assert!(
            std::time::Instant::now() < until,
            "it is there, or was not reaped"
        );
        std::thread::yield_now();
    }
}

#[test]
fn a_host_without_a_reader_is_tried_again() {
    let mut bench = Bench::new();
    bench.grounds = bench
        .new_grounds()
        .with_journal_reader(bench.path("reader"));
    let mut input = journal(&mut bench);
    assert_eq!(input.listening(), Err("no such file or directory"));
    follower(&mut bench);
    bench.now += Duration::from_secs(1);
    bench.settle(&mut input);
    assert_eq!(input.listening(), Ok(()));
}

#[test]
fn what_a_reader_complained_of_before_it_ended_is_the_reason() {
    let mut bench = Bench::new();
    reader(
        &mut bench,
        "echo 'No journal files were found.' >&2; exit 1",
    );
    let mut input = journal(&mut bench);
    bench.until(&mut input, "it has ended", |input, _| {
        input.listening().is_err()
    });
    assert_eq!(
        input.listening(),
        Err("the journal's reader ended: No journal files were found.")
    );
    let said = input.take_said().expect("it is said");
    assert!(said.body.starts_with("Logging input journal is not open: "));
    bench.now += Duration::from_secs(1);
    bench.settle(&mut input);
    bench.until(&mut input, "it has ended again", |input, _| {
        input.listening().is_err()
    });
    assert!(input.take_said().is_none(), "said once");
}

#[test]
fn a_place_that_the_journal_does_not_know_is_given_up() {
    let mut bench = Bench::new();
    reader(
        &mut bench,
        "case \"$*\" in *cursor*) echo 'Failed to seek to cursor: Invalid argument' >&2; exit 1;; esac; exec sleep 1000",
    );
    bench
        .grounds
        .places
        .set_journal((Some("s=1".to_owned()), None), 0, 0);
    let mut input = journal(&mut bench);
    bench.until(&mut input, "it has ended", |input, _| {
        input.listening().is_err()
    });
    bench.now += Duration::from_secs(1);
    bench.settle(&mut input);
    assert_eq!(input.listening(), Ok(()));
    assert_eq!(bench.grounds.places.journal(), None);
}

#[test]
fn an_entry_that_is_too_long_is_malformed_and_the_next_one_is_read() {
    let mut bench = Bench::new();
    follower(&mut bench);
    let long = |length: usize| format!(r#"{{"__CURSOR":"c","MESSAGE":"{}"}}"#, "x".repeat(length));
    write(
        &bench,
        &[&long(70_000), &long(600_000), &long(64 * 1024), ONE],
    );
    let mut input = journal(&mut bench);
    bench.until(&mut input, "the last one is read", |input, _| {
        input.tally().received == 2
    });
    assert_eq!(input.tally().malformed, 2);
}
