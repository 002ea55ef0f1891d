//! The trust pool as a value: the built-in root set and what was imported beside it. Pure; each change makes a new pool, so that
//! nothing that fails half-way leaves one behind. Where it is kept is store.rs's business.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::bundle::Bundle;
use super::certificate::{self, Certificate};
use super::cms;
use super::pem;

/// SHA-1 over a certificate, by which operators name it.
pub type Fingerprint = [u8; 20];

/// Where a certificate of the pool came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Of the root set that this release was built with.
    BuiltIn,
    /// By `crypto ca trustpool import`.
    Imported,
    /// By the daily import, which replaces what it brought before.
    AutoImported,
}

/// One pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    built_in: Arc<[Certificate]>,
    /// After `clear crypto ca trustpool`.
    without_built_in: bool,
    /// Built-in or not: what an operator has removed comes back by no daily import.
    removed: BTreeSet<Fingerprint>,
    imported: Vec<Certificate>,
    auto_imported: Vec<Certificate>,
}

/// What became of the certificates of a bundle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub attempted: usize,
    pub installed: usize,
    /// In the pool already, or twice in the bundle.
    pub duplicates: usize,
    pub expired: usize,
    /// Unreadable, no authority's, or removed by an operator before a daily import.
    pub failed: usize,
}

/// How a bundle is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Beside what was imported before.
    Add,
    /// Instead of everything that was imported before.
    Clean,
    /// Instead of what was imported automatically before.
    Automatic,
}

/// What an export writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    #[default]
    Pem,
    /// In DER, signed by nobody.
    Pkcs7,
}

/// A bundle without one certificate that could be in a pool changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bundle has no usable certificate")]
pub struct NothingUsable(pub Tally);

/// Certificates that can be imported beside the built-in ones.
pub const MOST_IMPORTED: usize = 4_000;

impl Pool {
    /// The built-in root set alone.
    pub fn new(built_in: Arc<[Certificate]>) -> Self {
        Self {
            built_in,
            without_built_in: false,
            removed: BTreeSet::new(),
            imported: Vec::new(),
            auto_imported: Vec::new(),
        }
    }

    /// Everything in it, the built-in root set first.
    pub fn certificates(&self) -> impl Iterator<Item = (&Certificate, Origin)> {
        let built_in = self
            .built_in
            .iter()
            .filter(|known| self.has_built_in(known));
        let with = |origin| move |certificate| (certificate, origin);
        built_in
            .map(with(Origin::BuiltIn))
            .chain(self.imported.iter().map(with(Origin::Imported)))
            .chain(self.auto_imported.iter().map(with(Origin::AutoImported)))
    }

    fn has_built_in(&self, certificate: &Certificate) -> bool {
        !self.without_built_in && !self.removed.contains(certificate.fingerprint())
    }

    /// The pool with a bundle's authorities at `now` (seconds since 1970), and what became of each certificate.
    ///
    /// # Errors
    /// Nothing of the bundle would be in the pool.
    pub fn with(
        &self,
        bundle: &Bundle,
        how: How,
        now: i64,
    ) -> Result<(Self, Tally), NothingUsable> {
        let mut pool = self.clone();
        match how {
            How::Add => {}
            How::Clean => {
                pool.imported.clear();
                pool.auto_imported.clear();
            }
            How::Automatic => pool.auto_imported.clear(),
        }
        let mut tally = Tally {
            attempted: bundle.certificates.len() + bundle.broken,
            failed: bundle.broken,
            ..Tally::default()
        };
        let known: Vec<_> = pool
            .certificates()
            .map(|(known, _)| known.clone())
            .collect();
        let mut known: HashSet<&[u8]> = known.iter().map(|known| known.der().as_ref()).collect();
        let mut installed = Vec::new();
        for der in &bundle.certificates {
            if known.contains(der.as_slice()) {
                tally.duplicates += 1;
                continue;
            }
            let Ok(certificate) = Certificate::read(der) else {
                tally.failed += 1;
                continue;
            };
            let is_unwanted =
                how == How::Automatic && pool.removed.contains(certificate.fingerprint());
            let is_full =
                pool.imported.len() + pool.auto_imported.len() + installed.len() >= MOST_IMPORTED;
            if certificate.not_after().timestamp() < now {
                tally.expired += 1;
            } else if !certificate.is_authority() || is_unwanted || is_full {
                tally.failed += 1;
            } else {
                known.insert(der);
                installed.push(certificate);
            }
        }
        tally.installed = installed.len();
        if tally.installed + tally.duplicates == 0 {
            return Err(NothingUsable(tally));
        }
        if how == How::Automatic {
            pool.auto_imported.extend(installed);
        } else {
            for certificate in &installed {
                pool.removed.remove(certificate.fingerprint());
            }
            pool.imported.extend(installed);
        }
        Ok((pool, tally))
    }

