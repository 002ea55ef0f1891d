//! OCSP (RFC 6960): the question about one certificate, and the answer, believed when the issuer or somebody it has named for
//! that has signed it. Pure; who is asked, and how long an answer is kept, is decided elsewhere.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring as provider};
use rustls::pki_types::UnixTime;
use webpki::{EndEntityCert, KeyUsage};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::certificate::{Certificate, Unreadable};
use super::crl::{SKEW, date};
use super::element::{
    BIT_STRING, ENUMERATED, Element, Elements, GENERALIZED_TIME, INTEGER, NULL, OBJECT_IDENTIFIER,
    OCTET_STRING, SEQUENCE, encoded, only, time, whole_bits,
};
use super::signature::{BadSignature, verify};

/// Bytes of one answer.
pub const MOST_BYTES: usize = 64 * 1024;

/// Certificates in one answer that are looked at.
const MOST_CERTIFICATES: usize = 8;

/// Of the nonce, RFC 8954.
pub const NONCE_BYTES: usize = 32;

/// An answer that names no next update is current for a day.
pub const DAY: i64 = 86_400;

/// What a responder says of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Good,
    /// Since, in seconds since 1970.
    Revoked(i64),
}

/// A believed answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: Status,
    /// Seconds since 1970.
    pub this_update: i64,
    pub next_update: Option<i64>,
}

/// Why an answer says nothing; the text is an operator's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("answer is larger than {MOST_BYTES} bytes")]
    TooLarge,
    #[error("not an answer of a responder")]
    Form,
    #[error("certificate cannot be asked about")]
    Certificate,
    /// RFC 6960, 4.2.1.
    #[error("responder says {0}")]
    Error(&'static str),
    #[error("responder does not know the certificate")]
    Unknown,
    #[error("answer is about another certificate")]
    OtherCertificate,
    #[error("answer is to another question")]
    Nonce,
    #[error("answer is signed by an algorithm that is not accepted")]
    Algorithm,
    #[error("answer is not signed by the issuer or whom it has named")]
    Signer,
    #[error("signature of the answer is not the responder's")]
    Signature,
    #[error("answer is out of date, its next update was {0}")]
    Stale(String),
    #[error("answer is of the future, {0}")]
    Future(String),
}

impl From<Unreadable> for Unusable {
    fn from(_: Unreadable) -> Self {
        Self::Certificate
    }
}

/// A question about one certificate.
#[derive(Clone, Debug)]
pub struct Question {
    issuer: Certificate,
    issuer_key: Vec<u8>,
    name_hash: Vec<u8>,
    key_hash: Vec<u8>,
    serial: Vec<u8>,
    nonce: [u8; NONCE_BYTES],
}

