//! Revocation at work: asks places of lists and responders, one fetch a place at a time and few at once, keeps what they say,
//! tells the log. What the answers come to is decided in revocation.rs.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::body::Bytes;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout_at};

use super::api::Checks;
use super::certificate::Certificate;
use super::crl::{self, List, Unusable, date};
use super::ocsp::{self, Question};
use super::path::Path;
use super::revocation::{Accepted, Refused, Rules, Settings, Status, Step, judge, questions};
use super::revocation_store::{Store, Stored};
use crate::config::crypto::RevocationMethod;
use crate::config::{Published, url};
use crate::device;
use crate::device::clock::Clock;
use crate::message::{Own, Say, Severity};
use crate::net::fetch::{Ask, fetch};
use crate::net::http::{HttpFault, Way};
use crate::net::only_to::OnlyTo;
use crate::net::url::Url;

/// What checking needs of the world.
#[derive(Clone)]
pub struct Outside {
    pub clock: Arc<dyn Clock>,
    pub say: Arc<dyn Say>,
    pub only_to: OnlyTo,
    pub published: watch::Receiver<Published>,
}

/// One for the whole room.
pub struct Revocation {
    outside: Outside,
    store: Mutex<Store>,
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    at_once: Arc<Semaphore>,
    counters: Counters,
}

#[derive(Default)]
struct Counters {
    good: AtomicU64,
    revoked: AtomicU64,
    accepted_unknown: AtomicU64,
    refused_unknown: AtomicU64,
    fetched: AtomicU64,
    not_fetched: AtomicU64,
}

/// One certificate that is asked about.
#[derive(Clone)]
struct About {
    certificate: Certificate,
    issuer: Certificate,
    settings: Settings,
    trustpoint: Option<Arc<str>>,
}

impl Revocation {
    pub fn new(outside: Outside) -> Arc<Self> {
        Arc::new(Self {
            outside,
            store: Mutex::default(),
            turns: Mutex::default(),
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
            counters: Counters::default(),
        })
    }

    /// Whether the certificates of `path` may be believed as far as revocation goes, by the settings of the anchor that
    /// vouched. A refusal is an operator's text, and has been told to the log.
    pub async fn check(self: &Arc<Self>, path: &Path, rules: &Rules) -> Result<(), String> {
        let settings = rules.of_anchor(path.trustpoint.as_deref());
        if !settings.checks() {
            return Ok(());
        }
        let until = Instant::now() + CHECK;
        for (certificate, issuer) in questions(path) {
            let about = About {
                certificate,
                issuer,
                settings: settings.clone(),
                trustpoint: path.trustpoint.clone(),
            };
            if let Err(refused) = self.check_one(&about, until).await {
                return Err(self.tell_refusal(&about.certificate, &refused));
            }
        }
        Ok(())
    }

    async fn check_one(self: &Arc<Self>, about: &About, until: Instant) -> Result<(), Refused> {
        let count = |counter: &AtomicU64| {
            counter.fetch_add(1, Ordering::Relaxed);
        };
        let counters = &self.counters;
        let mut found = Vec::new();
        loop {
            match judge(&about.settings.methods, &found) {
                Step::Ask(method) => found.push(self.ask(method, about, until).await),
                Step::Accept(Accepted::Unasked) => return Ok(()),
                Step::Accept(Accepted::Good) => {
                    count(&counters.good);
                    return Ok(());
                }
                Step::Accept(Accepted::Unknown(why)) => {
                    count(&counters.accepted_unknown);
                    let who = named(&about.certificate);
                    let text = format!("Revocation status is not known, accepted. {who}. {why}");
                    let severity = Severity::Warnings;
                    let said = Own::sys(severity, "REVOCATION_UNKNOWN", text);
                    self.outside.say.say(said);
                    return Ok(());
                }
                Step::Refuse(refused) => {
                    count(match refused {
                        Refused::Revoked => &counters.revoked,
                        Refused::Unknown(_) => &counters.refused_unknown,
                    });
                    return Err(refused);
                }
            }
        }
    }

    fn tell_refusal(&self, certificate: &Certificate, refused: &Refused) -> String {
        let who = named(certificate);
        let text = format!("Certificate validation failed. Reason: {refused}, {who}.");
        self.say(Severity::Errors, 717_009, text);
        let text = format!("Certificate chain failed validation. {refused}, {who}.");
        self.say(Severity::Errors, 717_027, text);
        format!("{refused}, {who}")
    }

