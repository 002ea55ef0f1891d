//! The room's clients against TLS servers on loopback: every row of the table of identities, whom a trust point serves, and
//! what a configuration changes while the device runs.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use rcgen::string::Ia5String;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, OtherNameValue, SanType};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::api::{NoIdentity, Service, Trust};
use super::bench::{self, Authority};
use super::certificate::{Certificate, Presented};
use super::engine::{Outside, start};
use super::identity::Expected;
use super::identity_tests::{TABLE, expected, presented};
use super::revocation_check::{self, Revocation};
use crate::config::crypto::RevocationMethod;
use crate::config::crypto::{
    Certificate as Installed, Chain, Crypto, ReferenceIdentity, Trustpoint, Usage,
};
use crate::config::{Published, RunningConfig};
use crate::device::clock::SystemClock;
use crate::message::{Own, Say};
use crate::net::names::Names;
use crate::net::only_to::OnlyTo;
use crate::net::tls;
use crate::state::Folder;

pub(super) fn authority(name: &str) -> Authority {
    bench::authority(name, |_| {})
}

/// A server for every client that comes, with a certificate of `issuer` that shows these names.
pub(super) async fn server(issuer: &Authority, names: &Presented) -> SocketAddr {
    let ascii = |text: &str| Ia5String::try_from(text).expect("ASCII");
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    if let Some(name) = &names.common_name {
        params
            .distinguished_name
            .push(DnType::CommonName, name.as_str());
    }
    let dns = names.dns.iter().map(|name| SanType::DnsName(ascii(name)));
    let uri = names.uri.iter().map(|name| SanType::URI(ascii(name)));
    let addresses = names
        .addresses
        .iter()
        .map(|address| SanType::IpAddress(*address));
    let srv = names.srv.iter().map(|name| {
        // id-on-dnsSRV; rcgen writes UTF8String alone, so the kind is checked by certificate.rs's own test.
        SanType::OtherName((
            vec![1, 3, 6, 1, 5, 5, 7, 8, 7],
            OtherNameValue::Utf8String(name.clone()),
        ))
    });
    params.subject_alt_names = dns.chain(uri).chain(addresses).chain(srv).collect();
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, issuer).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("PKCS #8");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("key and certificate match");
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not believe us is what is tested.
            drop(acceptor.accept(stream).await);
        }
    });
    address
}

/// A configuration in which each named trust point has these authorities.
pub(super) fn crypto(points: &[(&str, Option<Usage>, &Authority)]) -> Crypto {
    let points = points.iter();
    let points = points.map(|(name, usage, authority)| (*name, usage.clone(), authority.der()));
    crypto_of(&points.collect::<Vec<_>>())
}

