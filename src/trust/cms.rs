//! Signed messages (RFC 5652, PKCS#7 before it): taken apart leniently, verified strictly. A signer counts when its certificate
//! chains to an authority that is believed already and was not made for other uses. SHA-1 counts for nothing.

use ring::digest;
use rustls::crypto::ring as provider;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer;

use super::ber::Malformed;
use super::bundle::MOST_CERTIFICATES;
use super::certificate::{self, Certificate};
use super::element::{
    CONTEXT_0, CONTEXT_1, Elements, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET,
    encoded, only,
};
use super::path::Anchor;

/// Why nobody who is believed has signed a message; the text is an operator's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    #[error("the bundle is not signed")]
    Unsigned,
    #[error("the signer's certificate is not in the bundle")]
    NoSigner,
    #[error("the bundle is signed with {0}, which is not accepted")]
    Algorithm(&'static str),
    #[error("the content is not what was signed")]
    Content,
    #[error("the signature is not the signer's")]
    Signature,
    #[error("the signer's certificate is not trusted: {0}")]
    Untrusted(String),
}

/// A message of the type signed-data.
#[derive(Clone, Debug)]
pub struct Message {
    content_type: Vec<u8>,
    content: Option<Content>,
    certificates: Vec<Vec<u8>>,
    signers: Vec<Signer>,
}

/// What octets hold, or a whole element that is not wrapped in them: then the signature covers what is in it.
#[derive(Clone, Debug)]
struct Content {
    bytes: Vec<u8>,
    signed_from: usize,
}

#[derive(Clone, Debug)]
struct Signer {
    who: Who,
    digest: Vec<u8>,
    /// The content of the set, where there is one.
    attributes: Option<Vec<u8>>,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Who {
    Issued { issuer: Vec<u8>, serial: String },
    KeyId(Vec<u8>),
}

const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const CONTENT_TYPE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03";
const MESSAGE_DIGEST: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04";

/// Signers of one message that are looked at.
const MOST_SIGNERS: usize = 8;

impl Message {
    /// `ContentInfo` in DER.
    pub(super) fn of_content_info(der: &[u8]) -> Result<Self, Malformed> {
        let read = || {
            let mut inside = only(der, SEQUENCE)?.elements();
            let kind = inside.take(OBJECT_IDENTIFIER)?.content;
            let content = inside.take(CONTEXT_0)?.content;
            (kind == SIGNED_DATA).then_some(content)
        };
        Self::of_signed_data(read().ok_or(Malformed::Unexpected)?)
    }

    /// `SignedData` in DER.
    pub(super) fn of_signed_data(der: &[u8]) -> Result<Self, Malformed> {
        Self::read(der).ok_or(Malformed::Unexpected)
    }

    fn read(der: &[u8]) -> Option<Self> {
        let mut inside = Elements(der).take(SEQUENCE)?.elements();
        inside.take(INTEGER)?;
        inside.take(SET)?;
        let mut encapsulated = inside.take(SEQUENCE)?.elements();
        let content_type = encapsulated.take(OBJECT_IDENTIFIER)?.content.to_vec();
        let content = match encapsulated.take_if(CONTEXT_0)? {
            None => None,
            // PKCS#7 has any element here, and what is signed is what is in it (RFC 5652, 5.2.1).
            Some(explicit) => Some(explicit.elements().any()?),
        };
        let mut certificates = Vec::new();
        if let Some(set) = inside.take_if(CONTEXT_0)? {
            let mut set = set.elements();
            while !set.is_empty() {
                let element = set.any()?;
                // Other kinds of certificates are of no use here.
                if element.tag == SEQUENCE {
                    certificates.push(element.whole.to_vec());
                }
                if certificates.len() > MOST_CERTIFICATES + MOST_SIGNERS {
                    return None;
                }
            }
        }
        inside.take_if(CONTEXT_1)?;
        let mut signers = Vec::new();
        let mut set = inside.take(SET)?.elements();
        while !set.is_empty() && signers.len() < MOST_SIGNERS {
            signers.push(Signer::read(set.take(SEQUENCE)?.elements())?);
        }
        let content = content.map(|element| match element.tag {
            OCTET_STRING => Content {
                bytes: element.content.to_vec(),
                signed_from: 0,
            },
            _ => Content {
                bytes: element.whole.to_vec(),
                signed_from: element.whole.len() - element.content.len(),
            },
        });
        Some(Self {
            content_type,
            content,
            certificates,
            signers,
        })
    }

