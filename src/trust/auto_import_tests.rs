//! When the daily import is due, and what it does: a server on loopback, a clock that moves when it is told to.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use chrono::{Timelike, Weekday};
use tempfile::TempDir;
use tokio::net::TcpStream;

use super::super::api::{Change, Service, Trust};
use super::super::bench::{NOW, authority, with_key};
use super::super::certificate::{Certificate, Presented};
use super::super::cms::tests::signed;
use super::super::engine::{Outside, start};
use super::super::engine_tests::server as tls_server;
use super::super::pem;
use super::*;
use crate::config::RunningConfig;
use crate::config::crypto::TrustpoolPolicy;
use crate::device::clock::VirtualClock;
use crate::message::Say;
use crate::message::zone::{Rule, Summer, Turn, Week};
use crate::net::only_to::OnlyTo;
use crate::net::tls;
use crate::state::{Folder, StateFault};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

const TEN: DayTime = DayTime {
    hour: 22,
    minute: 0,
    second: 0,
};

/// Central Europe.
fn cet() -> Zone {
    let turn = |month, minutes| Turn {
        week: Week::Last,
        weekday: Weekday::Sun,
        month,
        minutes,
    };
    Zone {
        name: "CET".into(),
        seconds: 3600,
        summer: Some(Summer {
            name: "CEST".into(),
            seconds: 3600,
            rule: Rule::Recurring {
                start: turn(3, 120),
                end: turn(10, 180),
            },
        }),
    }
}

#[test]
fn it_is_due_when_the_clock_of_the_device_shows_the_time() {
    let half_past_two = DayTime {
        hour: 2,
        minute: 30,
        second: 0,
    };
    for (zone, time, after, expected) in [
        (
            Zone::default(),
            TEN,
            "2026-11-24T10:00:00Z",
            "2026-11-24T22:00:00Z",
        ),
        (
            Zone::default(),
            TEN,
            "2026-11-24T22:00:00Z",
            "2026-11-25T22:00:00Z",
        ),
        (cet(), TEN, "2026-11-24T20:59:59Z", "2026-11-24T21:00:00Z"),
        (cet(), TEN, "2026-07-01T10:00:00Z", "2026-07-01T20:00:00Z"),
        // Left out: 02:30 of a clock that nobody has set forward.
        (
            cet(),
            half_past_two,
            "2026-03-28T12:00:00Z",
            "2026-03-29T01:30:00Z",
        ),
        (
            cet(),
            half_past_two,
            "2026-03-29T01:30:00Z",
            "2026-03-30T00:30:00Z",
        ),
        // Twice, and it comes once.
        (
            cet(),
            half_past_two,
            "2026-10-24T12:00:00Z",
            "2026-10-25T00:30:00Z",
        ),
        (
            cet(),
            half_past_two,
            "2026-10-25T00:30:00Z",
            "2026-10-26T01:30:00Z",
        ),
    ] {
        assert_eq!(next(&zone, time, at(after)), at(expected), "{after}");
    }
}

#[test]
fn every_day_of_a_year_has_its_import() {
    let mut last = at("2026-01-01T00:00:00Z");
    let mut count = 0;
    while last < at("2027-01-01T00:00:00Z") {
        let due = next(&cet(), TEN, last);
        assert_eq!(cet().at(due).local.hour(), 22);
        (last, count) = (due, count + 1);
    }
    assert_eq!(count, 366, "the last one is in the next year");
}

#[test]
fn what_is_remembered_reads_back() {
    let since = at("2026-11-24T22:00:00Z");
    let last = |failure: Option<&str>| {
        let failure = failure.map(str::to_owned);
        Some(LastImport { at: since, failure })
    };
    for last in [None, last(None), last(Some("the server answered 404"))] {
        let memory = Memory { since, last };
        assert_eq!(Memory::of_text(&memory.to_text()), Some(memory));
    }
    for text in [
        "",
        "trustpool-import 1",
        "trustpool-import 1\nsince x\n",
        "trustpool-import 2\nsince 1\n",
    ] {
        assert_eq!(Memory::of_text(text), None);
    }
}

/// What is waited for longer than this does not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Looks until there is something.
async fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(seen) = look() {
                return seen;
            }
            tokio::task::yield_now().await;
        }
    };
    let seen = tokio::time::timeout(PATIENCE, looking).await;
    seen.unwrap_or_else(|_| panic!("{what} did not come"))
}

/// Serves what it has at the moment, with this status line.
struct Server {
    url: String,
    body: Arc<Mutex<(&'static str, Vec<u8>)>>,
    asked: Receiver<()>,
}

impl Server {
    fn new(body: Vec<u8>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
        let url = format!(
            "http://{}/bundle",
            listener.local_addr().expect("an address")
        );
        let body = Arc::new(Mutex::new(("200 OK", body)));
        let (counted, asked) = channel();
        let served = Arc::clone(&body);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(&stream).lines();
                while lines
                    .next()
                    .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
                {}
                let (status, body) = served.lock().expect("served").clone();
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                let answer = [head.into_bytes(), body].concat();
                (&stream).write_all(&answer).ok();
                if counted.send(()).is_err() {
                    return;
                }
            }
        });
        Self { url, body, asked }
    }

    fn serve(&self, status: &'static str, body: Vec<u8>) {
        *self.body.lock().expect("served") = (status, body);
    }
}

