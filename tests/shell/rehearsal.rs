//! The syslog room on a virtual clock: the real core and the real plans, peers in memory. What leaves is kept per session,
//! what the device says is written down; nothing is opened and no time passes by itself.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use watchfire::config::logging::SessionKey;
use watchfire::config::{Published, TakenOver};
use watchfire::device::clock::{Clock, VirtualClock};
use watchfire::message::Own;
use watchfire::state::Folder;
use watchfire::syslog::api::{
    self, HostStatus, InputStatus, Lines, Listener, Ping, Pinged, SenderStatus, Status, Syslog,
    Tables,
};
use watchfire::syslog::batch::{Stored, Tally};
use watchfire::syslog::core::{Core, Now};
use watchfire::syslog::letter::Mailed;
use watchfire::syslog::outage::Outage;
use watchfire::syslog::plan::{Framing, InputPlan, Place, Plan};
use watchfire::syslog::spool::{self, Keeper};

/// Something that left, or was said by the device itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// `udp 192.0.2.7:601`.
    pub(crate) to: String,
    pub(crate) text: String,
}

pub(crate) struct Rehearsal {
    clock: Arc<VirtualClock>,
    since: DateTime<Utc>,
    taken_over: Arc<TakenOver>,
    inner: Mutex<Inner>,
}

struct Inner {
    core: Core,
    /// Queues on disk; it does its work between two lines.
    disk: Keeper,
    published: watch::Receiver<Published>,
    sent: VecDeque<Sent>,
    said: Vec<String>,
    /// Sessions whose peer does not answer, by host.
    dead: Vec<String>,
    links: BTreeMap<SessionKey, Link>,
}

/// What the plane keeps of a link.
struct Link {
    since: DateTime<Utc>,
    outage: Outage,
}

impl Rehearsal {
    pub(crate) fn new(
        clock: Arc<VirtualClock>,
        published: watch::Receiver<Published>,
        folder: Arc<Folder>,
    ) -> Self {
        let plan = Arc::new(Plan::from(&published.borrow().config));
        let core = Core::new(plan, now(&clock));
        let inner = Inner {
            core,
            disk: spool::open(Some(folder)).1,
            published,
            sent: VecDeque::new(),
            said: Vec::new(),
            dead: Vec::new(),
            links: BTreeMap::new(),
        };
        Self {
            since: clock.now(),
            clock,
            taken_over: Arc::default(),
            inner: Mutex::new(inner),
        }
    }

    /// One whole message comes in from another device.
    pub(crate) fn receive(&self, message: &str) {
        let mut inner = self.turn();
        inner
            .core
            .message(Some([192, 0, 2, 200].into()), message.as_bytes());
        inner.end();
    }

    /// A process before this one left so many messages of 100 bytes on disk for `TRANSPORT HOST PORT`.
    pub(crate) fn leave_on_disk(&self, messages: usize, session: &str) {
        let tally = Tally {
            messages,
            bytes: messages * 100,
        };
        let stored = Stored {
            tally,
            ..Stored::default()
        };
        let name = format!("{session} 0 ");
        let mut inner = self.turn();
        inner
            .core
            .restore([(name.into(), stored)].into_iter().collect(), 0);
        inner.end();
    }

    /// Time has passed: summaries and windows that end now end.
    pub(crate) fn tick(&self) {
        self.turn().end();
    }

    /// The peer stops or starts to answer.
    pub(crate) fn set_dead(&self, host: &str, is_dead: bool) {
        let mut inner = self.turn();
        inner.dead.retain(|dead| dead != host);
        if is_dead {
            inner.dead.push(host.to_owned());
        }
        inner.link(now(&self.clock));
        inner.end();
    }

    pub(crate) fn take_sent(&self) -> VecDeque<Sent> {
        std::mem::take(&mut self.turn().sent)
    }

    /// What was said since the last look, as `%FAC-SEV-MNEM: body`.
    pub(crate) fn take_said(&self) -> Vec<String> {
        std::mem::take(&mut self.turn().said)
    }

    /// The newest plan, at the clock's time.
    fn turn(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now(&self.clock);
        if inner.published.has_changed().unwrap_or(false) {
            let Published { generation, config } = inner.published.borrow_and_update().clone();
            inner.core.swap(Arc::new(Plan::from(&config)), now);
            inner.link(now);
            self.taken_over.report(generation);
        }
        inner.core.begin(now);
        inner
    }
}

