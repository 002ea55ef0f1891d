//! `show crypto ca trustpool`: the certificates that are believed without a trust point, and the policy by which they are kept.

use std::fmt;

use serde::Serialize;

use super::apart;
use super::certificate_name::{Part, parts};
use super::clock::DeviceTime;
use crate::config::RunningConfig;
use crate::config::crypto::{AutoImport, DayTime, MatchAction, RevocationMethod, TrustpoolPolicy};
use crate::message::zone::Zone;
use crate::trust::api::certificate::digits;
use crate::trust::api::{Origin, Trustpool};
use crate::vendor;

/// `show crypto ca trustpool [detail]`.
#[derive(Debug, Serialize)]
pub struct Certificates {
    pub certificates: Vec<Shown>,
}

#[derive(Debug, Serialize)]
pub struct Shown {
    /// Hexadecimal digits.
    pub serial_number: String,
    pub subject: Vec<Part>,
    pub issuer: Vec<Part>,
    /// SHA-1, forty hexadecimal digits: what `remove` takes.
    pub fingerprint: String,
    pub start: DeviceTime,
    pub end: DeviceTime,
    /// `built-in`, `imported` or `auto-imported`.
    pub origin: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
}

#[derive(Debug, Serialize)]
pub struct Detail {
    /// `RSA`, `EC`.
    pub key_type: String,
    /// 0 where not known.
    pub key_bits: usize,
    pub signature_algorithm: String,
    pub revocation_lists: Vec<String>,
}

/// The built-in ones first, then what was imported, in its order.
pub fn certificates(trustpool: &Trustpool, zone: &Zone, detail: bool) -> Certificates {
    let shown = trustpool.pool.certificates().map(|(certificate, origin)| {
        let detail = detail.then(|| Detail {
            key_type: certificate.key().kind.clone(),
            key_bits: certificate.key().bits,
            signature_algorithm: certificate.signature().to_owned(),
            revocation_lists: certificate.revocation_lists().to_vec(),
        });
        Shown {
            serial_number: certificate.serial().to_owned(),
            subject: parts(certificate.subject()),
            issuer: parts(certificate.issuer()),
            fingerprint: digits(certificate.fingerprint()),
            start: DeviceTime::new(certificate.not_before(), zone),
            end: DeviceTime::new(certificate.not_after(), zone),
            origin: match origin {
                Origin::BuiltIn => "built-in",
                Origin::Imported => "imported",
                Origin::AutoImported => "auto-imported",
            },
            detail,
        }
    });
    Certificates {
        certificates: shown.collect(),
    }
}

impl fmt::Display for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        apart(f, &self.certificates)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "CA Certificate")?;
        writeln!(f, "  Status: Available")?;
        writeln!(f, "  Certificate Serial Number: {}", self.serial_number)?;
        writeln!(f, "  Certificate Usage: Signature")?;
        if let Some(detail) = &self.detail {
            let bits = match detail.key_bits {
                0 => String::new(),
                bits => format!(" ({bits} bits)"),
            };
            writeln!(f, "  Public Key Type: {}{bits}", detail.key_type)?;
            writeln!(f, "  Signature Algorithm: {}", detail.signature_algorithm)?;
        }
        for (title, name) in [
            ("Issuer Name:", &self.issuer),
            ("Subject Name:", &self.subject),
        ] {
            writeln!(f, "  {title}")?;
            for Part { kind, value } in name {
                writeln!(f, "    {kind}={value}")?;
            }
        }
        writeln!(f, "  Fingerprint SHA1: {}", self.fingerprint)?;
        if let Some(detail) = &self.detail
            && !detail.revocation_lists.is_empty()
        {
            writeln!(f, "  CRL Distribution Points:")?;
            for place in &detail.revocation_lists {
                writeln!(f, "    {place}")?;
            }
        }
        writeln!(f, "  Validity Date:")?;
        writeln!(f, "    start date: {}", self.start.to_the_second())?;
        writeln!(f, "    end   date: {}", self.end.to_the_second())?;
        writeln!(f, "  Associated Trustpoints: Trustpool")?;
        let origin = match self.origin {
            "built-in" => "Built-In",
            "imported" => "Downloaded",
            _ => "Downloaded (auto-import)",
        };
        writeln!(f, "  Trustpool: {origin}")
    }
}

