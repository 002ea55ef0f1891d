//! What is known of one certificate: names, dates, key, uses, where its revocation is told. Read once, in bounded time; whoever
//! cannot be read here is believed nowhere. Signatures are verified elsewhere (path.rs).

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use ring::digest;
use rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::oid_registry::{
    OID_DOMAIN_COMPONENT, OID_PKCS9_EMAIL_ADDRESS, OID_PKCS9_UNSTRUCTURED_NAME, OID_USERID,
    OID_X509_COMMON_NAME, OID_X509_COUNTRY_NAME, OID_X509_DN_QUALIFIER,
    OID_X509_GENERATION_QUALIFIER, OID_X509_GIVEN_NAME, OID_X509_INITIALS, OID_X509_LOCALITY_NAME,
    OID_X509_ORGANIZATION_NAME, OID_X509_ORGANIZATIONAL_UNIT, OID_X509_SERIALNUMBER,
    OID_X509_STATE_OR_PROVINCE_NAME, OID_X509_SURNAME, OID_X509_TITLE, Oid,
};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::X509Name;

/// Why bytes are not a certificate that can be worked with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("certificate is larger than {MOST_BYTES} bytes")]
    TooLarge,
    #[error("not a certificate")]
    Form,
    #[error("certificate has more than {MOST_NAMES} alternative names")]
    TooManyNames,
    /// An extension that decides what a certificate may do is there twice or cannot be read.
    #[error("certificate has a malformed extension")]
    Extension,
}

/// Bytes of one certificate, far beyond any in use.
pub const MOST_BYTES: usize = 65_536;

/// Alternative names of one certificate.
pub const MOST_NAMES: usize = 1_000;

/// One certificate. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Certificate(Arc<Facts>);

#[derive(Debug)]
struct Facts {
    der: CertificateDer<'static>,
    subject: Vec<(&'static str, String)>,
    issuer: Vec<(&'static str, String)>,
    subject_der: Vec<u8>,
    issuer_der: Vec<u8>,
    serial: String,
    not_before: i64,
    not_after: i64,
    key: Key,
    signature: String,
    is_authority: bool,
    presented: Presented,
    lists: Vec<String>,
    responders: Vec<String>,
    sha1: [u8; 20],
}

/// The public key, as `show` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// `RSA`, `EC`, or the dotted number of what is not known by name.
    pub kind: String,
    /// Bits; 0 where not known.
    pub bits: usize,
}

/// The names that a certificate shows, those that cannot be names left out: a name with NUL or other control characters is
/// nobody's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presented {
    /// The last, most specific common name of the subject (RFC 6125, 2.3.1).
    pub common_name: Option<String>,
    pub dns: Vec<String>,
    /// `_service.domain` (RFC 4985).
    pub srv: Vec<String>,
    pub uri: Vec<String>,
    pub addresses: Vec<IpAddr>,
}

impl Certificate {
    /// Reads one whole certificate in DER.
    pub fn read(der: &[u8]) -> Result<Self, Unreadable> {
        if der.len() > MOST_BYTES {
            return Err(Unreadable::TooLarge);
        }
        let (behind, read) = X509Certificate::from_der(der).map_err(|_| Unreadable::Form)?;
        if !behind.is_empty() {
            return Err(Unreadable::Form);
        }
        let facts = Facts {
            der: CertificateDer::from(der.to_vec()),
            subject: parts(read.subject()),
            issuer: parts(read.issuer()),
            subject_der: read.subject().as_raw().to_vec(),
            issuer_der: read.issuer().as_raw().to_vec(),
            serial: digits(read.raw_serial()),
            not_before: read.validity().not_before.timestamp(),
            not_after: read.validity().not_after.timestamp(),
            key: key(&read),
            signature: signature(&read.signature_algorithm.algorithm),
            is_authority: is_authority(&read)?,
            presented: presented(&read)?,
            lists: lists(&read),
            responders: responders(&read),
            sha1: fingerprint(der),
        };
        Ok(Self(Arc::new(facts)))
    }

