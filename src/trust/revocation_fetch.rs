//! One place of revocation asked: the request, few at once and told to the log, and the list or the answer that is made of what
//! came. When a place is asked, and who else waits for it, is revocation_check.rs's.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::body::Bytes;

use super::certificate::{Certificate, on_one_line};
use super::crl::{self, List, Unusable, date};
use super::ocsp::{self, Question};
use super::revocation::Settings;
use super::revocation_check::{About, FAULT, Revocation};
use super::revocation_store::Stored;
use crate::config::crypto::RevocationMethod;
use crate::config::{Published, url};
use crate::device;
use crate::message::Severity;
use crate::net::fetch::{Ask, fetch};
use crate::net::http::{HttpFault, Way};
use crate::net::url::Url;

impl Revocation {
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
                let issuer = on_one_line(list.issuer().subject());
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
            .map_or_else(String::new, |issuer| on_one_line(issuer.subject()));
        let (last, next) = List::dates(bytes).map_or_else(
            || ("unknown".to_owned(), "unknown".to_owned()),
            |(last, next)| (date(last), date(next)),
        );
        let text = format!(
            "CRL signature validation failed. Issuer: {issuer}. Last Update: {last}. Next Update: {next}."
        );
        self.say(Severity::Errors, 717_071, text);
    }

    pub(super) async fn fetch_answer(
        &self,
        place: &Arc<str>,
        about: &About,
    ) -> Result<ocsp::Answer, String> {
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
            finder: &self.outside.names,
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
}

/// Reading a list of megabytes, and its signature, would hold up everybody else.
pub(super) async fn off_the_runtime<T: Send + 'static>(
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

fn place_of(place: &str) -> Option<Url> {
    let url: url::Url = place.parse().ok()?;
    let url = Url::new(url.is_https, &url.host, url.port, &url.target)?;
    (!url.is_https()).then_some(url)
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
const HARD: Duration = Duration::from_secs(5);
const SOFT: Duration = Duration::from_secs(2);
