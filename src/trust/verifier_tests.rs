//! Paths: who may vouch, until when, for what. Connections to servers are tried in engine_tests.rs.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::CertificateDer;

use super::bench::{Authority, NOW, authority};
use super::certificate::{Certificate, Unreadable};
use super::identity::Expected;
use super::path::{Anchor, NoPath};
use super::verifier::{Refused, Verifier};

fn server(
    issuer: &Authority,
    edit: impl FnOnce(&mut CertificateParams),
) -> CertificateDer<'static> {
    let mut params = CertificateParams::new(vec!["a.example".to_owned()]).expect("a name");
    params.not_before = date_time_ymd(2025, 1, 1);
    params.not_after = date_time_ymd(2030, 1, 1);
    edit(&mut params);
    let key = KeyPair::generate().expect("a key");
    params
        .signed_by(&key, issuer)
        .expect("a certificate")
        .der()
        .clone()
}

fn anchor(der: &CertificateDer<'_>) -> Anchor {
    Anchor::new(Certificate::read(der).expect("readable"), None).expect("an anchor")
}

fn verdict(
    anchors: &[&CertificateDer<'_>],
    server: &CertificateDer<'_>,
    sent: &[CertificateDer<'_>],
) -> Result<usize, Refused> {
    let anchors = anchors.iter().map(|der| anchor(der)).collect();
    Verifier::new(anchors, Expected::Host("a.example".into()))
        .verify(server, sent, NOW)
        .map(|path| path.issuers.len())
}

fn told(anchors: &[&CertificateDer<'_>], server: &CertificateDer<'_>) -> String {
    verdict(anchors, server, &[])
        .expect_err("not believed")
        .to_string()
}

#[test]
fn an_authority_that_is_believed_vouches_and_a_stranger_does_not() {
    let ours = authority("ours", |_| {});
    let other = authority("ours", |_| {});
    let server = server(&ours, |_| {});
    assert_eq!(verdict(&[ours.der()], &server, &[]), Ok(1));
    assert_eq!(
        told(&[other.der()], &server),
        "certificate is not signed by its issuer"
    );
    assert_eq!(told(&[], &server), "unknown issuer");
}

#[test]
fn an_authority_between_is_taken_from_what_was_sent() {
    let root = authority("root", |_| {});
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params
        .distinguished_name
        .push(DnType::CommonName, "between");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let between = CertifiedIssuer::signed_by(params, KeyPair::generate().expect("a key"), &root)
        .expect("signed");
    let server = server(&between, |_| {});
    assert_eq!(
        verdict(&[root.der()], &server, &[between.der().clone()]),
        Ok(2)
    );
    assert_eq!(told(&[root.der()], &server), "unknown issuer");
}

#[test]
fn dates_are_those_of_the_server_and_of_the_authority() {
    let ours = authority("ours", |_| {});
    let over = server(&ours, |params| params.not_after = date_time_ymd(2026, 1, 2));
    assert_eq!(
        told(&[ours.der()], &over),
        "certificate has expired on 2026-01-02; the clock says 2026-11-24"
    );
    let early = server(&ours, |params| {
        params.not_before = date_time_ymd(2027, 5, 6)
    });
    assert_eq!(
        told(&[ours.der()], &early),
        "certificate is not valid before 2027-05-06; the clock says 2026-11-24"
    );
    let stale = authority("stale", |params| {
        params.not_after = date_time_ymd(2026, 3, 4)
    });
    let server = server(&stale, |_| {});
    assert_eq!(
        told(&[stale.der()], &server),
        "issuer has expired on 2026-03-04; the clock says 2026-11-24"
    );
}

#[test]
fn a_clock_that_is_evidently_wrong_is_told_with_the_refusal() {
    let ours = authority("ours", |_| {});
    let server = server(&ours, |_| {});
    let anchors = [anchor(ours.der())].into();
    let verifier = Verifier::new(anchors, Expected::Host("a.example".into()));
    let refused = verifier
        .verify(&server, &[], 0)
        .expect_err("long before all of it");
    assert_eq!(
        refused.to_string(),
        "certificate is not valid before 2025-01-01; the clock says 1970-01-01, which is evidently wrong"
    );
}

#[test]
fn who_may_not_sign_vouches_for_nobody() {
    let leaf = authority("leaf", |params| params.is_ca = IsCa::ExplicitNoCa);
    let below = server(&leaf, |_| {});
    assert_eq!(
        told(&[leaf.der()], &below),
        "issuer may not sign certificates"
    );
    let mute = authority("mute", |params| {
        params.key_usages = vec![KeyUsagePurpose::CrlSign]
    });
    let below = server(&mute, |_| {});
    assert_eq!(
        told(&[mute.der()], &below),
        "issuer may not sign certificates"
    );
}

#[test]
fn a_server_accepted_as_it_is_needs_no_authority_but_its_dates_and_name() {
    let itself = authority("a.example", |params| {
        params.is_ca = IsCa::ExplicitNoCa;
        params.subject_alt_names = vec![rcgen::SanType::DnsName(
            "a.example".try_into().expect("ascii"),
        )];
    });
    assert_eq!(verdict(&[itself.der()], itself.der(), &[]), Ok(1));
    let over = authority("a.example", |params| {
        params.is_ca = IsCa::ExplicitNoCa;
        params.not_after = date_time_ymd(2026, 1, 2);
    });
    assert_eq!(
        told(&[over.der()], over.der()),
        "certificate has expired on 2026-01-02; the clock says 2026-11-24"
    );
    let other = authority("b.example", |params| params.is_ca = IsCa::ExplicitNoCa);
    assert_eq!(
        told(&[other.der()], other.der()),
        "certificate is for cn-id b.example, expected a.example"
    );
}

#[test]
fn a_certificate_for_clients_alone_is_no_servers() {
    let ours = authority("ours", |_| {});
    let client = server(&ours, |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]
    });
    assert_eq!(
        told(&[ours.der()], &client),
        "certificate is not for servers"
    );
}

#[test]
fn what_is_hostile_is_refused_before_it_costs_anything() {
    assert_eq!(
        Certificate::read(&vec![0x30; 65_537]).err(),
        Some(Unreadable::TooLarge)
    );
    assert_eq!(Certificate::read(&[]).err(), Some(Unreadable::Form));
    let ours = authority("ours", |_| {});
    let mut behind = ours.der().to_vec();
    behind.push(0);
    assert_eq!(Certificate::read(&behind).err(), Some(Unreadable::Form));
    let many = server(&ours, |params| {
        params.subject_alt_names = (0..1001)
            .map(|n| rcgen::SanType::DnsName(format!("n{n}.example").try_into().expect("ascii")))
            .collect();
    });
    assert_eq!(
        Certificate::read(&many).err(),
        Some(Unreadable::TooManyNames)
    );
    let server = server(&ours, |_| {});
    let chain = vec![ours.der().clone(); 17];
    assert_eq!(
        verdict(&[ours.der()], &server, &chain),
        Err(Refused::Path(NoPath::TooLong))
    );
}

#[test]
fn a_name_with_nul_is_nobodys() {
    let ours = authority("ours", |_| {});
    let trick = server(&ours, |params| {
        params.subject_alt_names = vec![rcgen::SanType::DnsName(
            "a.example\0.evil.example".try_into().expect("ascii"),
        )];
    });
    assert!(
        Certificate::read(&trick)
            .expect("readable")
            .presented()
            .dns
            .is_empty()
    );
    assert_eq!(
        told(&[ours.der()], &trick),
        "certificate is for nobody, expected a.example"
    );
}