    /// What the signature covers; `None` when there is no signature or nothing that it could cover.
    pub fn signed_content(&self) -> Option<&[u8]> {
        let content = self.content.as_ref()?;
        (!self.signers.is_empty()).then_some(&content.bytes)
    }

    /// The certificates that travel with the message, covered by no signature.
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// The first signer who chains to one of `anchors` at `now` (seconds since 1970) and whose signature covers the content.
    ///
    /// # Errors
    /// There is none; the reason is the last signer's.
    pub fn verify(&self, anchors: &[Anchor], now: i64) -> Result<Certificate, Unverified> {
        let content = match &self.content {
            Some(content) if !self.signers.is_empty() => content.bytes.get(content.signed_from..),
            _ => None,
        };
        let content = content.ok_or(Unverified::Unsigned)?;
        let sent: Vec<_> = self
            .certificates
            .iter()
            .filter_map(|der| Certificate::read(der).ok())
            .collect();
        let mut last = Unverified::Unsigned;
        for signer in &self.signers {
            match self.verify_one(signer, content, &sent, anchors, now) {
                Ok(certificate) => return Ok(certificate),
                Err(reason) => last = reason,
            }
        }
        Err(last)
    }

    fn verify_one(
        &self,
        signer: &Signer,
        content: &[u8],
        sent: &[Certificate],
        anchors: &[Anchor],
        now: i64,
    ) -> Result<Certificate, Unverified> {
        let hash = hash(&signer.digest)?;
        let known = anchors.iter().map(|anchor| &anchor.certificate);
        let certificate = sent
            .iter()
            .chain(known)
            .find(|certificate| signer.who.is(certificate))
            .ok_or(Unverified::NoSigner)?;
        let sum = digest::digest(hash, content);
        let signed = match &signer.attributes {
            None => content.to_vec(),
            Some(attributes) => self.attributes(attributes, sum.as_ref())?,
        };
        let algorithms = algorithms(&signer.algorithm, hash)?;
        let end = EndEntityCert::try_from(certificate.der())
            .map_err(|error| Unverified::Untrusted(error.to_string()))?;
        let is_signed = algorithms.iter().any(|algorithm| {
            end.verify_signature(*algorithm, &signed, &signer.signature)
                .is_ok()
        });
        if !is_signed {
            return Err(Unverified::Signature);
        }
        is_trusted(certificate, &end, sent, anchors, now)?;
        Ok(certificate.clone())
    }

