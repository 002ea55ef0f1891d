//! `show crypto ca certificates`: every certificate of the trust points, with what it says of itself.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::apart;
use super::certificate_name::{Part, parts};
use super::clock::DeviceTime;
use crate::config::RunningConfig;
use crate::config::crypto;
use crate::message::zone::Zone;
use crate::trust::api::certificate::{Certificate, digits};

#[derive(Debug, Serialize)]
pub struct View {
    pub certificates: Vec<Shown>,
}

/// One line of a chain. What cannot be read has a serial number and nothing else.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// `ca` or `identity`.
    pub kind: &'static str,
    pub trustpoint: Arc<str>,
    pub serial_number: Arc<str>,
    pub facts: Option<Facts>,
}

#[derive(Debug, Serialize)]
pub struct Facts {
    /// `RSA`, `EC`.
    pub key_type: String,
    /// 0 where not known.
    pub key_bits: usize,
    pub signature_algorithm: String,
    /// The most specific part first.
    pub issuer: Vec<Part>,
    pub subject: Vec<Part>,
    pub names: Vec<String>,
    pub revocation_lists: Vec<String>,
    pub responders: Vec<String>,
    pub start: DeviceTime,
    pub end: DeviceTime,
    /// Hexadecimal digits.
    pub sha1: String,
    pub sha256: String,
}

/// The certificates of one trust point, or of all in the order of their names.
pub fn view(config: &RunningConfig, name: Option<&str>) -> View {
    let zone = config.clock.zone();
    let chains = config.crypto.chains.iter();
    let chains = chains.filter(|(trustpoint, _)| name.is_none_or(|name| *name == ***trustpoint));
    let shown = chains.flat_map(|(trustpoint, chain)| {
        chain
            .certificates
            .iter()
            .map(|line| Shown::of(trustpoint, line, &zone))
    });
    View {
        certificates: shown.collect(),
    }
}

impl Shown {
    fn of(trustpoint: &Arc<str>, line: &crypto::Certificate, zone: &Zone) -> Self {
        Self {
            kind: if line.ca { "ca" } else { "identity" },
            trustpoint: trustpoint.clone(),
            serial_number: line.serial.clone(),
            facts: Certificate::read(&line.der)
                .ok()
                .map(|certificate| Facts::of(&certificate, zone)),
        }
    }
}

impl Facts {
    fn of(certificate: &Certificate, zone: &Zone) -> Self {
        let presented = certificate.presented();
        let addresses = presented.addresses.iter().map(ToString::to_string);
        let texts = [&presented.dns, &presented.srv, &presented.uri];
        Self {
            key_type: certificate.key().kind.clone(),
            key_bits: certificate.key().bits,
            signature_algorithm: certificate.signature().to_owned(),
            issuer: parts(certificate.issuer()),
            subject: parts(certificate.subject()),
            names: texts
                .into_iter()
                .flatten()
                .cloned()
                .chain(addresses)
                .collect(),
            revocation_lists: certificate.revocation_lists().to_vec(),
            responders: certificate.responders().to_vec(),
            start: DeviceTime::new(certificate.not_before(), zone),
            end: DeviceTime::new(certificate.not_after(), zone),
            sha1: digits(certificate.fingerprint()),
            sha256: digits(&crate::trust::api::authority::sha256(certificate)),
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        apart(f, &self.certificates)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (title, usage) = match self.kind {
            "ca" => ("CA Certificate", "Signature"),
            _ => ("Certificate", "General Purpose"),
        };
        let status = match self.facts {
            Some(_) => "Available",
            None => "Not readable",
        };
        writeln!(f, "{title}")?;
        writeln!(f, "  Status: {status}")?;
        writeln!(f, "  Certificate Serial Number: {}", self.serial_number)?;
        writeln!(f, "  Certificate Usage: {usage}")?;
        if let Some(facts) = &self.facts {
            write!(f, "{facts}")?;
        }
        writeln!(f, "  Storage: config")?;
        writeln!(f, "  Associated Trustpoints: {}", self.trustpoint)
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  Public Key Type: {}", self.key_type)?;
        match self.key_bits {
            0 => writeln!(f)?,
            bits => writeln!(f, " ({bits} bits)")?,
        }
        writeln!(f, "  Signature Algorithm: {}", self.signature_algorithm)?;
        for (title, name) in [
            ("Issuer Name:", &self.issuer),
            ("Subject Name:", &self.subject),
        ] {
            writeln!(f, "  {title}")?;
            for Part { kind, value } in name {
                writeln!(f, "    {kind}={value}")?;
            }
        }
        if !self.names.is_empty() {
            writeln!(f, "  Subject Alternative Names:")?;
            for name in &self.names {
                writeln!(f, "    {name}")?;
            }
        }
        if !self.responders.is_empty() {
            writeln!(f, "  OCSP AIA:")?;
            for url in &self.responders {
                writeln!(f, "    URL: {url}")?;
            }
        }
        if !self.revocation_lists.is_empty() {
            writeln!(f, "  CRL Distribution Points:")?;
            for (place, url) in self.revocation_lists.iter().enumerate() {
                writeln!(f, "    [{}]  {url}", place + 1)?;
            }
        }
        writeln!(f, "  Validity Date:")?;
        writeln!(f, "    start date: {}", self.start.to_the_second())?;
        writeln!(f, "    end   date: {}", self.end.to_the_second())?;
        writeln!(f, "  SHA1 Fingerprint: {}", self.sha1)?;
        writeln!(f, "  SHA256 Fingerprint: {}", self.sha256)
    }
}
