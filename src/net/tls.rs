//! The client side of a TLS connection: one handshake over a stream that is already connected, and its failure in an
//! operator's words. Who is believed is decided by the verifier that is handed in (trust/), not here.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How a connection begins: protocol and verifier, and who looks at the server once more before the first byte.
#[derive(Clone, Debug)]
pub struct Client {
    pub config: Arc<ClientConfig>,
    pub vet: Option<Arc<dyn Vet>>,
}

/// A second look at who answered, for what takes time and the network: whether a certificate was revoked.
pub trait Vet: Send + Sync + fmt::Debug {
    /// `shown` are the server's certificates, its own first. An error ends the connection; its text is an operator's.
    fn vet<'a>(&'a self, shown: &'a [CertificateDer<'static>]) -> Vetting<'a>;
}

pub type Vetting<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// Why there is no TLS connection.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// The host is neither a DNS name nor an address, so that no certificate could ever be for it.
    #[error("no certificate can be for this host name")]
    Name,
    /// The certificate was read and is not believed.
    #[error("{}", in_words(.0))]
    Certificate(CertificateError),
    /// It would be believed, had it not been looked at once more.
    #[error("{0}")]
    Vetted(String),
    #[error("{0}")]
    Protocol(rustls::Error),
    /// The stream broke during the handshake.
    #[error("{}", super::http::io_words(.0))]
    Stream(io::Error),
}

/// Shakes hands with `host` over `stream`. The name is sent (SNI), an address is not.
pub async fn connect<S>(client: &Client, host: &str, stream: S) -> Result<TlsStream<S>, TlsFault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    let ascii = match bare.is_ascii() {
        true => bare.to_owned(),
        false => idna::domain_to_ascii(bare).map_err(|_| TlsFault::Name)?,
    };
    let name = ServerName::try_from(ascii).map_err(|_| TlsFault::Name)?;
    let stream = TlsConnector::from(Arc::clone(&client.config))
        .connect(name, stream)
        .await
        .map_err(fault)?;
    if let Some(vet) = &client.vet {
        let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
        vet.vet(shown).await.map_err(TlsFault::Vetted)?;
    }
    Ok(stream)
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

/// Verifiers have words of their own; the rest is what rustls finds by itself.
fn in_words(refused: &CertificateError) -> String {
    match refused {
        CertificateError::Other(reason) => reason.to_string(),
        CertificateError::BadSignature => "certificate is not the server's own".to_owned(),
        other => other.to_string(),
    }
}
