//! Revocation against servers on loopback: lists that are good, stale, forged, replayed, of somebody else; what is fetched
//! again and what is not.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{
    CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    CrlIssuingDistributionPoint, CrlScope, CustomExtension, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SerialNumber, date_time_ymd,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::api::{Crls, Which};
use super::bench::{self, Authority, NOW};
use super::certificate::Certificate;
use super::element::{OBJECT_IDENTIFIER, SEQUENCE, encoded};
use super::path::{self, Anchor, Path};
use super::revocation::Rules;
use super::revocation_check::{Outside, Revocation};
use super::revocation_desk::Desk;
use crate::config::crypto::{Crl, CrlPolicy, CrlProtocol, Crypto, RevocationMethod, Trustpoint};
use crate::config::{Published, RunningConfig};
use crate::device::clock::{Clock, VirtualClock};
use crate::message::{Own, Say};
use crate::net::names::Names;
use crate::net::only_to::OnlyTo;

use RevocationMethod::{Crl as ByCrl, None as Nothing, Ocsp as ByOcsp};

/// As long as lists are kept by default.
const HOUR: Duration = Duration::from_secs(3600);

pub(super) fn authority(name: &str) -> Authority {
    bench::authority(name, |params| {
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    })
}

pub(super) fn read(issuer: &Authority) -> Certificate {
    Certificate::read(issuer.der()).expect("readable")
}

/// A server's certificate with serial number 7 that names these places.
pub(super) fn server(issuer: &Authority, lists: &[String], responder: Option<&str>) -> Certificate {
    let mut params = CertificateParams::new(vec!["a.example".to_owned()]).expect("a name");
    params.serial_number = Some(SerialNumber::from(7));
    params.not_before = date_time_ymd(2025, 1, 1);
    params.not_after = date_time_ymd(2030, 1, 1);
    params.crl_distribution_points = lists
        .iter()
        .map(|place| CrlDistributionPoint {
            uris: vec![place.clone()],
        })
        .collect();
    if let Some(place) = responder {
        // id-ad-ocsp, uniformResourceIdentifier.
        let method = encoded(OBJECT_IDENTIFIER, &[0x2b, 6, 1, 5, 5, 7, 48, 1]);
        let access = [method, encoded(0x86, place.as_bytes())].concat();
        let content = encoded(SEQUENCE, &encoded(SEQUENCE, &access));
        params
            .custom_extensions
            .push(CustomExtension::from_oid_content(
                &[1, 3, 6, 1, 5, 5, 7, 1, 1],
                content,
            ));
    }
    let key = KeyPair::generate().expect("a key");
    let signed = params.signed_by(&key, issuer).expect("a certificate");
    Certificate::read(signed.der()).expect("readable")
}

fn list(
    issuer: &Authority,
    revoked: &[u64],
    edit: impl FnOnce(&mut CertificateRevocationListParams),
) -> Vec<u8> {
    let revoked = revoked.iter().map(|serial| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: date_time_ymd(2026, 1, 1),
        reason_code: None,
        invalidity_date: None,
    });
    let mut params = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 11, 23),
        next_update: date_time_ymd(2026, 11, 26),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: revoked.collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    edit(&mut params);
    params.signed_by(issuer).expect("a list").der().to_vec()
}

/// What a place says, by path; may be changed while it is served.
#[derive(Clone, Default)]
pub(super) struct Places {
    said: Arc<Mutex<BTreeMap<String, Said>>>,
    asked: Arc<AtomicUsize>,
}

type Said = Arc<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

