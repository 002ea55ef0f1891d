//! The verifier that every TLS connection gets: a path to an authority that is believed (path.rs), then a name that was
//! expected (identity.rs). Both must hold; there is no switch that turns either off.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

use super::identity::{Expected, Mismatch};
use super::path::{self, Anchor, NoPath};

/// Why a server is not believed; the text is an operator's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("{0}")]
    Path(#[from] NoPath),
    #[error("{0}")]
    Name(#[from] Mismatch),
}

/// Believes `anchors` for servers that show `expected`.
pub struct Verifier {
    anchors: Arc<[Anchor]>,
    expected: Expected,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    pub fn new(anchors: Arc<[Anchor]>, expected: Expected) -> Self {
        Self {
            anchors,
            expected,
            algorithms: ring::default_provider().signature_verification_algorithms,
        }
    }

    /// Both halves; what rustls asks during the handshake, and tests without one.
    pub fn verify(
        &self,
        server: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: i64,
    ) -> Result<path::Path, Refused> {
        let path = path::find(server, intermediates, &self.anchors, now)?;
        self.expected.verify(path.server.presented())?;
        Ok(path)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Verifier({} anchors, {})",
            self.anchors.len(),
            self.expected
        )
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        server: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        self.verify(server, intermediates, seconds)
            .map(|_| ServerCertVerified::assertion())
            .map_err(|refused| {
                Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(refused))))
            })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