    pub fn der(&self) -> &CertificateDer<'static> {
        &self.0.der
    }

    /// Pairs of an abbreviation and a value in the order of encoding (`cn`, `o`, `ou`, ...), control characters escaped.
    pub fn subject(&self) -> &[(&'static str, String)] {
        &self.0.subject
    }

    pub fn issuer(&self) -> &[(&'static str, String)] {
        &self.0.issuer
    }

    /// The subject as it is encoded: names are equal when these bytes are.
    pub fn subject_der(&self) -> &[u8] {
        &self.0.subject_der
    }

    pub fn issuer_der(&self) -> &[u8] {
        &self.0.issuer_der
    }

    /// Lower-case hexadecimal digits of the encoded integer, two for each byte.
    pub fn serial(&self) -> &str {
        &self.0.serial
    }

    pub fn not_before(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0.not_before, 0).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    pub fn not_after(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0.not_after, 0).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    /// Whether `seconds` since 1970 lie within the dates, both ends included (RFC 5280, 4.1.2.5).
    pub fn is_valid_at(&self, seconds: i64) -> bool {
        (self.0.not_before..=self.0.not_after).contains(&seconds)
    }

    pub fn key(&self) -> &Key {
        &self.0.key
    }

    /// Such as `RSA with SHA256`.
    pub fn signature(&self) -> &str {
        &self.0.signature
    }

    /// May sign certificates: basic constraints say so, and the key usage, where there is one, does not forbid it.
    pub fn is_authority(&self) -> bool {
        self.0.is_authority
    }

    /// Names itself as its issuer. Says nothing of the signature.
    pub fn is_self_issued(&self) -> bool {
        self.0.subject_der == self.0.issuer_der
    }

    pub fn presented(&self) -> &Presented {
        &self.0.presented
    }

    /// HTTP places of revocation lists (RFC 5280, 4.2.1.13), in order.
    pub fn revocation_lists(&self) -> &[String] {
        &self.0.lists
    }

    /// HTTP places of OCSP responders (RFC 5280, 4.2.2.1), in order.
    pub fn responders(&self) -> &[String] {
        &self.0.responders
    }

    /// SHA-1 over the whole, by which operators name a certificate.
    pub fn fingerprint(&self) -> &[u8; 20] {
        &self.0.sha1
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

/// A subject or an issuer on one line, the most specific part first: `cn=A, o=B`.
pub fn on_one_line(name: &[(&'static str, String)]) -> String {
    let parts = name.iter().rev();
    let parts: Vec<_> = parts
        .map(|(kind, value)| format!("{kind}={value}"))
        .collect();
    parts.join(", ")
}

/// Lower-case hexadecimal digits.
pub fn digits(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// SHA-1: a name that operators type, not a proof.
fn fingerprint(der: &[u8]) -> [u8; 20] {
    let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, der);
    sum.as_ref().try_into().unwrap_or_default()
}

fn parts(name: &X509Name<'_>) -> Vec<(&'static str, String)> {
    name.iter_attributes()
        .map(|attribute| {
            let kind = attribute.attr_type();
            let abbreviation = ABBREVIATIONS
                .iter()
                .find(|(known, _)| known == kind)
                .map_or("oid", |(_, abbreviation)| abbreviation);
            let value = attribute.as_str().map_or_else(
                |_| format!("#{}", digits(attribute.as_slice())),
                |text| text.escape_debug().to_string(),
            );
            (abbreviation, value)
        })
        .collect()
}

const ABBREVIATIONS: [(Oid<'static>, &str); 17] = [
    (OID_X509_COMMON_NAME, "cn"),
    (OID_X509_ORGANIZATION_NAME, "o"),
    (OID_X509_ORGANIZATIONAL_UNIT, "ou"),
    (OID_X509_COUNTRY_NAME, "c"),
    (OID_X509_STATE_OR_PROVINCE_NAME, "st"),
    (OID_X509_LOCALITY_NAME, "l"),
    (OID_PKCS9_UNSTRUCTURED_NAME, "hostname"),
    (OID_X509_SERIALNUMBER, "serialNumber"),
    (OID_PKCS9_EMAIL_ADDRESS, "ea"),
    (OID_DOMAIN_COMPONENT, "dc"),
    (OID_USERID, "uid"),
    (OID_X509_SURNAME, "sn"),
    (OID_X509_GIVEN_NAME, "gn"),
    (OID_X509_INITIALS, "i"),
    (OID_X509_TITLE, "t"),
    (OID_X509_GENERATION_QUALIFIER, "genq"),
    (OID_X509_DN_QUALIFIER, "dnq"),
];

fn key(read: &X509Certificate<'_>) -> Key {
    match read.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => Key {
            kind: "RSA".to_owned(),
            // The modulus is encoded with a zero before its first bit.
            bits: key.modulus.len().saturating_sub(1) * 8,
        },
        Ok(PublicKey::EC(point)) => Key {
            kind: "EC".to_owned(),
            // Whole bytes for each coordinate, of which P-521 uses 65 and one bit.
            bits: match point.key_size() {
                528 => 521,
                bits => bits,
            },
        },
        _ => Key {
            kind: match read.public_key().algorithm.algorithm.to_id_string() {
                id if id == "1.3.101.112" => "Ed25519".to_owned(),
                id => id,
            },
            bits: 0,
        },
    }
}

/// The device's words for what signs certificates; the dotted number of anything else.
fn signature(algorithm: &Oid<'_>) -> String {
    let dotted = algorithm.to_id_string();
    let words = match dotted.as_str() {
        "1.2.840.113549.1.1.4" => "MD5 with RSA Encryption",
        "1.2.840.113549.1.1.5" => "SHA1 with RSA Encryption",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "SHA256 with RSA Encryption",
        "1.2.840.113549.1.1.12" => "SHA384 with RSA Encryption",
        "1.2.840.113549.1.1.13" => "SHA512 with RSA Encryption",
        "1.2.840.10045.4.1" => "SHA1 with ECDSA Encryption",
        "1.2.840.10045.4.3.2" => "SHA256 with ECDSA Encryption",
        "1.2.840.10045.4.3.3" => "SHA384 with ECDSA Encryption",
        "1.2.840.10045.4.3.4" => "SHA512 with ECDSA Encryption",
        "1.3.101.112" => "Ed25519",
        _ => return dotted,
    };
    words.to_owned()
}

fn is_authority(read: &X509Certificate<'_>) -> Result<bool, Unreadable> {
    let constraints = read
        .basic_constraints()
        .map_err(|_| Unreadable::Extension)?;
    let usage = read.key_usage().map_err(|_| Unreadable::Extension)?;
    Ok(constraints.is_some_and(|constraints| constraints.value.ca)
        && usage.is_none_or(|usage| usage.value.key_cert_sign()))
}

fn presented(read: &X509Certificate<'_>) -> Result<Presented, Unreadable> {
    let mut presented = Presented {
        common_name: read
            .subject()
            .iter_common_name()
            .last()
            .and_then(|name| name.as_str().ok())
            .filter(|name| is_printable(name))
            .map(str::to_owned),
        ..Presented::default()
    };
    let names = read
        .subject_alternative_name()
        .map_err(|_| Unreadable::Extension)?;
    let names = names.map_or(&[][..], |names| names.value.general_names.as_slice());
    if names.len() > MOST_NAMES {
        return Err(Unreadable::TooManyNames);
    }
    for name in names {
        match name {
            GeneralName::DNSName(name) if is_printable(name) => presented.dns.push((*name).into()),
            GeneralName::URI(name) if is_printable(name) => presented.uri.push((*name).into()),
            GeneralName::IPAddress(bytes) => presented.addresses.extend(address(bytes)),
            GeneralName::OtherName(kind, value) if kind.to_id_string() == SRV_NAME => {
                presented.srv.extend(service(value))
            }
            _ => {}
        }
    }
    Ok(presented)
}

/// id-on-dnsSRV (RFC 4985, section 2).
const SRV_NAME: &str = "1.3.6.1.5.5.7.8.7";

fn is_printable(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_control() || c.is_whitespace())
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::from(four));
    }
    <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
}

/// `[0] EXPLICIT IA5String`; lengths of one byte only, as a domain name has no more than 253.
fn service(value: &[u8]) -> Option<String> {
    let [0xa0, _, 0x16, length, text @ ..] = value else {
        return service_long(value);
    };
    (usize::from(*length) == text.len() && *length < 0x80)
        .then(|| std::str::from_utf8(text).ok())
        .flatten()
        .filter(|text| text.is_ascii() && is_printable(text))
        .map(str::to_owned)
}

/// The same with lengths of 128 to 255 bytes.
fn service_long(value: &[u8]) -> Option<String> {
    let [0xa0, 0x81, _, 0x16, 0x81, length, text @ ..] = value else {
        return None;
    };
    (usize::from(*length) == text.len())
        .then(|| std::str::from_utf8(text).ok())
        .flatten()
        .filter(|text| text.is_ascii() && is_printable(text))
        .map(str::to_owned)
}

fn is_http(place: &str) -> bool {
    is_printable(place)
        && place
            .get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

/// Places of one certificate that are tried at most.
const MOST_PLACES: usize = 8;

fn lists(read: &X509Certificate<'_>) -> Vec<String> {
    let mut places = Vec::new();
    for extension in read.iter_extensions() {
        if let ParsedExtension::CRLDistributionPoints(points) = extension.parsed_extension() {
            for point in points.iter() {
                if let Some(DistributionPointName::FullName(names)) = &point.distribution_point {
                    places.extend(names.iter().filter_map(http_place));
                }
            }
        }
    }
    places.truncate(MOST_PLACES);
    places
}

fn responders(read: &X509Certificate<'_>) -> Vec<String> {
    let mut places = Vec::new();
    for extension in read.iter_extensions() {
        if let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() {
            for access in access.iter() {
                // id-ad-ocsp (RFC 5280, 4.2.2.1).
                if access.access_method.to_id_string() == "1.3.6.1.5.5.7.48.1" {
                    places.extend(http_place(&access.access_location));
                }
            }
        }
    }
    places.truncate(MOST_PLACES);
    places
}

fn http_place(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::URI(place) if is_http(place) => Some((*place).to_owned()),
        _ => None,
    }
}
