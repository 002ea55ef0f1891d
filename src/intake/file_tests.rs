//! File inputs on real files, in a folder and a time of the test's own.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use super::bench::Bench;
use super::input::Input;
use super::{Position, Tally};
use crate::config::logging::InputKey;

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .expect("a file");
    file.write_all(text.as_bytes()).expect("written");
}

fn counts(input: &Input) -> (u64, u64) {
    let Tally {
        received,
        malformed,
        ..
    } = input.tally();
    (*received, *malformed)
}

#[test]
fn a_file_that_is_met_for_the_first_time_is_read_from_its_end() {
    let mut bench = Bench::new();
    let path = bench.path("log");
    append(&path, "old\n");
    let mut input = bench.file("log");
    assert_eq!(input.listening(), Ok(()));
    append(&path, "new\nand");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["new"]);
    assert_eq!(
        input.position(),
        Some(Position::File {
            offset: 11,
            size: 11
        })
    );
    append(&path, " more\n");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["and more"]);
    assert_eq!(counts(&input), (2, 0));
}

#[test]
fn a_file_that_comes_into_being_later_is_read_from_its_beginning() {
    let mut bench = Bench::new();
    let mut input = bench.file("log");
    assert_eq!(input.listening(), Err("no such file or directory"));
    let said = input.take_said().expect("it is noticed at once");
    assert!(
        said.body
            .ends_with("/log is not open: no such file or directory")
    );
    append(&bench.path("other"), "x\n");
    append(&bench.path("log"), "first\n");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["first"]);
    assert_eq!(input.listening(), Ok(()));
}

#[test]
fn a_renamed_file_is_read_to_its_end_before_the_new_one() {
    let mut bench = Bench::new();
    let path = bench.path("log");
    append(&path, "");
    let mut input = bench.file("log");
    append(&path, "one\n");
    let mut writer = OpenOptions::new().append(true).open(&path).expect("a file");
    fs::rename(&path, bench.path("log.1")).expect("renamed");
    writer.write_all(b"two\n").expect("written");
    append(&path, "three\n");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["one", "two", "three"]);
    // A writer that has not noticed yet.
    writer.write_all(b"late\nlast").expect("written");
    append(&path, "four\n");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["late", "four"]);
    bench.now += Duration::from_secs(11);
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["last"], "its end is the line's end");
    writer.write_all(b"too late\n").expect("written");
    append(&path, "five\n");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["five"]);
}

#[test]
fn a_file_that_was_cut_is_read_from_its_beginning() {
    let mut bench = Bench::new();
    let path = bench.path("log");
    append(&path, "");
    let mut input = bench.file("log");
    append(&path, "one\ntwo\nunfinished");
    bench.settle(&mut input);
    File::options()
        .write(true)
        .truncate(true)
        .open(&path)
        .expect("cut");
    append(&path, "three\n");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["one", "two", "unfinished", "three"]);
    // Cut and longer than before when it is looked at.
    fs::write(&path, "another line than before\nand one\n").expect("written");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["another line than before", "and one"]);
}

#[test]
fn a_removed_file_is_waited_for() {
    let mut bench = Bench::new();
    let path = bench.path("log");
    append(&path, "");
    let mut input = bench.file("log");
    append(&path, "one\n");
    fs::remove_file(&path).expect("removed");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["one"]);
    assert_eq!(input.listening(), Err("no such file or directory"));
    assert!(input.take_said().is_none(), "rotation is no news");
    append(&path, "two\n");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["two"]);
    assert_eq!(input.listening(), Ok(()));
}

#[test]
fn what_was_written_meanwhile_is_read_after_a_restart() {
    let mut bench = Bench::new();
    let path = bench.path("log");
    append(&path, "before\n");
    let mut input = bench.file("log");
    append(&path, "one\npart");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["one"]);
    drop(input);
    bench.restart();
    append(&path, "ial\ntwo\n");
    let mut input = bench.file("log");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["partial", "two"]);
    drop(input);
    bench.restart();
    append(&path, "three\n");
    fs::rename(&path, bench.path("log.1")).expect("renamed");
    append(&path, "four\n");
    fs::rename(&path, bench.path("log.2")).expect("renamed");
    let mut input = bench.file("log");
    append(&path, "five\n");
    bench.settle(&mut input);
    // What came and went in between is nobody's: no mark names it.
    assert_eq!(bench.take(), ["three", "five"]);
}

#[test]
fn another_file_of_the_same_number_is_read_from_its_beginning() {
    let mut bench = Bench::new();
    let path = bench.path("log");
    append(&path, "before\n");
    let mut input = bench.file("log");
    append(&path, "one\n");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["one"]);
    drop(input);
    bench.restart();
    // The same inode, as many a file system gives to the next file.
    fs::write(&path, "quite another text\n").expect("written");
    let mut input = bench.file("log");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["quite another text"]);
}

