//! A process that is killed in the middle of its work: what a session with a queue on disk had accepted arrives when the
//! next one runs (C5b.6); and one that ends by itself: what it said is where it should be. Real processes, real sockets on
//! loopback; ends are waited for as events.

mod bench;
#[path = "../loopback/ports.rs"]
mod ports;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, UdpSocket};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bench::{Daemon, Got, PATIENCE, Receiver, connect, count, folder, free, session};

#[test]
fn what_was_accepted_before_a_kill_arrives_after_it() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let receiver_at = listener.local_addr().expect("its address");
    let receiver = Receiver::open(listener);
    let input = free();
    let (_folder, state) = folder(input, receiver_at, "");
    let mut highest = 0;
    for round in 0..3 {
        let mut daemon = Daemon::start(&state);
        let mut sender = connect(input);
        let sent = Arc::new(Mutex::new(()));
        let busy = sent.clone();
        let load = std::thread::spawn(move || {
            let _busy = busy.lock();
            // Until the daemon is gone.
            for n in 0_u64.. {
                let line = format!("<189>%TST-5-TAG: round {round} message {n}\n");
                if sender.write_all(line.as_bytes()).is_err() {
                    return;
                }
            }
        });
        let wanted = receiver.lines().len() + 5000;
        receiver.wait("a load", |got| got.lines.len() >= wanted);
        daemon.kill();
        load.join().expect("the load ends");
        highest = receiver
            .lines()
            .keys()
            .last()
            .copied()
            .unwrap_or_default()
            .max(highest);
    }
    let mut daemon = Daemon::start(&state);
    let host = session(&state, "an empty queue", |host| {
        count(host, "queued") == 0 && count(host, "message_lines_logged") > 0
    });
    assert_eq!(count(&host, "overflowed"), 0);
    assert_eq!(
        count(&host, "message_lines_logged") + count(&host, "queued"),
        count(&host, "received")
    );
    // What the session says it delivered was taken by our own kernel; reading takes a moment.
    let last = |got: &Got| got.lines.keys().last().copied().unwrap_or_default();
    let before = receiver.lines().len();
    receiver.wait("everything", |got| {
        got.lines.len() as u64 == last(got) && got.lines.len() >= before
    });
    let lines = receiver.lines();
    assert!(lines.len() as u64 >= highest);
    let numbers: Vec<u64> = lines.keys().copied().collect();
    assert_eq!(
        numbers,
        (1..=lines.len() as u64).collect::<Vec<_>>(),
        "every number arrives, and each is one message"
    );
    assert_eq!(daemon.stop(), Some(0));
}

