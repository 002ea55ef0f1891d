//! The room at work: makes verifiers of the newest configuration and the pool. Cheap to start: nothing is parsed before the
//! first connection asks.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::ClientConfig;
use rustls::crypto::ring;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::api::{NoIdentity, Service, Trust};
use super::certificate::Certificate;
use super::identity::Expected;
use super::path::Anchor;
use super::plan::Plan;
use super::revocation::Rules;
use super::revocation_check::Revocation;
use super::verifier::Verifier;
use super::vetter::Vetter;
use crate::config::{Published, TakenOver};
use crate::net::tls::{Client, Vet};

/// All that the room needs of the world.
#[derive(Clone, Default)]
pub struct Outside {
    /// Authorities that stand for the built-in root set; for tests.
    pub built_in: Option<Arc<[Certificate]>>,
    /// Who finds out whether a certificate was revoked; without it a configuration that asks for it gets no connection.
    pub revocation: Option<Arc<Revocation>>,
}

/// Brings the room to life on `runtime`. Returns at once.
pub fn start(
    runtime: &Handle,
    published: watch::Receiver<Published>,
    outside: Outside,
) -> Arc<dyn Trust> {
    let room = Arc::new(Room {
        outside,
        published: published.clone(),
        picture: Mutex::default(),
        pool: OnceLock::new(),
        taken_over: Arc::default(),
    });
    runtime.spawn(live(Arc::clone(&room), published));
    room
}

/// Reports what was published; ends with the publisher.
async fn live(room: Arc<Room>, mut published: watch::Receiver<Published>) {
    loop {
        let generation = published.borrow_and_update().generation;
        room.taken_over.report(generation);
        if published.changed().await.is_err() {
            break;
        }
    }
}

struct Room {
    outside: Outside,
    published: watch::Receiver<Published>,
    picture: Mutex<Option<Picture>>,
    pool: OnceLock<Arc<[Anchor]>>,
    taken_over: Arc<TakenOver>,
}

/// What was worked out of one configuration, and the authorities of each service as soon as it asks.
struct Picture {
    generation: u64,
    plan: Plan,
    anchors: Vec<(Service, Arc<[Anchor]>)>,
}

/// Who vouches, what has to be shown, and what is asked about revocation.
struct Believed {
    anchors: Arc<[Anchor]>,
    expected: Expected,
    rules: Arc<Rules>,
}

impl Room {
    /// The authorities of `service` and what is expected, of the newest configuration.
    fn believed(
        &self,
        service: Service,
        host: &str,
        identity: Option<&str>,
    ) -> Result<Believed, NoIdentity> {
        let newest = self.published.borrow().clone();
        let mut kept = self.picture.lock().unwrap_or_else(PoisonError::into_inner);
        let picture = match kept.take() {
            Some(picture) if picture.generation == newest.generation => picture,
            _ => Picture {
                generation: newest.generation,
                plan: Plan::of(&newest.config.crypto),
                anchors: Vec::new(),
            },
        };
        let picture = kept.insert(picture);
        let expected = match identity {
            None => Expected::Host(host.into()),
            Some(name) => match picture.plan.identities.get(name) {
                Some(reference) => Expected::Reference(Arc::clone(reference)),
                None => return Err(NoIdentity(name.into())),
            },
        };
        let known = picture.anchors.iter().find(|(known, _)| *known == service);
        let anchors = match known {
            Some((_, anchors)) => Arc::clone(anchors),
            None => {
                let anchors = picture.plan.anchors(service, self.pool());
                picture.anchors.push((service, Arc::clone(&anchors)));
                anchors
            }
        };
        Ok(Believed {
            anchors,
            expected,
            rules: Arc::clone(&picture.plan.rules),
        })
    }

    fn pool(&self) -> &[Anchor] {
        self.pool.get_or_init(|| match &self.outside.built_in {
            Some(certificates) => certificates.iter().filter_map(anchor).collect(),
            None => webpki_root_certs::TLS_SERVER_ROOT_CERTS
                .iter()
                .filter_map(|der| Certificate::read(der).ok())
                .filter_map(|certificate| anchor(&certificate))
                .collect(),
        })
    }
}

fn anchor(certificate: &Certificate) -> Option<Anchor> {
    Anchor::new(certificate.clone(), None).ok()
}

impl Trust for Room {
    fn client(
        &self,
        service: Service,
        host: &str,
        identity: Option<&str>,
    ) -> Result<Client, NoIdentity> {
        let Believed {
            anchors,
            expected,
            rules,
        } = self.believed(service, host, identity)?;
        let vet = rules.check_anything().then(|| Vetter {
            revocation: self.outside.revocation.clone(),
            anchors: Arc::clone(&anchors),
            rules,
        });
        Ok(Client {
            config: Arc::new(client(service, Verifier::new(anchors, expected))),
            vet: vet.map(|vet| Arc::new(vet) as Arc<dyn Vet>),
        })
    }

    fn taken_over(&self) -> Arc<TakenOver> {
        Arc::clone(&self.taken_over)
    }
}

fn client(service: Service, verifier: Verifier) -> ClientConfig {
    // The provider is named, so that a second one compiled in by some dependency cannot make this panic. An error here
    // would mean that ring cannot do TLS 1.2 and 1.3, which every test that makes a client rules out.
    let mut client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring supports TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    if matches!(service, Service::CallHome | Service::Trustpool) {
        client.alpn_protocols = vec![b"http/1.1".to_vec()];
    }
    client
}