impl Places {
    pub(super) async fn serve(&self) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback");
        let port = listener.local_addr().expect("bound").port();
        let places = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(places.clone().answer(stream));
            }
        });
        port
    }

    async fn answer(self, mut stream: tokio::net::TcpStream) {
        let mut request = Vec::new();
        let head = loop {
            let mut piece = [0; 4096];
            let read = stream.read(&mut piece).await.unwrap_or(0);
            request.extend_from_slice(&piece[..read]);
            if let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") {
                break String::from_utf8_lossy(&request[..end]).into_owned();
            }
            if read == 0 {
                return;
            }
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
            .unwrap_or(0usize);
        let begin = head.len() + 4;
        while request.len() < begin + length {
            let mut piece = [0; 4096];
            let read = stream.read(&mut piece).await.unwrap_or(0);
            if read == 0 {
                return;
            }
            request.extend_from_slice(&piece[..read]);
        }
        self.asked.fetch_add(1, Ordering::SeqCst);
        let place = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let said = self.said.lock().expect("a lock").get(&place).cloned();
        let (status, body) = match said {
            Some(said) => ("200 OK", said(&request[begin..])),
            None => ("404 Not Found", Vec::new()),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        // A client that wants no more has hung up.
        stream
            .write_all(&[head.as_bytes(), &body].concat())
            .await
            .ok();
    }

    pub(super) fn say(&self, place: &str, said: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) {
        let mut all = self.said.lock().expect("a lock");
        all.insert(place.to_owned(), Arc::new(said));
    }

    pub(super) fn list(&self, place: &str, list: Vec<u8>) {
        self.say(place, move |_| list.clone());
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Say for Log {
    fn say(&self, message: Own) {
        let line = format!("{}: {}", message.mnemonic, message.body);
        self.0.lock().expect("a lock").push(line);
    }
}

impl Log {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("a lock"))
    }
}

/// A device with one trust point, `CA`.
pub(super) struct Bench {
    revocation: Arc<Revocation>,
    desk: Desk,
    rules: Rules,
    log: Arc<Log>,
    pub(super) clock: Arc<VirtualClock>,
    authority: Certificate,
    /// Keeps what was published.
    _publisher: watch::Sender<Published>,
}

impl Bench {
    pub(super) fn new(
        authority: &Certificate,
        methods: &[RevocationMethod],
        crl: Crl,
        only_to: OnlyTo,
    ) -> Self {
        let trustpoint = Trustpoint {
            revocation_check: methods.to_vec(),
            crl: Some(crl),
            ..Trustpoint::default()
        };
        let crypto = Crypto {
            trustpoints: Arc::new(BTreeMap::from([("CA".into(), Arc::new(trustpoint))])),
            ..Crypto::default()
        };
        let rules = Rules::of(&crypto);
        let config = Arc::new(RunningConfig {
            crypto: Arc::new(crypto),
            ..RunningConfig::default()
        });
        let (publisher, published) = watch::channel(Published {
            generation: 1,
            config,
        });
        let log = Arc::new(Log::default());
        let now = chrono::DateTime::from_timestamp(NOW, 0).expect("a time");
        let clock = Arc::new(VirtualClock::new(now));
        let revocation = Revocation::new(Outside {
            clock: clock.clone(),
            say: log.clone(),
            only_to,
            names: Names::default(),
            published,
        });
        Self {
            desk: Desk {
                revocation: revocation.clone(),
                runtime: tokio::runtime::Handle::current(),
            },
            revocation,
            rules,
            log,
            clock,
            authority: authority.clone(),
            _publisher: publisher,
        }
    }

    fn by(authority: &Authority, methods: &[RevocationMethod]) -> Self {
        Self::new(
            &read(authority),
            methods,
            Crl::default(),
            OnlyTo::anywhere(),
        )
    }

    fn path(&self, server: &Certificate) -> Path {
        let anchor = Anchor::new(self.authority.clone(), Some("CA".into())).expect("an anchor");
        let now = self.clock.now().timestamp();
        path::find(server.der(), &[], &[anchor], now).expect("a path")
    }

    pub(super) async fn check(&self, server: &Certificate) -> Result<(), String> {
        self.revocation.check(&self.path(server), &self.rules).await
    }
}

fn who() -> String {
    "serial number: 07, subject name: cn=rcgen self signed cert".to_owned()
}

