//! Whether the key of a certificate has signed something, by the algorithms that connections take, too. Whom that makes
//! believable is decided by those who ask.

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::SignatureVerificationAlgorithm;
use webpki::EndEntityCert;

use super::certificate::Certificate;

/// Why a signature does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadSignature {
    /// By an algorithm that is not accepted, SHA-1 among them.
    Algorithm,
    Wrong,
}

/// Whether `signer` has signed `message`; `algorithm` is the content of an `AlgorithmIdentifier`.
pub(super) fn verify(
    algorithms: &WebPkiSupportedAlgorithms,
    signer: &Certificate,
    algorithm: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), BadSignature> {
    let signer = EndEntityCert::try_from(signer.der()).map_err(|_| BadSignature::Wrong)?;
    one_of(algorithms, algorithm, |known| {
        signer.verify_signature(known, message, signature).is_ok()
    })
}

/// Whether a signature holds by one of the algorithms that an identifier stands for: ECDSA names its hash, not its curve.
pub(super) fn one_of(
    algorithms: &WebPkiSupportedAlgorithms,
    algorithm: &[u8],
    holds: impl Fn(&dyn SignatureVerificationAlgorithm) -> bool,
) -> Result<(), BadSignature> {
    let mut named = algorithms
        .all
        .iter()
        .filter(|known| known.signature_alg_id().as_ref() == algorithm)
        .peekable();
    if named.peek().is_none() {
        return Err(BadSignature::Algorithm);
    }
    match named.any(|known| holds(*known)) {
        true => Ok(()),
        false => Err(BadSignature::Wrong),
    }
}
