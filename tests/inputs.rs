//! The inputs of this host in the real program: what it leaves behind when it leaves and when it is killed, and a reader of
//! the journal that the tests bring along. Everything stays on loopback and in folders of the tests' own.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Long enough for a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

/// A folder for everything, and what receives.
struct Place {
    folder: tempfile::TempDir,
    receiver: UdpSocket,
}

/// A running program that takes lines.
struct Device {
    child: Child,
    lines: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Drop for Device {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().expect("it ends");
    }
}

impl Place {
    fn new() -> Self {
        let receiver = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        receiver.set_read_timeout(Some(LIMIT)).expect("a limit");
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, receiver }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn append(&self, name: &str, text: &str) {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).open(self.path(name));
        file.expect("a file")
            .write_all(text.as_bytes())
            .expect("written");
    }

    fn wait_for(&self, name: &str) {
        let until = Instant::now() + LIMIT;
        while !self.path(name).exists() {
            assert!(Instant::now() < until, "there is no {name}");
            std::thread::yield_now();
        }
    }

    /// Starts the program with these inputs, and waits until they are in force.
    fn start(&self, inputs: &[String]) -> Device {
        let mut path = std::ffi::OsString::from(self.folder.path());
        path.push(":/usr/bin:/bin");
        let mut child = Command::new(env!("CARGO_BIN_EXE_watchfire"))
            .arg("--state")
            .arg(self.path("state"))
            .arg("--input-root")
            .arg(self.folder.path())
            .env("PATH", path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        let lines = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut device = Device {
            child,
            lines,
            output,
        };
        let port = self.receiver.local_addr().expect("an address").port();
        device.say("configure terminal");
        device.say("logging trap debugging");
        device.say(&format!("logging host 127.0.0.1 transport udp port {port}"));
        for input in inputs {
            device.say(&format!("logging input {input}"));
        }
        device.say("end");
        device.say("show logging input");
        for _ in inputs {
            device.read_until("received");
        }
        device
    }

    /// Texts of the next messages from inputs, up to the one that is `last`.
    fn heard_until(&self, last: &str) -> Vec<String> {
        let mut room = vec![0; 65_536];
        let mut heard = Vec::new();
        loop {
            let length = self.receiver.recv(&mut room).expect("a message in time");
            let line = String::from_utf8_lossy(room.get(..length).unwrap_or_default()).into_owned();
            if let Some((_, text)) = line.split_once("-MSG: ") {
                heard.push(text.to_owned());
                if text == last {
                    return heard;
                }
            }
        }
    }
}

impl Device {
    fn say(&mut self, line: &str) {
        let lines = self.lines.as_mut().expect("it listens");
        writeln!(lines, "{line}").expect("it listens");
        lines.flush().expect("it listens");
    }

    fn read_until(&mut self, text: &str) -> String {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            let length = self.output.read_line(&mut line).expect("its output");
            assert!(length > 0, "it ended before it said {text}");
        }
        line
    }

    fn leave(mut self) {
        drop(self.lines.take());
        assert!(self.child.wait().expect("it ends").success());
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn leaving_is_exact_and_leaves_no_socket() {
    let place = Place::new();
    place.append("app.log", "old\n");
    let inputs = [
        format!("file {}", text(&place.path("app.log"))),
        format!("unix {}", text(&place.path("log"))),
    ];
    let device = place.start(&inputs);
    place.append("app.log", "app: one\napp: two\n");
    assert_eq!(place.heard_until("two"), ["one", "two"]);
    let sender = UnixDatagram::unbound().expect("a socket");
    sender
        .send_to(b"<13>app: three", place.path("log"))
        .expect("sent");
    assert_eq!(place.heard_until("three"), ["three"]);
    device.leave();
    assert!(!place.path("log").exists());
    place.append("app.log", "app: four\n");
    let device = place.start(&inputs);
    place.append("app.log", "app: five\n");
    assert_eq!(place.heard_until("five"), ["four", "five"]);
    device.leave();
}

#[test]
fn after_a_kill_nothing_of_a_file_is_missing_and_a_dead_socket_is_replaced() {
    let place = Place::new();
    place.append("app.log", "");
    let inputs = [
        format!("file {}", text(&place.path("app.log"))),
        format!("unix {}", text(&place.path("log"))),
    ];
    let mut before = 0;
    for round in 1..=3 {
        let device = place.start(&inputs);
        place.append("app.log", &format!("app: {round} up\n"));
        let heard = place.heard_until(&format!("{round} up"));
        let wanted = format!("{before} down");
        assert!(before == 0 || heard.contains(&wanted), "{heard:?}");
        // That a file was met at all is written down at once, by a thread that nobody waits for.
        place.wait_for("state/input-places");
        drop(device);
        assert!(place.path("log").exists(), "killed");
        place.append("app.log", &format!("app: {round} down\n"));
        before = round;
    }
    let device = place.start(&inputs);
    let sender = UnixDatagram::unbound().expect("a socket");
    sender
        .send_to(b"<13>app: heard", place.path("log"))
        .expect("somebody listens");
    place.heard_until("heard");
    device.leave();
}

#[test]
fn the_journal_is_read_by_the_reader_on_the_path() {
    let place = Place::new();
    let reader = place.path("journalctl");
    let folder = place.folder.path().display();
    let script = format!(
        "#!/bin/sh\necho \"$@\" >>{folder}/arguments\nexec tail -n +1 -f {folder}/entries\n"
    );
    fs::write(&reader, script).expect("a program");
    fs::set_permissions(&reader, fs::Permissions::from_mode(0o755)).expect("a mode");
    place.append("entries", "");
    let mut device = place.start(&["journal".to_owned()]);
    place.append(
        "entries",
        "{\"__CURSOR\":\"c1\",\"MESSAGE\":\"one\",\"SYSLOG_IDENTIFIER\":\"app\",\"__REALTIME_TIMESTAMP\":\"1772390771123456\"}\n",
    );
    assert_eq!(place.heard_until("one"), ["one"]);
    device.say("show logging input");
    let line = device.read_until("Logging input journal");
    assert!(
        line.ends_with(": following, read until 18:46:11.123 UTC Sun Mar 1 2026\n"),
        "{line}"
    );
    device.leave();
    let device = place.start(&["journal".to_owned()]);
    // The reader has said what it was asked for before it prints.
    place.append(
        "entries",
        "{\"__CURSOR\":\"c2\",\"MESSAGE\":\"two\",\"SYSLOG_IDENTIFIER\":\"app\"}\n",
    );
    place.heard_until("two");
    let arguments = fs::read_to_string(place.path("arguments")).expect("arguments");
    let last = arguments.lines().last().unwrap_or_default();
    assert!(last.ends_with("--after-cursor=c1"), "{last}");
    device.leave();
}