pub(super) fn crypto_of(points: &[(&str, Option<Usage>, &CertificateDer<'_>)]) -> Crypto {
    let mut crypto = Crypto::default();
    for (name, usage, authority) in points {
        let trustpoint = Trustpoint {
            validation_usage: usage.clone(),
            ..Trustpoint::default()
        };
        Arc::make_mut(&mut crypto.trustpoints).insert((*name).into(), trustpoint.into());
        let certificate = Installed {
            ca: true,
            serial: "01".into(),
            der: authority.to_vec().into(),
        };
        let chain = Chain {
            certificates: vec![certificate],
        };
        Arc::make_mut(&mut crypto.chains).insert((*name).into(), chain.into());
    }
    crypto
}

pub(super) fn published(generation: u64, crypto: Crypto) -> Published {
    let config = RunningConfig {
        crypto: crypto.into(),
        ..RunningConfig::default()
    };
    Published {
        generation,
        config: config.into(),
    }
}

/// Nothing is kept and nobody listens.
pub(super) fn outside() -> Outside {
    let folder = tempfile::tempdir().expect("a folder");
    let state = Folder::open(&folder.path().join("state")).expect("a state folder");
    Outside::new(
        Arc::new(state),
        Arc::new(SystemClock::start()),
        Arc::new(Unheard),
        OnlyTo::anywhere(),
    )
}

struct Unheard;

impl Say for Unheard {
    fn say(&self, _: Own) {}
}

pub(super) struct Bench {
    publisher: watch::Sender<Published>,
    room: Arc<dyn Trust>,
}

impl Bench {
    /// A room whose pool is empty.
    pub(super) fn new(crypto: Crypto) -> Self {
        let (publisher, newest) = watch::channel(published(1, crypto));
        let outside = Outside {
            built_in: Some(Arc::new([])),
            revocation: Some(Revocation::new(revocation_check::Outside {
                clock: Arc::new(SystemClock::start()),
                say: Arc::new(Unheard),
                only_to: OnlyTo::anywhere(),
                names: Names::default(),
                published: newest.clone(),
            })),
            ..outside()
        };
        let room = start(&tokio::runtime::Handle::current(), newest, outside);
        Self { publisher, room }
    }

    /// `Ok`, or why there is no connection.
    pub(super) async fn connect(
        &self,
        service: Service,
        to: SocketAddr,
        host: &str,
        identity: Option<&str>,
    ) -> Result<(), String> {
        let client = self
            .room
            .client(service, host, identity)
            .map_err(|missing| missing.to_string())?;
        let stream = TcpStream::connect(to).await.expect("a listener");
        tls::connect(&client, host, stream)
            .await
            .map(drop)
            .map_err(|fault| fault.to_string())
    }
}

#[tokio::test]
async fn every_row_of_the_table_is_a_handshake() {
    let ours = authority("ours");
    for (wanted, shown, believed) in TABLE {
        let names = presented(shown);
        // What rcgen cannot write is left to the table itself.
        let writable = names.srv.is_empty();
        if !writable {
            continue;
        }
        let to = server(&ours, &names).await;
        let mut crypto = crypto(&[("OURS", None, &ours)]);
        let verdict = match expected(wanted) {
            Expected::Host(host) => {
                Bench::new(crypto)
                    .connect(Service::CallHome, to, &host, None)
                    .await
            }
            Expected::Reference(reference) => {
                let identity = ReferenceIdentity {
                    cn_ids: reference.cn_ids.clone(),
                    dns_ids: reference.dns_ids.clone(),
                    srv_ids: reference.srv_ids.clone(),
                    uri_ids: reference.uri_ids.clone(),
                };
                let identities = Arc::make_mut(&mut crypto.reference_identities);
                identities.insert("collector".into(), identity.into());
                Bench::new(crypto)
                    .connect(Service::CallHome, to, "dialled.example", Some("collector"))
                    .await
            }
        };
        assert_eq!(
            verdict.is_ok(),
            believed,
            "{wanted} against {shown}: {verdict:?}"
        );
        if let Err(reason) = verdict {
            assert!(
                reason.starts_with("certificate is for "),
                "{wanted} against {shown}: {reason}"
            );
        }
    }
}

#[tokio::test]
async fn revocation_is_checked_before_the_first_byte() {
    let ours = authority("ours");
    let to = server(&ours, &presented("cn:a.example dns:a.example")).await;
    for (methods, refused) in [
        (&[][..], false),
        (&[RevocationMethod::Crl], true),
        (&[RevocationMethod::Crl, RevocationMethod::Ocsp], true),
        (&[RevocationMethod::Crl, RevocationMethod::None], false),
    ] {
        let mut crypto = crypto(&[("OURS", None, &ours)]);
        for point in Arc::make_mut(&mut crypto.trustpoints).values_mut() {
            Arc::make_mut(point).revocation_check = methods.to_vec();
        }
        let bench = Bench::new(crypto);
        let connected = bench.connect(Service::CallHome, to, "a.example", None);
        match connected.await {
            Ok(()) => assert!(!refused, "{methods:?}"),
            Err(why) => assert!(
                refused
                    && why.starts_with("revocation status is not known (crl: no place of a revocation list is known"),
                "{methods:?}: {why}"
            ),
        }
    }
}

#[tokio::test]
async fn an_authority_for_one_service_serves_only_it() {
    let ours = authority("ours");
    let to = server(&ours, &presented("dns:a.example")).await;
    let bench = Bench::new(crypto(&[("ONE", Some(Usage::Nothing), &ours)]));
    assert_eq!(
        bench
            .connect(Service::CallHome, to, "a.example", None)
            .await,
        Ok(())
    );
    for service in [Service::Syslog, Service::Trustpool] {
        assert_eq!(
            bench.connect(service, to, "a.example", None).await,
            Err("unknown issuer".to_owned())
        );
    }
    let bench = Bench::new(crypto(&[("ALL", None, &ours)]));
    for service in [Service::CallHome, Service::Syslog, Service::Trustpool] {
        assert_eq!(bench.connect(service, to, "a.example", None).await, Ok(()));
    }
}

#[tokio::test]
async fn the_newest_configuration_decides() {
    let (ours, next) = (authority("ours"), authority("next"));
    let to = server(&next, &presented("ip:127.0.0.1")).await;
    let bench = Bench::new(crypto(&[("OURS", None, &ours)]));
    let refused = bench
        .connect(Service::CallHome, to, "127.0.0.1", None)
        .await;
    assert_eq!(refused, Err("unknown issuer".to_owned()));
    bench.publisher.send_replace(published(
        2,
        crypto(&[("OURS", None, &ours), ("NEXT", None, &next)]),
    ));
    assert_eq!(
        bench
            .connect(Service::CallHome, to, "127.0.0.1", None)
            .await,
        Ok(())
    );
    bench
        .publisher
        .send_replace(published(3, crypto(&[("OURS", None, &ours)])));
    let refused = bench
        .connect(Service::CallHome, to, "127.0.0.1", None)
        .await;
    assert_eq!(refused, Err("unknown issuer".to_owned()));
}

#[tokio::test]
async fn an_identity_that_is_not_there_is_nobodys() {
    let bench = Bench::new(Crypto::default());
    let client = bench
        .room
        .client(Service::CallHome, "a.example", Some("nosuch"));
    assert_eq!(client.err(), Some(NoIdentity("nosuch".into())));
}

#[tokio::test]
async fn the_built_in_root_set_is_read_whole() {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
    let read = roots
        .iter()
        .filter(|der| Certificate::read(der).is_ok_and(|root| root.is_authority()));
    assert!(roots.len() > 50);
    assert_eq!(read.count(), roots.len());
    let address: IpAddr = "127.0.0.1".parse().expect("an address");
    let to = server(
        &authority("stranger"),
        &Presented {
            addresses: vec![address],
            ..Presented::default()
        },
    )
    .await;
    let (_publisher, newest) = watch::channel(published(1, Crypto::default()));
    let room = start(&tokio::runtime::Handle::current(), newest, outside());
    let client = room
        .client(Service::CallHome, "127.0.0.1", None)
        .expect("a client");
    assert_eq!(client.config.alpn_protocols, [b"http/1.1"]);
    let stream = TcpStream::connect(to).await.expect("a listener");
    let refused = tls::connect(&client, "127.0.0.1", stream)
        .await
        .expect_err("a stranger");
    assert_eq!(refused.to_string(), "unknown issuer");
}
