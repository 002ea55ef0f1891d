//! Whether the key of one certificate has made the signature of another, or its own. Version, extensions and names are not
//! looked at: an old authority's certificate is verified as any other. Paths are path.rs's.

use ring::signature::{RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, UnparsedPublicKey};
use rustls::crypto::ring as provider;
use x509_parser::parse_x509_certificate;

use super::certificate::Certificate;
use super::element::{self, BIT_STRING, INTEGER, SEQUENCE};
use super::signature::{self, BadSignature};

/// Which algorithms count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    /// Those of today.
    Strong,
    /// SHA-1 too: it still shows that an old certificate was not changed, and nobody is believed because of it.
    Any,
}

/// What is signed of a certificate, by what, and how.
struct Signed<'a> {
    message: &'a [u8],
    /// The content of its `AlgorithmIdentifier`.
    algorithm: &'a [u8],
    signature: &'a [u8],
}

/// sha1WithRSAEncryption (RFC 3279, 2.2.1) with the NULL that it has.
const SHA1_WITH_RSA: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05, 0x05, 0x00,
];

/// Verifies the signature of `certificate` with the public key of `signer`.
pub(super) fn check(
    signer: &Certificate,
    certificate: &Certificate,
    hash: Hash,
) -> Result<(), BadSignature> {
    let Signed {
        message,
        algorithm,
        signature: bits,
    } = read(certificate).ok_or(BadSignature::Wrong)?;
    let (_, holder) = parse_x509_certificate(signer.der()).map_err(|_| BadSignature::Wrong)?;
    let key = holder.public_key();
    let kind = element::only(key.raw, SEQUENCE)
        .and_then(|key| key.elements().take(SEQUENCE))
        .ok_or(BadSignature::Wrong)?;
    let key = &*key.subject_public_key.data;
    if hash == Hash::Any && algorithm == SHA1_WITH_RSA {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, key);
        return key.verify(message, bits).map_err(|_| BadSignature::Wrong);
    }
    let known = provider::default_provider().signature_verification_algorithms;
    signature::one_of(&known, algorithm, |known| {
        // Another kind of key cannot have made it.
        known.public_key_alg_id().as_ref() == kind.content
            && known.verify_signature(key, message, bits).is_ok()
    })
}

/// `None` for what is no strict encoding, or names one algorithm inside the signed part and another beside it (RFC 5280,
/// 4.1.1.2).
fn read(certificate: &Certificate) -> Option<Signed<'_>> {
    let mut parts = element::only(certificate.der(), SEQUENCE)?.elements();
    let message = parts.take(SEQUENCE)?;
    let algorithm = parts.take(SEQUENCE)?;
    let signature = element::whole_bits(parts.take(BIT_STRING)?)?;
    let mut inside = message.elements();
    // The version, which certificates of version 1 have not.
    inside.take_if(0xa0)?;
    inside.take(INTEGER)?;
    let is_same = inside.take(SEQUENCE)? == algorithm;
    (parts.is_empty() && is_same).then_some(Signed {
        message: message.whole,
        algorithm: algorithm.content,
        signature,
    })
}
