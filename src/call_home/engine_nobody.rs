//! A trust room for tests that believes nobody.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use crate::config::TakenOver;
use crate::net::tls::Client;
use crate::trust::api::Trust;
use crate::trust::api::{
    Change, Fetched, ImportFault, NoIdentity, Place, Service, Signed, Tally, Trustpool,
};

/// Believes no server.
#[derive(Default)]
pub(super) struct Nobody(Arc<TakenOver>);

impl Trust for Nobody {
    fn client(&self, _: Service, _: &str, _: Option<&str>) -> Result<Client, NoIdentity> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring")
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        Ok(Client {
            config: Arc::new(config),
            vet: None,
        })
    }

    fn trustpool(&self) -> Trustpool {
        unreachable!("call home does not look into the pool")
    }

    fn fetch(self: Arc<Self>, _: Place, _: Signed) -> Receiver<Result<Fetched, ImportFault>> {
        unreachable!("call home imports nothing")
    }

    fn change(&self, _: Change) -> Result<Tally, ImportFault> {
        unreachable!("call home changes nothing")
    }

    fn taken_over(&self) -> Arc<TakenOver> {
        Arc::clone(&self.0)
    }
}