struct Log(Mutex<Sender<Own>>);

impl Say for Log {
    fn say(&self, message: Own) {
        self.0.lock().expect("a log").send(message).ok();
    }
}

/// A device with a daily import at 22:00, its state folder and its clock.
struct Device {
    folder: TempDir,
    clock: Arc<VirtualClock>,
    built_in: Arc<[Certificate]>,
    url: String,
}

struct Running {
    room: Arc<dyn Trust>,
    said: Receiver<Own>,
    _publisher: watch::Sender<Published>,
}

fn published(generation: u64, url: &str) -> Published {
    let mut config = RunningConfig::default();
    Arc::make_mut(&mut config.crypto).trustpool = Some(Arc::new(TrustpoolPolicy {
        auto_import: Some(AutoImport {
            time: None,
            url: Some(url.into()),
        }),
        ..TrustpoolPolicy::default()
    }));
    Published {
        generation,
        config: Arc::new(config),
    }
}

impl Device {
    fn new(url: &str, built_in: &[&[u8]]) -> Self {
        let read = |der: &&[u8]| Certificate::read(der).expect("readable");
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            clock: Arc::new(VirtualClock::new(
                DateTime::from_timestamp(NOW, 0).expect("a time"),
            )),
            built_in: built_in.iter().map(read).collect(),
            url: url.to_owned(),
        }
    }

    /// Returns as soon as the room has begun to count the days.
    async fn run(&self) -> Running {
        let path = self.folder.path().join("state");
        // The task of the room before holds it until it has seen that its publisher is gone.
        let state = until("a free state folder", || match Folder::open(&path) {
            Ok(state) => Some(state),
            Err(StateFault::Held { .. }) => None,
            Err(fault) => panic!("{fault}"),
        })
        .await;
        let (says, said) = channel();
        let outside = Outside {
            built_in: Some(Arc::clone(&self.built_in)),
            look: Duration::from_millis(5),
            pause: Duration::from_millis(1),
            ..Outside::new(
                Arc::new(state),
                Arc::clone(&self.clock) as _,
                Arc::new(Log(Mutex::new(says))),
                OnlyTo::anywhere(),
            )
        };
        let (publisher, newest) = watch::channel(published(1, &self.url));
        let room = start(&tokio::runtime::Handle::current(), newest, outside);
        let kept = self.folder.path().join("state/trustpool-import");
        until("days that are counted", || kept.exists().then_some(())).await;
        Running {
            room,
            said,
            _publisher: publisher,
        }
    }

    fn a_day_later(&self) {
        self.clock.advance(Duration::from_secs(86_400));
    }
}

impl Running {
    /// The next message, with its number.
    fn said(&self) -> String {
        let message = self.said.recv_timeout(PATIENCE);
        let message = message.expect("a message");
        format!("{}: {}", message.mnemonic, message.body)
    }

    fn names(&self) -> Vec<String> {
        let pool = self.room.trustpool().pool;
        let name = |(certificate, _): (&Certificate, _)| certificate.subject()[0].1.clone();
        pool.certificates().map(name).collect()
    }

    /// The device is gone, and its state folder free.
    async fn stop(self) {
        let Self {
            room, _publisher, ..
        } = self;
        drop(_publisher);
        let weak = Arc::downgrade(&room);
        drop(room);
        until("a room that is gone", || {
            (weak.strong_count() == 0).then_some(())
        })
        .await;
    }
}