#[tokio::test]
async fn a_list_decides_and_is_fetched_once() {
    let (ca, places) = (authority("CA"), Places::default());
    let at = format!("http://127.0.0.1:{}/a.crl", places.serve().await);
    let server = server(&ca, std::slice::from_ref(&at), None);
    places.list("/a.crl", list(&ca, &[8], |_| {}));
    let bench = Bench::by(&ca, &[ByCrl]);
    let (first, second) = tokio::join!(bench.check(&server), bench.check(&server));
    assert_eq!((first, second), (Ok(()), Ok(())));
    assert_eq!(places.asked(), 1, "one fetch a place");
    let said = bench.log.take();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with("717056: Attempting CRL revocation check from identity:127.0.0.1/")
            && said[0].ends_with("using HTTP"),
        "{said:?}"
    );
    let kept = bench.desk.kept();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].issuer, [("cn", "CA".to_owned())]);
    assert_eq!(kept[0].cached_until, NOW + 3600);

    // The cache time is an hour: the next one tells of the revocation.
    places.list("/a.crl", list(&ca, &[7, 8], |_| {}));
    assert_eq!(bench.check(&server).await, Ok(()));
    bench.clock.advance(HOUR);
    let refused = format!("certificate is revoked, {}", who());
    assert_eq!(bench.check(&server).await, Err(refused.clone()));
    let said = bench.log.take();
    assert_eq!(
        said[1..],
        [
            format!("717009: Certificate validation failed. Reason: {refused}."),
            format!("717027: Certificate chain failed validation. {refused}."),
        ]
    );
    let checks = bench.desk.checks();
    assert_eq!((checks.good, checks.revoked, checks.fetched), (3, 1, 2));
    assert_eq!(bench.desk.clear(&Which::Trustpool), 0);
    assert_eq!(bench.desk.clear(&Which::Trustpoint("CA".into())), 1);
}

#[tokio::test]
async fn what_no_list_says_is_refused_or_let_pass_as_configured() {
    let (ca, other) = (authority("CA"), authority("CA"));
    let places = Places::default();
    let port = places.serve().await;
    let at = |name: &str| format!("http://127.0.0.1:{port}/{name}");
    let mut broken = list(&ca, &[], |_| {});
    *broken.last_mut().expect("a signature") ^= 1;
    let days = |from, to| {
        move |list: &mut CertificateRevocationListParams| {
            list.this_update = date_time_ymd(2026, 11, from);
            list.next_update = date_time_ymd(2026, 11, to);
        }
    };
    let scope = |place: &str, scope| {
        let place = CrlDistributionPoint {
            uris: vec![place.to_owned()],
        };
        move |list: &mut CertificateRevocationListParams| {
            list.issuing_distribution_point = Some(CrlIssuingDistributionPoint {
                distribution_point: place,
                scope,
            });
        }
    };
    places.list("/stale", list(&ca, &[], days(20, 23)));
    places.list("/future", list(&ca, &[], days(25, 26)));
    places.list("/broken", broken);
    places.list("/forged", list(&other, &[], |_| {}));
    places.list("/stranger", list(&authority("B"), &[], |_| {}));
    places.list("/junk", b"<html>".to_vec());
    places.list(
        "/elsewhere",
        list(&ca, &[], scope("http://b.example/", None)),
    );
    let authorities = scope(&at("authorities"), Some(CrlScope::CaCertsOnly));
    places.list("/authorities", list(&ca, &[], authorities));
    for (place, why) in [
        (
            "stale",
            "revocation list is past its next update of 00:00:00 UTC Nov 23 2026",
        ),
        (
            "future",
            "revocation list is of the future, 00:00:00 UTC Nov 25 2026",
        ),
        (
            "broken",
            "signature of the revocation list is not its issuer's",
        ),
        (
            "forged",
            "signature of the revocation list is not its issuer's",
        ),
        ("stranger", "revocation list is of another issuer"),
        ("junk", "not a revocation list"),
        (
            "elsewhere",
            "revocation list is for other certificates of its issuer",
        ),
        (
            "authorities",
            "revocation list is for other certificates of its issuer",
        ),
        ("nothing", "404 Not Found"),
    ] {
        let place_of = at(place);
        let server = server(&ca, std::slice::from_ref(&place_of), None);
        let hard = Bench::by(&ca, &[ByCrl]);
        let expected = format!(
            "revocation status is not known (crl: {place_of}: {why}), {}",
            who()
        );
        assert_eq!(hard.check(&server).await, Err(expected), "{place}");
        let said = hard.log.take();
        let forged = said.iter().filter(|line| {
            line.starts_with("717071: CRL signature validation failed. Issuer: cn=CA. Last Update: 00:00:00 UTC Nov 23 2026.")
        });
        assert_eq!(
            forged.count(),
            usize::from(matches!(place, "broken" | "forged")),
            "{said:?}"
        );
        let soft = Bench::by(&ca, &[ByCrl, Nothing]);
        assert_eq!(soft.check(&server).await, Ok(()), "{place}");
        let said = soft.log.take();
        assert!(
            said.iter()
                .any(|line| line.starts_with("REVOCATION_UNKNOWN: ") && line.contains(why)),
            "{said:?}"
        );
        assert_eq!(soft.desk.checks().accepted_unknown, 1);
    }
}

