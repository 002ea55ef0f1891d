//! Revocation lists: one list, read in bounded time, verified by the authority that issued it, asked about one certificate.
//! webpki reads the list and finds the certificate in it; where lists come from and how long they are kept is decided elsewhere.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rustls::crypto::ring;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::PemObject;
use webpki::{BorrowedCertRevocationList, CertRevocationList, EndEntityCert, Error};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::certificate::Certificate;
use super::element::{
    BIT_STRING, Element, Elements, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, only, time,
    whole_bits,
};
use super::signature::{BadSignature, verify};

/// Bytes of one list.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;

/// How far clocks may be apart, in seconds.
pub(super) const SKEW: i64 = 300;

/// Why a list says nothing about a certificate; the text is an operator's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("revocation list is larger than {MOST_BYTES} bytes")]
    TooLarge,
    #[error("not a revocation list")]
    Form,
    #[error("indirect revocation lists are not supported")]
    Indirect,
    #[error("delta revocation lists are not supported")]
    Delta,
    #[error("revocation list without a next update is not supported")]
    NoNextUpdate,
    #[error("revocation list cannot be used: {0}")]
    Other(String),
    #[error("revocation list is of another issuer")]
    Issuer,
    #[error("revocation list is signed by an algorithm that is not accepted")]
    Algorithm,
    #[error("signature of the revocation list is not its issuer's")]
    Signature,
    #[error("issuer may not sign revocation lists")]
    MayNotSign,
    #[error("revocation list is for other certificates of its issuer")]
    Scope,
    #[error("revocation list is past its next update of {0}")]
    Stale(String),
    #[error("revocation list is of the future, {0}")]
    Future(String),
}

/// A list that was verified by its issuer. Cheap to clone.
#[derive(Clone, Debug)]
pub struct List(Arc<Facts>);

#[derive(Debug)]
struct Facts {
    der: Vec<u8>,
    issuer: Certificate,
    this_update: i64,
    next_update: i64,
    scope: Scope,
}

/// For which certificates of its issuer a list is (RFC 5280, 5.2.5).
#[derive(Debug, Default, PartialEq, Eq)]
struct Scope {
    users_only: bool,
    authorities_only: bool,
    /// The places where it is published; empty for a list of everything.
    places: Vec<String>,
}

impl List {
    /// Reads DER or PEM and verifies the signature by `issuer`. Says nothing of dates.
    pub fn read(bytes: &[u8], issuer: &Certificate) -> Result<Self, Unusable> {
        if bytes.len() > MOST_BYTES {
            return Err(Unusable::TooLarge);
        }
        let der = if bytes.starts_with(b"-----BEGIN") {
            let list = CertificateRevocationListDer::from_pem_slice(bytes);
            list.map_err(|_| Unusable::Form)?.as_ref().to_vec()
        } else {
            bytes.to_vec()
        };
        let header = Header::read(&der)?;
        match header.entries {
            None => {
                BorrowedCertRevocationList::from_der(&der).map_err(unsupported)?;
            }
            // Looked through once, so that what is broken is found now.
            Some(entries) => {
                find(entries, &[])?;
            }
        }
        if header.issuer != issuer.subject_der() {
            return Err(Unusable::Issuer);
        }
        let algorithms = ring::default_provider().signature_verification_algorithms;
        verify(
            &algorithms,
            issuer,
            header.algorithm,
            header.signed,
            header.signature,
        )
        .map_err(|fault| match fault {
            BadSignature::Algorithm => Unusable::Algorithm,
            BadSignature::Wrong => Unusable::Signature,
        })?;
        if !may_sign(issuer) {
            return Err(Unusable::MayNotSign);
        }
        let (this_update, next_update) = (header.this_update, header.next_update);
        let scope = header
            .scope
            .ok_or_else(|| Unusable::Other("its scope is not understood".to_owned()))?;
        Ok(Self(Arc::new(Facts {
            der,
            issuer: issuer.clone(),
            this_update,
            next_update,
            scope,
        })))
    }

    /// This update and the next one that `bytes` claim, whoever has signed them.
    pub fn dates(bytes: &[u8]) -> Option<(i64, i64)> {
        let header = Header::read(bytes).ok()?;
        Some((header.this_update, header.next_update))
    }