    async fn ask(
        self: &Arc<Self>,
        method: RevocationMethod,
        about: &About,
        until: Instant,
    ) -> Status {
        let asking = async {
            match method {
                RevocationMethod::Crl => self.ask_lists(about).await,
                RevocationMethod::Ocsp => self.ask_responders(about).await,
                RevocationMethod::None => Status::Unknown("not asked".to_owned()),
            }
        };
        timeout_at(until, asking)
            .await
            .unwrap_or_else(|_| Status::Unknown("no answer in time".to_owned()))
    }

    async fn ask_lists(self: &Arc<Self>, about: &About) -> Status {
        if !about.settings.is_http_allowed {
            return Status::Unknown("protocol http is switched off".to_owned());
        }
        let places = about.settings.list_places(&about.certificate);
        if places.is_empty() {
            return Status::Unknown("no place of a revocation list is known".to_owned());
        }
        let mut faults = Vec::new();
        for place in places {
            let found = match self.list(&place, about).await {
                Ok(list) => {
                    let certificate = about.certificate.clone();
                    off_the_runtime(move || list.has(&certificate))
                        .await
                        .map_err(|why| why.to_string())
                }
                Err(why) => Err(why),
            };
            match found {
                Ok(true) => return Status::Revoked,
                Ok(false) => return Status::Good,
                Err(why) => faults.push(format!("{place}: {why}")),
            }
        }
        Status::Unknown(faults.join(", "))
    }

    /// A list that is fresh; what is fetched is kept also when nobody waits for it any more.
    async fn list(self: &Arc<Self>, place: &Arc<str>, about: &About) -> Result<List, String> {
        if let Some(list) = self.kept_list(place, about) {
            return Ok(list);
        }
        let (room, place, about) = (Arc::clone(self), place.clone(), about.clone());
        let work = tokio::spawn(async move {
            let turn = room.turn(&place);
            let held = turn.lock().await;
            let list = room.list_in_turn(&place, &about).await;
            drop(held);
            room.turn_ends(&place, turn);
            list
        });
        work.await.unwrap_or_else(|_| Err(FAULT.to_owned()))
    }

    async fn list_in_turn(&self, place: &Arc<str>, about: &About) -> Result<List, String> {
        if let Some(list) = self.kept_list(place, about) {
            return Ok(list);
        }
        let now = self.now();
        if let Some(why) = self.store().failure(place, now) {
            return Err(why);
        }
        let issuers = std::slice::from_ref(&about.issuer);
        self.fetch_list(place, issuers, &about.settings, about.trustpoint.as_ref())
            .await
            .inspect_err(|why| self.store().keep_failure(place, why, now))
    }

    fn kept_list(&self, place: &str, about: &About) -> Option<List> {
        let (settings, trustpoint) = (&about.settings, about.trustpoint.as_ref());
        let now = self.now();
        self.store()
            .list(place, &about.issuer, settings, trustpoint, now)
    }

    /// Fetches and keeps the list of one of `issuers`.
    pub(super) async fn fetch_list(
        &self,
        place: &Arc<str>,
        issuers: &[Certificate],
        settings: &Settings,
        trustpoint: Option<&Arc<str>>,
    ) -> Result<List, String> {
        let body = self
            .fetch("CRL", place, Ask::Get, crl::MOST_BYTES, patience(settings))
            .await?;
        let (bytes, candidates) = (body.clone(), issuers.to_vec());
        let read = off_the_runtime(move || {
            let mut fault = Unusable::Issuer;
            for issuer in &candidates {
                match List::read(&bytes, issuer) {
                    Ok(list) => return Ok(list),
                    Err(Unusable::Issuer) => {}
                    Err(other) => fault = other,
                }
            }
            Err(fault)
        })
        .await;
        let list = read.map_err(|fault| {
            if fault == Unusable::Signature {
                self.tell_forgery(&body, issuers);
            }
            fault.to_string()
        })?;
        let now = self.now();
        list.in_time(now, settings.enforces_next_update)
            .map_err(|fault| fault.to_string())?;
        let this_update = list.this_update();
        let stored = self
            .store()
            .keep_list(place, list.clone(), settings, trustpoint, now);
        match stored {
            Stored::Newest => Ok(list),
            Stored::Older(kept) => {
                let issuer = name(list.issuer().subject());
                let text = format!(
                    "An older CRL than the one that is cached was downloaded. Issuer: {issuer}. Last Update: {}. Cached Last Update: {}.",
                    date(this_update),
                    date(kept)
                );
                self.say(Severity::Notifications, 717_072, text);
                let newer = self
                    .store()
                    .lists()
                    .find(|(at, _)| *at == place)
                    .map(|(_, kept)| kept.list.clone());
                Ok(newer.unwrap_or(list))
            }
        }
    }

