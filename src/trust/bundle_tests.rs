//! Every form in which bundles come, made by hand and by `openssl`, and what is none.

use std::path::Path;

use super::*;
use crate::trust::bench::{authority, with_key};
use crate::trust::cms::tests::{openssl, signed};

fn two() -> (Vec<u8>, Vec<u8>) {
    let of = |name| authority(name, |_| {}).der().to_vec();
    (of("one"), of("two"))
}

fn read_in(bytes: &[u8]) -> Result<Vec<Vec<u8>>, NotABundle> {
    read(bytes).map(|bundle| bundle.certificates)
}

#[test]
fn pem_and_der_hold_one_certificate_or_several() {
    let (one, two) = two();
    let both = vec![one.clone(), two.clone()];
    let pem = format!(
        "subject=one\n{}\nissuer=two\n{}",
        pem::block("CERTIFICATE", &one),
        pem::block("CERTIFICATE", &two)
    );
    assert_eq!(read_in(pem.as_bytes()), Ok(both.clone()));
    assert_eq!(
        read_in(pem.replace('\n', "\r\n").as_bytes()),
        Ok(both.clone())
    );
    assert_eq!(read_in(&[one.clone(), two].concat()), Ok(both));
    assert_eq!(read_in(&one), Ok(vec![one]));
}

#[test]
fn a_broken_block_is_counted_and_the_others_are_read() {
    let (one, _) = two();
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n{}",
        pem::block("CERTIFICATE", &one)
    );
    let bundle = read(pem.as_bytes()).expect("a bundle");
    assert_eq!((bundle.certificates, bundle.broken), (vec![one], 1));
}

#[test]
fn what_is_imported_of_a_signed_message_is_what_was_signed() {
    let (one, two) = two();
    let (ca, key) = with_key("signer");
    let content = pem::block("CERTIFICATE", &one);
    let message = signed(content.as_bytes(), &[ca.clone(), two], &ca, &key);
    let bundle = read(&message).expect("a bundle");
    assert_eq!(bundle.certificates, vec![one.clone()]);
    assert!(bundle.message.is_some());
    for label in ["PKCS7", "CMS"] {
        let pem = pem::block(label, &message);
        assert_eq!(read_in(pem.as_bytes()), Ok(vec![one.clone()]));
    }
    let beside = format!(
        "{}{}",
        pem::block("PKCS7", &message),
        pem::block("CERTIFICATE", &one)
    );
    assert_eq!(read_in(beside.as_bytes()), Err(NotABundle::Form));
}

#[test]
fn what_is_no_bundle_is_refused_in_an_operators_words() {
    for (bytes, words) in [
        (&b""[..], "the file is empty"),
        (b" \r\n", "the file is empty"),
        (
            b"<html>404</html>",
            "the file is neither PEM, DER nor PKCS#7",
        ),
        (
            &[0x30, 0x84, 1, 2],
            "the file is neither PEM, DER nor PKCS#7",
        ),
        (
            b"-----BEGIN X509 CRL-----\nAQID\n-----END X509 CRL-----\n",
            "the file has no certificates",
        ),
    ] {
        assert_eq!(read(bytes).expect_err("none").to_string(), words);
    }
    let large = vec![b'a'; MOST_BYTES + 1];
    assert_eq!(read_in(&large), Err(NotABundle::TooLarge));
    let many = [0x30, 0x81, 0].repeat(MOST_CERTIFICATES + 1);
    assert!(read_in(&many).is_err());
    let many = pem::block("CERTIFICATE", &[0x30, 0]).repeat(MOST_CERTIFICATES + 1);
    assert_eq!(read_in(many.as_bytes()), Err(NotABundle::TooMany));
}

#[test]
fn a_bomb_of_nested_elements_is_refused_at_once() {
    for bomb in [
        [0x30, 0x80].repeat(2_000_000),
        [0x24, 0x80].repeat(2_000_000),
    ] {
        assert_eq!(read_in(&bomb), Err(NotABundle::Form));
    }
}

#[test]
fn what_openssl_makes_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (one, two) = two();
    let both = [one, two];
    let pem: String = both
        .iter()
        .map(|der| pem::block("CERTIFICATE", der))
        .collect();
    std::fs::write(at("both.pem"), &pem).expect("written");
    let made = |out: &Path, form: &str| {
        let input = at("both.pem");
        openssl(&[
            "crl2pkcs7".as_ref(),
            "-nocrl".as_ref(),
            "-certfile".as_ref(),
            input.as_os_str(),
            "-outform".as_ref(),
            form.as_ref(),
            "-out".as_ref(),
            out.as_os_str(),
        ])
    };
    for form in ["DER", "PEM"] {
        if !made(&at("out"), form) {
            return;
        }
        let bytes = std::fs::read(at("out")).expect("made");
        let mut found = read_in(&bytes).expect("a bundle");
        found.sort();
        let mut expected = both.to_vec();
        expected.sort();
        assert_eq!(found, expected, "{form}");
    }
}
