//! Whether the key of a certificate has signed something, by the algorithms that connections take, too. Whom that makes
//! believable is decided by those who ask.

use rustls::crypto::WebPkiSupportedAlgorithms;
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
    let mut fault = BadSignature::Algorithm;
    // One identifier may stand for several: ECDSA names its hash, not its curve.
    for known in algorithms.all {
        if known.signature_alg_id().as_ref() != algorithm {
            continue;
        }
        match signer.verify_signature(*known, message, signature) {
            Ok(()) => return Ok(()),
            Err(_) => fault = BadSignature::Wrong,
        }
    }
    Err(fault)
}
