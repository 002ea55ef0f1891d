//! The room as others see it: actions against a collector on loopback, its lines, messages and counters. No test waits for
//! anything but an event.

use chrono::DateTime;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use tokio::runtime::Runtime;

use super::super::api::{Availability, Statistics, Status};
use super::super::xml;
use super::*;
use crate::config::RunningConfig;
use crate::config::call_home::{
    self as model, AlertGroup, Format, HttpDestination, Methods, Profile, Subscription,
};
use crate::config::clock::{Clock as DeviceClock, Timezone};
use crate::device::FixedFacts;
use crate::device::clock::VirtualClock;
use crate::message::Own;
use crate::net::smtp_sink::Sink;
use nobody::Nobody;

/// A collector for so many posts on loopback: its URL, and the bodies it got.
fn collector(status: &'static str, posts: usize) -> (String, Receiver<String>) {
    answers(&vec![status; posts])
}

/// A collector that answers one post after the other, each on a connection of its own.
fn answers(statuses: &[&'static str]) -> (String, Receiver<String>) {
    let statuses = statuses.to_vec();
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let url = format!("http://{}/ddce", listener.local_addr().expect("bound"));
    let (bodies, received) = channel();
    thread::spawn(move || {
        for status in statuses {
            let (stream, _) = listener.accept().expect("a client");
            let mut reader = BufReader::new(&stream);
            let mut length = 0;
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                length = line
                    .strip_prefix("content-length: ")
                    .and_then(|n| n.trim().parse().ok())
                    .unwrap_or(length);
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            bodies.send(String::from_utf8(body).expect("UTF-8")).ok();
            write!(&stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").expect("an answer");
        }
    });
    (url, received)
}

#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    grown: Condvar,
}

impl Log {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until a line contains `text`; whether one did before the patience of a test was over.
    fn wait_for(&self, text: &str) -> bool {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = |lines: &mut Vec<String>| !lines.iter().any(|line| line.contains(text));
        let waited = self
            .grown
            .wait_timeout_while(lines, Duration::from_secs(10), missing);
        waited.is_ok_and(|(_, patience)| !patience.timed_out())
    }
}

impl Say for Log {
    fn say(&self, message: Own) {
        let Own {
            facility,
            severity,
            mnemonic,
            body,
        } = message;
        let line = format!("%{facility}-{}-{mnemonic}: {body}", severity.number());
        self.lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
        self.grown.notify_all();
    }
}

/// The one name there is.
fn localhost(host: &str) -> Vec<std::net::IpAddr> {
    let known = (host == "localhost").then_some([127, 0, 0, 1].into());
    known.into_iter().collect()
}

/// A device with one room.
struct Bench {
    runtime: Runtime,
    published: watch::Sender<Published>,
    log: Arc<Log>,
    clock: Arc<VirtualClock>,
    room: Arc<dyn CallHome>,
    /// `None` where nothing is kept on disk.
    state: Option<PathBuf>,
}

impl Bench {
    fn new(config: RunningConfig, only_to: &str) -> Self {
        let collect = |lines: &[Arc<str>]| {
            let output = |line: &Arc<str>| {
                (
                    line.to_string(),
                    format!("output of {line}\r\nenable password $9$a$b\n"),
                )
            };
            lines.iter().map(output).collect()
        };
        Self::with_collect(config, only_to, Arc::new(collect))
    }

    fn with_collect(config: RunningConfig, only_to: &str, collect: Collect) -> Self {
        Self::whole(config, only_to, collect, None)
    }

    /// With an outbox on disk.
    fn keeping(config: RunningConfig, only_to: &str, state: &Path) -> Self {
        Self::whole(
            config,
            only_to,
            Arc::new(|_| Vec::new()),
            Some(state.to_owned()),
        )
    }

    fn whole(
        config: RunningConfig,
        only_to: &str,
        collect: Collect,
        state: Option<PathBuf>,
    ) -> Self {
        let folder = state
            .as_ref()
            .map(|path| Arc::new(Folder::open(path).expect("a state folder")));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let (published, newest) = watch::channel(Published {
            generation: 1,
            config: Arc::new(config),
        });
        let log = Arc::new(Log::default());
        let clock = Arc::new(VirtualClock::new(
            DateTime::from_timestamp(1_889_965_205, 0).unwrap_or_default(),
        ));
        let outside = Outside {
            clock: clock.clone(),
            facts: Arc::new(FixedFacts {
                serial: Some("S1".to_owned()),
                ..FixedFacts::default()
            }),
            collect,
            say: Arc::clone(&log) as Arc<dyn Say>,
            only_to: only_to.parse().expect("networks"),
            names: Names::told_by(localhost, Duration::from_secs(300)),
            trust: Arc::new(Nobody::default()),
            state: folder,
        };
        let room = start(runtime.handle(), newest, outside);
        Self {
            runtime,
            published,
            log,
            clock,
            room,
            state,
        }
    }

    /// The process is killed and another one starts on the same state folder.
    fn again(self, config: RunningConfig, only_to: &str) -> Self {
        let Self {
            runtime,
            published,
            log,
            clock: _,
            room,
            state,
        } = self;
        drop((runtime, published, log, room));
        Self::whole(config, only_to, Arc::new(|_| Vec::new()), state)
    }

    /// The counters alone.
    fn counts(&self) -> Status {
        let status = self.room.status();
        let sums = &status.statistics;
        assert_eq!(
            sums.accepted,
            sums.delivered + sums.given_up + sums.waiting,
            "{sums:?}"
        );
        Status {
            statistics: Statistics::default(),
            mail_servers: Vec::new(),
            events: Vec::new(),
            ..status
        }
    }

    /// All lines of an action, to its end.
    fn lines(&self, action: Do) -> Vec<String> {
        self.room
            .act(action)
            .iter()
            .map(|line| line.to_string())
            .collect()
    }

    fn publish(&self, generation: u64, config: RunningConfig) -> bool {
        self.published.send_replace(Published {
            generation,
            config: Arc::new(config),
        });
        self.room
            .taken_over()
            .wait(generation, Duration::from_secs(10))
    }
}

/// A profile `ops` with these destinations, subscribed to the inventory; the feature is on.
fn config(urls: &[&str], change: impl FnOnce(&mut Profile)) -> RunningConfig {
    let destination = |url: &&str| HttpDestination {
        url: (*url).into(),
        reference_identity: None,
    };
    let mut profile = Profile {
        http: urls.iter().map(destination).collect(),
        methods: Some(Methods {
            http: true,
            email: false,
        }),
        ..Profile::default()
    };
    profile
        .subscriptions
        .groups
        .insert(AlertGroup::Inventory, Subscription::default());
    change(&mut profile);
    let mut call_home = model::CallHome {
        service: true,
        contact_email_addr: Some("noc@example.com".into()),
        ..Default::default()
    };
    call_home.profiles.insert("ops".into(), Arc::new(profile));
    RunningConfig {
        call_home: Arc::new(call_home),
        ..RunningConfig::default()
    }
}

fn test(text: Option<&str>) -> Do {
    Do::Test {
        text: text.map(str::to_owned),
        profile: "ops".into(),
    }
}

const LOOPBACK: &str = "127.0.0.0/8";
const SEND_INVENTORY: Do = Do::Send {
    group: AlertGroup::Inventory,
    profile: None,
};
const SEND_CONFIGURATION: Do = Do::Send {
    group: AlertGroup::Configuration,
    profile: None,
};

#[test]
fn a_test_arrives_and_everybody_is_told() {
    let (url, bodies) = collector("200 OK", 1);
    let bench = Bench::new(config(&[&url], |_| {}), LOOPBACK);
    assert_eq!(
        bench.lines(test(Some("hello <world>"))),
        [
            format!("INFO: Sending test message to {url}..."),
            "INFO: Succeeded".to_owned()
        ]
    );
    let texts = xml::tests::texts(&bodies.recv().expect("a message"));
    for (name, text) in [
        ("MessageDescription", "hello <world>"),
        ("MessageId", "M0:S1:70A69495"),
        ("GroupId", "G1:S1:70A69495"),
        ("Severity", "2"),
        ("Email", "noc@example.com"),
        ("DeviceId", "Watchfire@C@S1"),
        (
            "Data",
            "\noutput of show version\nenable password *****\nciscoasa#",
        ),
    ] {
        assert!(
            texts.contains(&(name.to_owned(), text.to_owned())),
            "{name} {text} in {texts:?}"
        );
    }
    assert_eq!(
        bench.counts(),
        Status {
            sent: 1,
            ..Status::default()
        }
    );
    assert_eq!(
        bench.log.take(),
        [
            "%ASA-5-120001: Call-Home Module started.".to_owned(),
            "%ASA-6-120003: Process event test hello <world>".to_owned(),
            format!("%ASA-6-120007: Message test to {url} delivered."),
        ]
    );
}

#[test]
fn messages_of_one_device_have_different_numbers() {
    let (url, bodies) = collector("204 No Content", 2);
    let bench = Bench::new(config(&[&url], |_| {}), LOOPBACK);
    for id in ["M0:S1:70A69495", "M2:S1:70A69495"] {
        assert_eq!(bench.lines(SEND_INVENTORY).len(), 2);
        assert!(bodies.recv().expect("a message").contains(id), "{id}");
    }
}

#[test]
fn one_dead_destination_does_not_keep_the_message_from_the_others() {
    let (refused, _bodies) = collector("500 Internal Server Error", 1);
    let (url, bodies) = collector("200 OK", 1);
    let bench = Bench::new(config(&[&refused, &url], |_| {}), LOOPBACK);
    let lines = bench.lines(SEND_INVENTORY);
    assert_eq!(
        lines,
        [
            &*format!("INFO: Sending inventory message to {refused}..."),
            "ERROR: Failed: HTTP_STATUS(500 Internal Server Error), it is tried again",
            &*format!("INFO: Sending inventory message to {url}..."),
            "INFO: Succeeded",
        ]
    );
    assert!(
        bodies
            .recv()
            .expect("a message")
            .contains("<ch-inv:Type>inventory</ch-inv:Type>")
    );
    assert_eq!(
        bench.counts(),
        Status {
            sent: 1,
            failed: 1,
            ..Status::default()
        }
    );
    let reason = "Reason HTTP_STATUS(500 Internal Server Error)";
    let said = format!("%ASA-4-120006: Delivering message inventory to {refused} failed. {reason}");
    assert!(bench.log.take().contains(&said));
}

#[test]
fn a_destination_gets_the_format_that_its_profile_prefers_at_the_devices_time() {
    let (url, bodies) = collector("200 OK", 1);
    let mut config = config(&[&url], |profile| profile.format = Some(Format::LongText));
    let timezone = Some(Timezone {
        name: "EET".into(),
        hours: 2,
        minutes: 0,
    });
    config.clock = Arc::new(DeviceClock {
        timezone,
        ..Default::default()
    });
    let bench = Bench::new(config, LOOPBACK);
    assert_eq!(bench.lines(test(None)).len(), 2);
    let body = bodies.recv().expect("a message");
    let first = "TimeStamp : 2029-11-21 16:20 GMT+02:00\nMessage Name : test\n";
    assert!(body.starts_with(first), "{body}");
}

#[test]
fn a_message_over_the_size_limit_arrives_in_several_documents() {
    let (url, bodies) = collector("200 OK", 2);
    let collect: Collect = Arc::new(|lines| {
        let output = |line: &Arc<str>| (line.to_string(), "x\n".repeat(600));
        lines.iter().map(output).collect()
    });
    let config = config(&[&url], |profile| profile.message_size_limit = Some(4_400));
    let bench = Bench::with_collect(config, LOOPBACK, collect);
    assert_eq!(
        bench.lines(test(None)).last().map(String::as_str),
        Some("INFO: Succeeded")
    );
    for (number, is_last) in [("0", "false"), ("1", "true")] {
        let texts = xml::tests::texts(&bodies.recv().expect("a document"));
        for (name, text) in [("Number", number), ("IsLast", is_last)] {
            assert!(
                texts.contains(&(name.to_owned(), text.to_owned())),
                "{texts:?}"
            );
        }
    }
}

#[test]
fn nothing_to_send_is_a_failure_with_its_reason() {
    let bench = Bench::new(config(&[], |_| {}), LOOPBACK);
    let reason = "NO_SUBSCRIBER(no active profile subscribes to alert-group configuration)";
    assert_eq!(
        bench.lines(SEND_CONFIGURATION),
        [format!("ERROR: Failed: {reason}")]
    );
    let said = format!(
        "%ASA-4-120004: Event configuration Full Configuration is dropped. Reason {reason}"
    );
    assert!(bench.log.take().contains(&said));
}

#[test]
fn an_action_follows_the_newest_publication() {
    let (url, bodies) = collector("200 OK", 1);
    let bench = Bench::new(config(&[], |_| {}), LOOPBACK);
    assert!(bench.publish(2, config(&[&url], |_| {})), "taken over");
    assert_eq!(bench.lines(test(None)).len(), 2);
    assert!(bodies.recv().is_ok());
}

#[test]
fn turning_the_feature_on_and_off_is_said_once_each() {
    let off = |config: &RunningConfig| {
        let mut config = config.clone();
        Arc::make_mut(&mut config.call_home).service = false;
        config
    };
    let on = config(&[], |_| {});
    let bench = Bench::new(off(&on), LOOPBACK);
    for (generation, config) in [
        (2, off(&on)),
        (3, on.clone()),
        (4, on.clone()),
        (5, off(&on)),
    ] {
        assert!(
            bench.publish(generation, config),
            "generation {generation} is taken over"
        );
    }
    assert_eq!(
        bench.log.take(),
        [
            "%ASA-5-120001: Call-Home Module started.",
            "%ASA-5-120002: Call-Home Module terminated."
        ]
    );
}

#[test]
fn a_fault_in_one_action_leaves_the_room_alive() {
    let bench = Bench::with_collect(
        config(&["http://127.0.0.1:1/"], |_| {}),
        LOOPBACK,
        Arc::new(|_| panic!("a fault of ours")),
    );
    assert_eq!(
        bench.lines(test(None)),
        ["ERROR: Failed: INTERNAL_FAULT(not delivered)"]
    );
    assert_eq!(
        bench.counts(),
        Status {
            faults: 1,
            ..Status::default()
        }
    );
    assert!(
        bench
            .log
            .take()
            .iter()
            .any(|line| line.starts_with("%SYS-3-CALLHOME_FAULT: "))
    );
    let unknown = Do::Test {
        text: None,
        profile: "nobody".into(),
    };
    assert_eq!(
        bench.lines(unknown),
        ["ERROR: Failed: NOT_DEFINED(there is no profile nobody)"]
    );
}

#[test]
fn an_operator_who_goes_away_stops_what_was_not_begun() {
    let (gone, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    // The output is not there before the operator has gone away.
    let collect: Collect = Arc::new(move |_| {
        wait.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv()
            .ok();
        Vec::new()
    });
    let bench = Bench::with_collect(config(&["http://127.0.0.1:1/"], |_| {}), LOOPBACK, collect);
    drop(bench.room.act(test(None)));
    drop(gone);
    assert!(bench.log.wait_for("is dropped. Reason CANCELLED"));
    assert_eq!(
        bench.counts(),
        Status {
            dropped: 1,
            ..Status::default()
        }
    );
}

#[test]
fn an_action_is_carried_out_although_nobody_publishes_any_more() {
    let (url, bodies) = collector("200 OK", 1);
    let Bench {
        runtime,
        published,
        room,
        ..
    } = Bench::new(config(&[&url], |_| {}), LOOPBACK);
    drop(published);
    assert_eq!(room.act(test(None)).iter().count(), 2);
    assert!(bodies.recv().is_ok());
    drop(runtime);
}

#[test]
fn an_action_after_the_end_says_so() {
    let Bench {
        runtime,
        published,
        room,
        ..
    } = Bench::new(config(&[], |_| {}), LOOPBACK);
    drop((runtime, published));
    assert!(room.act(test(None)).iter().any(|line| line.is_failure()));
}

#[path = "engine_anonymous_tests.rs"]
mod anonymous;
#[path = "engine_delivery_tests.rs"]
mod delivery;
#[path = "engine_nobody.rs"]
mod nobody;
#[path = "engine_schedule_tests.rs"]
mod schedules;