    /// The pool with all of the built-in root set again; `clean` takes away what was imported.
    pub fn with_built_in(&self, clean: bool) -> (Self, Tally) {
        let mut pool = self.clone();
        if clean {
            pool.imported.clear();
            pool.auto_imported.clear();
        }
        let duplicates = self
            .built_in
            .iter()
            .filter(|known| self.has_built_in(known))
            .count();
        pool.without_built_in = false;
        for known in self.built_in.iter() {
            pool.removed.remove(known.fingerprint());
        }
        let tally = Tally {
            attempted: self.built_in.len(),
            installed: self.built_in.len() - duplicates,
            duplicates,
            ..Tally::default()
        };
        (pool, tally)
    }

    /// The pool without one certificate; `None` when it is not in it.
    pub fn without(&self, fingerprint: &Fingerprint) -> Option<Self> {
        self.certificates()
            .find(|(known, _)| known.fingerprint() == fingerprint)?;
        let mut pool = self.clone();
        let others = |known: &Certificate| known.fingerprint() != fingerprint;
        pool.imported.retain(others);
        pool.auto_imported.retain(others);
        pool.removed.insert(*fingerprint);
        Some(pool)
    }

    /// The pool without anything.
    pub fn cleared(&self) -> Self {
        Self {
            without_built_in: true,
            ..Self::new(Arc::clone(&self.built_in))
        }
    }

    /// All certificates as one file.
    pub fn export(&self, form: Form) -> Vec<u8> {
        let certificates = self
            .certificates()
            .map(|(certificate, _)| certificate.der());
        match form {
            Form::Pem => {
                let blocks = certificates.map(|der| pem::block("CERTIFICATE", der));
                blocks.collect::<String>().into_bytes()
            }
            Form::Pkcs7 => cms::of_certificates(certificates.map(AsRef::as_ref)),
        }
    }

    /// What is kept: everything but the built-in root set itself.
    pub fn to_text(&self) -> String {
        let mut text = format!("{KEPT}\n");
        if self.without_built_in {
            text.push_str("without built-in\n");
        }
        for fingerprint in &self.removed {
            text.push_str(&format!("removed {}\n", certificate::digits(fingerprint)));
        }
        text.push_str(&format!("imported {}\n", self.imported.len()));
        for certificate in self.imported.iter().chain(&self.auto_imported) {
            text.push_str(&pem::block("CERTIFICATE", certificate.der()));
        }
        text
    }

    /// What was kept; `None` when it is not that.
    pub fn of_text(text: &str, built_in: Arc<[Certificate]>) -> Option<Self> {
        let mut pool = Self::new(built_in);
        let mut lines = text.lines();
        if lines.next() != Some(KEPT) {
            return None;
        }
        let mut imported = None;
        for line in lines.take_while(|line| !line.starts_with('-')) {
            match line.split_once(' ')? {
                ("without", "built-in") => pool.without_built_in = true,
                ("removed", digits) => drop(pool.removed.insert(fingerprint(digits)?)),
                ("imported", count) => imported = Some(count.parse::<usize>().ok()?),
                _ => return None,
            }
        }
        let mut certificates = Vec::new();
        for block in pem::blocks(text.as_bytes()).unwrap_or_default() {
            certificates.push(Certificate::read(&block.bytes?).ok()?);
        }
        let imported = imported.filter(|count| *count <= certificates.len())?;
        pool.auto_imported = certificates.split_off(imported);
        pool.imported = certificates;
        Some(pool)
    }
}

const KEPT: &str = "trustpool 1";

/// 40 hexadecimal digits, as operators type them: in either case, with colons or blanks or without.
pub fn fingerprint(text: &str) -> Option<Fingerprint> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !matches!(byte, b':' | b' '))
        .map(|byte| {
            char::from(byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit))
        .collect();
    (digits.len() == 40)
        .then(|| bytes.try_into().ok())
        .flatten()
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
