//! Revocation at work: asks about the certificates of a path, one fetch a place at a time, keeps what places say, tells the log how
//! a check ended. What the answers come to is decided in revocation.rs, how a place is asked in revocation_fetch.rs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout_at};

use super::api::Checks;
use super::certificate::{Certificate, digits, on_one_line};
use super::crl::List;
use super::ocsp;
use super::path::Path;
use super::revocation::{Accepted, Refused, Rules, Settings, Status, Step, judge, questions};
use super::revocation_fetch::off_the_runtime;
use super::revocation_store::Store;
use crate::config::Published;
use crate::config::crypto::RevocationMethod;
use crate::device::clock::Clock;
use crate::message::{Own, Say, Severity};
use crate::net::names::Names;
use crate::net::only_to::OnlyTo;

/// What checking needs of the world.
#[derive(Clone)]
pub struct Outside {
    pub clock: Arc<dyn Clock>,
    pub say: Arc<dyn Say>,
    pub only_to: OnlyTo,
    /// Who knows the names of places.
    pub names: Names,
    pub published: watch::Receiver<Published>,
}

/// One for the whole room.
pub struct Revocation {
    pub(super) outside: Outside,
    store: Mutex<Store>,
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    pub(super) at_once: Arc<Semaphore>,
    pub(super) counters: Counters,
}

#[derive(Default)]
pub(super) struct Counters {
    good: AtomicU64,
    revoked: AtomicU64,
    accepted_unknown: AtomicU64,
    refused_unknown: AtomicU64,
    pub(super) fetched: AtomicU64,
    pub(super) not_fetched: AtomicU64,
}

/// One certificate that is asked about.
#[derive(Clone)]
pub(super) struct About {
    pub(super) certificate: Certificate,
    pub(super) issuer: Certificate,
    pub(super) settings: Settings,
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

    pub(super) fn say(&self, severity: Severity, number: u32, text: String) {
        self.outside.say.say(Own::asa(severity, number, text));
    }
}

fn key_of(about: &About) -> String {
    digits(about.issuer.fingerprint()) + " " + about.certificate.serial()
}

fn named(certificate: &Certificate) -> String {
    format!(
        "serial number: {}, subject name: {}",
        certificate.serial(),
        on_one_line(certificate.subject())
    )
}

pub(super) const FAULT: &str = "internal fault";
const AT_ONCE: usize = 4;
const CHECK: Duration = Duration::from_secs(15);