#[test]
fn an_input_that_is_configured_no_more_forgets_its_place() {
    let mut bench = Bench::new();
    let path = bench.path("log");
    append(&path, "one\n");
    let input = bench.file("log");
    bench.remove(input);
    append(&path, "two\n");
    let mut input = bench.file("log");
    bench.settle(&mut input);
    assert!(bench.take().is_empty());
}

#[test]
fn a_line_over_64_kib_is_counted_and_passed_over() {
    let mut bench = Bench::new();
    let path = bench.path("log");
    append(&path, "");
    let mut input = bench.file("log");
    append(&path, &format!("{}\n\nafter\n", "x".repeat(400_000)));
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["after"]);
    assert_eq!(counts(&input), (1, 2), "the long and the empty one");
    assert_eq!(
        input.tally().last_error.as_deref(),
        Some("line over 64 KiB")
    );
}

#[test]
fn any_octets_come_through_unharmed() {
    let mut bench = Bench::new();
    let path = bench.path("log");
    append(&path, "");
    let mut input = bench.file("log");
    let line: Vec<u8> = (0..=255).filter(|octet| *octet != b'\n').collect();
    fs::write(&path, [line.as_slice(), b"\n"].concat()).expect("written");
    bench.settle(&mut input);
    assert_eq!(bench.taken.octets, line);
}

#[test]
fn only_plain_files_below_the_roots_are_read() {
    let mut bench = Bench::new();
    let outside = tempfile::tempdir().expect("a folder");
    append(&outside.path().join("secret"), "x\n");
    let elsewhere = "not below /var/log, /run or an --input-root";
    let input = bench.open_key(InputKey::File("/etc/passwd".into()));
    assert_eq!(input.listening(), Err(elsewhere));
    std::os::unix::fs::symlink(outside.path().join("secret"), bench.path("link")).expect("a link");
    fs::create_dir(bench.path("folder")).expect("a folder");
    nix::unistd::mkfifo(&bench.path("pipe"), nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    for (name, why) in [
        ("link", elsewhere),
        ("folder", "not a plain file"),
        ("pipe", "not a plain file"),
        ("none/log", "no such file or directory"),
    ] {
        let mut input = bench.file(name);
        assert_eq!(input.listening(), Err(why), "{name}");
        bench.settle(&mut input);
        assert!(bench.take().is_empty());
    }
    append(&bench.path("real"), "");
    std::os::unix::fs::symlink("real", bench.path("inside")).expect("a link");
    let mut input = bench.file("inside");
    append(&bench.path("real"), "one\n");
    bench.settle(&mut input);
    assert_eq!(bench.take(), ["one"]);
}

#[test]
fn a_folder_that_is_gone_is_waited_for() {
    let mut bench = Bench::new();
    fs::create_dir(bench.path("folder")).expect("a folder");
    let path = bench.path("folder/log");
    append(&path, "");
    let mut input = bench.file("folder/log");
    append(&path, "one\n");
    bench.settle(&mut input);
    fs::remove_dir_all(bench.path("folder")).expect("removed");
    bench.settle(&mut input);
    assert_eq!(input.listening(), Err("no such file or directory"));
    fs::create_dir(bench.path("folder")).expect("a folder");
    append(&path, "two\n");
    bench.now += Duration::from_secs(1);
    bench.settle(&mut input);
    assert_eq!(input.listening(), Ok(()));
    assert_eq!(bench.take(), ["one", "two"]);
}

/// Whatever happens between two turns, every line is read once, and in order.
#[test]
fn no_order_of_writing_renaming_and_restarting_loses_or_repeats_a_line() {
    for seed in 1..60_u64 {
        let mut bench = Bench::new();
        let path = bench.path("log");
        append(&path, "");
        let mut input = bench.file("log");
        let (mut random, mut line, mut rotated) = (seed, 0, 0);
        let mut written = Vec::new();
        let mut is_open = false;
        for _ in 0..120 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            match (random >> 33) % 8 {
                0..=2 => {
                    line += 1;
                    let end = if is_open { "" } else { "line " };
                    append(&path, &format!("{end}{line}\n"));
                    written.push(format!("line {line}"));
                    is_open = false;
                }
                3 if !is_open => {
                    append(&path, "line ");
                    is_open = true;
                }
                4 if !is_open => {
                    rotated += 1;
                    fs::rename(&path, bench.path(&format!("log.{rotated}"))).expect("renamed");
                    append(&path, "");
                    bench.turn(&mut input, Duration::ZERO);
                }
                5 => {
                    drop(input);
                    bench.restart();
                    input = bench.file("log");
                }
                6 => bench.now += Duration::from_secs(7),
                _ => bench.turn(&mut input, Duration::ZERO),
            }
        }
        if is_open {
            append(&path, "end\n");
            written.push("line end".to_owned());
        }
        bench.settle(&mut input);
        assert_eq!(bench.take(), written, "seed {seed}");
    }
}
