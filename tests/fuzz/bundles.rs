//! Bundles of certificates as a server might send them, broken anywhere: read within their bounds or refused, and never with
//! other certificates than a signature covers.

use std::time::{Duration, Instant};

use watchfire::trust::bundle::{self, Bundle, MOST_BYTES, MOST_CERTIFICATES};
use watchfire::trust::certificate::Certificate;
use watchfire::trust::path::Anchor;
use watchfire::trust::pem;
use watchfire::trust::pool::{Form, How, Pool};

use super::random::Random;

const LIKELY: &[u8] =
    b"\x30\x80\x31\x82\x24\x04\x02\x06\xa0\xa1\x00\x01\x7f\xff-BEGINCERTKS7 =\nAM";

fn roots() -> Vec<Certificate> {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().take(3);
    roots
        .map(|der| Certificate::read(der).expect("readable"))
        .collect()
}

/// The three roots in every form that can be written here.
fn seeds() -> Vec<Vec<u8>> {
    let pool = Pool::new(roots().into());
    let message = pool.export(Form::Pkcs7);
    let mail = "MIME-Version: 1.0\nContent-Type: application/x-pkcs7-mime\n\n";
    let digits: String = pem::block("PKCS7", &message)
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    vec![
        pool.export(Form::Pem),
        pem::block("PKCS7", &message).into_bytes(),
        format!("{mail}{digits}").into_bytes(),
        message,
        roots()[0].der().to_vec(),
    ]
}

#[test]
fn any_bytes_are_a_bundle_within_its_bounds_or_refused() {
    let mut random = Random::new(32);
    let seeds = seeds();
    let anchors: Vec<Anchor> = roots()
        .into_iter()
        .filter_map(|root| Anchor::new(root, None).ok())
        .collect();
    let (mut read, mut refused) = (0, 0);
    for _ in 0..4_000 {
        let bytes = if random.once_in(10) {
            random.bytes(LIKELY, 200)
        } else {
            random.mutated(&seeds, LIKELY, 4)
        };
        let Ok(Bundle {
            certificates,
            broken,
            message,
        }) = bundle::read(&bytes)
        else {
            refused += 1;
            continue;
        };
        read += 1;
        assert!((1..=MOST_CERTIFICATES).contains(&(certificates.len() + broken)));
        let signer = message.map(|message| message.verify(&anchors, 1_795_521_600));
        assert!(!matches!(signer, Some(Ok(_))), "nobody has signed anything");
    }
    assert!(
        read > 500 && refused > 500,
        "too few of each: {read}, {refused}"
    );
}

#[test]
fn the_largest_files_cost_little() {
    let begun = Instant::now();
    for bytes in [
        vec![0x30; MOST_BYTES],
        [0x30, 0x80].repeat(MOST_BYTES / 2),
        b"-----BEGIN ".repeat(MOST_BYTES / 11),
        b"-----BEGIN PKCS7-----\n-----END ".repeat(MOST_BYTES / 31),
        pem::block("PKCS7", &[0x30, 0])
            .repeat(MOST_BYTES / 60)
            .into_bytes(),
    ] {
        drop(bundle::read(&bytes));
    }
    // A hundred times what it takes: a quadratic step would take hours.
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[test]
fn any_kept_pool_is_read_or_refused() {
    let mut random = Random::new(33);
    let pool = Pool::new(roots().into());
    let bundle = bundle::read(&pool.export(Form::Pem)).expect("a bundle");
    let empty = Pool::new([].into());
    let (pool, _) = empty.with(&bundle, How::Automatic, 0).expect("usable");
    let kept = pool.to_text();
    let seeds = ["trustpool 1\nwithout built-in\nimported 0\n", kept.as_str()];
    for _ in 0..2_000 {
        let text = super::random::text(&random.mutated(&seeds, LIKELY, 4));
        if let Some(read) = Pool::of_text(&text, [].into()) {
            let again = Pool::of_text(&read.to_text(), [].into());
            assert_eq!(again, Some(read));
        }
    }
}