    fn tell_forgery(&self, bytes: &[u8], issuers: &[Certificate]) {
        let issuer = issuers
            .first()
            .map_or_else(String::new, |issuer| name(issuer.subject()));
        let (last, next) = List::dates(bytes).map_or_else(
            || ("unknown".to_owned(), "unknown".to_owned()),
            |(last, next)| (date(last), date(next)),
        );
        let text = format!(
            "CRL signature validation failed. Issuer: {issuer}. Last Update: {last}. Next Update: {next}."
        );
        self.say(Severity::Errors, 717_071, text);
    }

    async fn ask_responders(self: &Arc<Self>, about: &About) -> Status {
        let places = about.certificate.responders();
        if places.is_empty() {
            return Status::Unknown("the certificate names no responder".to_owned());
        }
        let mut faults = Vec::new();
        for place in places {
            match self.answer(place, about).await {
                Ok(ocsp::Status::Good) => return Status::Good,
                Ok(ocsp::Status::Revoked(_)) => return Status::Revoked,
                Err(why) => faults.push(format!("{place}: {why}")),
            }
        }
        Status::Unknown(faults.join(", "))
    }

    async fn answer(self: &Arc<Self>, place: &str, about: &About) -> Result<ocsp::Status, String> {
        let key = key_of(about);
        if let Some(status) = self.store().answer(&key, &about.settings, self.now()) {
            return Ok(status);
        }
        let (room, place, about) = (Arc::clone(self), Arc::from(place), about.clone());
        let work = tokio::spawn(async move {
            let turn = room.turn(&place);
            let held = turn.lock().await;
            let answer = room.answer_in_turn(&place, &about).await;
            drop(held);
            room.turn_ends(&place, turn);
            answer
        });
        work.await.unwrap_or_else(|_| Err(FAULT.to_owned()))
    }

    async fn answer_in_turn(
        &self,
        place: &Arc<str>,
        about: &About,
    ) -> Result<ocsp::Status, String> {
        let key = key_of(about);
        let now = self.now();
        if let Some(status) = self.store().answer(&key, &about.settings, now) {
            return Ok(status);
        }
        // Of one certificate: a responder that does not know one may know the next.
        let failing = format!("{place} {key}");
        if let Some(why) = self.store().failure(&failing, now) {
            return Err(why);
        }
        let answer = self.fetch_answer(place, about).await;
        match answer {
            Ok(answer) => {
                self.store().keep_answer(key, &answer, self.now());
                Ok(answer.status)
            }
            Err(why) => {
                self.store().keep_failure(&failing, &why, now);
                Err(why)
            }
        }
    }

    async fn fetch_answer(&self, place: &Arc<str>, about: &About) -> Result<ocsp::Answer, String> {
        let mut nonce = [0; ocsp::NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| "no random numbers".to_owned())?;
        let question = Question::new(&about.certificate, &about.issuer, nonce)
            .map_err(|fault| fault.to_string())?;
        let ask = Ask::Post {
            content_type: "application/ocsp-request",
            body: Bytes::from(question.encode()),
        };
        let patience = patience(&about.settings);
        let body = self
            .fetch("OCSP", place, ask, ocsp::MOST_BYTES, patience)
            .await?;
        question
            .read(&body, self.now())
            .map_err(|fault| fault.to_string())
    }