impl Question {
    /// `nonce` has to be random.
    pub fn new(
        certificate: &Certificate,
        issuer: &Certificate,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Self, Unusable> {
        let (_, read) =
            X509Certificate::from_der(certificate.der()).map_err(|_| Unusable::Certificate)?;
        Ok(Self {
            issuer_key: key_of(issuer).ok_or(Unusable::Certificate)?,
            name_hash: sha1(issuer.subject_der()),
            key_hash: sha1(&key_of(issuer).ok_or(Unusable::Certificate)?),
            issuer: issuer.clone(),
            serial: read.raw_serial().to_vec(),
            nonce,
        })
    }

    /// As it is sent.
    pub fn encode(&self) -> Vec<u8> {
        let algorithm = encoded(
            SEQUENCE,
            &[encoded(OBJECT_IDENTIFIER, &SHA1), encoded(NULL, &[])].concat(),
        );
        let id = [
            algorithm,
            encoded(OCTET_STRING, &self.name_hash),
            encoded(OCTET_STRING, &self.key_hash),
            encoded(INTEGER, &self.serial),
        ];
        let request = encoded(SEQUENCE, &encoded(SEQUENCE, &id.concat()));
        let nonce = encoded(OCTET_STRING, &encoded(OCTET_STRING, &self.nonce));
        let extension = [encoded(OBJECT_IDENTIFIER, &NONCE), nonce].concat();
        let extensions = encoded(SEQUENCE, &encoded(SEQUENCE, &extension));
        let signed = [encoded(SEQUENCE, &request), encoded(0xa2, &extensions)].concat();
        encoded(SEQUENCE, &encoded(SEQUENCE, &signed))
    }

    /// What `bytes` say, if they can be believed at `now`.
    pub fn read(&self, bytes: &[u8], now: i64) -> Result<Answer, Unusable> {
        if bytes.len() > MOST_BYTES {
            return Err(Unusable::TooLarge);
        }
        let basic = basic(bytes)?;
        let answer = Signed::read(basic).ok_or(Unusable::Form)?;
        self.believe(&answer, now)?;
        let contents = Contents::read(answer.signed).ok_or(Unusable::Form)?;
        self.is_mine(&contents)?;
        let mut single = None;
        let mut responses = contents.responses.elements();
        while !responses.is_empty() {
            let response = Single::read(responses.take(SEQUENCE).ok_or(Unusable::Form)?)
                .ok_or(Unusable::Form)?;
            if self.is_about(&response) {
                single = Some(response);
                break;
            }
        }
        let single = single.ok_or(Unusable::OtherCertificate)?;
        if single.this_update > now.saturating_add(SKEW) {
            return Err(Unusable::Future(date(single.this_update)));
        }
        let end = single
            .next_update
            .unwrap_or(single.this_update.saturating_add(DAY));
        if now > end.saturating_add(SKEW) {
            return Err(Unusable::Stale(date(end)));
        }
        Ok(Answer {
            status: single.status.ok_or(Unusable::Unknown)?,
            this_update: single.this_update,
            next_update: single.next_update,
        })
    }

    /// The signature, by the issuer itself or by somebody whom the issuer has certified for OCSP (RFC 6960, 4.2.2.2).
    fn believe(&self, answer: &Signed<'_>, now: i64) -> Result<(), Unusable> {
        let contents = Contents::read(answer.signed).ok_or(Unusable::Form)?;
        let algorithms = provider::default_provider().signature_verification_algorithms;
        let mut fault = Unusable::Signer;
        if contents
            .responder
            .is(self.issuer.subject_der(), &self.issuer_key)
        {
            match answer.is_signed_by(&algorithms, &self.issuer) {
                Ok(()) => return Ok(()),
                Err(other) => fault = other,
            }
        }
        let mut sent = Elements(answer.certificates);
        for _ in 0..MOST_CERTIFICATES {
            if sent.is_empty() {
                break;
            }
            let sent = sent.take(SEQUENCE).ok_or(Unusable::Form)?;
            let Ok(signer) = Certificate::read(sent.whole) else {
                continue;
            };
            let Some(key) = key_of(&signer) else { continue };
            if signer == self.issuer || !contents.responder.is(signer.subject_der(), &key) {
                continue;
            }
            if !self.has_named(&algorithms, &signer, now) {
                continue;
            }
            match answer.is_signed_by(&algorithms, &signer) {
                Ok(()) => return Ok(()),
                Err(other) => fault = other,
            }
        }
        Err(fault)
    }

    /// The issuer itself has to have certified the signer, and for nothing but this.
    fn has_named(
        &self,
        algorithms: &WebPkiSupportedAlgorithms,
        signer: &Certificate,
        now: i64,
    ) -> bool {
        let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(
            u64::try_from(now).unwrap_or(0),
        ));
        let Ok(anchor) = webpki::anchor_from_trusted_cert(self.issuer.der()) else {
            return false;
        };
        EndEntityCert::try_from(signer.der()).is_ok_and(|end| {
            let usage = KeyUsage::required(OCSP_SIGNING);
            end.verify_for_usage(algorithms.all, &[anchor], &[], at, usage, None, None)
                .is_ok()
        })
    }

