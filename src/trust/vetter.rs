//! The second look at a server that was believed: whether its chain was revoked, by the authorities and the settings of the
//! configuration that the connection began with.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;

use super::path::{self, Anchor};
use super::revocation::Rules;
use super::revocation_check::Revocation;
use crate::net::tls::{Vet, Vetting};

/// Of one connection.
pub(super) struct Vetter {
    pub(super) revocation: Option<Arc<Revocation>>,
    pub(super) anchors: Arc<[Anchor]>,
    pub(super) rules: Arc<Rules>,
}

impl fmt::Debug for Vetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vetter({} anchors)", self.anchors.len())
    }
}

impl Vet for Vetter {
    fn vet<'a>(&'a self, shown: &'a [CertificateDer<'static>]) -> Vetting<'a> {
        Box::pin(async move {
            let Some(revocation) = &self.revocation else {
                return Err("revocation cannot be checked".to_owned());
            };
            let (server, intermediates) = shown
                .split_first()
                .ok_or_else(|| "no certificate was shown".to_owned())?;
            let now = revocation.now();
            let path = path::find(server, intermediates, &self.anchors, now)
                .map_err(|none| none.to_string())?;
            revocation.check(&path, &self.rules).await
        })
    }
}