fn pem(certificates: &[&[u8]]) -> Vec<u8> {
    let blocks = certificates
        .iter()
        .map(|der| pem::block("CERTIFICATE", der));
    blocks.collect::<String>().into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_replaces_what_it_brought_and_says_whether_that_changed_anything() {
    let (first, second) = (authority("first", |_| {}), authority("second", |_| {}));
    let server = Server::new(pem(&[first.der()]));
    let device = Device::new(&server.url, &[]);
    let running = device.run().await;
    let next = running.room.trustpool().next;
    assert_eq!(next, Some(at("2026-11-24T22:00:00Z")));
    assert_eq!(running.names(), [""; 0]);
    device.a_day_later();
    let success = "717058: Automatic import of trustpool certificate bundle is successful:";
    assert_eq!(
        running.said(),
        format!("{success} Trustpool updated in flash.")
    );
    assert_eq!(running.names(), ["first"]);
    device.a_day_later();
    assert_eq!(
        running.said(),
        format!("{success} No change in trustpool bundle.")
    );
    server.serve("200 OK", pem(&[second.der()]));
    device.a_day_later();
    assert_eq!(
        running.said(),
        format!("{success} Trustpool updated in flash.")
    );
    assert_eq!(running.names(), ["second"]);
    running.stop().await;
    let running = device.run().await;
    assert_eq!(running.names(), ["second"], "after a restart");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_download_is_tried_three_times_and_empties_nothing() {
    let first = authority("first", |_| {});
    let server = Server::new(pem(&[first.der()]));
    let device = Device::new(&server.url, &[]);
    let running = device.run().await;
    device.a_day_later();
    running.said();
    assert_eq!(server.asked.try_iter().count(), 1);
    let old = authority("old", |params| {
        params.not_after = rcgen::date_time_ymd(2026, 1, 1)
    });
    let failed = "717057: Automatic import of trustpool certificate bundle has failed.";
    let reach = "Maximum retry attempts reached. Failed to reach CA server";
    let install = "Failed to install trustpool bundle in memory";
    for (status, body, words, reason) in [
        (
            "404 Not Found",
            Vec::new(),
            reach,
            "the server answered 404 Not Found",
        ),
        ("200 OK", Vec::new(), install, "the file is empty"),
        (
            "200 OK",
            b"<html>".to_vec(),
            install,
            "the file is neither PEM, DER nor PKCS#7",
        ),
        (
            "200 OK",
            pem(&[old.der()]),
            install,
            "the bundle has no usable certificate",
        ),
    ] {
        server.serve(status, body);
        device.a_day_later();
        assert_eq!(
            running.said(),
            format!("{failed} {words}. Reason: {reason}")
        );
        assert_eq!(server.asked.try_iter().count(), 3);
        assert_eq!(running.names(), ["first"]);
    }
    let trustpool = running.room.trustpool();
    let reason = trustpool.last.and_then(|last| last.failure);
    assert_eq!(
        reason.as_deref(),
        Some("the bundle has no usable certificate")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_has_to_be_signed_by_whom_is_believed() {
    let (signer, key) = with_key("signer");
    let (stranger, other_key) = with_key("stranger");
    let new = authority("new", |_| {});
    let content = pem(&[new.der()]);
    let by = |der: &Vec<u8>, key| signed(&content, std::slice::from_ref(der), der, key);
    let unsigned = super::super::cms::of_certificates(std::iter::once(new.der().as_ref()));
    let server = Server::new(by(&stranger, &other_key));
    let device = Device::new(&server.url, &[&signer]);
    let running = device.run().await;
    for body in [None, Some(unsigned)] {
        if let Some(body) = body {
            server.serve("200 OK", body);
        }
        device.a_day_later();
        let told = running.said();
        assert!(
            told.contains("Cisco root bundle signature validation failed"),
            "{told}"
        );
        assert_eq!(running.names(), ["signer"]);
    }
    server.serve("200 OK", by(&signer, &key));
    device.a_day_later();
    assert!(running.said().starts_with("717058"));
    assert_eq!(running.names(), ["signer", "new"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_was_down_catches_up_once() {
    let server = Server::new(pem(&[authority("first", |_| {}).der()]));
    let device = Device::new(&server.url, &[]);
    let running = device.run().await;
    running.stop().await;
    device.clock.advance(Duration::from_secs(5 * 86_400));
    let running = device.run().await;
    assert!(running.said().starts_with("717058"));
    let next = running.room.trustpool().next;
    assert_eq!(next, Some(at("2026-11-29T22:00:00Z")));
    running.stop().await;
    let running = device.run().await;
    assert_eq!(running.room.trustpool().next, next);
    assert_eq!(server.asked.try_iter().count(), 1);
    assert_eq!(running.names(), ["first"]);
}

/// A collector whose authority is replaced is reached again after the next daily import, and not before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_authority_is_believed_after_the_next_import() {
    let (old, new) = (
        super::super::engine_tests::authority("old"),
        super::super::engine_tests::authority("new"),
    );
    let names = Presented {
        dns: vec!["collector.example".to_owned()],
        ..Presented::default()
    };
    let (before, after) = (
        tls_server(&old, &names).await,
        tls_server(&new, &names).await,
    );
    let bundles = Server::new(pem(&[old.der()]));
    let device = Device::new(&bundles.url, &[]);
    let running = device.run().await;
    let connect = async |to| {
        let client = running
            .room
            .client(Service::CallHome, "collector.example", None);
        let stream = TcpStream::connect(to).await.expect("a listener");
        let client = client.expect("a client");
        let connected = tls::connect(&client, "collector.example", stream).await;
        connected.map(drop).map_err(|fault| fault.to_string())
    };
    device.a_day_later();
    running.said();
    assert_eq!(connect(before).await, Ok(()));
    assert_eq!(connect(after).await, Err("unknown issuer".to_owned()));
    bundles.serve("200 OK", pem(&[new.der()]));
    device.a_day_later();
    running.said();
    assert_eq!(connect(after).await, Ok(()));
    assert_eq!(connect(before).await, Err("unknown issuer".to_owned()));
    running.room.change(Change::Clear).expect("cleared");
    assert_eq!(connect(after).await, Err("unknown issuer".to_owned()));
}
