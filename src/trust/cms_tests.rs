//! Who may sign a bundle, and what a signature covers: messages made by hand, and by `openssl` in each of its forms.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use rcgen::{ExtendedKeyUsagePurpose, KeyPair, SigningKey, date_time_ymd};

use super::*;
use crate::trust::bench::{NOW, authority, below, with_key};
use crate::trust::bundle;
use crate::trust::pem;

fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    encoded(tag, &parts.concat())
}

/// A message over `content` with `sent` beside it, as a signer with an elliptic key makes it.
pub(in crate::trust) fn signed(
    content: &[u8],
    sent: &[Vec<u8>],
    signer: &[u8],
    key: &KeyPair,
) -> Vec<u8> {
    const SHA256: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01";
    const ECDSA: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x03\x02";
    let oid = |oid: &[u8]| element(OBJECT_IDENTIFIER, &[oid]);
    let attribute =
        |kind: &[u8], value: &[u8]| element(SEQUENCE, &[&oid(kind), &element(SET, &[value])]);
    let sum = digest::digest(&digest::SHA256, content);
    let attributes = [
        attribute(CONTENT_TYPE, &oid(DATA)),
        attribute(MESSAGE_DIGEST, &element(OCTET_STRING, &[sum.as_ref()])),
    ]
    .concat();
    let signature = key.sign(&element(SET, &[&attributes])).expect("signed");
    let facts = Certificate::read(signer).expect("readable");
    let serial: Vec<u8> = (0..facts.serial().len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&facts.serial()[at..at + 2], 16).expect("digits"))
        .collect();
    let algorithm = element(SEQUENCE, &[&oid(SHA256)]);
    let info = element(
        SEQUENCE,
        &[
            &[2, 1, 1],
            &element(
                SEQUENCE,
                &[facts.issuer_der(), &element(INTEGER, &[&serial])],
            ),
            &algorithm,
            &element(CONTEXT_0, &[&attributes]),
            &element(SEQUENCE, &[&oid(ECDSA)]),
            &element(OCTET_STRING, &[&signature]),
        ],
    );
    let octets = element(OCTET_STRING, &[content]);
    let data = element(
        SEQUENCE,
        &[
            &[2, 1, 1],
            &element(SET, &[&algorithm]),
            &element(SEQUENCE, &[&oid(DATA), &element(CONTEXT_0, &[&octets])]),
            &element(CONTEXT_0, &[&sent.concat()]),
            &element(SET, &[&info]),
        ],
    );
    element(
        SEQUENCE,
        &[&oid(SIGNED_DATA), &element(CONTEXT_0, &[&data])],
    )
}

fn anchors(ders: &[&[u8]]) -> Vec<Anchor> {
    let anchor = |der: &&[u8]| Anchor::new(Certificate::read(der).expect("readable"), None);
    ders.iter()
        .map(anchor)
        .collect::<Result<_, _>>()
        .expect("anchors")
}

fn verdict(message: &[u8], believed: &[&[u8]]) -> Result<(), String> {
    let bundle = bundle::read(message).expect("a bundle");
    let message = bundle.message.expect("a message");
    let signer = message.verify(&anchors(believed), NOW);
    signer.map(drop).map_err(|reason| reason.to_string())
}

fn content() -> String {
    pem::block("CERTIFICATE", authority("content", |_| {}).der())
}

#[test]
fn a_signer_below_an_authority_that_is_believed_counts_and_a_stranger_does_not() {
    let root = authority("root", |_| {});
    let (signer, key) = below(&root, |_| {});
    let message = signed(
        content().as_bytes(),
        std::slice::from_ref(&signer),
        &signer,
        &key,
    );
    assert_eq!(verdict(&message, &[root.der()]), Ok(()));
    let (other, _) = with_key("root");
    let untrusted = "the signer's certificate is not trusted: ";
    let told = verdict(&message, &[&other]).expect_err("a stranger");
    assert!(told.starts_with(untrusted), "{told}");
    let told = verdict(&message, &[]).expect_err("an empty pool");
    assert_eq!(told, format!("{untrusted}unknown issuer"));
}

#[test]
fn an_authority_signs_by_itself_when_it_is_believed() {
    let (ca, key) = with_key("self");
    let message = signed(content().as_bytes(), &[], &ca, &key);
    assert_eq!(verdict(&message, &[&ca]), Ok(()));
    assert_eq!(
        verdict(&message, &[]),
        Err("the signer's certificate is not in the bundle".to_owned())
    );
    let message = signed(content().as_bytes(), std::slice::from_ref(&ca), &ca, &key);
    assert!(verdict(&message, &[]).is_err());
}

#[test]
fn a_signer_is_made_for_code_for_mail_or_for_anything() {
    use ExtendedKeyUsagePurpose as Use;
    let root = authority("root", |_| {});
    for (uses, expected) in [
        (vec![], true),
        (vec![Use::CodeSigning], true),
        (vec![Use::ServerAuth, Use::EmailProtection], true),
        (vec![Use::Any], true),
        (vec![Use::ServerAuth], false),
        (vec![Use::TimeStamping, Use::ClientAuth], false),
    ] {
        let (signer, key) = below(&root, |params| params.extended_key_usages = uses.clone());
        let message = signed(
            content().as_bytes(),
            std::slice::from_ref(&signer),
            &signer,
            &key,
        );
        let told = verdict(&message, &[root.der()]);
        assert_eq!(told.is_ok(), expected, "{uses:?}: {told:?}");
    }
}

