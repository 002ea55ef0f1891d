//! Revocation lists and answers of responders as a stranger might send them: broken anywhere, they are refused, never
//! believed, and cost no more than their length.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, IsCa,
    KeyIdMethod, KeyPair, RevokedCertParams, SerialNumber, date_time_ymd,
};
use watchfire::trust::certificate::Certificate;
use watchfire::trust::crl::List;
use watchfire::trust::ocsp::{NONCE_BYTES, Question};

use super::random::Random;

/// 2026-11-24.
const NOW: i64 = 1_795_521_600;

/// Tags and lengths that mean something, and some that do not.
const LIKELY: &[u8] = &[
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x17, 0x18, 0x1f, 0x30, 0x31, 0x55, 0x7f, 0x80,
    0x81, 0x82, 0x83, 0x84, 0x85, 0xa0, 0xa1, 0xa2, 0xff,
];

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority")
}

fn list(issuer: &CertifiedIssuer<'static, KeyPair>) -> Vec<u8> {
    let revoked = RevokedCertParams {
        serial_number: SerialNumber::from(7),
        revocation_time: date_time_ymd(2026, 1, 1),
        reason_code: None,
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 11, 23),
        next_update: date_time_ymd(2026, 11, 26),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: vec![revoked],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(issuer).expect("a list").der().to_vec()
}

fn mutated(random: &mut Random, seed: &[u8]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        let byte = LIKELY[random.below(LIKELY.len())];
        match random.below(4) {
            0 => bytes.truncate(at.max(1)),
            1 => bytes.insert(at, byte),
            _ => bytes[at] = byte,
        }
    }
    bytes
}

#[test]
fn any_bytes_are_a_list_of_the_issuer_or_refused() {
    let authority = authority();
    let issuer = Certificate::read(authority.der()).expect("readable");
    let whole = list(&authority);
    assert!(List::read(&whole, &issuer).is_ok());
    let mut random = Random::new(34);
    for _ in 0..20_000 {
        let bytes = if random.once_in(10) {
            random.bytes(LIKELY, 200)
        } else {
            mutated(&mut random, &whole)
        };
        if bytes != whole {
            assert!(List::read(&bytes, &issuer).is_err(), "{bytes:02x?}");
        }
    }
}

#[test]
fn any_bytes_are_refused_as_an_answer() {
    let authority = authority();
    let issuer = Certificate::read(authority.der()).expect("readable");
    let question = Question::new(&issuer, &issuer, [1; NONCE_BYTES]).expect("a question");
    // A question is built of the same parts as an answer, and is none.
    let seed = question.encode();
    let mut random = Random::new(35);
    for _ in 0..20_000 {
        let bytes = if random.once_in(10) {
            random.bytes(LIKELY, 200)
        } else {
            mutated(&mut random, &seed)
        };
        assert!(question.read(&bytes, NOW).is_err(), "{bytes:02x?}");
    }
}

#[test]
fn nesting_and_lengths_cost_nothing() {
    let authority = authority();
    let issuer = Certificate::read(authority.der()).expect("readable");
    let question = Question::new(&issuer, &issuer, [1; NONCE_BYTES]).expect("a question");
    let mut bomb = vec![0x30, 0x00];
    while bomb.len() < 60_000 {
        let mut outer = vec![0x30, 0x83];
        outer.extend_from_slice(&u32::try_from(bomb.len()).expect("small").to_be_bytes()[1..]);
        if bomb.len() < 0x1_0000 {
            outer = vec![0x30, 0x82];
            let length = u16::try_from(bomb.len()).expect("small");
            outer.extend_from_slice(&length.to_be_bytes());
        }
        outer.append(&mut bomb);
        bomb = outer;
    }
    assert!(question.read(&bomb, NOW).is_err());
    assert!(List::read(&bomb, &issuer).is_err());
    let claims = [0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30];
    assert!(question.read(&claims, NOW).is_err());
    assert!(List::read(&claims, &issuer).is_err());
}
