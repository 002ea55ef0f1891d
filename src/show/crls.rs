//! `show crypto ca crls`: the revocation lists that are kept, and how checks have ended.

use std::fmt;

use chrono::DateTime;
use serde::Serialize;

use super::certificate_name::{Part, parts};
use super::clock::DeviceTime;
use crate::message::zone::Zone;
use crate::trust::api::{Checks, KeptCrl, Which};

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Crls {
    pub crls: Vec<Crl>,
    /// Of all trust points and the pool, since the start.
    pub checks: Counts,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Crl {
    /// The most specific part first.
    pub issuer: Vec<Part>,
    pub last_update: DeviceTime,
    pub next_update: DeviceTime,
    pub cached_until: DeviceTime,
    pub distribution_point: String,
    pub bytes: u64,
    pub trustpoints: Vec<String>,
    pub trustpool: bool,
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

pub fn view(kept: Vec<KeptCrl>, checks: &Checks, which: &Which, zone: &Zone) -> Crls {
    let crls = kept.into_iter().filter(|crl| crl.is_of(which));
    Crls {
        crls: crls.map(|kept| crl(kept, zone)).collect(),
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

fn crl(kept: KeptCrl, zone: &Zone) -> Crl {
    let time = |seconds| {
        let at = DateTime::from_timestamp(seconds, 0);
        DeviceTime::new(at.unwrap_or_default(), zone)
    };
    Crl {
        issuer: parts(&kept.issuer),
        last_update: time(kept.last_update),
        next_update: time(kept.next_update),
        cached_until: time(kept.cached_until),
        distribution_point: kept.place.to_string(),
        bytes: kept.bytes,
        trustpoints: kept.trustpoints.iter().map(ToString::to_string).collect(),
        trustpool: kept.trustpool,
    }
}

impl fmt::Display for Crls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for crl in &self.crls {
            writeln!(f, "CRL Issuer Name:")?;
            for Part { kind, value } in &crl.issuer {
                writeln!(f, "    {kind}={value}")?;
            }
            for (what, time) in [
                ("LastUpdate", &crl.last_update),
                ("NextUpdate", &crl.next_update),
                ("Cached Until", &crl.cached_until),
            ] {
                writeln!(f, "    {what}: {}", time.without_weekday())?;
            }
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
        let zone = Zone {
            name: "CET".into(),
            seconds: 3600,
            summer: None,
        };
        let checks = Checks::default();
        let shown = view(vec![kept.clone()], &checks, &Which::Trustpool, &zone);
        assert_eq!(
            shown.to_string(),
            "CRL Issuer Name:
    cn=Example CA
    o=Example
    LastUpdate: 01:00:00 CET Nov 24 2026
    NextUpdate: 01:00:00 CET Nov 25 2026
    Cached Until: 02:00:00 CET Nov 24 2026
    Retrieved from CRL Distribution Point:
      http://ca.example/a.crl
    Size (bytes): 224
    Associated Trustpoints: CA, Trustpool
Certificates checked: 0 good, 0 revoked, 0 unknown and accepted, 0 unknown and refused
Fetches: 0 succeeded, 0 failed
"
        );
        let json = serde_json::to_value(&shown).expect("JSON");
        assert_eq!(
            json["crls"][0]["issuer"][0],
            serde_json::json!({"kind": "cn", "value": "Example CA"})
        );
        assert_eq!(json["crls"][0]["last_update"], "2026-11-24T00:00:00.000Z");
        let other = view(
            vec![kept],
            &checks,
            &Which::Trustpoint("OTHER".into()),
            &zone,
        );
        assert!(other.to_string().starts_with("No CRLs are cached\n"));
    }
}