    /// What is signed where there are attributes: they themselves, as a set, with the content's type and digest among them
    /// (RFC 5652, 5.3 and 5.4).
    fn attributes(&self, attributes: &[u8], sum: &[u8]) -> Result<Vec<u8>, Unverified> {
        let read = || {
            let (mut types, mut digests) = (0, 0);
            let mut each = Elements(attributes);
            while !each.is_empty() {
                let mut attribute = each.take(SEQUENCE)?.elements();
                let kind = attribute.take(OBJECT_IDENTIFIER)?.content;
                let mut values = attribute.take(SET)?.elements();
                let (tag, value, count) = match kind {
                    CONTENT_TYPE => (OBJECT_IDENTIFIER, &*self.content_type, &mut types),
                    MESSAGE_DIGEST => (OCTET_STRING, sum, &mut digests),
                    _ => continue,
                };
                if values.take(tag)?.content != value || !values.is_empty() {
                    return None;
                }
                *count += 1;
            }
            Some((types, digests))
        };
        match read() {
            Some((1, 1)) => Ok(encoded(SET, attributes)),
            _ => Err(Unverified::Content),
        }
    }
}

impl Signer {
    fn read(mut inside: Elements<'_>) -> Option<Self> {
        inside.take(INTEGER)?;
        let who = inside.any()?;
        let who = match who.tag {
            SEQUENCE => {
                let mut issued = who.elements();
                Who::Issued {
                    issuer: issued.take(SEQUENCE)?.whole.to_vec(),
                    serial: certificate::digits(issued.take(INTEGER)?.content),
                }
            }
            // [0], primitive.
            0x80 => Who::KeyId(who.content.to_vec()),
            _ => return None,
        };
        let digest = identifier(&mut inside)?;
        let attributes = inside.take_if(CONTEXT_0)?;
        let algorithm = identifier(&mut inside)?;
        let signature = inside.take(OCTET_STRING)?.content.to_vec();
        Some(Self {
            who,
            digest,
            attributes: attributes.map(|set| set.content.to_vec()),
            algorithm,
            signature,
        })
    }
}

/// A message of certificates and nothing else: no content, no signer (RFC 5652, 5.1).
pub(super) fn of_certificates<'a>(certificates: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    // In DER a set is in the order of its encodings.
    let mut certificates: Vec<_> = certificates.collect();
    certificates.sort_unstable();
    let element = |tag, parts: &[&[u8]]| encoded(tag, &parts.concat());
    let data = element(
        SEQUENCE,
        &[
            &encoded(INTEGER, &[1]),
            &encoded(SET, &[]),
            &encoded(SEQUENCE, &encoded(OBJECT_IDENTIFIER, DATA)),
            &element(CONTEXT_0, &certificates),
            &encoded(SET, &[]),
        ],
    );
    let kind = encoded(OBJECT_IDENTIFIER, SIGNED_DATA);
    element(SEQUENCE, &[&kind, &encoded(CONTEXT_0, &data)])
}

/// The object identifier of an `AlgorithmIdentifier`.
fn identifier(inside: &mut Elements<'_>) -> Option<Vec<u8>> {
    let mut algorithm = inside.take(SEQUENCE)?.elements();
    Some(algorithm.take(OBJECT_IDENTIFIER)?.content.to_vec())
}

impl Who {
    fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Issued { issuer, serial } => {
                certificate.serial() == serial && certificate.issuer_der() == issuer
            }
            Self::KeyId(id) => {
                X509Certificate::from_der(certificate.der()).is_ok_and(|(_, read)| {
                    read.iter_extensions().any(|extension| {
                        matches!(extension.parsed_extension(),
                        ParsedExtension::SubjectKeyIdentifier(known) if known.0 == id.as_slice())
                    })
                })
            }
        }
    }
}

fn hash(oid: &[u8]) -> Result<&'static digest::Algorithm, Unverified> {
    match oid {
        b"\x60\x86\x48\x01\x65\x03\x04\x02\x01" => Ok(&digest::SHA256),
        b"\x60\x86\x48\x01\x65\x03\x04\x02\x02" => Ok(&digest::SHA384),
        b"\x60\x86\x48\x01\x65\x03\x04\x02\x03" => Ok(&digest::SHA512),
        b"\x2b\x0e\x03\x02\x1a" => Err(Unverified::Algorithm("SHA-1")),
        b"\x2a\x86\x48\x86\xf7\x0d\x02\x05" => Err(Unverified::Algorithm("MD5")),
        _ => Err(Unverified::Algorithm("an unknown digest")),
    }
}

/// What could verify the signature: the curve or the size of the key decides among several.
fn algorithms(
    oid: &[u8],
    hash: &'static digest::Algorithm,
) -> Result<Vec<&'static dyn SignatureVerificationAlgorithm>, Unverified> {
    use webpki::ring as w;
    let by_hash = |of: [&'static dyn SignatureVerificationAlgorithm; 3]| {
        let [small, middle, large] = of;
        if hash == &digest::SHA256 {
            small
        } else if hash == &digest::SHA384 {
            middle
        } else {
            large
        }
    };
    let rsa = [
        w::RSA_PKCS1_2048_8192_SHA256,
        w::RSA_PKCS1_2048_8192_SHA384,
        w::RSA_PKCS1_2048_8192_SHA512,
    ];
    Ok(match oid {
        // RSA with the digest beside it, or named together with it.
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" => vec![by_hash(rsa)],
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b" => vec![rsa[0]],
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c" => vec![rsa[1]],
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d" => vec![rsa[2]],
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a" => vec![by_hash([
            w::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
            w::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
            w::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
        ])],
        b"\x2a\x86\x48\xce\x3d\x04\x03\x02" => vec![w::ECDSA_P256_SHA256, w::ECDSA_P384_SHA256],
        b"\x2a\x86\x48\xce\x3d\x04\x03\x03" => vec![w::ECDSA_P384_SHA384, w::ECDSA_P256_SHA384],
        b"\x2b\x65\x70" => vec![w::ED25519],
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05" => return Err(Unverified::Algorithm("SHA-1")),
        _ => return Err(Unverified::Algorithm("an unknown algorithm")),
    })
}

