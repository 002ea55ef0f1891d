//! `show crypto ca crls`: the revocation lists that are kept, and how checks have ended.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::trust::api::{Checks, KeptCrl, Which};

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Crls {
    pub crls: Vec<Crl>,
    /// Of all trust points and the pool, since the start.
    pub checks: Counts,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Crl {
    /// As `cn=Example CA`, one part of the name each.
    pub issuer: Vec<String>,
    /// RFC 3339, UTC.
    pub last_update: String,
    pub next_update: String,
    pub cached_until: String,
    pub distribution_point: String,
    pub bytes: u64,
    pub trustpoints: Vec<String>,
    pub trustpool: bool,
    #[serde(skip)]
    last: i64,
    #[serde(skip)]
    next: i64,
    #[serde(skip)]
    until: i64,
}

/// By certificate, and by fetch.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub good: u64,
    pub revoked: u64,
    pub unknown_accepted: u64,
    pub unknown_refused: u64,
    pub fetched: u64,
    pub not_fetched: u64,
}

pub fn view(kept: Vec<KeptCrl>, checks: &Checks, which: &Which) -> Crls {
    let crls = kept.into_iter().filter(|crl| crl.is_of(which));
    Crls {
        crls: crls.map(crl).collect(),
        checks: Counts {
            good: checks.good,
            revoked: checks.revoked,
            unknown_accepted: checks.accepted_unknown,
            unknown_refused: checks.refused_unknown,
            fetched: checks.fetched,
            not_fetched: checks.not_fetched,
        },
    }
}

fn crl(kept: KeptCrl) -> Crl {
    let rfc3339 = |at: i64| {
        at_of(at).map_or_else(String::new, |at| {
            at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        })
    };
    let issuer = kept.issuer.iter();
    Crl {
        issuer: issuer
            .map(|(kind, value)| format!("{kind}={value}"))
            .collect(),
        last_update: rfc3339(kept.last_update),
        next_update: rfc3339(kept.next_update),
        cached_until: rfc3339(kept.cached_until),
        distribution_point: kept.place.to_string(),
        bytes: kept.bytes,
        trustpoints: kept.trustpoints.iter().map(ToString::to_string).collect(),
        trustpool: kept.trustpool,
        last: kept.last_update,
        next: kept.next_update,
        until: kept.cached_until,
    }
}

fn at_of(seconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds, 0)
}

/// As a device writes it.
fn date(seconds: i64) -> String {
    at_of(seconds).map_or_else(String::new, |at| {
        at.format("%H:%M:%S UTC %b %-d %Y").to_string()
    })
}

impl fmt::Display for Crls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for crl in &self.crls {
            writeln!(f, "CRL Issuer Name:")?;
            for part in &crl.issuer {
                writeln!(f, "    {part}")?;
            }
            writeln!(f, "    LastUpdate: {}", date(crl.last))?;
            writeln!(f, "    NextUpdate: {}", date(crl.next))?;
            writeln!(f, "    Cached Until: {}", date(crl.until))?;
            writeln!(f, "    Retrieved from CRL Distribution Point:")?;
            writeln!(f, "      {}", crl.distribution_point)?;
            writeln!(f, "    Size (bytes): {}", crl.bytes)?;
            let pool = crl.trustpool.then_some("Trustpool");
            let names = crl.trustpoints.iter().map(String::as_str).chain(pool);
            let names: Vec<_> = names.collect();
            writeln!(f, "    Associated Trustpoints: {}", names.join(", "))?;
        }
        if self.crls.is_empty() {
            writeln!(f, "No CRLs are cached")?;
        }
        let checks = &self.checks;
        writeln!(
            f,
            "Certificates checked: {} good, {} revoked, {} unknown and accepted, {} unknown and refused",
            checks.good, checks.revoked, checks.unknown_accepted, checks.unknown_refused
        )?;
        writeln!(
            f,
            "Fetches: {} succeeded, {} failed",
            checks.fetched, checks.not_fetched
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_shown_as_a_device_shows_it() {
        let kept = KeptCrl {
            issuer: vec![("o", "Example".to_owned()), ("cn", "Example CA".to_owned())],
            last_update: 1_795_478_400,
            next_update: 1_795_564_800,
            cached_until: 1_795_482_000,
            place: "http://ca.example/a.crl".into(),
            bytes: 224,
            trustpoints: vec!["CA".into()],
            trustpool: true,
        };
        let shown = view(vec![kept.clone()], &Checks::default(), &Which::Trustpool);
        assert_eq!(
            shown.to_string(),
            "CRL Issuer Name:
    o=Example
    cn=Example CA
    LastUpdate: 00:00:00 UTC Nov 24 2026
    NextUpdate: 00:00:00 UTC Nov 25 2026
    Cached Until: 01:00:00 UTC Nov 24 2026
    Retrieved from CRL Distribution Point:
      http://ca.example/a.crl
    Size (bytes): 224
    Associated Trustpoints: CA, Trustpool
Certificates checked: 0 good, 0 revoked, 0 unknown and accepted, 0 unknown and refused
Fetches: 0 succeeded, 0 failed
"
        );
        let other = view(
            vec![kept],
            &Checks::default(),
            &Which::Trustpoint("OTHER".into()),
        );
        assert!(other.to_string().starts_with("No CRLs are cached\n"));
    }
}
