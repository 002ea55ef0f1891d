//! The trust pool of this device: read when it is first asked for, brought to the state folder before anybody believes a new one,
//! so that a restart at any instant finds the old or the new pool, whole.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::certificate::Certificate;
use super::path::Anchor;
use super::pool::Pool;
use crate::message::{Own, Say, Severity};
use crate::state::{Folder, StateFault};

/// The name of its file.
const NAME: &str = "trustpool";

/// The pool that counts now.
pub struct Store {
    state: Arc<Folder>,
    say: Arc<dyn Say>,
    /// Stands for the root set of this release.
    built_in: Option<Arc<[Certificate]>>,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    pool: Arc<Pool>,
    /// Counts the pools since the start.
    version: u64,
    anchors: Option<Arc<[Anchor]>>,
}

impl Store {
    pub fn new(
        state: Arc<Folder>,
        say: Arc<dyn Say>,
        built_in: Option<Arc<[Certificate]>>,
    ) -> Self {
        Self {
            state,
            say,
            built_in,
            kept: Mutex::default(),
        }
    }

    pub fn pool(&self) -> Arc<Pool> {
        self.with(|kept| Arc::clone(&kept.pool))
    }

    /// Who is believed because of the pool, and the number of that pool, by which others see whether it has changed.
    pub fn anchors(&self) -> (Arc<[Anchor]>, u64) {
        self.with(|kept| {
            let anchors = kept.anchors.get_or_insert_with(|| {
                let certificates = kept.pool.certificates();
                certificates
                    .filter_map(|(certificate, _)| Anchor::new(certificate.clone(), None).ok())
                    .collect()
            });
            (Arc::clone(anchors), kept.version)
        })
    }

    /// Replaces the pool by what `change` makes of it, unless that is the same. Whether it was replaced.
    ///
    /// # Errors
    /// What `change` says, or the new pool cannot be kept; the old one counts on.
    pub fn change<T, E: From<StateFault>>(
        &self,
        change: impl FnOnce(&Pool) -> Result<(Pool, T), E>,
    ) -> Result<(bool, T), E> {
        let mut lock = self.lock();
        let kept = self.loaded(&mut lock);
        let (pool, answer) = change(&kept.pool)?;
        if pool == *kept.pool {
            return Ok((false, answer));
        }
        self.state.keep(NAME, pool.to_text().as_bytes())?;
        *kept = Kept {
            pool: Arc::new(pool),
            version: kept.version + 1,
            anchors: None,
        };
        Ok((true, answer))
    }

    fn with<T>(&self, look: impl FnOnce(&mut Kept) -> T) -> T {
        let mut lock = self.lock();
        look(self.loaded(&mut lock))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn loaded<'k>(&self, kept: &'k mut Option<Kept>) -> &'k mut Kept {
        kept.get_or_insert_with(|| Kept {
            pool: Arc::new(self.load()),
            version: 0,
            anchors: None,
        })
    }

    /// Without a file, or with one that cannot be read, the built-in root set; the latter is said.
    fn load(&self) -> Pool {
        let built_in = self.built_in.clone().unwrap_or_else(root_set);
        let text = match self.state.kept(NAME) {
            Ok(None) => return Pool::new(built_in),
            Ok(Some(bytes)) => String::from_utf8(bytes).ok(),
            Err(_) => None,
        };
        let pool = text.and_then(|text| Pool::of_text(&text, Arc::clone(&built_in)));
        pool.unwrap_or_else(|| {
            let text =
                "The trustpool that was kept cannot be read; the built-in certificates count";
            self.say
                .say(Own::sys(Severity::Errors, "TRUSTPOOL_FAULT", text));
            Pool::new(built_in)
        })
    }
}

fn root_set() -> Arc<[Certificate]> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|der| Certificate::read(der).ok())
        .collect()
}