/// An authority that is believed may sign by itself; anybody else must chain to one.
fn is_trusted(
    signer: &Certificate,
    end: &EndEntityCert<'_>,
    sent: &[Certificate],
    anchors: &[Anchor],
    now: i64,
) -> Result<(), Unverified> {
    let usable: Vec<_> = anchors
        .iter()
        .map(|anchor| &anchor.certificate)
        .filter(|certificate| certificate.is_authority() && certificate.is_valid_at(now))
        .collect();
    if usable.contains(&signer) {
        return Ok(());
    }
    let trusted: Vec<_> = usable
        .iter()
        .filter_map(|certificate| webpki::anchor_from_trusted_cert(certificate.der()).ok())
        .collect();
    let between: Vec<CertificateDer<'_>> = above(signer, sent);
    let at = std::time::Duration::from_secs(u64::try_from(now).unwrap_or(0));
    end.verify_for_usage(
        provider::default_provider()
            .signature_verification_algorithms
            .all,
        &trusted,
        &between,
        UnixTime::since_unix_epoch(at),
        SignsBundles,
        None,
        None,
    )
    .map(drop)
    .map_err(|error| Unverified::Untrusted(words(&error)))
}

/// Authorities among what was sent that may stand between `signer` and one that is believed.
fn above<'a>(signer: &Certificate, sent: &'a [Certificate]) -> Vec<CertificateDer<'a>> {
    let (mut found, mut wanted): (Vec<&Certificate>, Vec<&[u8]>) =
        (Vec::new(), vec![signer.issuer_der()]);
    while let Some(name) = wanted.pop() {
        let more: Vec<_> = sent
            .iter()
            .filter(|known| known.is_authority() && known.subject_der() == name)
            .filter(|known| !found.contains(known))
            .take(MOST_BETWEEN.saturating_sub(found.len()))
            .collect();
        wanted.extend(more.iter().map(|known| known.issuer_der()));
        found.extend(more);
    }
    found
        .into_iter()
        .map(|known| CertificateDer::from(known.der().as_ref()))
        .collect()
}

const MOST_BETWEEN: usize = 8;

fn words(error: &webpki::Error) -> String {
    use webpki::Error as E;
    match error {
        E::UnknownIssuer => "unknown issuer".to_owned(),
        E::CertExpired { .. } => "it has expired".to_owned(),
        E::CertNotValidYet { .. } => "it is not valid yet".to_owned(),
        E::RequiredEkuNotFoundContext(_) => "it is not for signing bundles".to_owned(),
        E::CaUsedAsEndEntity => "it is an authority's that is not trusted".to_owned(),
        other => other.to_string(),
    }
}

/// Extended key usages of signers: none at all, any, code signing, protection of e-mail.
struct SignsBundles;

impl ExtendedKeyUsageValidator for SignsBundles {
    fn validate(&self, uses: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let mut is_limited = false;
        for kind in uses {
            is_limited = true;
            match kind?.to_decoded_oid().as_slice() {
                [2, 5, 29, 37, 0] | [1, 3, 6, 1, 5, 5, 7, 3, 3 | 4] => return Ok(()),
                _ => {}
            }
        }
        match is_limited {
            false => Ok(()),
            true => Err(webpki::Error::RequiredEkuNotFoundContext(
                webpki::RequiredEkuNotFoundContext {
                    required: webpki::KeyUsage::required(b"\x2b\x06\x01\x05\x05\x07\x03\x03"),
                    present: Vec::new(),
                },
            )),
        }
    }
}

#[cfg(test)]
#[path = "cms_tests.rs"]
pub(super) mod tests;
