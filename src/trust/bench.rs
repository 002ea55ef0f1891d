//! What the tests of trust share: authorities that they make, whoever is certified by one, and a day on which all of them
//! are valid.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};

pub(super) type Authority = CertifiedIssuer<'static, KeyPair>;

/// 2026-11-24, noon.
pub(super) const NOW: i64 = 1_795_521_600;

/// A self-signed authority, but for what `edit` changes.
pub(super) fn authority(name: &str, edit: impl FnOnce(&mut CertificateParams)) -> Authority {
    let mut params = params(name);
    edit(&mut params);
    CertifiedIssuer::self_signed(params, key()).expect("an authority")
}

/// One in DER, and the key that it signs with.
pub(super) fn with_key(name: &str) -> (Vec<u8>, KeyPair) {
    let key = key();
    let certificate = params(name).self_signed(&key).expect("signed");
    (certificate.der().to_vec(), key)
}

/// A certificate that `issuer` has signed, in DER, with its key.
pub(super) fn below(
    issuer: &Authority,
    edit: impl FnOnce(&mut CertificateParams),
) -> (Vec<u8>, KeyPair) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "signer");
    params.not_before = date_time_ymd(2025, 1, 1);
    params.not_after = date_time_ymd(2030, 1, 1);
    edit(&mut params);
    let key = key();
    let certificate = params.signed_by(&key, issuer).expect("signed");
    (certificate.der().to_vec(), key)
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    params
}