#[tokio::test]
async fn a_place_that_failed_is_not_asked_again_at_once() {
    let (ca, places) = (authority("CA"), Places::default());
    let at = format!("http://127.0.0.1:{}/a.crl", places.serve().await);
    let server = server(&ca, &[at], None);
    let bench = Bench::by(&ca, &[ByCrl]);
    for _ in 0..3 {
        bench.check(&server).await.expect_err("not found");
    }
    assert_eq!(places.asked(), 1);
    places.list("/a.crl", list(&ca, &[], |_| {}));
    bench.clock.advance(Duration::from_secs(10));
    assert_eq!(bench.check(&server).await, Ok(()));
}

#[tokio::test]
async fn crl_configure_says_where_lists_are_and_for_how_long() {
    let (ca, places) = (authority("CA"), Places::default());
    let port = places.serve().await;
    let at = |name: &str| format!("http://127.0.0.1:{port}/{name}");
    places.list(
        "/old",
        list(&ca, &[], |list| {
            list.this_update = date_time_ymd(2026, 11, 20);
            list.next_update = date_time_ymd(2026, 11, 21);
        }),
    );
    places.list("/own", list(&ca, &[7], |_| {}));
    let server = server(&ca, &[at("own")], None);
    let mut crl = Crl {
        policy: Some(CrlPolicy::Static),
        urls: BTreeMap::from([(1, at("missing").into()), (2, at("old").into())]),
        ignores_next_update: true,
        cache_time: Some(1),
        ..Crl::default()
    };
    let anywhere = OnlyTo::anywhere();
    let bench = Bench::new(&read(&ca), &[ByCrl], crl.clone(), anywhere.clone());
    assert_eq!(
        bench.check(&server).await,
        Ok(()),
        "the second place, past its next update"
    );
    assert_eq!(bench.desk.kept()[0].cached_until, NOW + 60);
    crl.policy = Some(CrlPolicy::Both);
    let bench = Bench::new(&read(&ca), &[ByCrl], crl.clone(), anywhere.clone());
    bench
        .check(&server)
        .await
        .expect_err("the certificate's own place comes first");
    crl.protocols_off.insert(CrlProtocol::Http);
    let bench = Bench::new(&read(&ca), &[ByCrl], crl, anywhere);
    let asked = places.asked();
    let refused = bench
        .check(&server)
        .await
        .expect_err("nothing may be fetched");
    assert!(
        refused.contains("protocol http is switched off"),
        "{refused}"
    );
    assert_eq!(places.asked(), asked);
}

#[tokio::test]
async fn nothing_is_fetched_outside_the_fence() {
    let (ca, places) = (authority("CA"), Places::default());
    let at = format!("http://127.0.0.1:{}/a.crl", places.serve().await);
    let server = server(&ca, std::slice::from_ref(&at), Some(&at));
    let fence: OnlyTo = "192.0.2.0/24".parse().expect("a network");
    let bench = Bench::new(&read(&ca), &[ByCrl, ByOcsp], Crl::default(), fence);
    let refused = bench.check(&server).await.expect_err("not permitted");
    let expected = format!("crl: {at}: not in --only-to; ocsp: {at}: not in --only-to");
    assert!(refused.contains(&expected), "{refused}");
    assert_eq!(places.asked(), 0);
}

#[tokio::test]
async fn an_older_list_does_not_replace_a_newer_one() {
    let (ca, places) = (authority("CA"), Places::default());
    let at = format!("http://127.0.0.1:{}/a.crl", places.serve().await);
    let server = server(&ca, &[at], None);
    let bench = Bench::by(&ca, &[ByCrl]);
    places.list("/a.crl", list(&ca, &[7], |_| {}));
    bench.check(&server).await.expect_err("revoked");
    places.list(
        "/a.crl",
        list(&ca, &[], |list| {
            list.this_update = date_time_ymd(2026, 11, 22);
        }),
    );
    bench.clock.advance(HOUR);
    bench.log.take();
    bench.check(&server).await.expect_err("still revoked");
    let said = bench.log.take();
    assert!(
        said.iter().any(|line| line.starts_with("717072: ")),
        "{said:?}"
    );
}