    /// A nonce that is another's is a replay; none at all is what responders send that sign in advance.
    fn is_mine(&self, contents: &Contents<'_>) -> Result<(), Unusable> {
        let Some(extensions) = contents.extensions else {
            return Ok(());
        };
        let mut all = only(extensions.content, SEQUENCE)
            .ok_or(Unusable::Form)?
            .elements();
        while !all.is_empty() {
            let mut extension = all.take(SEQUENCE).ok_or(Unusable::Form)?.elements();
            let kind = extension.take(OBJECT_IDENTIFIER).ok_or(Unusable::Form)?;
            if kind.content != NONCE {
                continue;
            }
            let value = extension.take(OCTET_STRING).ok_or(Unusable::Form)?;
            let inner = only(value.content, OCTET_STRING).map(|inner| inner.content);
            if inner != Some(&self.nonce[..]) {
                return Err(Unusable::Nonce);
            }
        }
        Ok(())
    }

    fn is_about(&self, single: &Single<'_>) -> bool {
        single.algorithm == SHA1
            && single.name_hash == self.name_hash
            && single.key_hash == self.key_hash
            && single.serial == self.serial
    }
}

/// `OCSPResponse` down to `BasicOCSPResponse`.
fn basic(bytes: &[u8]) -> Result<Element<'_>, Unusable> {
    let mut outer = only(bytes, SEQUENCE).ok_or(Unusable::Form)?.elements();
    let status = outer.take(ENUMERATED).ok_or(Unusable::Form)?;
    match status.content {
        [0] => {}
        [1] => return Err(Unusable::Error("malformed request")),
        [2] => return Err(Unusable::Error("internal error")),
        [3] => return Err(Unusable::Error("try later")),
        [5] => return Err(Unusable::Error("signature required")),
        [6] => return Err(Unusable::Error("unauthorized")),
        _ => return Err(Unusable::Form),
    }
    let bytes = outer.take(0xa0).ok_or(Unusable::Form)?;
    let mut typed = only(bytes.content, SEQUENCE)
        .ok_or(Unusable::Form)?
        .elements();
    let kind = typed.take(OBJECT_IDENTIFIER).ok_or(Unusable::Form)?;
    let value = typed.take(OCTET_STRING).ok_or(Unusable::Form)?;
    if kind.content != BASIC || !typed.is_empty() || !outer.is_empty() {
        return Err(Unusable::Form);
    }
    only(value.content, SEQUENCE).ok_or(Unusable::Form)
}

/// `BasicOCSPResponse`.
struct Signed<'a> {
    signed: Element<'a>,
    algorithm: &'a [u8],
    signature: &'a [u8],
    /// Certificates one after the other.
    certificates: &'a [u8],
}

impl<'a> Signed<'a> {
    fn read(basic: Element<'a>) -> Option<Self> {
        let mut parts = basic.elements();
        let signed = parts.take(SEQUENCE)?;
        let algorithm = parts.take(SEQUENCE)?;
        let signature = whole_bits(parts.take(BIT_STRING)?)?;
        let certificates = match parts.take_if(0xa0)? {
            Some(all) => only(all.content, SEQUENCE)?.content,
            None => &[],
        };
        parts.is_empty().then_some(Self {
            signed,
            algorithm: algorithm.content,
            signature,
            certificates,
        })
    }

    fn is_signed_by(
        &self,
        algorithms: &WebPkiSupportedAlgorithms,
        signer: &Certificate,
    ) -> Result<(), Unusable> {
        verify(
            algorithms,
            signer,
            self.algorithm,
            self.signed.whole,
            self.signature,
        )
        .map_err(|fault| match fault {
            BadSignature::Algorithm => Unusable::Algorithm,
            BadSignature::Wrong => Unusable::Signature,
        })
    }
}

