//! A bundle on its way into the pool: fetched over HTTP or HTTPS or read from a file, verified where it is signed, looked at by
//! whoever asked, installed. Fetching changes nothing.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::api::{Change, Service, Trust};
use super::bundle::{self, Bundle, NotABundle};
use super::certificate::Certificate;
use super::cms::Unverified;
use super::engine::Room;
use super::pool::{How, NothingUsable, Tally};
use crate::config::url::{Url, UrlFault};
use crate::config::{Published, RunningConfig};
use crate::net::fetch::{Ask, fetch};
use crate::net::http::{HttpFault, Way};
use crate::net::url::Url as Address;
use crate::state::{Disk0, StateFault};
use crate::vendor;

/// Name, connection, request and answer together; the operator's answer comes within 15 s.
const LIMIT: Duration = Duration::from_secs(14);

/// Where a bundle is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Web(Url),
    /// `file:`, a file of this host.
    Host(PathBuf),
    /// A plain name.
    Disk0(String),
}

impl Place {
    /// `http://`, `https://`, `file:///PATH` or `file:/PATH`, `disk0:NAME`.
    ///
    /// # Errors
    /// What is wrong with it, in the words of a refusal.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        let prefixed = |prefix: &str| {
            let (begin, rest) = text.split_at_checked(prefix.len())?;
            begin.eq_ignore_ascii_case(prefix).then_some(rest)
        };
        if let Some(name) = prefixed("disk0:") {
            let name = name.strip_prefix('/').unwrap_or(name);
            return match Disk0::is_name(name) {
                true => Ok(Self::Disk0(name.to_owned())),
                false => Err("Not a name of disk0:"),
            };
        }
        if let Some(path) = prefixed("file:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path.starts_with('/') {
                true => Ok(Self::Host(path.into())),
                false => Err("A file: URL has an absolute path"),
            };
        }
        match text.parse() {
            Ok(url) => Ok(Self::Web(url)),
            Err(UrlFault::Scheme) => Err("A URL begins with http://, https://, file: or disk0:"),
            Err(fault) => Err(fault.why()),
        }
    }
}

/// A bundle that was fetched and may be installed.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Of the file.
    pub bytes: usize,
    /// Who has signed it and is believed.
    pub signer: Option<Certificate>,
    pub(super) bundle: Arc<Bundle>,
}

