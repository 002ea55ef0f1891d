//! A device on the bench: fixed facts, a virtual clock, a state folder that vanishes, the syslog room in rehearsal. No
//! network, no thread, no time that passes by itself.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, OnceLock};

use super::rehearsal::Rehearsal;
use chrono::{TimeZone, Utc};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::watch;
use watchfire::call_home::api::{self as call_home, CallHome};
use watchfire::call_home::schedules::Schedules;
use watchfire::config::{Published, TakenOver};
use watchfire::device::FixedFacts;
use watchfire::device::clock::VirtualClock;
use watchfire::exec::owner::Owner;
use watchfire::exec::{Caller, Chassis};
use watchfire::message::{Own, Say};
use watchfire::net::only_to::OnlyTo;
use watchfire::shell::{Io, Next, Opening, Session, Start, merge};
use watchfire::state::Folder;
use watchfire::syslog::api::Syslog;
use watchfire::trust::api::{Checks, Crls, KeptCrl, Which};
use watchfire::trust::certificate::Certificate;
use watchfire::trust::engine;
use watchfire::trust::names::{self, Finder};

/// A call-home room that does nothing and says so by ending at once; what it would send by the clock it plans.
pub(crate) struct Idle {
    taken_over: Arc<TakenOver>,
    schedules: Schedules,
    published: watch::Receiver<Published>,
}

impl CallHome for Idle {
    fn act(&self, _: call_home::Do) -> Receiver<call_home::Line> {
        mpsc::channel().1
    }

    fn status(&self) -> call_home::Status {
        call_home::Status::default()
    }

    fn schedules(&self) -> Vec<call_home::Scheduled> {
        self.schedules.take_over(&self.published.borrow().config);
        self.schedules.scheduled()
    }

    fn taken_over(&self) -> Arc<TakenOver> {
        self.taken_over.clone()
    }

    fn close(&self) {}
}

/// No revocation list is kept, and none can be fetched.
struct NoCrls;

impl Crls for NoCrls {
    fn kept(&self) -> Vec<KeptCrl> {
        Vec::new()
    }

    fn checks(&self) -> Checks {
        Checks::default()
    }

    fn clear(&self, _: &Which) -> usize {
        0
    }

    fn request(&self, trustpoint: &Arc<str>) -> Receiver<Result<String, String>> {
        let (lines, told) = mpsc::channel();
        let text = format!("Trustpoint {trustpoint} has no CA certificate");
        lines.send(Err(text)).expect("the receiver is at hand");
        told
    }
}

/// What the trust room says.
struct Voice(Arc<Rehearsal>);

impl Say for Voice {
    fn say(&self, message: Own) {
        self.0.say(message);
    }
}

/// Two of the public root set stand for all of it.
fn authorities() -> Arc<[Certificate]> {
    let names: [&[u8]; 2] = [b"ISRG Root X1", b"ISRG Root X2"];
    let has = |der: &[u8], name: &[u8]| der.windows(name.len()).any(|part| part == name);
    let mut found = Vec::new();
    for name in names {
        let of_name = webpki_root_certs::TLS_SERVER_ROOT_CERTS
            .iter()
            .filter(|der| has(der, name));
        found.extend(of_name.filter_map(|der| Certificate::read(der).ok()));
    }
    found.into()
}

/// Where the trust room lives, of all benches: no test waits for it but by its answers.
fn runtime() -> &'static Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let start = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime")
    };
    RUNTIME.get_or_init(start).handle()
}

fn start_of_time() -> chrono::DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 1, 18, 46, 11)
        .single()
        .expect("a time that exists")
}

/// A device and one Session on it.
pub(crate) struct Bench {
    pub(crate) chassis: Arc<Chassis>,
    pub(crate) syslog: Arc<Rehearsal>,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) session: Session,
    /// What was printed since the last look.
    printed: Vec<u8>,
    errors: Vec<u8>,
    folder: tempfile::TempDir,
}

