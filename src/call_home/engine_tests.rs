//! The room as others see it: actions against a collector on loopback, its lines, messages and counters. No test waits for
//! anything but an event.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use chrono::DateTime;
use tokio::runtime::Runtime;

use super::*;
use crate::config::RunningConfig;
use crate::config::call_home::{
    self as model, AlertGroup, HttpDestination, Methods, Profile, Subscription,
};
use crate::device::FixedFacts;
use crate::device::clock::VirtualClock;
use crate::net::tls::Client;
use crate::trust::api::{
    Change, Fetched, ImportFault, NoIdentity, Place, Service, Signed, Tally, Trustpool,
};

/// A collector for so many posts on loopback: its URL, and the bodies it got.
fn collector(status: &'static str, posts: usize) -> (String, Receiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let url = format!("http://{}/ddce", listener.local_addr().expect("bound"));
    let (bodies, received) = channel();
    thread::spawn(move || {
        for _ in 0..posts {
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

/// Believes no server.
#[derive(Default)]
struct Nobody(Arc<TakenOver>);

impl Trust for Nobody {
    fn client(&self, _: Service, _: &str, _: Option<&str>) -> Result<Client, NoIdentity> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring")
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        Ok(Client {
            config: Arc::new(config),
            vet: None,
        })
    }

    fn trustpool(&self) -> Trustpool {
        unreachable!("call home does not look into the pool")
    }

    fn fetch(self: Arc<Self>, _: Place, _: Signed) -> Receiver<Result<Fetched, ImportFault>> {
        unreachable!("call home imports nothing")
    }

    fn change(&self, _: Change) -> Result<Tally, ImportFault> {
        unreachable!("call home changes nothing")
    }

    fn taken_over(&self) -> Arc<TakenOver> {
        Arc::clone(&self.0)
    }
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
    room: Arc<dyn CallHome>,
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
        let outside = Outside {
            clock: Arc::new(VirtualClock::new(
                DateTime::from_timestamp(1_889_965_205, 0).unwrap_or_default(),
            )),
            facts: Arc::new(FixedFacts {
                serial: Some("S1".to_owned()),
                ..FixedFacts::default()
            }),
            collect,
            say: Arc::clone(&log) as Arc<dyn Say>,
            only_to: only_to.parse().expect("networks"),
            names: Names::told_by(localhost, Duration::from_secs(300)),
            trust: Arc::new(Nobody::default()),
        };
        let room = start(runtime.handle(), newest, outside);
        Self {
            runtime,
            published,
            log,
            room,
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
        bench.room.status(),
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
            "ERROR: Failed: HTTP_STATUS(500 Internal Server Error)",
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
        bench.room.status(),
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
fn who_has_no_name_server_is_reminded_for_each_message_that_reaches_nobody() {
    let reminded = |config: RunningConfig| {
        let bench = Bench::new(config, LOOPBACK);
        bench.lines(test(None));
        let log = bench.log.take();
        let of = |start: &str| log.iter().filter(|line| line.starts_with(start)).count();
        assert!(of("%ASA-4-120006: ") > 0, "{log:?}");
        of(
            "%ASA-4-120011: To ensure Smart Call Home can properly communicate with Cisco, use the command dns name-server",
        )
    };
    let urls = ["http://one.example/", "http://two.example/"];
    assert_eq!(reminded(config(&urls, |_| {})), 2);
    let with = |text: &str, urls: &[&str]| {
        let known = crate::config::call_home::script::Script::accepts(text);
        RunningConfig {
            dns: known.dns,
            system: known.system,
            ..config(urls, |_| {})
        }
    };
    assert_eq!(reminded(with("dns name-server 192.0.2.53", &urls)), 0);
    let other = "dns server-group other\nname-server 192.0.2.53";
    assert_eq!(reminded(with(other, &urls)), 2, "nobody asks that group");
    assert_eq!(reminded(with("", &["http://127.0.0.1:1/"])), 0);
    let named = "name 127.0.0.1 one.example";
    assert_eq!(reminded(with(named, &["http://one.example:1/"])), 0);
}

#[test]
fn what_may_not_leave_is_dropped_and_said() {
    let url = "http://127.0.0.1:1/";
    let bench = Bench::new(
        config(&[url, crate::vendor::COLLECTOR_URL], |_| {}),
        "192.0.2.0/24",
    );
    let lines = bench.lines(test(None));
    assert_eq!(
        lines.get(1).map(String::as_str),
        Some("ERROR: Failed: NOT_PERMITTED(not in --only-to)")
    );
    let denied = "VENDOR_DENIED(configure call-home vendor permit)";
    assert_eq!(lines.get(3), Some(&format!("ERROR: Failed: {denied}")));
    assert_eq!(
        bench.room.status(),
        Status {
            denied: 2,
            ..Status::default()
        }
    );
    let vendor = crate::vendor::COLLECTOR_URL;
    let said = format!("%ASA-4-120005: Message test to {vendor} is dropped. Reason {denied}");
    assert!(bench.log.take().contains(&said));
}

#[test]
fn a_message_over_the_size_limit_is_not_sent() {
    let bench = Bench::new(
        config(&["http://127.0.0.1:1/"], |profile| {
            profile.message_size_limit = Some(50)
        }),
        LOOPBACK,
    );
    let lines = bench.lines(test(None));
    let line = lines.last().expect("a result");
    assert!(
        line.starts_with("ERROR: Failed: MESSAGE_TOO_LONG(")
            && line.ends_with(" bytes, message-size-limit 50)"),
        "{line}"
    );
    assert_eq!(
        bench.room.status(),
        Status {
            dropped: 1,
            ..Status::default()
        }
    );
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
fn an_unknown_issuer_is_said_twice_and_gets_no_message() {
    let issuer =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(issuer.signing_key.serialize_der())
        .expect("PKCS #8");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring")
        .with_no_client_auth()
        .with_single_cert(vec![issuer.cert.der().clone()], key)
        .expect("key and certificate match");
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    let served = thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let connection = rustls::ServerConnection::new(Arc::new(server)).expect("a connection");
        rustls::StreamOwned::new(connection, stream)
            .read_to_end(&mut Vec::new())
            .is_ok()
    });
    let bench = Bench::new(
        config(&[&format!("https://127.0.0.1:{port}/")], |_| {}),
        LOOPBACK,
    );
    assert_eq!(
        bench.lines(test(None)).last().map(String::as_str),
        Some("ERROR: Failed: CERTIFICATE_REFUSED(UnknownIssuer)")
    );
    assert!(
        !served.join().expect("the server ends"),
        "the client ended the handshake"
    );
    let log = bench.log.take();
    let said = format!(
        "%ASA-3-717009: Certificate validation failed. Reason: https://127.0.0.1:{port}/: UnknownIssuer."
    );
    assert!(log.contains(&said), "{log:?}");
    assert!(
        log.iter().any(|line| line.starts_with("%ASA-4-120006: ")),
        "{log:?}"
    );
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
        bench.room.status(),
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
        bench.room.status(),
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
