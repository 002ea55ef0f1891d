//! From a server's certificate to an authority that is believed: signatures, dates, uses, by webpki. Dates and uses of the
//! authority itself, which webpki does not look at, are looked at here. Names are identity.rs's, revocation revocation.rs's.

use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage};

use super::certificate::{Certificate, Unreadable};
use super::dates;

/// Certificates that a peer may send beside its own.
pub const MOST_INTERMEDIATES: usize = 16;

/// An authority that is believed, or a server's own certificate that an operator has accepted as such.
#[derive(Clone, Debug)]
pub struct Anchor {
    pub certificate: Certificate,
    /// Of whom it is the anchor: a trust point's name, or `None` for the pool.
    pub trustpoint: Option<std::sync::Arc<str>>,
    anchor: TrustAnchor<'static>,
}

impl Anchor {
    pub fn new(
        certificate: Certificate,
        trustpoint: Option<std::sync::Arc<str>>,
    ) -> Result<Self, Unreadable> {
        let anchor = webpki::anchor_from_trusted_cert(certificate.der())
            .map_err(|_| Unreadable::Form)?
            .to_owned();
        Ok(Self {
            certificate,
            trustpoint,
            anchor,
        })
    }
}

/// Why no path was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPath {
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("more than {MOST_INTERMEDIATES} certificates were sent")]
    TooLong,
    #[error("unknown issuer")]
    UnknownIssuer,
    /// The date, as `2026-11-24`, and what the clock says.
    #[error("certificate has expired on {0}; {1}")]
    Expired(String, String),
    #[error("certificate is not valid before {0}; {1}")]
    NotYet(String, String),
    #[error("self-signed certificate of an authority, not trusted")]
    AuthorityAsServer,
    #[error("certificate is not for servers")]
    Use,
    #[error("certificate is not signed by its issuer")]
    Signature,
    #[error("{0}")]
    Other(String),
}

/// What vouches for the server: the certificates from its own up to the anchor, without the server's own first.
#[derive(Clone, Debug)]
pub struct Path {
    pub server: Certificate,
    /// From the server's issuer upwards, the anchor last; the server's own again when an operator has accepted it as it is.
    pub issuers: Vec<Certificate>,
    pub trustpoint: Option<std::sync::Arc<str>>,
}

/// Finds a path at `now` (seconds since 1970).
pub fn find(
    server: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    anchors: &[Anchor],
    now: i64,
) -> Result<Path, NoPath> {
    let certificate = Certificate::read(server)?;
    if intermediates.len() > MOST_INTERMEDIATES {
        return Err(NoPath::TooLong);
    }
    if let Some(own) = anchors
        .iter()
        .find(|anchor| anchor.certificate == certificate)
    {
        within_dates(&certificate, now)?;
        return Ok(Path {
            server: certificate.clone(),
            issuers: vec![certificate],
            trustpoint: own.trustpoint.clone(),
        });
    }
    let usable: Vec<_> = anchors
        .iter()
        .filter(|anchor| anchor.certificate.is_authority() && anchor.certificate.is_valid_at(now))
        .collect();
    let trusted: Vec<_> = usable.iter().map(|anchor| anchor.anchor.clone()).collect();
    let leaf = EndEntityCert::try_from(server).map_err(|_| Unreadable::Form)?;
    let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(
        u64::try_from(now).unwrap_or(0),
    ));
    let algorithms = ring::default_provider().signature_verification_algorithms;
    let path = leaf
        .verify_for_usage(
            algorithms.all,
            &trusted,
            intermediates,
            at,
            KeyUsage::server_auth(),
            None,
            None,
        )
        .map_err(|error| reason(error, &certificate, anchors, now))?;
    let mut issuers = Vec::new();
    for intermediate in path.intermediate_certificates() {
        issuers.push(Certificate::read(&intermediate.der())?);
    }
    let anchor = trusted
        .iter()
        .position(|known| known == path.anchor())
        .and_then(|place| usable.get(place));
    if let Some(anchor) = anchor {
        issuers.push(anchor.certificate.clone());
    }
    Ok(Path {
        server: certificate,
        issuers,
        trustpoint: anchor.and_then(|anchor| anchor.trustpoint.clone()),
    })
}

fn within_dates(certificate: &Certificate, now: i64) -> Result<(), NoPath> {
    let (from, to) = (certificate.not_before(), certificate.not_after());
    if now > to.timestamp() {
        return Err(NoPath::Expired(dates::day(to), clock(now)));
    }
    if now < from.timestamp() {
        return Err(NoPath::NotYet(dates::day(from), clock(now)));
    }
    Ok(())
}

fn clock(now: i64) -> String {
    dates::clock(chrono::DateTime::from_timestamp(now, 0).unwrap_or_default())
}

/// webpki tells the last thing that it tried; the dates of the server itself come first for an operator, then those of the
/// authority that would have vouched.
fn reason(error: webpki::Error, server: &Certificate, anchors: &[Anchor], now: i64) -> NoPath {
    use webpki::Error as E;
    if let Err(dates) = within_dates(server, now) {
        return dates;
    }
    match error {
        E::UnknownIssuer => {
            let stale = anchors
                .iter()
                .find(|anchor| anchor.certificate.subject_der() == server.issuer_der())
                .map(|anchor| &anchor.certificate);
            match stale {
                Some(authority) if !authority.is_authority() => {
                    NoPath::Other("issuer may not sign certificates".to_owned())
                }
                Some(authority) => match within_dates(authority, now) {
                    Err(NoPath::Expired(date, clock)) => {
                        NoPath::Other(format!("issuer has expired on {date}; {clock}"))
                    }
                    Err(NoPath::NotYet(date, clock)) => {
                        NoPath::Other(format!("issuer is not valid before {date}; {clock}"))
                    }
                    _ => NoPath::UnknownIssuer,
                },
                None => NoPath::UnknownIssuer,
            }
        }
        E::CertExpired { .. } => NoPath::Other(format!(
            "a certificate of the chain has expired; {}",
            clock(now)
        )),
        E::CertNotValidYet { .. } => NoPath::Other(format!(
            "a certificate of the chain is not valid yet; {}",
            clock(now)
        )),
        E::CaUsedAsEndEntity => NoPath::AuthorityAsServer,
        E::RequiredEkuNotFoundContext(_) => NoPath::Use,
        E::InvalidSignatureForPublicKey => NoPath::Signature,
        E::EndEntityUsedAsCa => NoPath::Other("issuer may not sign certificates".to_owned()),
        other => NoPath::Other(format!("certificate is refused: {other}")),
    }
}