impl Bench {
    /// A Session of a person (`is_terminal`) or a script, privileged or not, on a device with this startup-config.
    pub(crate) fn new(is_privileged: bool, is_terminal: bool, startup: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for a test");
        let state = Folder::open(&folder.path().join("state")).expect("a new state folder");
        let state = Arc::new(state);
        let (config, startup_errors, _) = merge::load(startup);
        let clock = Arc::new(VirtualClock::new(start_of_time()));
        let owner = Owner::new(config);
        let syslog = Arc::new(Rehearsal::new(
            clock.clone(),
            owner.subscribe(),
            state.clone(),
        ));
        let outside = engine::Outside {
            built_in: Some(authorities()),
            ..engine::Outside::new(
                state.clone(),
                clock.clone(),
                Arc::new(Voice(syslog.clone())),
                OnlyTo::anywhere(),
            )
        };
        let trust = engine::start(runtime(), owner.subscribe(), outside);
        let names = Finder::new(names::Outside {
            published: owner.subscribe(),
            clock: clock.clone(),
            facts: Arc::new(FixedFacts::default()),
            only_to: "127.0.0.0/8".parse().expect("a network"),
            port: names::PORT,
        });
        let facts = Arc::new(FixedFacts::default());
        let voice = Arc::new(Voice(syslog.clone()));
        let idle = Idle {
            taken_over: Arc::default(),
            schedules: Schedules::new(clock.clone(), facts.clone(), voice, None),
            published: owner.subscribe(),
        };
        let chassis = Arc::new(Chassis {
            owner,
            clock: clock.clone(),
            facts,
            history: Arc::default(),
            state,
            syslog: syslog.clone(),
            call_home: Arc::new(idle),
            crls: Arc::new(NoCrls),
            trust,
            names,
            startup_errors: Mutex::new(startup_errors),
            last_change: Mutex::default(),
        });
        let session = session(&chassis, is_privileged, is_terminal);
        Self {
            chassis,
            syslog,
            clock,
            session,
            printed: Vec::new(),
            errors: Vec::new(),
            folder,
        }
    }

    pub(crate) fn person() -> Self {
        Self::new(true, true, "")
    }

    pub(crate) fn script() -> Self {
        Self::new(true, false, "")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Does something with the Session and its streams.
    pub(crate) fn with<T>(&mut self, work: impl FnOnce(&mut Session, &mut Io<'_>) -> T) -> T {
        let interrupt = AtomicBool::new(false);
        let mut io = Io {
            out: &mut self.printed,
            err: &mut self.errors,
            interrupt: &interrupt,
        };
        work(&mut self.session, &mut io)
    }

    /// Types a line; what it printed.
    pub(crate) fn type_line(&mut self, line: &str) -> String {
        self.with(|session, io| session.feed(line, io));
        self.take_printed()
    }

    /// Types lines; what they all printed.
    pub(crate) fn type_lines(&mut self, lines: &[&str]) -> String {
        lines.iter().map(|line| self.type_line(line)).collect()
    }

    pub(crate) fn take_printed(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.printed)).into_owned()
    }

    pub(crate) fn take_errors(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.errors)).into_owned()
    }

    /// The running-config's lines that begin like this.
    pub(crate) fn configured(&mut self, beginning: &str) -> Vec<String> {
        let text = self
            .chassis
            .owner
            .with(|config| watchfire::config::render::render(config, false));
        text.lines()
            .filter(|line| line.starts_with(beginning))
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn prompt(&self) -> String {
        self.session.prompt()
    }

    pub(crate) fn next(&self) -> Next {
        self.session.next()
    }
}

/// One more Session on the same device.
pub(crate) fn session(chassis: &Arc<Chassis>, is_privileged: bool, is_terminal: bool) -> Session {
    let start = if is_privileged {
        Start::Scripted
    } else {
        Start::Interactive
    };
    Session::new(
        chassis.clone(),
        Opening {
            start,
            caller: caller(is_terminal),
            enables_freely: true,
            holds_engines: true,
        },
    )
}

/// A Session that came from outside: `enable` needs a password.
pub(crate) fn guest(chassis: &Arc<Chassis>) -> Session {
    guest_named(chassis, &caller(true).user)
}

pub(crate) fn guest_named(chassis: &Arc<Chassis>, user: &str) -> Session {
    let opening = Opening {
        start: Start::Interactive,
        caller: Caller {
            user: user.into(),
            ..caller(true)
        },
        enables_freely: false,
        holds_engines: false,
    };
    Session::new(chassis.clone(), opening)
}

pub(crate) fn caller(is_terminal: bool) -> Caller {
    Caller::of_this_host(is_terminal)
}
