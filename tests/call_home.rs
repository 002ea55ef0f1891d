//! Call-home messages and a process that is killed: what was accepted for sending arrives, at least once, when the receiver is
//! back, and what repeats carries its first id. Real processes, real sockets on loopback; ends are waited for as events.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// What is waited for longer than this does not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A daemon on a state folder; killed when it is dropped.
struct Daemon(Child);

impl Daemon {
    fn start(state: &Path) -> Self {
        let child = program(state)
            .arg("daemon")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Self(child.expect("the program starts"))
    }

    /// SIGKILL; gone when it returns.
    fn kill(&mut self) {
        self.0.kill().expect("it is killed");
        self.0.wait().expect("it ends");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}

fn program(state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchfire"));
    command.arg("--state").arg(state);
    command
}

/// What a command prints on the running daemon; nothing while there is none.
fn attached(state: &Path, line: &str) -> String {
    let output = program(state)
        .args(["attach", "-c", line])
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn statistics(state: &Path) -> Option<serde_json::Value> {
    serde_json::from_str(&attached(state, "show call-home statistics | json")).ok()
}

/// Waits until the daemon counts what is wanted.
fn wait(state: &Path, what: &str, is_so: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let found = statistics(state);
        match found {
            Some(found) if is_so(&found) => return found,
            _ => assert!(Instant::now() < until, "not in time: {what}: {found:?}"),
        }
    }
}

fn count(of: &serde_json::Value, name: &str) -> u64 {
    of.get(name)
        .and_then(serde_json::Value::as_u64)
        .unwrap_or_else(|| panic!("{name} in {of}"))
}

/// How a receiver behaves.
#[derive(Clone, Copy, Debug)]
enum Mood {
    /// It hangs up at once.
    Gone,
    /// It says that it cannot take anything now.
    Busy,
    /// It takes a message and is gone before it says so.
    Silent,
    Well,
}

/// A collector that comes and goes.
struct Receiver {
    at: SocketAddr,
    shared: Arc<(Mutex<Shared>, Condvar)>,
}

struct Shared {
    mood: Mood,
    signs: usize,
    /// By the message's own id: its text, and how often it came.
    taken: BTreeMap<String, (String, usize)>,
}

impl Receiver {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let at = listener.local_addr().expect("its address");
        let shared = Shared {
            mood: Mood::Well,
            signs: 0,
            taken: BTreeMap::new(),
        };
        let shared = Arc::new((Mutex::new(shared), Condvar::new()));
        let inside = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let inside = inside.clone();
                std::thread::spawn(move || serve(&stream, &inside));
            }
        });
        Self { at, shared }
    }

    fn set(&self, mood: Mood) {
        self.shared.0.lock().expect("nobody panics").mood = mood;
    }

    /// How often anything came so far: a connection, or a message.
    fn signs(&self) -> usize {
        self.shared.0.lock().expect("nobody panics").signs
    }

    /// Waits until more came than that.
    fn wait_for_more_than(&self, signs: usize) {
        let (shared, changed) = &*self.shared;
        let shared = shared.lock().expect("nobody panics");
        let (_shared, waited) = changed
            .wait_timeout_while(shared, PATIENCE, |shared| shared.signs <= signs)
            .expect("nobody panics");
        assert!(!waited.timed_out(), "nothing comes");
    }

    fn taken(&self) -> BTreeMap<String, (String, usize)> {
        self.shared.0.lock().expect("nobody panics").taken.clone()
    }
}

