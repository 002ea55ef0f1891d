//! What operators paste and type about certificates: base 64, PEM, containers, names, fingerprints. Nothing panics, nothing takes
//! long, and what was changed is never taken for what it was.

use std::time::Instant;

use watchfire::trust::authority::{self, Fingerprint};
use watchfire::trust::certificate::Certificate;
use watchfire::trust::{pasted, pkcs12, subject};

use super::random::{Random, text};

const CA: &str = include_str!("certificates/ca.pem");
/// Under `cisco123`, of one round, so that it opens at once.
const CONTAINER: &str = include_str!("certificates/site.p12.txt");
const PASSPHRASE: &str = "cisco123";
const PEM: &[u8] = b"-----BEGIN END CERTIFICATE-----\nMIIB+/=AAxyz \t\r\xff\0";
const NAMES: [&str; 5] = [
    "CN=branch-7, OU=Sites, O=\"Example, Inc.\"",
    r"CN=a\,b,C=DE",
    "EA=noc@example.com,SER=1",
    "DC=example,UID=x",
    "CN=\u{fc}ber",
];

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[test]
fn pasted_text_is_one_certificate_or_none() {
    let mut random = Random::new(71);
    let mut read = 0;
    for _ in 0..4_000 {
        let pasted = match random.once_in(4) {
            true => text(&random.bytes(PEM, 400)),
            false => text(&random.mutated(&[CA, CONTAINER], PEM, 4)),
        };
        let Ok(der) = pasted::certificate(&lines(&pasted)) else {
            continue;
        };
        read += 1;
        if let Ok(certificate) = Certificate::read(&der) {
            is_taken_rightly(&certificate);
        }
    }
    assert!(read > 200, "{read} texts were read");
}

/// Whether it was taken. One that names itself as its issuer is taken as it was made alone; who vouches for another is not asked
/// here, and the operator sees its fingerprint.
fn is_taken_rightly(certificate: &Certificate) -> bool {
    let whole = pasted::certificate(&lines(CA)).expect("a certificate");
    let now = "2026-03-01T00:00:00Z".parse().expect("a time");
    let is_taken = authority::check(certificate, now).is_ok();
    if is_taken && certificate.is_self_issued() {
        assert_eq!(**certificate.der(), *whole);
    }
    is_taken
}

#[test]
fn a_changed_certificate_is_refused() {
    let whole = pasted::certificate(&lines(CA)).expect("a certificate");
    let taken = |der: &[u8]| Certificate::read(der).is_ok_and(|read| is_taken_rightly(&read));
    assert!(taken(&whole));
    let (mut tried, mut passed) = (0, 0);
    for bit in 0..whole.len() * 8 {
        let mut changed = whole.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        tried += 1;
        passed += usize::from(taken(&changed));
    }
    // Names of 42 bytes each are all that can be another's.
    assert!(passed < tried / 4, "{passed} of {tried}");
}

#[test]
fn a_container_opens_whole_or_not() {
    let mut random = Random::new(72);
    assert!(pkcs12::open(&lines(CONTAINER), PASSPHRASE).is_ok());
    assert!(pkcs12::open(&lines(CONTAINER), "cisco124").is_err());
    let begun = Instant::now();
    for _ in 0..400 {
        let changed = text(&random.mutated(&[CONTAINER], PEM, 2));
        if let Ok(opened) = pkcs12::open(&lines(&changed), PASSPHRASE) {
            assert_eq!(opened.authorities.len(), 1);
        }
    }
    assert!(begun.elapsed().as_secs() < 60);
}

#[test]
fn names_and_fingerprints_are_read_or_refused() {
    let mut random = Random::new(73);
    let mut read = 0;
    for _ in 0..20_000 {
        let typed = text(&random.mutated(&NAMES, b"CNOU=,\\\"+ \xc3\xbc\0", 4));
        if let Ok(parts) = subject::read(&typed) {
            read += 1;
            for (kind, value) in &parts {
                assert_eq!(subject::check(*kind, value), Ok(()), "{typed:?}");
            }
        }
        let _read = Fingerprint::read(&typed);
    }
    assert!(read > 1_000, "{read} names were read");
}

#[test]
fn a_key_in_pem_is_taken_with_its_certificate_or_not() {
    let key = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(vec!["site.example".to_owned()]).expect("a name");
    let certificate = params.self_signed(&key).expect("a certificate");
    let whole = key.serialize_pem() + &certificate.pem();
    assert!(pkcs12::open(&lines(&whole), PASSPHRASE).is_ok());
    let mut random = Random::new(73);
    // The same bytes under the names of other forms, too.
    let forms = [
        "PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
    ];
    let seeds: Vec<_> = forms
        .iter()
        .map(|form| whole.replace("PRIVATE KEY", form))
        .collect();
    let (mut opened, begun) = (0, Instant::now());
    for _ in 0..4_000 {
        let changed = text(&random.mutated(&seeds, PEM, 2));
        if let Ok(taken) = pkcs12::open(&lines(&changed), PASSPHRASE) {
            opened += 1;
            assert_eq!(*taken.private, key.serialize_der());
            assert!(taken.authorities.is_empty());
        }
    }
    assert!(opened > 20, "{opened} keys were taken");
    assert!(begun.elapsed().as_secs() < 60);
}
