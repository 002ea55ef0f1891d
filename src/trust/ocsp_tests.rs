//! Answers of responders: who may sign them, and each part in which they may lie.

use rcgen::{
    CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, KeyPair, SigningKey,
    date_time_ymd,
};
use rustls::pki_types::CertificateDer;

use super::bench::{Authority, NOW};
use super::element::{
    BIT_STRING, ENUMERATED, Element, GENERALIZED_TIME, INTEGER, NULL, OBJECT_IDENTIFIER,
    OCTET_STRING, SEQUENCE, encoded, only,
};
use super::ocsp::{Answer, NONCE_BYTES, Question, Status, Unusable};
use super::revocation_tests::{authority, read, server};

/// A responder of our own, which may lie in every part.
struct Lie {
    status: Vec<u8>,
    serial: Vec<u8>,
    nonce: Option<Vec<u8>>,
    this_update: &'static str,
    next_update: Option<&'static str>,
}

fn truth() -> Lie {
    Lie {
        status: vec![0x80, 0],
        serial: vec![7],
        nonce: Some(vec![1; NONCE_BYTES]),
        this_update: "20261124110000Z",
        next_update: Some("20261125110000Z"),
    }
}

/// ecdsa-with-SHA256.
const ECDSA: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

/// The question's own CertID, but for the serial number.
fn answer(
    question: &Question,
    lie: &Lie,
    signer: &Authority,
    sent: &[&CertificateDer<'_>],
) -> Vec<u8> {
    let request = question.encode();
    let first = |whole: &[u8]| whole.to_vec();
    let id = deep(&request, 5);
    let mut parts = id.elements();
    let algorithm = first(parts.take(SEQUENCE).expect("an algorithm").whole);
    let name = first(parts.take(OCTET_STRING).expect("a hash").whole);
    let key = first(parts.take(OCTET_STRING).expect("a hash").whole);
    let id = [algorithm, name, key, encoded(INTEGER, &lie.serial)].concat();
    let mut single = vec![
        encoded(SEQUENCE, &id),
        lie.status.clone(),
        encoded(GENERALIZED_TIME, lie.this_update.as_bytes()),
    ];
    if let Some(next) = lie.next_update {
        single.push(encoded(0xa0, &encoded(GENERALIZED_TIME, next.as_bytes())));
    }
    let signer_is = read(signer);
    let mut data = vec![
        encoded(0xa1, signer_is.subject_der()),
        encoded(GENERALIZED_TIME, lie.this_update.as_bytes()),
        encoded(SEQUENCE, &encoded(SEQUENCE, &single.concat())),
    ];
    if let Some(nonce) = &lie.nonce {
        let value = encoded(OCTET_STRING, &encoded(OCTET_STRING, nonce));
        let oid = encoded(OBJECT_IDENTIFIER, &[0x2b, 6, 1, 5, 5, 7, 48, 1, 2]);
        let extension = encoded(SEQUENCE, &[oid, value].concat());
        data.push(encoded(0xa1, &encoded(SEQUENCE, &extension)));
    }
    let data = encoded(SEQUENCE, &data.concat());
    let signature = signer.key().sign(&data).expect("a signature");
    let algorithm = encoded(SEQUENCE, &encoded(OBJECT_IDENTIFIER, &ECDSA));
    let mut basic = vec![
        data,
        algorithm,
        encoded(BIT_STRING, &[vec![0], signature].concat()),
    ];
    if !sent.is_empty() {
        let sent: Vec<_> = sent.iter().flat_map(|der| der.to_vec()).collect();
        basic.push(encoded(0xa0, &encoded(SEQUENCE, &sent)));
    }
    let kind = encoded(OBJECT_IDENTIFIER, &[0x2b, 6, 1, 5, 5, 7, 48, 1, 1]);
    let typed = [
        kind,
        encoded(OCTET_STRING, &encoded(SEQUENCE, &basic.concat())),
    ]
    .concat();
    let status = encoded(ENUMERATED, &[0]);
    encoded(
        SEQUENCE,
        &[status, encoded(0xa0, &encoded(SEQUENCE, &typed))].concat(),
    )
}

/// The first element within the first element, so many times.
fn deep(bytes: &[u8], levels: usize) -> Element<'_> {
    let mut element = only(bytes, SEQUENCE).expect("a sequence");
    for _ in 1..levels {
        element = element.elements().take(SEQUENCE).expect("a sequence");
    }
    element
}

/// Somebody whom `issuer` has certified, for these purposes.
fn named_by(issuer: &Authority, purposes: &[ExtendedKeyUsagePurpose]) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params
        .distinguished_name
        .push(DnType::CommonName, "Responder");
    params.extended_key_usages = purposes.to_vec();
    params.not_before = date_time_ymd(2025, 1, 1);
    params.not_after = date_time_ymd(2030, 1, 1);
    CertifiedIssuer::signed_by(params, KeyPair::generate().expect("a key"), issuer)
        .expect("a certificate")
}