/// `show crypto ca trustpool policy`.
#[derive(Debug, Serialize)]
pub struct Policy {
    pub certificates: usize,
    pub last_import: Option<Last>,
    pub next_import: Option<DeviceTime>,
    pub revocation_check: Vec<RevocationMethod>,
    /// Minutes.
    pub crl_cache_time: u16,
    pub crl_enforces_next_update: bool,
    pub auto_import: Option<Auto>,
    pub overrides: Vec<Override>,
}

#[derive(Debug, Serialize)]
pub struct Last {
    pub at: DeviceTime,
    pub success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Auto {
    pub url: String,
    pub time: DayTime,
}

#[derive(Debug, Serialize)]
pub struct Override {
    pub map: String,
    pub action: &'static str,
}

pub fn policy(trustpool: &Trustpool, config: &RunningConfig) -> Policy {
    let zone = config.clock.zone();
    let policy = config.crypto.trustpool.as_deref();
    let default = TrustpoolPolicy::default();
    let known = policy.unwrap_or(&default);
    let last = trustpool.last.as_ref().map(|last| Last {
        at: DeviceTime::new(last.at, &zone),
        success: last.failure.is_none(),
        reason: last.failure.clone(),
    });
    let overrides = known.matches.iter().map(|(map, action)| Override {
        map: map.to_string(),
        action: match action {
            MatchAction::Nothing => "",
            MatchAction::AllowExpired => "allow expired-certificate",
            MatchAction::SkipRevocationCheck => "skip revocation-check",
        },
    });
    let auto = |auto: &AutoImport| Auto {
        url: auto
            .url
            .as_deref()
            .unwrap_or(vendor::TRUSTPOOL_URL)
            .to_owned(),
        time: auto.time(),
    };
    Policy {
        certificates: trustpool.pool.certificates().count(),
        last_import: last,
        next_import: trustpool.next.map(|next| DeviceTime::new(next, &zone)),
        revocation_check: known.revocation_check.clone(),
        crl_cache_time: known.crl_cache_time(),
        crl_enforces_next_update: !known.crl_ignores_next_update,
        auto_import: known.auto_import.as_ref().map(auto),
        overrides: overrides.collect(),
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.certificates;
        writeln!(f, "{count} trustpool certificates installed")?;
        writeln!(f, "Trustpool auto import statistics:")?;
        match &self.last_import {
            None => writeln!(f, "    Last import result: NONE")?,
            Some(Last { at, reason, .. }) => {
                let result = if reason.is_none() {
                    "SUCCESS"
                } else {
                    "FAILED"
                };
                writeln!(
                    f,
                    "    Last import result: {result} at {}",
                    at.to_the_second()
                )?;
                if let Some(reason) = reason {
                    writeln!(f, "    Last import failure: {reason}")?;
                }
            }
        }
        match &self.next_import {
            None => writeln!(f, "    Next import is not scheduled")?,
            Some(next) => writeln!(f, "    Next scheduled import at {}", next.to_the_second())?,
        }
        writeln!(f, "\nTrustpool Policy")?;
        let methods: Vec<_> = self
            .revocation_check
            .iter()
            .map(|method| method.keyword())
            .collect();
        match methods.as_slice() {
            [] | ["none"] => writeln!(f, "  Trustpool revocation checking is disabled")?,
            _ => writeln!(f, "  Trustpool revocation checking: {}", methods.join(", "))?,
        }
        writeln!(f, "  CRL cache time: {} minutes", self.crl_cache_time)?;
        let next_update = match self.crl_enforces_next_update {
            true => "required and forced",
            false => "not enforced",
        };
        writeln!(f, "  CRL next update field: {next_update}")?;
        match &self.auto_import {
            None => writeln!(
                f,
                "  Automatic import of trustpool certificates is disabled"
            )?,
            Some(Auto { url, time }) => {
                writeln!(f, "  Automatic import of trustpool certificates is enabled")?;
                writeln!(f, "  Automatic import URL: {url}")?;
                writeln!(f, "  Download time: {time}")?;
            }
        }
        writeln!(f, "\nPolicy Overrides:")?;
        if self.overrides.is_empty() {
            writeln!(f, "  None configured")?;
        }
        for Override { map, action } in &self.overrides {
            writeln!(f, "{}", format!("  Match: {map} {action}").trim_end())?;
        }
        Ok(())
    }
}
