//! All that others see of the trust room: the client side of TLS for a service, with a verifier that believes whom the
//! configuration and the trust pool say, for the name that is expected. There is no switch that turns verification off.

pub mod names;

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use chrono::{DateTime, Utc};

/// Certificates and keys that are read, checked, made and kept, which needs nobody who lives.
pub use super::{authority, certificate, enrol, keys, pasted, pkcs12};
use crate::config::TakenOver;
use crate::net::tls::Client;

pub use super::certificate::{Certificate, on_one_line};
pub use super::import::{Fetched, ImportFault, Place, Signed};
pub use super::pool::{Fingerprint, Form, How, Origin, Pool, Tally, fingerprint};

/// The trust room from outside.
pub trait Trust: Send + Sync {
    /// The client side of TLS 1.2 and 1.3 towards `host`, by the newest configuration. Without `identity` (the name of a
    /// reference identity) the server has to show `host`.
    fn client(
        &self,
        service: Service,
        host: &str,
        identity: Option<&str>,
    ) -> Result<Client, NoIdentity>;
    /// The trust pool, and how its daily import stands.
    fn trustpool(&self) -> Trustpool;
    /// Fetches a bundle and verifies it, within 15 s; changes nothing.
    fn fetch(
        self: Arc<Self>,
        place: Place,
        signed: Signed,
    ) -> Receiver<Result<Fetched, ImportFault>>;
    /// Changes the pool, all or nothing; it is kept before it counts.
    fn change(&self, change: Change) -> Result<Tally, ImportFault>;
    /// How far the room has got with what was published.
    fn taken_over(&self) -> Arc<TakenOver>;
}

/// The trust pool from outside.
#[derive(Clone, Debug)]
pub struct Trustpool {
    pub pool: Arc<Pool>,
    pub last: Option<LastImport>,
    /// When the daily import is due; `None` where none is configured.
    pub next: Option<DateTime<Utc>>,
}

/// How the last daily import ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastImport {
    pub at: DateTime<Utc>,
    /// In an operator's words.
    pub failure: Option<String>,
}

/// What can be done to the trust pool.
#[derive(Debug)]
pub enum Change {
    Import {
        fetched: Fetched,
        how: How,
    },
    /// All of the built-in root set again; `clean` takes away what was imported.
    BuiltIn {
        clean: bool,
    },
    Remove(Fingerprint),
    Clear,
}

/// Who connects. A trust point may be for one of them alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Messages of call home; HTTP/1.1 is offered.
    CallHome,
    /// Syslog over TLS.
    Syslog,
    /// Bundles of the trust pool; HTTP/1.1 is offered.
    Trustpool,
}

/// There is no reference identity of that name, so that nobody could show it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no reference-identity {0}")]
pub struct NoIdentity(pub Arc<str>);

/// What is known about revocation, from outside.
pub trait Crls: Send + Sync {
    /// The lists that are kept, by their places.
    fn kept(&self) -> Vec<KeptCrl>;
    fn checks(&self) -> Checks;
    /// Forgets lists; how many.
    fn clear(&self, which: &Which) -> usize;
    /// Fetches the lists of a trust point anew; a line for each place, at least one, a failure's as `Err`.
    fn request(&self, trustpoint: &Arc<str>) -> Receiver<Result<String, String>>;
}

/// Whose lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    All,
    Trustpool,
    Trustpoint(Arc<str>),
}

/// A revocation list that is kept. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCrl {
    /// As `Certificate::subject`.
    pub issuer: Vec<(&'static str, String)>,
    pub last_update: i64,
    pub next_update: i64,
    pub cached_until: i64,
    pub place: Arc<str>,
    pub bytes: u64,
    /// Who used it; `trustpool` for the pool.
    pub trustpoints: Vec<Arc<str>>,
    pub trustpool: bool,
}

impl KeptCrl {
    pub fn is_of(&self, which: &Which) -> bool {
        match which {
            Which::All => true,
            Which::Trustpool => self.trustpool,
            Which::Trustpoint(name) => self.trustpoints.contains(name),
        }
    }
}

/// How checks of revocation ended, counted by certificate; and fetches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    pub good: u64,
    pub revoked: u64,
    /// Not known, and `none` was the last method.
    pub accepted_unknown: u64,
    pub refused_unknown: u64,
    pub fetched: u64,
    pub not_fetched: u64,
}