impl Inner {
    /// Every peer that is not dead answers at once.
    fn link(&mut self, now: Now) {
        let plan = self.core.plan().clone();
        let is_wanted = |key: &SessionKey| plan.host(key).is_some();
        self.links.retain(|key, _| is_wanted(key));
        for (session, host) in plan.hosts.iter().enumerate() {
            let link = self.links.entry(host.key.clone()).or_insert_with(|| Link {
                since: now.utc,
                outage: Outage::default(),
            });
            let is_dead = self.dead.iter().any(|dead| **dead == *host.key.host);
            let was_up = self.core.is_up(session);
            let said = if is_dead {
                let counters = self.core.host(session);
                self.core.link_down(session, None);
                link.outage
                    .fails(host.named(), "connection refused", counters, &now)
            } else {
                if !was_up {
                    self.core.link_up(session, None, false);
                }
                let (counters, repeats) = (self.core.host(session), self.core.repeats(session));
                link.outage.returns(host.named(), counters, repeats, &now)
            };
            if was_up == is_dead {
                link.since = now.utc;
            }
            for own in said {
                self.said.push(text(&own));
                self.core.own_beside(&own, Some(session));
            }
        }
    }

    /// Inputs that are open and hear nothing.
    fn inputs(&self) -> Vec<InputStatus> {
        let of = |input: &InputPlan| InputStatus {
            key: input.key.clone(),
            listening: Ok(()),
            received: 0,
            malformed: 0,
            dropped: 0,
            refused: 0,
            own: 0,
            unkept: 0,
            last_error: None,
            connections: 0,
            position: None,
        };
        self.core.plan().inputs.iter().map(of).collect()
    }

    fn key(&self, session: usize) -> Option<SessionKey> {
        self.core
            .plan()
            .hosts
            .get(session)
            .map(|host| host.key.clone())
    }

    fn tend_disk(&mut self) {
        for session in self.core.spooled().to_vec() {
            while let Some(job) = self.core.take_job(session) {
                for answer in self.disk.carry_out(vec![job]) {
                    self.core.answer(answer);
                }
            }
        }
        while let Some(write) = self.core.take_write(false) {
            let written = self.disk.write(&write);
            self.core.written(written);
        }
        if let Some(saving) = self.core.take_saving() {
            let saved = self.disk.save(&saving);
            self.core.saved(saved);
        }
        for own in self.disk.take_said() {
            self.core.own(&own);
        }
        self.core.fold();
    }

    /// The first server that is not dead takes a letter: the subject of each e-mail, then its lines.
    fn tend_mail(&mut self) {
        while let Some(letter) = self.core.take_letter(false) {
            let mut mailed = Mailed {
                id: letter.id,
                ..Mailed::default()
            };
            let is_dead = |host: &str| self.dead.iter().any(|dead| dead == host);
            let servers = letter.plan.servers.iter();
            let faults: Vec<_> = servers
                .map_while(|server| {
                    let refused = format!("{}: connection refused", server.host);
                    is_dead(&server.host).then_some(refused)
                })
                .collect();
            if faults.len() == letter.plan.servers.len() {
                mailed.fault = Some(faults.join("; "));
                mailed.again = Some(Duration::from_secs(5));
            } else {
                for email in letter.emails() {
                    mailed.emails += 1;
                    let to = format!("mail {}", email.to.join(","));
                    let texts = [email.subject].into_iter().chain(email.lines);
                    self.sent.extend(texts.map(|text| Sent {
                        to: to.clone(),
                        text,
                    }));
                }
            }
            if let Some(own) = self.core.mailed(mailed) {
                self.said.push(text(&own));
                self.core.own(&own);
            }
            self.core.fold();
        }
    }

    /// The end of a turn: what can leave has left.
    fn end(&mut self) {
        self.core.fold();
        for (session, host) in self.core.plan().clone().hosts.iter().enumerate() {
            let queue = self.core.queue(session);
            if let Some(link) = self.links.get_mut(&host.key) {
                link.outage.waits(queue);
            }
        }
        for own in self.core.take_said().collect::<Vec<_>>() {
            self.said.push(text(&own));
            self.core.own(&own);
            self.core.fold();
        }
        self.tend_disk();
        self.tend_mail();
        for session in 0..self.core.sessions() {
            let Some(key) = self.key(session) else {
                continue;
            };
            let to = format!("{} {}:{}", key.transport.keyword(), key.host, key.port);
            let is_datagram = self
                .core
                .plan()
                .hosts
                .get(session)
                .is_some_and(|host| host.framing == Framing::Datagram);
            let mut texts: Vec<Vec<u8>> = Vec::new();
            if is_datagram {
                texts.extend(self.core.datagrams(session).map(<[u8]>::to_vec));
                self.core.advance_datagrams(session, texts.len());
            } else {
                while !self.core.bytes(session).is_empty() && self.core.is_up(session) {
                    let bytes = self.core.bytes(session).to_vec();
                    self.core.advance(session, bytes.len());
                    texts.extend(
                        bytes
                            .split(|b| *b == b'\n')
                            .filter(|line| !line.is_empty())
                            .map(<[u8]>::to_vec),
                    );
                }
            }
            let sent = |text: Vec<u8>| Sent {
                to: to.clone(),
                text: String::from_utf8_lossy(&text).into_owned(),
            };
            self.sent.extend(texts.into_iter().map(sent));
        }
    }