    pub fn issuer(&self) -> &Certificate {
        &self.0.issuer
    }

    /// Seconds since 1970.
    pub fn this_update(&self) -> i64 {
        self.0.this_update
    }

    /// Seconds since 1970.
    pub fn next_update(&self) -> i64 {
        self.0.next_update
    }

    pub fn bytes(&self) -> usize {
        self.0.der.len()
    }

    /// Whether the dates allow the list at `now`; a list past its next update only where that is not enforced.
    pub fn in_time(&self, now: i64, enforces_next_update: bool) -> Result<(), Unusable> {
        if self.0.this_update > now.saturating_add(SKEW) {
            return Err(Unusable::Future(date(self.0.this_update)));
        }
        if enforces_next_update && now >= self.0.next_update {
            return Err(Unusable::Stale(date(self.0.next_update)));
        }
        Ok(())
    }

    /// Whether `certificate`, which the list's issuer has issued, is on it.
    pub fn has(&self, certificate: &Certificate) -> Result<bool, Unusable> {
        if certificate.issuer_der() != self.0.issuer.subject_der() {
            return Err(Unusable::Issuer);
        }
        if !self.0.scope.includes(certificate) {
            return Err(Unusable::Scope);
        }
        let read = EndEntityCert::try_from(certificate.der()).map_err(|_| Unusable::Form)?;
        if let Some(entries) = Header::read(&self.0.der)?.entries {
            return find(entries, read.serial());
        }
        let list = BorrowedCertRevocationList::from_der(&self.0.der).map_err(unsupported)?;
        let found = CertRevocationList::from(list)
            .find_serial(read.serial())
            .map_err(unsupported)?
            .is_some();
        Ok(found)
    }
}

impl Scope {
    fn includes(&self, certificate: &Certificate) -> bool {
        let is_authority = certificate.is_authority();
        let is_published_there = self.places.is_empty()
            || certificate
                .revocation_lists()
                .iter()
                .any(|place| self.places.contains(place));
        let is_of_its_kind = if is_authority {
            !self.users_only
        } else {
            !self.authorities_only
        };
        is_published_there && is_of_its_kind
    }

    /// `IssuingDistributionPoint`; what webpki refuses was refused before.
    fn read(value: &[u8]) -> Option<Self> {
        let mut scope = Self::default();
        let mut parts = only(value, SEQUENCE)?.elements();
        if let Some(point) = parts.take_if(0xa0)? {
            let full_name = only(point.content, 0xa0)?;
            let mut names = full_name.elements();
            while !names.is_empty() {
                let name = names.any()?;
                // uniformResourceIdentifier; a name of another kind is a place that no certificate here can name.
                let text = if name.tag == 0x86 { name.content } else { &[] };
                scope.places.push(String::from_utf8(text.to_vec()).ok()?);
                if scope.places.len() > MOST_PLACES {
                    return None;
                }
            }
        }
        while !parts.is_empty() {
            let part = parts.any()?;
            match part.tag {
                0x81 => scope.users_only = part.content != [0],
                0x82 => scope.authorities_only = part.content != [0],
                // For some reasons of revocation only, indirect, for attributes: it does not tell all.
                _ if part.content != [0] => return None,
                _ => {}
            }
        }
        Some(scope)
    }
}

const MOST_PLACES: usize = 64;

/// What stands around the entries of a list.
struct Header<'a> {
    signed: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    issuer: &'a [u8],
    this_update: i64,
    next_update: i64,
    /// `None` when it is not understood.
    scope: Option<Scope>,
    /// Of a list of version 1, which webpki does not read; there is nothing in it but serial numbers and times.
    entries: Option<Elements<'a>>,
}