/// Why a bundle did not get into the pool; the text is an operator's.
#[derive(Debug, thiserror::Error)]
pub enum ImportFault {
    #[error("the vendor's own destinations need call-home vendor permit")]
    NotPermitted,
    #[error("{0}")]
    Http(#[from] HttpFault),
    #[error("the server answered {0}")]
    Status(String),
    #[error("{0}")]
    File(String),
    #[error("{0}")]
    Bundle(#[from] NotABundle),
    #[error("{0}")]
    Signature(#[from] Unverified),
    #[error("{0}")]
    Nothing(#[from] NothingUsable),
    #[error("{0}")]
    State(#[from] StateFault),
}

/// Which bundles need a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// One that is there has to hold.
    WhereThere,
    /// PKCS#7 has to be signed; PEM and DER cannot be.
    Pkcs7,
    Always,
}

impl Room {
    /// Fetches a bundle and verifies it; changes nothing.
    pub(super) async fn fetch_bundle(
        &self,
        newest: &Published,
        place: &Place,
        signed: Signed,
    ) -> Result<Fetched, ImportFault> {
        let bytes = match place {
            Place::Web(url) => self.download(&newest.config, url).await?,
            Place::Host(path) => {
                let path = path.clone();
                let read = tokio::task::spawn_blocking(move || read_file(&path)).await;
                read.unwrap_or_else(|_| Err(ImportFault::File("the file cannot be read".into())))?
            }
            Place::Disk0(name) => self.outside.state.disk0().read(name)?,
        };
        let now = self.outside.clock.now().timestamp();
        let anchors = self.anchors(Service::Trustpool);
        // A large bundle is work for longer than a turn of the runtime.
        let looked_at = tokio::task::spawn_blocking(move || {
            let bundle = bundle::read(&bytes)?;
            let signer = match &bundle.message {
                Some(message) if message.signed_content().is_some() => {
                    Some(message.verify(&anchors, now)?)
                }
                Some(_) if signed == Signed::Pkcs7 => return Err(Unverified::Unsigned.into()),
                _ if signed == Signed::Always => return Err(Unverified::Unsigned.into()),
                _ => None,
            };
            Ok(Fetched {
                bytes: bytes.len(),
                signer,
                bundle: Arc::new(bundle),
            })
        });
        looked_at
            .await
            .unwrap_or_else(|_| Err(ImportFault::File("the bundle cannot be read".into())))
    }

    async fn download(&self, config: &RunningConfig, url: &Url) -> Result<Vec<u8>, ImportFault> {
        if vendor::is_vendor_host(&url.host) && !config.call_home.vendor_permit {
            return Err(ImportFault::NotPermitted);
        }
        let address = Address::new(url.is_https, &url.host, url.port, &url.target)
            .ok_or_else(|| ImportFault::File("HTTP cannot say this URL".into()))?;
        let client = match url.is_https {
            true => self.client(Service::Trustpool, &url.host, None).ok(),
            false => None,
        };
        let way = Way {
            only_to: &self.outside.only_to,
            names: &config.system.names,
            finder: &self.outside.names,
            tls: client.as_ref(),
            limit: LIMIT,
        };
        let answer = fetch(&way, &address, Ask::Get, bundle::MOST_BYTES, |_, _| {}).await?;
        match answer.status.is_success() {
            true => Ok(answer.body.to_vec()),
            false => Err(ImportFault::Status(answer.status.to_string())),
        }
    }

    pub(super) fn change_pool(&self, change: Change) -> Result<Tally, ImportFault> {
        let changed = match change {
            Change::Import { fetched, how } => {
                return self.install(&fetched, how).map(|(_, tally)| tally);
            }
            Change::BuiltIn { clean } => self.store.change(|pool| Ok(pool.with_built_in(clean))),
            Change::Remove(fingerprint) => self.store.change(|pool| {
                let without = pool.without(&fingerprint);
                Ok((without.unwrap_or_else(|| pool.clone()), Tally::default()))
            }),
            Change::Clear => self
                .store
                .change(|pool| Ok((pool.cleared(), Tally::default()))),
        };
        changed.map(|(_, tally)| tally)
    }

    /// Installs what was fetched. Whether the pool has changed, and what became of each certificate.
    pub(super) fn install(
        &self,
        fetched: &Fetched,
        how: How,
    ) -> Result<(bool, Tally), ImportFault> {
        let now = self.outside.clock.now().timestamp();
        self.store.change(|pool| {
            let (pool, tally) = pool.with(&fetched.bundle, how, now)?;
            Ok((pool, tally))
        })
    }
}

/// A plain file of this host, up to one byte more than a bundle may have.
fn read_file(path: &Path) -> Result<Vec<u8>, ImportFault> {
    let fault = |error: std::io::Error| {
        let text = error.to_string();
        let words = text.split(" (os error").next().unwrap_or_default();
        ImportFault::File(format!("{}: {}", path.display(), words.to_lowercase()))
    };
    // A pipe or a device that lies there is not waited for.
    let mut options = File::options();
    options.read(true).custom_flags(libc::O_NONBLOCK);
    let file = options.open(path).map_err(fault)?;
    if !file.metadata().map_err(fault)?.is_file() {
        return Err(ImportFault::File(format!(
            "{}: not a plain file",
            path.display()
        )));
    }
    let mut bytes = Vec::new();
    file.take(bundle::MOST_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(fault)?;
    Ok(bytes)
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
