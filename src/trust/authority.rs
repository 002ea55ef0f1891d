//! What is checked when an operator enters the certificate of an authority: that it may sign certificates, or is a server's own
//! that signs itself; that its key is strong enough; its dates. Whether anybody trusts it is the operator's decision.

use chrono::{DateTime, Utc};
use ring::digest;
use webpki::EndEntityCert;
use x509_parser::extensions::ParsedExtension;
use x509_parser::parse_x509_certificate;

use super::certificate::{Certificate, Key, Unreadable, digits};
use super::dates;
use super::signature::BadSignature;
use super::signed::{self, Hash};

/// What a certificate that passed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// May sign the certificates of servers.
    Authority,
    /// Signs itself and no other: it stands for the one server that shows it.
    Itself,
}

/// Why a certificate is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("% Key is too small ({0} bits); 2048 at least")]
    SmallKey(usize),
    #[error("keys of this kind are not supported ({0})")]
    Key(String),
    #[error("the certificate is not that of an authority (basicConstraints, keyUsage)")]
    NoAuthority,
    #[error("the certificate is not signed by its own key")]
    Signature,
    #[error("the certificate is signed by {0}, which is not verified here")]
    Algorithm(String),
    #[error("the certificate is of version 1; one of version 3 is needed")]
    Version,
    #[error("the certificate has a critical extension that is not known here")]
    Extension,
    /// Both times, so that a clock that is wrong shows.
    #[error("the certificate has expired on {0}; {1}")]
    Expired(String, String),
    #[error("the certificate is not valid before {0}; {1}")]
    NotYet(String, String),
}

/// Looks at a certificate that was entered as an authority's.
pub fn check(certificate: &Certificate, now: DateTime<Utc>) -> Result<Role, Unfit> {
    check_key(certificate.key())?;
    webpki::anchor_from_trusted_cert(certificate.der()).map_err(|_| Unreadable::Form)?;
    let role = match certificate.is_authority() {
        true => Role::Authority,
        false if certificate.is_self_issued() => Role::Itself,
        false => return Err(Unfit::NoAuthority),
    };
    check_dates(certificate, now)?;
    if role == Role::Itself {
        can_be_shown(certificate)?;
    }
    if certificate.is_self_issued() || names_its_own_key(certificate) {
        check_own_signature(certificate)?;
    }
    Ok(role)
}

/// RSA of 2048 to 8192 bits, P-256, P-384 and Ed25519 are those whose signatures are verified here.
pub(super) fn check_key(key: &Key) -> Result<(), Unfit> {
    match (key.kind.as_str(), key.bits) {
        ("RSA", bits) if bits < 2048 => Err(Unfit::SmallKey(bits)),
        ("RSA", 2048..=8192) | ("EC", 256 | 384) | ("Ed25519", _) => Ok(()),
        (kind, 0) => Err(Unfit::Key(kind.to_owned())),
        (kind, bits) => Err(Unfit::Key(format!("{kind} of {bits} bits"))),
    }
}

pub(super) fn check_dates(certificate: &Certificate, now: DateTime<Utc>) -> Result<(), Unfit> {
    let (from, to) = (certificate.not_before(), certificate.not_after());
    if to < now {
        return Err(Unfit::Expired(dates::day(to), dates::clock(now)));
    }
    if from > now {
        return Err(Unfit::NotYet(dates::day(from), dates::clock(now)));
    }
    Ok(())
}

/// That a server can show it: one of version 1 says too little, and what is critical has to be understood.
fn can_be_shown(certificate: &Certificate) -> Result<(), Unfit> {
    match EndEntityCert::try_from(certificate.der()) {
        Ok(_) => Ok(()),
        Err(webpki::Error::UnsupportedCertVersion) => Err(Unfit::Version),
        Err(webpki::Error::UnsupportedCriticalExtension) => Err(Unfit::Extension),
        Err(_) => Err(Unreadable::Form.into()),
    }
}

/// Whether the key that signed is, by the certificate's own words, the one that it holds (RFC 5280, 4.2.1.1 and 4.2.1.2).
fn names_its_own_key(certificate: &Certificate) -> bool {
    let Ok((_, read)) = parse_x509_certificate(certificate.der()) else {
        return false;
    };
    let (mut own, mut signer) = (None, None);
    for extension in read.iter_extensions() {
        match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(key) => own = Some(key.0),
            ParsedExtension::AuthorityKeyIdentifier(key) => {
                signer = key.key_identifier.as_ref().map(|key| key.0);
            }
            _ => {}
        }
    }
    own.is_some() && own == signer
}

/// That the key which the certificate holds has made its signature: what was damaged or changed on its way shows.
fn check_own_signature(certificate: &Certificate) -> Result<(), Unfit> {
    signed::check(certificate, certificate, Hash::Any).map_err(|bad| match bad {
        BadSignature::Wrong => Unfit::Signature,
        BadSignature::Algorithm => Unfit::Algorithm(certificate.signature().to_owned()),
    })
}

/// A fingerprint as operators type it: SHA-1 or SHA-256, hexadecimal, colons and dots allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fingerprint {
    Sha1(String),
    Sha256(String),
}

impl Fingerprint {
    /// `None` for what is neither of 40 nor of 64 digits.
    pub fn read(text: &str) -> Option<Self> {
        let digits: String = text
            .chars()
            .filter(|c| !matches!(c, ':' | '.'))
            .take(65)
            .collect();
        let digits = digits.to_ascii_lowercase();
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        match digits.len() {
            40 => Some(Self::Sha1(digits)),
            64 => Some(Self::Sha256(digits)),
            _ => None,
        }
    }