/// The queue is in memory; a place is kept up to what has been delivered (D143).
#[test]
fn what_a_file_input_had_read_before_a_kill_arrives_after_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    std::fs::create_dir(&state).expect("a state folder");
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o700)).expect("ours alone");
    let log = folder.path().join("app.log");
    std::fs::write(&log, "").expect("a file");
    // Little is taken there that nobody reads.
    let stalled = TcpListener::bind("127.0.0.1:0").expect("a listener");
    socket2::SockRef::from(&stalled)
        .set_recv_buffer_size(64 << 10)
        .expect("a small buffer");
    let at = stalled.local_addr().expect("its address");
    let startup = format!(
        "logging input file {}\nlogging trap debugging\nlogging host 127.0.0.1 transport tcp port {} sequence-num-session\n",
        log.display(),
        at.port()
    );
    std::fs::write(state.join("startup-config"), startup).expect("a startup-config");
    let start = || {
        let child = Command::new(env!("CARGO_BIN_EXE_watchfire"))
            .arg("--state")
            .arg(&state)
            .arg("--input-root")
            .arg(folder.path())
            .arg("daemon")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        Daemon(child)
    };
    let mut daemon = start();
    session(&state, "a link", |host| {
        host.get("link_up").is_some_and(|up| up == true)
    });
    let (most, filler) = (20_000, "x".repeat(400));
    let text: String = (0..most)
        .map(|n| format!("<189>%TST-5-TAG: message {n} {filler}\n"))
        .collect();
    std::fs::OpenOptions::new()
        .append(true)
        .open(&log)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .expect("written");
    let (stream, _) = stalled.accept().expect("the connection");
    session(&state, "much waits", |host| count(host, "queued") > 500);
    let place = || {
        let bytes = std::fs::read(state.join("input-places")).ok()?;
        let places: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        let files = places.get("files")?.get(log.to_str()?)?.as_array()?;
        files.last()?.get("offset")?.as_u64()
    };
    let number = |text: &str| -> Option<usize> {
        let (_, rest) = text.split_once("message ")?;
        let (number, text) = rest.split_once(' ')?;
        (text.trim_end() == filler).then_some(number)?.parse().ok()
    };
    let mut before = BTreeMap::new();
    // The place follows what is read there, and stands before all that waits.
    let begun = place();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while before.len() < 4000 {
        let line = lines.next().expect("more lines");
        before.extend(number(&line).map(|number| (number, 1)));
    }
    let until = Instant::now() + PATIENCE;
    while place() == begun {
        assert!(Instant::now() < until, "the place stays at {begun:?}");
        std::thread::yield_now();
    }
    daemon.kill();
    // What its host had taken it can read now; the last line may be cut.
    for line in lines {
        before.extend(number(&line).map(|number| (number, 1)));
    }
    assert!(before.len() < most, "it was stalled");
    let receiver = Receiver::open(stalled);
    let mut daemon = start();
    let texts = |got: &Got| -> BTreeMap<usize, usize> {
        let mut texts = before.clone();
        let numbers = got.lines.values().filter_map(|(text, _)| number(text));
        numbers.for_each(|number| *texts.entry(number).or_insert(0) += 1);
        texts
    };
    receiver.wait("every line", |got| texts(got).len() == most);
    let got = texts(&receiver.got.0.lock().expect("nobody panics"));
    assert!(got.values().all(|times| *times <= 2), "bounded repeats");
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn what_waited_for_a_dead_receiver_is_there_after_a_kill_and_counts_as_queued() {
    let (input, receiver_at) = (free(), free());
    let (_folder, state) = folder(input, receiver_at, "");
    let mut daemon = Daemon::start(&state);
    let mut sender = connect(input);
    for n in 0..2000 {
        sender
            .write_all(format!("<189>%TST-5-TAG: message {n}\n").as_bytes())
            .expect("written");
    }
    let host = session(&state, "all are on disk", |host| {
        count(host, "received") >= 2000 && count(host, "waiting_for_disk") == 0
    });
    let queued = count(&host, "queued");
    assert_eq!(
        host.get("queue").and_then(|kept| kept.as_str()),
        Some("disk")
    );
    daemon.kill();
    let mut daemon = Daemon::start(&state);
    let host = session(&state, "they are there again", |host| {
        count(host, "queued") >= queued
    });
    assert!(count(&host, "restored") >= queued, "{host}");
    let receiver = Receiver::open(TcpListener::bind(receiver_at).expect("the same port"));
    receiver.wait("everything", |got| got.lines.len() as u64 >= queued);
    assert!(
        receiver.lines().values().all(|(_, times)| *times == 1),
        "none may have left before"
    );
    // Leaving waits for nothing that is kept.
    let begun = Instant::now();
    assert_eq!(daemon.stop(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_disk_that_takes_nothing_costs_no_message() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let receiver_at = listener.local_addr().expect("its address");
    let input = free();
    let (_folder, state) = folder(input, receiver_at, "");
    // No file grows beyond 64 KiB: SQLite's log is longer after a few messages.
    let child = Command::new("sh")
        .args(["-c", "ulimit -f 64; exec \"$0\" --state \"$1\" daemon"])
        .arg(env!("CARGO_BIN_EXE_watchfire"))
        .arg(&state)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut daemon = Daemon(child);
    let mut sender = connect(input);
    let mut send = |from: usize, to: usize| {
        for n in from..to {
            let line = format!("<189>%TST-5-TAG: message {n}\n");
            sender.write_all(line.as_bytes()).expect("written");
        }
    };
    send(0, 2000);
    let host = session(&state, "the disk is full", |host| {
        count(host, "received") >= 2000 && host.get("queue").is_some_and(|kept| kept == "memory")
    });
    assert!(
        host.get("disk_fault")
            .is_some_and(|fault| fault.is_string()),
        "{host}"
    );
    send(2000, 3000);
    let receiver = Receiver::open(listener);
    receiver.wait("everything", |got| got.lines.len() >= 3000);
    let host = session(&state, "an empty queue", |host| count(host, "queued") == 0);
    assert_eq!(count(&host, "overflowed"), 0);
    assert_eq!(
        count(&host, "message_lines_logged"),
        count(&host, "received")
    );
    let begun = Instant::now();
    assert_eq!(daemon.stop(), Some(0));
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "leaving waits for a disk that takes nothing"
    );
}

#[test]
fn a_damaged_file_of_queues_is_set_aside_and_the_daemon_starts() {
    let (input, receiver_at) = (free(), free());
    let messages = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    messages
        .set_read_timeout(Some(PATIENCE))
        .expect("a timeout");
    let port = messages.local_addr().expect("its address").port();
    let (_folder, state) = folder(
        input,
        receiver_at,
        &format!("logging host 127.0.0.1 transport udp port {port}\n"),
    );
    std::fs::write(
        state.join("queues.sqlite"),
        "no file of queues".repeat(1000),
    )
    .expect("a file");
    let mut daemon = Daemon::start(&state);
    let mut room = [0; 8192];
    loop {
        let length = messages.recv(&mut room).expect("a message in time");
        let line = String::from_utf8_lossy(&room[..length]).into_owned();
        if line.contains("%SYS-3-LOGGER_SPOOL: Queues on disk were damaged") {
            assert!(line.contains("queues.sqlite.damaged-1"), "{line}");
            break;
        }
    }
    assert!(state.join("queues.sqlite.damaged-1").exists());
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn what_a_script_said_is_in_the_files_of_the_log_when_it_has_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let lines = [
        "configure terminal",
        "logging persistent",
        "end",
        "send log 3 the last word",
    ];
    let ended = Command::new(env!("CARGO_BIN_EXE_watchfire"))
        .arg("--state")
        .arg(&state)
        .args(lines.iter().flat_map(|line| ["-c", line]))
        .status()
        .expect("the program starts");
    assert!(ended.success());
    let files = std::fs::read_dir(state.join("disk0")).expect("the folder of files");
    let written: String = files
        .map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("text"))
        .collect();
    assert!(written.contains("the last word"), "{written}");
}

#[test]
fn a_panic_leaves_a_crash_file() {
    let folder = tempfile::tempdir().expect("a folder for a test");
    let state = watchfire::state::Folder::open(&folder.path().join("state")).expect("a folder");
    watchfire::run::keep_crashes(&state).expect("a descriptor");
    let ended = std::panic::catch_unwind(|| panic!("a part of it broke"));
    assert!(ended.is_err());
    let crash = state.crash().expect("readable").expect("a crash file");
    assert!(crash.contains("\nReason: a part of it broke\n"), "{crash}");
    assert!(crash.contains("\nPlace: tests/kill/main.rs:"), "{crash}");
    assert!(crash.contains("\nTraceback:\n"), "{crash}");
}