impl<'a> Header<'a> {
    fn read(der: &'a [u8]) -> Result<Self, Unusable> {
        let mut outer = only(der, SEQUENCE).ok_or(Unusable::Form)?.elements();
        let form = Unusable::Form;
        let signed = outer.take(SEQUENCE).ok_or(form.clone())?;
        let algorithm = outer.take(SEQUENCE).ok_or(form.clone())?;
        let signature = outer
            .take(BIT_STRING)
            .and_then(whole_bits)
            .ok_or(form.clone())?;
        let mut parts = signed.elements();
        let version = parts.take_if(INTEGER).ok_or(form.clone())?;
        let inner = parts.take(SEQUENCE).ok_or(form.clone())?;
        if inner != algorithm || !outer.is_empty() {
            return Err(form);
        }
        let issuer = parts.take(SEQUENCE).ok_or(form.clone())?;
        let this_update = parts.any().and_then(time).ok_or(form.clone())?;
        // Without a next update here come the entries, the extensions, or nothing.
        let next = parts.any().ok_or(Unusable::NoNextUpdate)?;
        if matches!(next.tag, SEQUENCE | 0xa0) {
            return Err(Unusable::NoNextUpdate);
        }
        let next_update = time(next).ok_or(form.clone())?;
        let entries = parts.take_if(SEQUENCE).ok_or(form.clone())?;
        let entries = entries.map_or(Elements(&[]), |entries| entries.elements());
        if version.is_none() && !parts.is_empty() {
            return Err(form);
        }
        let scope = match parts.take_if(0xa0).ok_or(form.clone())? {
            Some(extensions) => scope(extensions),
            None => Some(Scope::default()),
        };
        Ok(Self {
            signed: signed.whole,
            algorithm: algorithm.content,
            signature,
            issuer: issuer.whole,
            this_update,
            next_update,
            scope,
            entries: version.is_none().then_some(entries),
        })
    }
}

/// Whether a serial number is among the entries of version 1; all of them have to be readable.
fn find(mut entries: Elements<'_>, serial: &[u8]) -> Result<bool, Unusable> {
    let mut found = false;
    while !entries.is_empty() {
        let entry = entries.take(SEQUENCE).ok_or(Unusable::Form)?;
        let mut parts = entry.elements();
        let number = parts.take(INTEGER).ok_or(Unusable::Form)?;
        parts.any().and_then(time).ok_or(Unusable::Form)?;
        if !parts.is_empty() {
            return Err(Unusable::Form);
        }
        found |= number.content == serial;
    }
    Ok(found)
}

/// Of the extensions of a list only this one changes what it says.
fn scope(extensions: Element<'_>) -> Option<Scope> {
    let mut all = only(extensions.content, SEQUENCE)?.elements();
    while !all.is_empty() {
        let mut extension = all.take(SEQUENCE)?.elements();
        if extension.take(OBJECT_IDENTIFIER)?.content == ISSUING_DISTRIBUTION_POINT {
            let value = last(extension).filter(|value| value.tag == OCTET_STRING)?;
            return Scope::read(value.content);
        }
    }
    Some(Scope::default())
}

fn last(mut elements: Elements<'_>) -> Option<Element<'_>> {
    let mut last = None;
    while !elements.is_empty() {
        last = Some(elements.any()?);
    }
    last
}

/// 2.5.29.28
const ISSUING_DISTRIBUTION_POINT: [u8; 3] = [0x55, 0x1d, 28];

/// The key usage of an authority, where there is one, has to allow it (RFC 5280, 6.3.3 f).
fn may_sign(issuer: &Certificate) -> bool {
    let Ok((_, read)) = X509Certificate::from_der(issuer.der()) else {
        return false;
    };
    match read.key_usage() {
        Ok(usage) => usage.is_none_or(|usage| usage.value.crl_sign()),
        Err(_) => false,
    }
}

fn unsupported(error: Error) -> Unusable {
    match error {
        Error::UnsupportedIndirectCrl => Unusable::Indirect,
        Error::UnsupportedDeltaCrl => Unusable::Delta,
        Error::BadDer | Error::BadDerTime => Unusable::Form,
        other => Unusable::Other(format!("{other:?}")),
    }
}

/// As messages write it: `22:00:00 UTC Jul 21 2026`.
pub(super) fn date(seconds: i64) -> String {
    DateTime::<Utc>::from_timestamp(seconds, 0).map_or_else(
        || "an unknown date".to_owned(),
        |at| at.format("%H:%M:%S UTC %b %-d %Y").to_string(),
    )
}
