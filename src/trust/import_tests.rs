//! Where bundles may be, which of them need a signature, and who may sign them by a configuration.

use std::io::Write;

use tempfile::NamedTempFile;
use tokio::sync::watch;

use super::super::bench::{authority as content, below};
use super::super::cms::tests::signed;
use super::super::engine::{Outside, start};
use super::super::engine_tests::{authority, crypto, outside, published};
use super::super::{cms, pem};
use super::*;
use crate::config::crypto::{Crypto, Usage};

#[test]
fn a_place_is_a_url_or_a_file() {
    let place = |text| Place::new(text);
    assert!(matches!(place("http://a.example/b.p7b"), Ok(Place::Web(_))));
    for text in ["file:///etc/ca.pem", "file:/etc/ca.pem", "FILE:/etc/ca.pem"] {
        assert_eq!(place(text), Ok(Place::Host("/etc/ca.pem".into())));
    }
    for text in ["disk0:ca.pem", "disk0:/ca.pem"] {
        assert_eq!(place(text), Ok(Place::Disk0("ca.pem".into())));
    }
    for text in [
        "ca.pem",
        "ftp://a.example/",
        "disk0:../x",
        "disk0:",
        "file:x",
        "file://host",
        "http://",
        "http://u:p@a.example/",
    ] {
        assert!(place(text).is_err(), "{text}");
    }
}

/// `Ok`, or why a device of this configuration with an empty pool does not take the bundle.
async fn fetched(crypto: Crypto, bundle: &[u8], wanted: Signed) -> Result<(), String> {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(bundle).expect("written");
    let (_publisher, newest) = watch::channel(published(1, crypto));
    let outside = Outside {
        built_in: Some(Arc::new([])),
        ..outside()
    };
    let room = start(&tokio::runtime::Handle::current(), newest, outside);
    let answer = room.fetch(Place::Host(file.path().to_owned()), wanted);
    let answer = tokio::task::spawn_blocking(move || answer.recv()).await;
    let answer = answer.expect("waited").expect("an answer");
    answer.map(drop).map_err(|fault| fault.to_string())
}

fn pem_of(der: &[u8]) -> Vec<u8> {
    pem::block("CERTIFICATE", der).into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trust_point_vouches_for_a_signer_unless_it_is_for_call_home_alone() {
    let (root, other) = (authority("root"), authority("other"));
    let (signer, key) = below(&root, |_| {});
    let content = pem_of(content("content", |_| {}).der());
    let message = signed(&content, std::slice::from_ref(&signer), &signer, &key);
    let untrusted = Err("the signer's certificate is not trusted: unknown issuer".to_owned());
    for (points, expected) in [
        (crypto(&[("TP", None, &root)]), Ok(())),
        (
            crypto(&[("TP", None, &other), ("TP2", None, &root)]),
            Ok(()),
        ),
        (
            crypto(&[("TP", Some(Usage::Nothing), &root)]),
            untrusted.clone(),
        ),
        (crypto(&[("TP", None, &other)]), untrusted.clone()),
        (Crypto::default(), untrusted),
    ] {
        assert_eq!(fetched(points, &message, Signed::Always).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_has_to_hold_and_may_have_to_be_there() {
    let root = authority("root");
    let (signer, key) = below(&root, |_| {});
    let new = content("new", |_| {});
    let plain = [b"comment\n".to_vec(), pem_of(new.der())].concat();
    let unsigned = cms::of_certificates(std::iter::once(new.der().as_ref()));
    let good = signed(&plain, std::slice::from_ref(&signer), &signer, &key);
    let mut changed = good.clone();
    let at = changed
        .windows(7)
        .position(|part| part == b"comment")
        .expect("the content");
    changed[at] ^= 1;
    let missing = "the bundle is not signed";
    for (bundle, wanted, expected) in [
        (&plain, Signed::WhereThere, None),
        (&plain, Signed::Pkcs7, None),
        (&plain, Signed::Always, Some(missing)),
        (&unsigned, Signed::WhereThere, None),
        (&unsigned, Signed::Pkcs7, Some(missing)),
        (&good, Signed::Pkcs7, None),
        (
            &changed,
            Signed::WhereThere,
            Some("the content is not what was signed"),
        ),
    ] {
        let told = fetched(crypto(&[("TP", None, &root)]), bundle, wanted).await;
        assert_eq!(told.err().as_deref(), expected, "{wanted:?}");
    }
}

#[test]
fn what_is_no_file_of_this_host_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, words) in [
        (folder.path().join("none"), "no such file or directory"),
        (folder.path().to_owned(), "not a plain file"),
        ("/dev/zero".into(), "not a plain file"),
    ] {
        let told = read_file(&path).expect_err("no bundle").to_string();
        assert_eq!(told, format!("{}: {words}", path.display()));
    }
}
