//! The startup-config under kills, full disks and onlookers.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::tests::{names, open, temporary};
use super::{Folder, StateFault};

/// Set for a process that a test starts of itself: the folder to work on.
const CHILD: &str = "WATCHFIRE_STATE_TEST_CHILD";

fn kept(folder: &TempDir) -> Vec<Option<String>> {
    let read = |number: u8| {
        fs::read_to_string(folder.path().join(format!("startup-config.{number}"))).ok()
    };
    (1..=6).map(read).collect()
}

/// This test program again, to run one test in a process of its own.
fn this_program() -> PathBuf {
    std::env::current_exe().expect("a path")
}

/// The name by which the test program knows `test`.
fn full_name(test: &str) -> String {
    let path = module_path!();
    let within_crate = path.split_once("::").map_or(path, |(_, rest)| rest);
    format!("{within_crate}::{test}")
}

#[test]
fn the_five_before_are_kept_and_no_sixth() {
    let folder = temporary();
    let state = open(&folder);
    for number in 1..=8 {
        state
            .write_startup(number.to_string().as_bytes())
            .expect("written");
    }
    assert_eq!(
        state.read_startup().expect("readable").as_deref(),
        Some(&b"8"[..])
    );
    let expected = ["7", "6", "5", "4", "3"].map(|text| Some(text.to_owned()));
    assert_eq!(
        kept(&folder),
        expected.into_iter().chain([None]).collect::<Vec<_>>()
    );
    let expected = [
        "lock",
        "startup-config",
        "startup-config.1",
        "startup-config.2",
        "startup-config.3",
    ];
    assert_eq!(
        names(&folder).get(..5),
        Some(&expected.map(str::to_owned)[..])
    );
}

#[test]
fn a_write_goes_on_where_a_killed_one_stopped() {
    let folder = temporary();
    let state = open(&folder);
    let at = |name: &str| folder.path().join(name);
    for number in 1..=6 {
        state
            .write_startup(number.to_string().as_bytes())
            .expect("written");
    }
    let whole = |first: u8| {
        (first..first + 5)
            .rev()
            .map(|number| Some(number.to_string()))
            .chain([None])
            .collect::<Vec<_>>()
    };
    assert_eq!(kept(&folder), whole(1));

    // Killed while it wrote the new file: half of it lies beside.
    fs::write(at(".incoming"), "hal").expect("written");
    state.write_startup(b"7").expect("written");
    assert_eq!(kept(&folder), whole(2));

    // Killed in the middle of moving the earlier ones: 5 is overwritten, 3 is free.
    fs::rename(at("startup-config.4"), at("startup-config.5")).expect("renamed");
    fs::rename(at("startup-config.3"), at("startup-config.4")).expect("renamed");
    state.write_startup(b"8").expect("written");
    assert_eq!(kept(&folder), whole(3));

    // Killed when the present one had been kept and the new one had not taken its place.
    for number in (1..5).rev() {
        let (from, to) = (
            format!("startup-config.{number}"),
            format!("startup-config.{}", number + 1),
        );
        fs::rename(at(&from), at(&to)).expect("renamed");
    }
    fs::hard_link(at("startup-config"), at("startup-config.1")).expect("linked");
    fs::write(at(".incoming"), "9").expect("written");
    state.write_startup(b"9").expect("written");
    assert_eq!(kept(&folder), whole(4));
    assert!(!at(".incoming").exists());
}

#[test]
fn a_full_disk_leaves_the_old_file_and_nothing_beside() {
    const OLD: &[u8] = b"hostname old\n";
    if let Some(path) = std::env::var_os(CHILD) {
        let state = Folder::open(Path::new(&path)).expect("a usable folder");
        let fault = state.write_startup(&[b'!'; 1 << 16]).expect_err("no room");
        assert!(matches!(fault, StateFault::Io { .. }), "{fault}");
        assert!(state.disk0().write("file", &[b'!'; 1 << 16]).is_err());
        return;
    }
    let folder = temporary();
    let state = open(&folder);
    state.write_startup(OLD).expect("written");
    state.disk0().write("file", OLD).expect("written");
    drop(state);
    // A limit on the size of files refuses what a full disk would.
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\""])
        .arg(this_program())
        .args([
            "--exact",
            &full_name("a_full_disk_leaves_the_old_file_and_nothing_beside"),
        ])
        .env(CHILD, folder.path())
        .output()
        .expect("a child");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{said}"
    );
    assert_eq!(
        open(&folder).read_startup().expect("readable").as_deref(),
        Some(OLD)
    );
    assert_eq!(open(&folder).disk0().read("file").expect("readable"), OLD);
    assert_eq!(names(&folder), ["disk0", "lock", "startup-config"]);
    assert!(!folder.path().join("disk0/.incoming").exists());
}