#[test]
fn an_answer_is_believed_from_the_issuer_or_whom_it_has_named() {
    let ca = authority("CA");
    let certificate = server(&ca, &[], None);
    let question = Question::new(&certificate, &read(&ca), [1; NONCE_BYTES]).expect("a question");
    let signing = [ExtendedKeyUsagePurpose::OcspSigning];
    let responder = named_by(&ca, &signing);
    let server_only = named_by(&ca, &[ExtendedKeyUsagePurpose::ServerAuth]);
    let any = named_by(&ca, &[]);
    let stranger = named_by(&authority("CA"), &signing);
    let good = Ok(Answer {
        status: Status::Good,
        this_update: NOW - 3600,
        next_update: Some(NOW - 3600 + 86_400),
    });
    let from = |signer: &Authority, sent: &[&CertificateDer<'_>]| {
        question.read(&answer(&question, &truth(), signer, sent), NOW)
    };
    assert_eq!(from(&ca, &[]), good);
    assert_eq!(from(&responder, &[responder.der()]), good);
    assert_eq!(from(&responder, &[any.der(), responder.der()]), good);
    assert_eq!(
        from(&responder, &[]),
        Err(Unusable::Signer),
        "it has to show its certificate"
    );
    assert_eq!(
        from(&server_only, &[server_only.der()]),
        Err(Unusable::Signer)
    );
    assert_eq!(
        from(&any, &[any.der()]),
        Err(Unusable::Signer),
        "the purpose has to be named"
    );
    assert_eq!(from(&stranger, &[stranger.der()]), Err(Unusable::Signer));
    let other = authority("CA");
    assert_eq!(from(&other, &[other.der()]), Err(Unusable::Signature));
}

#[test]
fn an_answer_that_lies_in_any_part_says_nothing() {
    let ca = authority("CA");
    let certificate = server(&ca, &[], None);
    let question = Question::new(&certificate, &read(&ca), [1; NONCE_BYTES]).expect("a question");
    let says = |lie: Lie| question.read(&answer(&question, &lie, &ca, &[]), NOW);
    let revoked = [0xa1, 17]
        .into_iter()
        .chain(*b"\x18\x0f20260101000000Z")
        .collect();
    let status = |answer: Result<Answer, Unusable>| answer.map(|answer| answer.status);
    assert_eq!(
        status(says(Lie {
            status: revoked,
            ..truth()
        })),
        Ok(Status::Revoked(1_767_225_600))
    );
    assert_eq!(
        status(says(Lie {
            nonce: None,
            ..truth()
        })),
        Ok(Status::Good)
    );
    let replayed = Some(vec![2; NONCE_BYTES]);
    assert_eq!(
        says(Lie {
            nonce: replayed,
            ..truth()
        }),
        Err(Unusable::Nonce)
    );
    assert_eq!(
        says(Lie {
            serial: vec![8],
            ..truth()
        }),
        Err(Unusable::OtherCertificate)
    );
    assert_eq!(
        says(Lie {
            status: vec![0x82, 0],
            ..truth()
        }),
        Err(Unusable::Unknown)
    );
    let stale = Some("20261124115400Z");
    assert!(matches!(
        says(Lie {
            next_update: stale,
            ..truth()
        }),
        Err(Unusable::Stale(_))
    ));
    let skewed = Some("20261124115500Z");
    assert_eq!(
        status(says(Lie {
            next_update: skewed,
            ..truth()
        })),
        Ok(Status::Good)
    );
    let future = "20261124120501Z";
    assert!(matches!(
        says(Lie {
            this_update: future,
            ..truth()
        }),
        Err(Unusable::Future(_))
    ));
    let open = |this_update| {
        says(Lie {
            this_update,
            next_update: None,
            ..truth()
        })
    };
    assert_eq!(
        status(open("20261123120000Z")),
        Ok(Status::Good),
        "current for a day"
    );
    assert!(matches!(open("20261123115400Z"), Err(Unusable::Stale(_))));

    let whole = answer(&question, &truth(), &ca, &[]);
    for at in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        assert!(question.read(&flipped, NOW).is_err(), "bit {at}");
    }
    for end in 0..whole.len() {
        assert!(question.read(&whole[..end], NOW).is_err(), "cut at {end}");
    }
    let large = vec![0; super::ocsp::MOST_BYTES + 1];
    assert_eq!(question.read(&large, NOW), Err(Unusable::TooLarge));
    let error = |code| encoded(SEQUENCE, &encoded(ENUMERATED, &[code]));
    assert_eq!(
        question.read(&error(3), NOW),
        Err(Unusable::Error("try later"))
    );
    let null = encoded(NULL, &[]);
    assert_eq!(question.read(&null, NOW), Err(Unusable::Form));
}
