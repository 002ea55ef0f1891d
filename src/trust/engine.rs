//! The room at work: makes verifiers of the newest configuration and the pool. Cheap to start: nothing is parsed before the
//! first connection asks.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::ClientConfig;
use rustls::crypto::ring;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::api::{Change, NoIdentity, Service, Trust, Trustpool};
use super::auto_import::{self, Memory};
use super::certificate::Certificate;
use super::identity::Expected;
use super::import::{Fetched, ImportFault, Place, Signed};
use super::path::Anchor;
use super::plan::Plan;
use super::pool::Tally;
use super::revocation::Rules;
use super::revocation_check::Revocation;
use super::store::Store;
use super::verifier::Verifier;
use super::vetter::Vetter;
use crate::config::{Published, TakenOver};
use crate::device::clock::Clock;
use crate::message::Say;
use crate::net::names::Names;
use crate::net::only_to::OnlyTo;
use crate::net::tls::{Client, Vet};
use crate::state::Folder;

/// All that the room needs of the world.
#[derive(Clone)]
pub struct Outside {
    pub state: Arc<Folder>,
    pub clock: Arc<dyn Clock>,
    pub say: Arc<dyn Say>,
    pub only_to: OnlyTo,
    /// Who knows the names of places.
    pub names: Names,
    /// Authorities that stand for the built-in root set; for tests.
    pub built_in: Option<Arc<[Certificate]>>,
    /// Who finds out whether a certificate was revoked; without it a configuration that asks for it gets no connection.
    pub revocation: Option<Arc<Revocation>>,
    /// How often the clock is looked at, which may be set.
    pub look: Duration,
    /// Between the tries of a daily import.
    pub pause: Duration,
}

impl Outside {
    /// With the root set and the times of this release.
    pub fn new(
        state: Arc<Folder>,
        clock: Arc<dyn Clock>,
        say: Arc<dyn Say>,
        only_to: OnlyTo,
    ) -> Self {
        Self {
            state,
            clock,
            say,
            only_to,
            names: Names::default(),
            built_in: None,
            revocation: None,
            look: Duration::from_secs(60),
            pause: auto_import::PAUSE,
        }
    }
}

/// Brings the room to life on `runtime`. Returns at once.
pub fn start(
    runtime: &Handle,
    published: watch::Receiver<Published>,
    outside: Outside,
) -> Arc<dyn Trust> {
    let store = Store::new(
        Arc::clone(&outside.state),
        Arc::clone(&outside.say),
        outside.built_in.clone(),
    );
    let room = Arc::new(Room {
        outside,
        runtime: runtime.clone(),
        store,
        memory: Mutex::default(),
        published: published.clone(),
        picture: Mutex::default(),
        taken_over: Arc::default(),
    });
    runtime.spawn(auto_import::live(Arc::clone(&room), published.clone()));
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

pub(super) struct Room {
    pub(super) outside: Outside,
    runtime: Handle,
    published: watch::Receiver<Published>,
    picture: Mutex<Option<Picture>>,
    pub(super) store: Store,
    /// Of daily imports, once it was read.
    pub(super) memory: Mutex<Option<Memory>>,
    taken_over: Arc<TakenOver>,
}

/// What was worked out of one configuration, and the authorities of each service as soon as it asks.
struct Picture {
    generation: u64,
    /// Of the pool that the anchors are of.
    pool: u64,
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
        let (pool, version) = self.store.anchors();
        let mut kept = self.picture.lock().unwrap_or_else(PoisonError::into_inner);
        let picture = match kept.take() {
            Some(picture) if picture.generation == newest.generation && picture.pool == version => {
                picture
            }
            _ => Picture {
                generation: newest.generation,
                pool: version,
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
                let anchors = picture.plan.anchors(service, &pool);
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

    /// Who vouches for servers and signers of `service`.
    pub(super) fn anchors(&self, service: Service) -> Arc<[Anchor]> {
        // Without an identity there is none that could be missing.
        self.believed(service, "", None)
            .map(|believed| believed.anchors)
            .unwrap_or_default()
    }

    pub(super) fn newest(&self) -> Published {
        self.published.borrow().clone()
    }
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

    fn trustpool(&self) -> Trustpool {
        Trustpool {
            pool: self.store.pool(),
            last: self.memory().and_then(|memory| memory.last),
            next: self.next_import(&self.newest()),
        }
    }

    fn fetch(
        self: Arc<Self>,
        place: Place,
        signed: Signed,
    ) -> Receiver<Result<Fetched, ImportFault>> {
        let (answer, told) = channel();
        let runtime = self.runtime.clone();
        runtime.spawn(async move {
            let fetched = self.fetch_bundle(&self.newest(), &place, signed).await;
            // Who asked may have gone away.
            answer.send(fetched).ok();
        });
        told
    }

    fn change(&self, change: Change) -> Result<Tally, ImportFault> {
        self.change_pool(change)
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