#[test]
fn whoever_looks_at_any_instant_finds_the_old_or_the_new_file_whole() {
    let folder = temporary();
    let state = open(&folder);
    let path = folder.path().join("startup-config");
    let written = AtomicU8::new(0);
    state.write_startup(&[0; 1000]).expect("written");
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 1..=200 {
                state.write_startup(&[number; 1000]).expect("written");
                written.store(number, Ordering::SeqCst);
            }
        });
        while !writer.is_finished() {
            let least = written.load(Ordering::SeqCst);
            let found = fs::read(&path).expect("always there");
            let number = found.first().copied().unwrap_or(u8::MAX);
            assert_eq!(found, [number; 1000]);
            assert!(
                least <= number && number <= written.load(Ordering::SeqCst) + 1,
                "older than told"
            );
        }
    });
}

/// Half a megabyte that tells its number and whether it is whole.
fn numbered(number: u32) -> Vec<u8> {
    number.to_le_bytes().repeat(1 << 17)
}

fn number_of(bytes: &[u8]) -> Option<u32> {
    let number = u32::from_le_bytes(*bytes.first_chunk()?);
    (bytes == numbered(number)).then_some(number)
}

/// Writes one startup-config after the other, each with the next number, and tells each number once it is written.
fn write_until_killed(path: &Path) -> std::io::Result<()> {
    let state = Folder::open(path).map_err(std::io::Error::other)?;
    let mut number = state
        .read_startup()
        .map_err(std::io::Error::other)?
        .as_deref()
        .and_then(number_of)
        .unwrap_or(0);
    loop {
        number += 1;
        state
            .write_startup(&numbered(number))
            .map_err(std::io::Error::other)?;
        let mut out = std::io::stdout().lock();
        out.write_all(b"\0written")?;
        out.write_all(&number.to_le_bytes())?;
        out.flush()?;
    }
}

/// The last number told in what a child wrote between the lines of the test program.
fn last_told(output: &[u8]) -> Option<u32> {
    let mut told = output
        .windows(12)
        .filter_map(|window| window.strip_prefix(b"\0written"));
    told.next_back()
        .and_then(|number| Some(u32::from_le_bytes(*number.first_chunk()?)))
}

#[test]
fn a_kill_at_any_instant_leaves_the_old_or_the_new_file_whole() {
    if let Some(path) = std::env::var_os(CHILD) {
        let fault = write_until_killed(Path::new(&path));
        panic!("it ended by itself: {fault:?}");
    }
    let folder = temporary();
    let mut present = 0;
    for round in 0..60_u32 {
        let mut child = Command::new(this_program())
            .args([
                "--exact",
                &full_name("a_kill_at_any_instant_leaves_the_old_or_the_new_file_whole"),
                "--nocapture",
            ])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a child");
        let mut stdout = child.stdout.take().expect("its output");
        let mut output = Vec::new();
        let wanted = present + 1 + round % 3;
        let mut piece = [0; 512];
        while last_told(&output).is_none_or(|told| told < wanted) {
            let length = stdout.read(&mut piece).expect("readable");
            assert!(
                length > 0,
                "it ended early: {}",
                String::from_utf8_lossy(&output)
            );
            output.extend_from_slice(piece.get(..length).unwrap_or_default());
        }
        // Each round a little later into the next write.
        let (since, delay) = (Instant::now(), Duration::from_micros(u64::from(round) * 41));
        while since.elapsed() < delay {
            std::hint::spin_loop();
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        stdout.read_to_end(&mut output).expect("readable");
        let told = last_told(&output).expect("a number");

        let state = Folder::open(folder.path()).expect("free again");
        let bytes = state
            .read_startup()
            .expect("readable")
            .expect("a startup-config");
        present = number_of(&bytes).expect("whole");
        assert!(
            present == told || present == told + 1,
            "told {told}, found {present}"
        );
        let mut earlier: Vec<u32> = (1..=5)
            .filter_map(|number| {
                fs::read(folder.path().join(format!("startup-config.{number}"))).ok()
            })
            .map(|bytes| number_of(&bytes).expect("whole"))
            .collect();
        earlier.retain(|number| *number != present);
        let least: Vec<u32> = (present.saturating_sub(4).max(1)..present).rev().collect();
        assert_eq!(
            earlier.get(..least.len()),
            Some(&*least),
            "beside {present}"
        );
    }
}