#[test]
fn a_signer_out_of_its_dates_does_not_count() {
    let root = authority("root", |_| {});
    let (signer, key) = below(&root, |params| params.not_after = date_time_ymd(2026, 1, 1));
    let message = signed(
        content().as_bytes(),
        std::slice::from_ref(&signer),
        &signer,
        &key,
    );
    assert_eq!(
        verdict(&message, &[root.der()]),
        Err("the signer's certificate is not trusted: it has expired".to_owned())
    );
}

#[test]
fn a_message_without_signers_is_not_signed_whatever_travels_with_it() {
    let (ca, _) = with_key("ca");
    let data = element(
        SEQUENCE,
        &[
            &[2, 1, 1],
            &element(SET, &[]),
            &element(
                SEQUENCE,
                &[&element(
                    OBJECT_IDENTIFIER,
                    &[b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"],
                )],
            ),
            &element(CONTEXT_0, &[&ca]),
            &element(SET, &[]),
        ],
    );
    assert_eq!(
        verdict(&data, &[&ca]),
        Err("the bundle is not signed".to_owned())
    );
}

/// Each byte changed once: whoever is believed afterwards has signed the same content.
#[test]
fn no_changed_byte_changes_what_was_signed() {
    let (ca, key) = with_key("ca");
    let content = content();
    let message = signed(content.as_bytes(), std::slice::from_ref(&ca), &ca, &key);
    let trusted = anchors(&[&ca]);
    let expected = bundle::read(&message).expect("a bundle").certificates;
    for at in 0..message.len() {
        let mut changed = message.clone();
        changed[at] ^= 1 << (at % 8);
        let Ok(bundle) = bundle::read(&changed) else {
            continue;
        };
        let believed = bundle
            .message
            .is_some_and(|message| message.verify(&trusted, NOW).is_ok());
        assert!(!believed || bundle.certificates == expected, "byte {at}");
    }
}

/// Runs `openssl`; false, with the reason printed, where there is none on this machine.
pub(in crate::trust) fn openssl(arguments: &[&OsStr]) -> bool {
    let run = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    match run {
        Err(error) => {
            std::io::Write::write_fmt(
                &mut std::io::stderr(),
                format_args!("skipped: openssl: {error}\n"),
            )
            .ok();
            false
        }
        Ok(done) => {
            assert!(
                done.status.success(),
                "{arguments:?}: {}",
                String::from_utf8_lossy(&done.stderr)
            );
            true
        }
    }
}

#[test]
fn what_openssl_signs_is_verified_in_each_of_its_forms() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).into_os_string();
    let run = |arguments: &str| {
        let arguments: Vec<_> = arguments
            .split(' ')
            .map(|word| match word.strip_prefix('@') {
                Some(name) => at(name),
                None => word.into(),
            })
            .collect();
        let arguments: Vec<&OsStr> = arguments.iter().map(AsRef::as_ref).collect();
        openssl(&arguments)
    };
    std::fs::write(at("content"), content()).expect("written");
    for key in ["rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-256"] {
        let made = run(&format!(
            "req -x509 -newkey {key} -nodes -keyout @key -out @ca -subj /CN=CA -days 30"
        ));
        if !made {
            return;
        }
        let ca = pem::blocks(&std::fs::read(at("ca")).expect("made")).expect("PEM");
        let ca = ca[0].bytes.clone().expect("base 64");
        let now = chrono::Utc::now().timestamp();
        let verdict = |name: &str, trusted: &[&[u8]]| {
            let bundle = bundle::read(&std::fs::read(at(name)).expect("made")).expect(name);
            assert_eq!(bundle.certificates.len(), 1, "{name}");
            let message = bundle.message.expect("a message");
            message.verify(&anchors(trusted), now).map(drop)
        };
        for form in [
            "-outform DER",
            "-outform PEM",
            "-outform SMIME",
            "-outform DER -indef -stream",
            "-outform DER -noattr",
            "-outform DER -keyid",
            "-outform DER -md sha384",
            "-outform DER -md sha512 -nocerts",
            "-outform DER -econtent_type 1.2.840.113549.1.7.2",
        ] {
            if key.starts_with("ec") && form.contains("sha512") {
                continue;
            }
            run(&format!(
                "cms -sign -binary -nodetach -signer @ca -inkey @key -in @content -out @out {form}"
            ));
            assert_eq!(verdict("out", &[&ca]), Ok(()), "{key} {form}");
            assert!(verdict("out", &[]).is_err(), "{key} {form}");
        }
        run(
            "cms -sign -binary -nodetach -signer @ca -inkey @key -in @content -out @out -outform DER -md sha1",
        );
        assert_eq!(verdict("out", &[&ca]), Err(Unverified::Algorithm("SHA-1")));
    }
}
