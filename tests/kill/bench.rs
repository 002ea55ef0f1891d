//! What tests of kills share: a daemon that can be killed, a receiver that counts what arrives, a state folder.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::ports;

/// What is waited for longer than this does not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A daemon on a state folder; killed when it is dropped.
pub(crate) struct Daemon(pub(crate) Child);

impl Daemon {
    pub(crate) fn start(state: &Path) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_watchfire"))
            .arg("--state")
            .arg(state)
            .arg("daemon")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        Self(child)
    }

    /// SIGKILL; gone when it returns.
    pub(crate) fn kill(&mut self) {
        self.0.kill().expect("it is killed");
        self.0.wait().expect("it ends");
    }

    /// SIGTERM, and how it ended.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        let id = i32::try_from(self.0.id()).expect("a process");
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), nix::sys::signal::SIGTERM)
            .expect("it is told");
        self.0.wait().expect("it ends").code()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}

/// What a command prints on the running daemon; `None` while there is none.
pub(crate) fn attached(state: &Path, line: &str) -> Option<serde_json::Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_watchfire"))
        .arg("--state")
        .arg(state)
        .args(["attach", "-c", line])
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    serde_json::from_slice(&output.stdout).ok()
}

/// The one session of a daemon, once it is as it should be.
pub(crate) fn session(
    state: &Path,
    what: &str,
    is_so: impl Fn(&serde_json::Value) -> bool,
) -> serde_json::Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let found = attached(state, "show logging | json");
        let host = found
            .as_ref()
            .and_then(|view| view.pointer("/trap/hosts/0"));
        match host {
            Some(host) if is_so(host) => return host.clone(),
            _ => assert!(Instant::now() < until, "not in time: {what}: {host:?}"),
        }
    }
}

pub(crate) fn count(host: &serde_json::Value, name: &str) -> u64 {
    host.get(name)
        .and_then(serde_json::Value::as_u64)
        .unwrap_or_else(|| panic!("{name} in {host}"))
}

/// A receiver that takes lines from whoever connects, as long as it is open.
pub(crate) struct Receiver {
    pub(crate) got: Arc<(Mutex<Got>, Condvar)>,
}

#[derive(Default)]
pub(crate) struct Got {
    /// By the session's number: the text, and how often it came.
    pub(crate) lines: BTreeMap<u64, (String, usize)>,
    streams: Vec<TcpStream>,
    closed: bool,
}

impl Receiver {
    pub(crate) fn open(listener: TcpListener) -> Self {
        let got: Arc<(Mutex<Got>, Condvar)> = Arc::default();
        let shared = got.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                {
                    let mut got = shared.0.lock().expect("nobody panics");
                    if got.closed {
                        return;
                    }
                    got.streams.push(stream.try_clone().expect("one more end"));
                }
                let shared = shared.clone();
                std::thread::spawn(move || read(stream, &shared));
            }
        });
        Self { got }
    }

    pub(crate) fn wait(&self, what: &str, is_so: impl Fn(&Got) -> bool) {
        let (got, changed) = &*self.got;
        let got = got.lock().expect("nobody panics");
        let (got, waited) = changed
            .wait_timeout_while(got, PATIENCE, |got| !is_so(got))
            .expect("nobody panics");
        assert!(
            !waited.timed_out(),
            "not in time: {what}: {} lines",
            got.lines.len()
        );
    }

    pub(crate) fn lines(&self) -> BTreeMap<u64, (String, usize)> {
        self.got.0.lock().expect("nobody panics").lines.clone()
    }
}

pub(crate) fn read(stream: TcpStream, shared: &(Mutex<Got>, Condvar)) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    // A line that a kill cut short has no end, and is sent again whole.
    while reader.read_line(&mut line).is_ok_and(|length| length > 0) && line.ends_with('\n') {
        let number = line
            .split_once("s_sn=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .and_then(|(number, _)| number.parse::<u64>().ok());
        let text = line
            .split_once('%')
            .map_or("", |(_, text)| text)
            .trim_end()
            .to_owned();
        if let Some(number) = number {
            let (got, changed) = shared;
            let mut got = got.lock().expect("nobody panics");
            let (known, times) = got.lines.entry(number).or_insert((text.clone(), 0));
            assert_eq!(*known, text, "number {number} is one message");
            *times += 1;
            changed.notify_all();
        }
        line.clear();
    }
}

/// A state folder whose configuration has an input and a session to a receiver.
pub(crate) fn folder(
    input: SocketAddr,
    receiver: SocketAddr,
    more: &str,
) -> (tempfile::TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    std::fs::create_dir(&state).expect("a state folder");
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o700)).expect("ours alone");
    let startup = format!(
        "logging input tcp port {}\nlogging trap debugging\n{more}logging host 127.0.0.1 transport tcp port {} sequence-num-session queue disk 64\n",
        input.port(),
        receiver.port()
    );
    std::fs::write(state.join("startup-config"), startup).expect("a startup-config");
    (folder, state)
}

pub(crate) fn free() -> SocketAddr {
    ([127, 0, 0, 1], ports::free()).into()
}

pub(crate) fn connect(at: SocketAddr) -> TcpStream {
    let until = Instant::now() + PATIENCE;
    loop {
        match TcpStream::connect(at) {
            Ok(stream) => return stream,
            Err(error) => assert!(Instant::now() < until, "no input: {error}"),
        }
        std::thread::yield_now();
    }
}
