//! What others see of the trust room: a set of roots that becomes a TLS client's verifier when it is first needed. There is
//! no switch that turns verification off, and no configuration that adds a root here.

use std::sync::{Arc, OnceLock};

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

/// Authorities that may vouch for a server. Cheap to make: nothing is parsed until the first connection asks.
#[derive(Debug, Default)]
pub struct Roots {
    /// `None` stands for the built-in set.
    only: Option<Vec<CertificateDer<'static>>>,
    client: OnceLock<Arc<ClientConfig>>,
}

impl Roots {
    /// The public root set that this release was built with.
    pub fn built_in() -> Self {
        Self::default()
    }

    /// These authorities and no others. A certificate that cannot be read vouches for nobody.
    pub fn only(authorities: Vec<CertificateDer<'static>>) -> Self {
        Self {
            only: Some(authorities),
            client: OnceLock::new(),
        }
    }

    /// The client side of HTTPS: TLS 1.2 and 1.3, chain, dates and name always verified, HTTP/1.1 offered. The first call
    /// parses the roots (milliseconds), later ones clone a pointer.
    pub fn https(&self) -> Arc<ClientConfig> {
        Arc::clone(self.client.get_or_init(|| Arc::new(self.build())))
    }

    fn build(&self) -> ClientConfig {
        let mut store = RootCertStore::empty();
        match &self.only {
            None => store.add_parsable_certificates(
                webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned(),
            ),
            Some(authorities) => store.add_parsable_certificates(authorities.iter().cloned()),
        };
        // The provider is named, so that a second one compiled in by some dependency cannot make this panic. An error here
        // would mean that ring cannot do TLS 1.2 and 1.3, which `the_built_in_set_makes_a_verifier` rules out.
        let mut client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring supports TLS 1.2 and 1.3")
            .with_root_certificates(store)
            .with_no_client_auth();
        client.alpn_protocols = vec![b"http/1.1".to_vec()];
        client
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_set_makes_a_verifier() {
        let mut store = RootCertStore::empty();
        let (taken, refused) = store
            .add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
        assert!(taken > 50, "{taken} roots");
        assert_eq!(refused, 0);
        assert_eq!(Roots::built_in().https().alpn_protocols, [b"http/1.1"]);
    }

    #[test]
    fn the_verifier_is_built_once() {
        let roots = Roots::built_in();
        assert!(
            roots.client.get().is_none(),
            "nothing is parsed before somebody asks"
        );
        assert!(Arc::ptr_eq(&roots.https(), &roots.https()));
    }
}