    fn host(&mut self, session: usize) -> Option<HostStatus> {
        let (key, queue) = (self.key(session)?, self.core.queue(session));
        let is_up = self.core.is_up(session);
        let (counters, repeats) = (self.core.host(session), self.core.repeats(session));
        let link = self.links.get(&key)?;
        let outages = link.outage.list(counters, repeats);
        Some(HostStatus {
            since: link.since,
            oldest: self.core.waits_for(session),
            outages,
            key,
            counters,
            hits: self.core.hits(session),
            correlation: self.core.correlation(session),
            link: if is_up {
                api::Link::Up
            } else {
                api::Link::Down {
                    reason: "connection refused".into(),
                }
            },
            queue_bytes: queue.bytes as u64,
            queue_limit: queue.limit as u64,
            queue: self.core.queue_kept(session),
            most_queued: queue.most as u64,
            full_in: None,
            address: None,
        })
    }
}

/// As a collector reads it.
fn text(own: &Own) -> String {
    let Own {
        facility,
        severity,
        mnemonic,
        body,
    } = own;
    format!("%{facility}-{}-{mnemonic}: {body}", severity.number())
}

fn now(clock: &VirtualClock) -> Now {
    let monotonic = clock.monotonic();
    Now {
        monotonic,
        utc: clock.now(),
        uptime: monotonic,
        synchronised: clock.is_synchronised(),
    }
}

impl Syslog for Rehearsal {
    fn say(&self, message: Own) {
        let mut inner = self.turn();
        inner.said.push(text(&message));
        inner.core.own(&message);
        inner.end();
    }

    fn status(&self) -> Status {
        let mut inner = self.turn();
        let hosts = (0..inner.core.sessions())
            .filter_map(|session| inner.host(session))
            .collect();
        Status {
            since: self.since,
            device: inner.core.device(),
            console: inner.core.status_inside(Place::Console),
            monitor: inner.core.status_inside(Place::Monitor),
            buffer: inner.core.status_inside(Place::Buffer),
            xml_buffer: inner.core.status_inside(Place::XmlBuffer),
            history: inner.core.status_inside(Place::History),
            persistent: inner.core.status_inside(Place::Persistent),
            mail: inner.core.status_inside(Place::Mail),
            mail_sending: inner.core.mail_sending(),
            hosts,
            inputs: inner.inputs(),
            left_on_disk: inner.core.left_on_disk(),
            faults: 0,
        }
    }

    fn senders(&self) -> Vec<SenderStatus> {
        self.turn().core.senders()
    }

    fn tables(&self) -> Tables {
        self.turn().core.tables()
    }

    fn xml_buffer(&self) -> Vec<u8> {
        self.turn().core.xml_buffer()
    }

    fn clear_xml_buffer(&self) {
        self.turn().core.clear_xml_buffer();
    }

    fn clear_left_on_disk(&self) {
        self.turn().core.clear_left_on_disk();
    }

    fn buffer(&self) -> Vec<u8> {
        self.turn().core.buffer()
    }

    fn clear_buffer(&self) {
        self.turn().core.clear_buffer();
    }

    fn listen(&self, _: Listener) -> Lines {
        Lines {
            lines: mpsc::channel().1,
        }
    }

    fn taken_over(&self) -> Arc<TakenOver> {
        drop(self.turn());
        self.taken_over.clone()
    }

    /// A peer that is not dead answers within three milliseconds.
    fn ping(&self, ping: Ping) -> mpsc::Receiver<Pinged> {
        let is_dead = self.turn().dead.iter().any(|dead| **dead == *ping.host);
        let (said, heard) = mpsc::channel();
        let say = |event| said.send(event).expect("the other end is here");
        match ping.host.parse() {
            Err(_) => say(Pinged::Impossible("no address for name".into())),
            Ok(to) => {
                let from = [192, 0, 2, 1].into();
                let to = SocketAddr::new(to, ping.port);
                say(Pinged::Begins { to, from });
                for _ in 0..ping.tries {
                    say(if is_dead {
                        Pinged::Silent
                    } else {
                        Pinged::Answered(Duration::from_millis(3))
                    });
                }
            }
        }
        heard
    }

    fn drain(&self, _: Duration) {}
}