fn serve(stream: &TcpStream, shared: &(Mutex<Shared>, Condvar)) {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    {
        let mut shared_now = shared.0.lock().expect("nobody panics");
        shared_now.signs += 1;
        shared.1.notify_all();
        if matches!(shared_now.mood, Mood::Gone) {
            return;
        }
    }
    loop {
        let (mut length, mut line) = (0, String::new());
        while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
            if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = text.trim().parse().unwrap_or(0);
            }
            line.clear();
        }
        let mut body = vec![0; length];
        // What a kill cut short was not taken.
        if length == 0 || reader.read_exact(&mut body).is_err() {
            return;
        }
        let body = String::from_utf8(body).expect("UTF-8");
        let changed = &shared.1;
        let mut shared = shared.0.lock().expect("nobody panics");
        shared.signs += 1;
        changed.notify_all();
        let mood = shared.mood;
        if matches!(mood, Mood::Silent | Mood::Well) {
            let id = body
                .split_once("<aml-session:MessageId>")
                .and_then(|(_, rest)| rest.split_once('<'))
                .map(|(id, _)| id.to_owned())
                .expect("a message has an id");
            let taken = shared.taken.entry(id).or_insert((body.clone(), 0));
            assert_eq!(taken.0, body, "what repeats is the same message");
            taken.1 += 1;
        }
        drop(shared);
        let answer = match mood {
            Mood::Gone | Mood::Silent => return,
            Mood::Busy => "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
            Mood::Well => "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        };
        if writer.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// A state folder whose configuration sends inventories there.
fn folder(receivers: &[&Receiver]) -> (tempfile::TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    std::fs::create_dir(&state).expect("a state folder");
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o700)).expect("ours alone");
    let mut startup = "service call-home\ncall-home\n contact-email-addr noc@example.com\n rate-limit 60\n profile ops\n  destination transport-method http\n".to_owned();
    for receiver in receivers {
        startup.push_str(&format!(
            "  destination address http http://{}/in\n",
            receiver.at
        ));
    }
    startup.push_str("  subscribe-to-alert-group inventory\n");
    std::fs::write(state.join("startup-config"), startup).expect("a startup-config");
    (folder, state)
}

const SEND: &str = "call-home send alert-group inventory";

/// How many destinations have accepted a message for sending: it was delivered, or is tried again.
fn accepted(lines: &str) -> usize {
    let is_accepted =
        |line: &&str| *line == "INFO: Succeeded" || line.ends_with(", it is tried again");
    lines.lines().filter(is_accepted).count()
}

#[test]
fn what_was_accepted_before_a_kill_arrives_after_it_with_its_first_id() {
    let (one, two) = (Receiver::open(), Receiver::open());
    let (_folder, state) = folder(&[&one, &two]);
    let mut promised = 0;
    let moods = [
        (Mood::Busy, Mood::Well),
        (Mood::Silent, Mood::Gone),
        (Mood::Gone, Mood::Busy),
        (Mood::Well, Mood::Silent),
    ];
    for (first, second) in moods {
        let mut daemon = Daemon::start(&state);
        wait(&state, "a daemon", |_| true);
        one.set(first);
        two.set(second);
        for _ in 0..2 {
            let lines = attached(&state, SEND);
            assert_eq!(accepted(&lines), 2, "{lines}");
            promised += 1;
        }
        // One more is in the middle of its way.
        let before = one.signs();
        let busy = std::thread::spawn({
            let state = state.clone();
            move || attached(&state, SEND)
        });
        one.wait_for_more_than(before);
        daemon.kill();
        let lines = busy.join().expect("it ends");
        promised += usize::from(accepted(&lines) == 2);
    }
    one.set(Mood::Well);
    two.set(Mood::Well);
    let _daemon = Daemon::start(&state);
    let found = wait(&state, "an empty outbox", |found| {
        count(found, "accepted") > 0 && count(found, "waiting") == 0
    });
    assert_eq!(count(&found, "given_up"), 0);
    assert_eq!(count(&found, "accepted"), count(&found, "delivered"));
    let (first, second) = (one.taken(), two.taken());
    assert!(first.len() >= promised, "{} of {promised}", first.len());
    assert!(second.len() >= promised, "{} of {promised}", second.len());
    // One message for both, whatever became of the process that made it.
    let ids = |taken: &BTreeMap<String, (String, usize)>| taken.keys().cloned().collect::<Vec<_>>();
    assert_eq!(ids(&first), ids(&second));
    assert!(
        first.values().any(|(_, times)| *times > 1),
        "what was taken without an answer is said again"
    );
}

#[test]
fn what_a_script_has_sent_in_vain_the_next_process_delivers() {
    let receiver = Receiver::open();
    let (_folder, state) = folder(&[&receiver]);
    receiver.set(Mood::Busy);
    let output = program(&state)
        .args(["-c", SEND])
        .output()
        .expect("the program");
    assert_eq!(output.status.code(), Some(1));
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(accepted(&lines), 1, "{lines}");
    receiver.set(Mood::Well);
    let _daemon = Daemon::start(&state);
    wait(&state, "the message", |found| {
        count(found, "delivered") == 1
    });
    assert_eq!(receiver.taken().len(), 1);
    let mode = |name: &str| {
        use std::os::unix::fs::PermissionsExt;
        let found = std::fs::metadata(state.join(name)).expect("it is there");
        found.permissions().mode() & 0o777
    };
    assert_eq!(mode("call-home.sqlite"), 0o600);
}
