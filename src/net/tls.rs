//! The client side of a TLS connection: one handshake over a stream that is already connected, and its failure in an
//! operator's words. Who is believed is decided by the verifier that is handed in (trust/), not here.

use std::io;
use std::sync::Arc;

use chrono::DateTime;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Why there is no TLS connection.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// The host is neither a DNS name nor an address, so that no certificate could ever be for it.
    #[error("no certificate can be for this host name")]
    Name,
    /// The certificate was read and is not believed.
    #[error("{}", in_words(.0))]
    Certificate(CertificateError),
    #[error("{0}")]
    Protocol(rustls::Error),
    /// The stream broke during the handshake.
    #[error("{}", super::http::io_words(.0))]
    Stream(io::Error),
}

/// Shakes hands with `host` over `stream`. The name is sent (SNI) and verified; an address is verified only.
pub async fn connect<S>(
    client: Arc<ClientConfig>,
    host: &str,
    stream: S,
) -> Result<TlsStream<S>, TlsFault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = ServerName::try_from(host.to_owned()).map_err(|_| TlsFault::Name)?;
    TlsConnector::from(client)
        .connect(name, stream)
        .await
        .map_err(fault)
}

fn fault(error: io::Error) -> TlsFault {
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    {
        Some(rustls::Error::InvalidCertificate(refused)) => TlsFault::Certificate(refused.clone()),
        Some(other) => TlsFault::Protocol(other.clone()),
        None => TlsFault::Stream(error),
    }
}

/// What an operator has to know to set it right; rustls's own words where it has no more common ones.
fn in_words(refused: &CertificateError) -> String {
    match refused {
        CertificateError::UnknownIssuer => "unknown issuer".to_owned(),
        CertificateError::Expired => "certificate has expired".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("certificate has expired on {}", date(*not_after))
        }
        CertificateError::NotValidYet => "certificate is not valid yet".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("certificate is not valid before {}", date(*not_before))
        }
        CertificateError::NotValidForName => "certificate is for another name".to_owned(),
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            "certificate names no host".to_owned()
        }
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => {
            let names: Vec<_> = presented.iter().map(|name| bare_name(name)).collect();
            format!(
                "certificate is for {}, not for {}",
                names.join(", "),
                expected.to_str()
            )
        }
        CertificateError::Revoked => "certificate is revoked".to_owned(),
        CertificateError::BadSignature => "certificate is not signed by its issuer".to_owned(),
        CertificateError::BadEncoding => "certificate cannot be read".to_owned(),
        // webpki's own errors come wrapped; the common one is that of `openssl req -x509`, an authority's certificate.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "self-signed certificate of an authority, not trusted".to_owned()
        }
        CertificateError::Other(other) => other.to_string(),
        other => other.to_string(),
    }
}

/// The names of a certificate come as `DnsName("collector.example")`.
fn bare_name(name: &str) -> &str {
    let inside = name
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    inside.unwrap_or(name).trim_matches('"')
}

fn date(at: UnixTime) -> String {
    i64::try_from(at.as_secs())
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .map_or_else(
            || "an unknown date".to_owned(),
            |at| at.format("%Y-%m-%d").to_string(),
        )
}