    pub fn is_of(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Sha1(typed) => *typed == digits(certificate.fingerprint()),
            Self::Sha256(typed) => *typed == digits(&sha256(certificate)),
        }
    }
}

/// SHA-256 over the whole.
pub fn sha256(certificate: &Certificate) -> [u8; 32] {
    let sum = digest::digest(&digest::SHA256, certificate.der());
    sum.as_ref().try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, KeyUsagePurpose};

    use super::*;

    fn made(change: impl FnOnce(&mut CertificateParams)) -> Certificate {
        let mut params = CertificateParams::new(vec!["collector.example.com".to_owned()])
            .expect("a name that can be written");
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2027, 1, 1);
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let made = params.self_signed(&key).expect("a certificate");
        Certificate::read(made.der()).expect("a certificate that reads")
    }

    fn authority(params: &mut CertificateParams) {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }

    fn at(date: &str) -> DateTime<Utc> {
        format!("{date}T12:00:00Z").parse().expect("a date")
    }

    #[test]
    fn an_authority_and_a_server_that_signs_itself_are_told_apart() {
        let now = at("2026-11-24");
        assert_eq!(check(&made(authority), now), Ok(Role::Authority));
        assert_eq!(check(&made(|_| {}), now), Ok(Role::Itself));
    }

    #[test]
    fn who_may_not_sign_certificates_is_no_authority() {
        let limited = made(|params| {
            authority(params);
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        });
        assert_eq!(check(&limited, at("2026-11-24")), Ok(Role::Itself));
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "Root");
        authority(&mut params);
        let issuer = rcgen::Issuer::new(params, key);
        let leaf = CertificateParams::new(vec!["a.example".to_owned()]).expect("a name");
        let own = KeyPair::generate().expect("a key");
        let leaf = leaf.signed_by(&own, &issuer).expect("a certificate");
        let leaf = Certificate::read(leaf.der()).expect("a certificate that reads");
        assert_eq!(check(&leaf, at("2026-11-24")), Err(Unfit::NoAuthority));
    }

    #[test]
    fn dates_are_told_with_what_the_clock_says() {
        let told = |now| check(&made(authority), at(now)).map_err(|unfit| unfit.to_string());
        assert_eq!(
            told("2028-05-01"),
            Err("the certificate has expired on 2027-01-01; the clock says 2028-05-01".to_owned())
        );
        assert_eq!(
            told("2001-01-01"),
            Err(
                "the certificate is not valid before 2026-01-01; the clock says 2001-01-01, which is evidently wrong"
                    .to_owned()
            )
        );
    }

    #[test]
    fn a_certificate_that_was_changed_is_not_taken() {
        let mut der = made(authority).der().to_vec();
        let last = der.len() - 1;
        der[last] ^= 1;
        // Either its signature is no encoding any more, or it is wrong.
        if let Ok(changed) = Certificate::read(&der) {
            assert_eq!(check(&changed, at("2026-11-24")), Err(Unfit::Signature));
        }
    }

    #[test]
    fn another_name_makes_no_other_authority_of_a_certificate() {
        let certificate = made(|params| {
            authority(params);
            params.use_authority_key_identifier_extension = true;
            let name = &mut params.distinguished_name;
            name.push(rcgen::DnType::CommonName, "Root");
        });
        let name = certificate.subject_der();
        let at_issuer = certificate.der().windows(name.len());
        let at_issuer = at_issuer.into_iter().position(|part| part == name);
        let last = at_issuer.expect("the issuer") + name.len() - 1;
        let mut changed = certificate.der().to_vec();
        changed[last] ^= 1;
        let changed = Certificate::read(&changed).expect("a certificate that reads");
        assert!(!changed.is_self_issued());
        assert_eq!(check(&changed, at("2026-11-24")), Err(Unfit::Signature));
    }

    #[test]
    fn weak_and_unknown_keys_are_named() {
        let key = |kind: &str, bits| {
            check_key(&Key {
                kind: kind.to_owned(),
                bits,
            })
        };
        assert_eq!(key("RSA", 2048), Ok(()));
        assert_eq!(
            key("RSA", 1024).map_err(|unfit| unfit.to_string()),
            Err("% Key is too small (1024 bits); 2048 at least".to_owned())
        );
        assert_eq!(key("EC", 521), Err(Unfit::Key("EC of 521 bits".to_owned())));
    }

    #[test]
    fn fingerprints_are_read_in_both_lengths() {
        let certificate = made(authority);
        let sha1 = digits(certificate.fingerprint()).to_uppercase();
        let colons: Vec<_> = sha1
            .as_bytes()
            .chunks(2)
            .map(String::from_utf8_lossy)
            .collect();
        for (text, fits) in [
            (sha1.clone(), true),
            (colons.join(":"), true),
            (digits(&sha256(&certificate)), true),
            ("0".repeat(40), false),
        ] {
            let read = Fingerprint::read(&text).expect("a fingerprint");
            assert_eq!(read.is_of(&certificate), fits, "{text}");
        }
        for text in ["", "12", "xyz", &"a".repeat(41), &"a".repeat(1000)] {
            assert_eq!(Fingerprint::read(text), None, "{text:.20}");
        }
    }
}