/// `ResponseData`.
struct Contents<'a> {
    responder: Responder<'a>,
    responses: Element<'a>,
    extensions: Option<Element<'a>>,
}

enum Responder<'a> {
    Name(&'a [u8]),
    KeyHash(&'a [u8]),
}

impl Responder<'_> {
    fn is(&self, subject: &[u8], key: &[u8]) -> bool {
        match self {
            Self::Name(name) => *name == subject,
            Self::KeyHash(hash) => *hash == sha1(key),
        }
    }
}

impl<'a> Contents<'a> {
    fn read(signed: Element<'a>) -> Option<Self> {
        let mut parts = signed.elements();
        parts.take_if(0xa0)?;
        let responder = parts.any()?;
        let responder = match responder.tag {
            0xa1 => Responder::Name(only(responder.content, SEQUENCE)?.whole),
            0xa2 => Responder::KeyHash(only(responder.content, OCTET_STRING)?.content),
            _ => return None,
        };
        time(parts.take(GENERALIZED_TIME)?)?;
        let responses = parts.take(SEQUENCE)?;
        let extensions = parts.take_if(0xa1)?;
        parts.is_empty().then_some(Self {
            responder,
            responses,
            extensions,
        })
    }
}

/// `SingleResponse`.
struct Single<'a> {
    algorithm: &'a [u8],
    name_hash: &'a [u8],
    key_hash: &'a [u8],
    serial: &'a [u8],
    /// `None` where the responder does not know.
    status: Option<Status>,
    this_update: i64,
    next_update: Option<i64>,
}

impl<'a> Single<'a> {
    fn read(single: Element<'a>) -> Option<Self> {
        let mut parts = single.elements();
        let mut id = parts.take(SEQUENCE)?.elements();
        let mut algorithm = id.take(SEQUENCE)?.elements();
        let (kind, parameters) = (algorithm.take(OBJECT_IDENTIFIER)?, algorithm.take_if(NULL)?);
        if !algorithm.is_empty() || parameters.is_some_and(|none| !none.content.is_empty()) {
            return None;
        }
        let name_hash = id.take(OCTET_STRING)?.content;
        let key_hash = id.take(OCTET_STRING)?.content;
        let serial = id.take(INTEGER)?.content;
        let status = parts.any()?;
        let status = match (status.tag, status.content) {
            (0x80, []) => Some(Status::Good),
            (0xa1, _) => Some(Status::Revoked(time(
                status.elements().take(GENERALIZED_TIME)?,
            )?)),
            (0x82, []) => None,
            _ => return None,
        };
        let this_update = time(parts.take(GENERALIZED_TIME)?)?;
        let next_update = match parts.take_if(0xa0)? {
            Some(next) => Some(time(only(next.content, GENERALIZED_TIME)?)?),
            None => None,
        };
        parts.take_if(0xa1)?;
        (id.is_empty() && parts.is_empty()).then_some(Self {
            algorithm: kind.content,
            name_hash,
            key_hash,
            serial,
            status,
            this_update,
            next_update,
        })
    }
}

/// The bits of the public key, without its algorithm.
fn key_of(certificate: &Certificate) -> Option<Vec<u8>> {
    let (_, read) = X509Certificate::from_der(certificate.der()).ok()?;
    Some(read.public_key().subject_public_key.data.to_vec())
}

/// A name of what it stands for, and no proof (RFC 6960, 4.3).
fn sha1(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec()
}

/// 1.3.14.3.2.26
const SHA1: [u8; 5] = [0x2b, 0x0e, 0x03, 0x02, 0x1a];
/// 1.3.6.1.5.5.7.48.1.1
const BASIC: [u8; 9] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01];
/// 1.3.6.1.5.5.7.48.1.2
const NONCE: [u8; 9] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02];
/// 1.3.6.1.5.5.7.3.9
const OCSP_SIGNING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x09];
