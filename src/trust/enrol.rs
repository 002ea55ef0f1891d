//! The device's own certificate: a request that an authority is asked with, a certificate that the device signs itself, and
//! whether a certificate that came back belongs to the key and to the authority. Nothing is kept here.

use std::net::IpAddr;

use chrono::{DateTime, Datelike, Utc};
use rcgen::string::{Ia5String, PrintableString};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa,
    KeyUsagePurpose, SanType, SerialNumber,
};

use super::authority::{Unfit, check_dates, check_key};
use super::certificate::{Certificate, Unreadable};
use super::keys::{KeyFault, KeyPair, Keys};
use super::pem;
use super::signature::BadSignature;
use super::signed::{self, Hash};
use super::subject::{self, Fault, Form, Kind};
use crate::config::crypto::{Fqdn, Trustpoint};

/// What a certificate of this device is to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// `subject-name`, as typed.
    pub subject: Option<String>,
    pub fqdn: Option<String>,
    pub email: Option<String>,
    pub address: Option<IpAddr>,
    /// Of the device.
    pub serial: Option<String>,
}

/// Why there is no request or certificate, or why one is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotEnrolled {
    #[error("{0}")]
    Subject(#[from] Fault),
    #[error("% The subject name is empty; configure subject-name or fqdn")]
    Empty,
    #[error("{0}")]
    Key(#[from] KeyFault),
    #[error("the names cannot be encoded")]
    Names,
    #[error("{0}")]
    Unfit(#[from] Unfit),
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("the certificate is for another key than key pair {0}")]
    OtherKey(String),
    #[error("the certificate is not signed by the CA of the trustpoint")]
    OtherAuthority,
    #[error("the system gives no random numbers")]
    Random,
}

impl Wanted {
    /// By the lines of a trust point; what is not configured comes from the device.
    pub fn of(trustpoint: &Trustpoint, hostname: &str, serial: Option<String>) -> Self {
        Self {
            subject: trustpoint.subject_name.as_deref().map(str::to_owned),
            fqdn: match &trustpoint.fqdn {
                None => Some(hostname.to_owned()),
                Some(Fqdn::Absent) => None,
                Some(Fqdn::Name(name)) => Some(name.to_string()),
            },
            email: trustpoint.email.as_deref().map(str::to_owned),
            address: trustpoint
                .ip_address
                .as_deref()
                .and_then(|address| address.parse().ok()),
            serial: serial.filter(|_| trustpoint.serial_number),
        }
    }

    fn params(&self) -> Result<CertificateParams, NotEnrolled> {
        let mut parts = match &self.subject {
            Some(text) => subject::read(text)?,
            None => Vec::new(),
        };
        if let Some(serial) = &self.serial {
            parts.retain(|(kind, _)| *kind != subject::SERIAL_NUMBER);
            parts.push((subject::SERIAL_NUMBER, serial.clone()));
        }
        if let Some(name) = &self.fqdn {
            parts.push((subject::UNSTRUCTURED_NAME, name.clone()));
        }
        if parts.is_empty() {
            return Err(NotEnrolled::Empty);
        }
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        for (kind, value) in parts {
            subject::check(kind, &value)?;
            let value = encoded(kind, value)?;
            params
                .distinguished_name
                .push(DnType::from_oid(kind.oid), value);
        }
        let ia5 = |text: &str| Ia5String::try_from(text).map_err(|_| NotEnrolled::Names);
        let names = &mut params.subject_alt_names;
        if let Some(name) = &self.fqdn {
            names.push(SanType::DnsName(ia5(name)?));
        }
        if let Some(address) = &self.email {
            names.push(SanType::Rfc822Name(ia5(address)?));
        }
        names.extend(self.address.map(SanType::IpAddress));
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyEncipherment,
        ];
        Ok(params)
    }
}

fn encoded(kind: Kind, value: String) -> Result<DnValue, NotEnrolled> {
    let wrong = |_| NotEnrolled::Names;
    Ok(match kind.form {
        Form::Utf8 => DnValue::Utf8String(value),
        Form::Printable => {
            DnValue::PrintableString(PrintableString::try_from(value).map_err(wrong)?)
        }
        Form::Ia5 => DnValue::Ia5String(Ia5String::try_from(value).map_err(wrong)?),
    })
}

/// A request (PKCS#10) in PEM.
pub fn request(wanted: &Wanted, keys: &Keys, pair: &KeyPair) -> Result<String, NotEnrolled> {
    let mut params = wanted.params()?;
    // An authority decides what a certificate may do; a request need not say that it is none.
    params.is_ca = IsCa::NoCa;
    let signer = keys.signer(pair)?;
    let request = params
        .serialize_request(&signer)
        .map_err(|_| NotEnrolled::Names)?;
    Ok(pem::block("CERTIFICATE REQUEST", request.der()))
}

/// A certificate for ten years that the device signs itself. It may sign no other.
pub fn self_signed(
    wanted: &Wanted,
    keys: &Keys,
    pair: &KeyPair,
    now: DateTime<Utc>,
) -> Result<Certificate, NotEnrolled> {
    let mut params = wanted.params()?;
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    let midnight = |date: DateTime<Utc>, years: i32| {
        let (month, day) = (date.month(), date.day().min(28));
        let month = u8::try_from(month).unwrap_or(1);
        rcgen::date_time_ymd(date.year() + years, month, u8::try_from(day).unwrap_or(1))
    };
    params.not_before = midnight(now, 0);
    params.not_after = midnight(now, 10);
    let mut number = [0; 16];
    getrandom::fill(&mut number).map_err(|_| NotEnrolled::Random)?;
    // Positive, and never shorter: no zero leads.
    number[0] = number[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&number));
    let signer = keys.signer(pair)?;
    let made = params
        .self_signed(&signer)
        .map_err(|_| NotEnrolled::Names)?;
    Ok(Certificate::read(made.der())?)
}

/// Whether the certificate is one for this key, by one of these authorities.
pub fn check(
    certificate: &Certificate,
    pair: &KeyPair,
    authorities: &[Certificate],
    now: DateTime<Utc>,
) -> Result<(), NotEnrolled> {
    check_key(certificate.key())?;
    check_dates(certificate, now)?;
    if !is_for(certificate, pair) {
        return Err(NotEnrolled::OtherKey(pair.label.clone()));
    }
    let mut why = NotEnrolled::OtherAuthority;
    for authority in authorities {
        if authority.subject_der() != certificate.issuer_der() {
            continue;
        }
        match signed::check(authority, certificate, Hash::Strong) {
            Ok(()) => return Ok(()),
            Err(BadSignature::Wrong) => {}
            Err(BadSignature::Algorithm) => {
                why = Unfit::Algorithm(certificate.signature().to_owned()).into();
            }
        }
    }
    Err(why)
}

/// Whether the certificate holds the public key of the pair.
pub(super) fn is_for(certificate: &Certificate, pair: &KeyPair) -> bool {
    public_key(certificate).is_some_and(|key| key == pair.public)
}

/// SubjectPublicKeyInfo as it is encoded.
pub(super) fn public_key(certificate: &Certificate) -> Option<Vec<u8>> {
    let (_, read) = x509_parser::parse_x509_certificate(certificate.der()).ok()?;
    Some(read.public_key().raw.to_vec())
}

/// A certificate as operators pass it on.
pub fn certificate_in_pem(certificate: &Certificate) -> String {
    pem::block("CERTIFICATE", certificate.der())
}