    /// One request to one place, told to the log as an attempt.
    async fn fetch(
        &self,
        kind: &'static str,
        place: &str,
        ask: Ask,
        most: usize,
        limit: Duration,
    ) -> Result<Bytes, String> {
        let newest = self.newest();
        let url = place_of(place).ok_or_else(|| "not a place for HTTP".to_owned())?;
        let permit = Arc::clone(&self.at_once).acquire_owned().await;
        let mut told = false;
        let tell = |source: Option<SocketAddr>, peer: SocketAddr| {
            let by = source.map_or_else(
                || format!("{NO_INTERFACE}:0.0.0.0/0"),
                |from| format!("{}:{}/{}", interface(&newest, from), from.ip(), from.port()),
            );
            let text = format!(
                "Attempting {kind} revocation check from {by} to {}/{} using HTTP",
                peer.ip(),
                peer.port()
            );
            self.say(Severity::Informational, 717_056, text);
        };
        let way = Way {
            only_to: &self.outside.only_to,
            names: &newest.config.system.names,
            tls: None,
            limit,
        };
        let answer = fetch(&way, &url, ask, most, |local, peer| {
            told = true;
            tell(Some(local), peer);
        })
        .await;
        drop(permit);
        let body = match answer {
            Ok(answer) if answer.status.is_success() => Ok(answer.body),
            Ok(answer) => Err(answer.status.to_string()),
            Err(fault) => {
                if let (false, HttpFault::Connect { address, .. }) = (told, &fault) {
                    tell(None, *address);
                }
                Err(fault.to_string())
            }
        };
        let counter = match body {
            Ok(_) => &self.counters.fetched,
            Err(_) => &self.counters.not_fetched,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        body
    }

    pub(super) fn newest(&self) -> Published {
        self.outside.published.borrow().clone()
    }

    pub(super) fn now(&self) -> i64 {
        self.outside.clock.now().timestamp()
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, place: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(place.to_owned()).or_default())
    }

    /// A turn that nobody waits for is forgotten: its place came from a stranger's certificate.
    fn turn_ends(&self, place: &str, turn: Arc<tokio::sync::Mutex<()>>) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        drop(turn);
        if turns
            .get(place)
            .is_some_and(|turn| Arc::strong_count(turn) == 1)
        {
            turns.remove(place);
        }
    }

    pub(super) fn checks(&self) -> Checks {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &self.counters;
        Checks {
            good: read(&counters.good),
            revoked: read(&counters.revoked),
            accepted_unknown: read(&counters.accepted_unknown),
            refused_unknown: read(&counters.refused_unknown),
            fetched: read(&counters.fetched),
            not_fetched: read(&counters.not_fetched),
        }
    }

    fn say(&self, severity: Severity, number: u32, text: String) {
        self.outside.say.say(Own::asa(severity, number, text));
    }
}

/// Reading a list of megabytes, and its signature, would hold up everybody else.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Unusable> + Send + 'static,
) -> Result<T, Unusable> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(Unusable::Other(FAULT.to_owned())))
}

/// Where the status may stay unknown, a silent place leaves time for the connection that waits for it.
fn patience(settings: &Settings) -> Duration {
    if settings.methods.last() == Some(&RevocationMethod::None) {
        SOFT
    } else {
        HARD
    }
}

fn key_of(about: &About) -> String {
    let mut key = String::new();
    for byte in about.issuer.fingerprint() {
        // Writing to a String cannot fail.
        let _ = write!(key, "{byte:02x}");
    }
    key + " " + about.certificate.serial()
}

fn place_of(place: &str) -> Option<Url> {
    let url: url::Url = place.parse().ok()?;
    let url = Url::new(url.is_https, &url.host, url.port, &url.target)?;
    (!url.is_https()).then_some(url)
}

fn named(certificate: &Certificate) -> String {
    format!(
        "serial number: {}, subject name: {}",
        certificate.serial(),
        name(certificate.subject())
    )
}

fn name(parts: &[(&'static str, String)]) -> String {
    let parts: Vec<_> = parts
        .iter()
        .map(|(kind, value)| format!("{kind}={value}"))
        .collect();
    parts.join(",")
}

/// The `nameif` of the interface that has the address.
fn interface(newest: &Published, from: SocketAddr) -> Arc<str> {
    let named = newest.config.interfaces.by_name.iter();
    let found = named
        .filter_map(|(name, interface)| Some((name, interface.nameif.as_ref()?)))
        .find(|(name, _)| device::addresses_of(name).contains(&from.ip()));
    found.map_or_else(|| NO_INTERFACE.into(), |(_, nameif)| nameif.clone())
}

/// As devices call themselves where no interface is named.
const NO_INTERFACE: &str = "identity";
const FAULT: &str = "internal fault";
const AT_ONCE: usize = 4;
const HARD: Duration = Duration::from_secs(5);
const SOFT: Duration = Duration::from_secs(2);
const CHECK: Duration = Duration::from_secs(15);
