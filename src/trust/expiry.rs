//! Which certificates of trust points are about to expire or have, and when that was said last. Pure: the clock is given, and
//! who says it is elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::certificate::Certificate;
use crate::config::crypto::Crypto;
use crate::message::zone::Zone;
use crate::message::{Own, Severity};

/// What was said of each certificate.
#[derive(Debug, Default)]
pub(super) struct Told(BTreeMap<Line, Said>);

/// A line of a chain: trust point, whether it is the authority's, serial number.
type Line = (Arc<str>, bool, Arc<str>);

#[derive(Clone, Copy, Debug)]
struct Said {
    at: DateTime<Utc>,
    expired: bool,
}

impl Told {
    /// The messages that are due at `now`: of a certificate that is near its end or behind it for the first time, when it
    /// passes its end, and again after the days of `repeat`.
    pub(super) fn due(&mut self, crypto: &Crypto, zone: &Zone, now: DateTime<Utc>) -> Vec<Own> {
        let Some((begin, repeat)) = crypto.alerts.days() else {
            self.0.clear();
            return Vec::new();
        };
        let mut messages = Vec::new();
        let mut told = BTreeMap::new();
        for (name, chain) in crypto.chains.iter() {
            for line in &chain.certificates {
                let Ok(certificate) = Certificate::read(&line.der) else {
                    continue;
                };
                let left = certificate.not_after() - now;
                let expired = left < TimeDelta::zero();
                if left > TimeDelta::days(begin.into()) {
                    continue;
                }
                let known = (name.clone(), line.ca, line.serial.clone());
                let before = self.0.get(&known).copied();
                let is_due = before.is_none_or(|before| {
                    before.expired != expired
                        || now - before.at >= TimeDelta::days(repeat.into())
                        // A clock that was set back.
                        || now < before.at
                });
                let said = match before {
                    Some(before) if !is_due => before,
                    _ => {
                        messages.push(message(name, line.ca, &certificate, left, zone));
                        Said { at: now, expired }
                    }
                };
                told.insert(known, said);
            }
        }
        self.0 = told;
        messages
    }
}

/// 717054 and 717055 in the words of the list of messages.
fn message(
    trustpoint: &str,
    ca: bool,
    certificate: &Certificate,
    left: TimeDelta,
    zone: &Zone,
) -> Own {
    let kind = if ca { "CA" } else { "ID" };
    let end = zone.at(certificate.not_after());
    let end = format!(
        "{} {} {}",
        end.local.format("%H:%M:%S"),
        end.zone,
        end.local.format("%b %-d %Y")
    );
    let about = format!(
        "Expiration {end} Subject Name {} Issuer Name {} Serial Number {}",
        name(certificate.subject()),
        name(certificate.issuer()),
        certificate.serial()
    );
    if left < TimeDelta::zero() {
        let text =
            format!("The {kind} certificate in the trustpoint {trustpoint} has expired. {about}");
        return Own::asa(Severity::Alerts, 717_055, text);
    }
    let days = left.num_days();
    let text = format!(
        "The {kind} certificate in the trustpoint {trustpoint} is due to expire in {days} days. {about}"
    );
    Own::asa(Severity::Alerts, 717_054, text)
}

/// `cn=a,o=b`, the most specific part first.
fn name(parts: &[(&'static str, String)]) -> String {
    let parts: Vec<_> = parts
        .iter()
        .rev()
        .map(|(kind, value)| format!("{kind}={value}"))
        .collect();
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;
    use crate::config::crypto::{Alerts, Certificate as Installed, Chain};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    /// A trust point with an authority that ends with 2026.
    fn crypto(alerts: Alerts) -> Crypto {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Root");
        params.not_after = rcgen::date_time_ymd(2027, 1, 1);
        params.serial_number = Some(rcgen::SerialNumber::from_slice(&[0x5a, 1]));
        let key = KeyPair::generate().expect("a key");
        let made = params.self_signed(&key).expect("a certificate");
        let chain = Chain {
            certificates: vec![Installed {
                ca: true,
                serial: "5a01".into(),
                der: made.der().to_vec().into(),
            }],
        };
        Crypto {
            alerts,
            chains: Arc::new(BTreeMap::from([("CA1".into(), Arc::new(chain))])),
            ..Crypto::default()
        }
    }

    fn numbers(told: &mut Told, crypto: &Crypto, now: &str) -> Vec<String> {
        let zone = crate::config::RunningConfig::default().clock.zone();
        told.due(crypto, &zone, at(now))
            .into_iter()
            .map(|message| message.mnemonic.to_string())
            .collect()
    }

    #[test]
    fn a_certificate_is_told_of_sixty_days_before_its_end_and_every_week() {
        let (mut told, crypto) = (Told::default(), crypto(Alerts::default()));
        let none: [&str; 0] = [];
        for (now, expected) in [
            ("2026-11-01T23:00:00Z", &none[..]),
            ("2026-11-02T00:00:00Z", &["717054"]),
            ("2026-11-03T00:00:00Z", &none),
            ("2026-11-08T23:00:00Z", &none),
            ("2026-11-09T00:00:00Z", &["717054"]),
            ("2026-12-31T23:00:00Z", &["717054"]),
            ("2027-01-01T00:00:01Z", &["717055"]),
            ("2027-01-02T00:00:00Z", &none),
            ("2027-01-08T01:00:00Z", &["717055"]),
        ] {
            assert_eq!(numbers(&mut told, &crypto, now), expected, "{now}");
        }
    }

    #[test]
    fn the_message_names_all_that_an_operator_needs() {
        let zone = crate::config::RunningConfig::default().clock.zone();
        let crypto = crypto(Alerts::default());
        let told = Told::default().due(&crypto, &zone, at("2026-12-01T12:00:00Z"));
        let [message] = told.as_slice() else {
            panic!("one message, not {told:?}");
        };
        assert_eq!(message.severity, Severity::Alerts);
        assert_eq!(
            message.body,
            "The CA certificate in the trustpoint CA1 is due to expire in 30 days. Expiration 00:00:00 UTC Jan 1 2027 \
             Subject Name cn=Root Issuer Name cn=Root Serial Number 5a01"
        );
    }

    #[test]
    fn days_are_as_configured_and_off_is_off() {
        let near = crypto(Alerts {
            begin: Some(10),
            repeat: Some(1),
            ..Alerts::default()
        });
        let mut told = Told::default();
        assert!(numbers(&mut told, &near, "2026-12-20T00:00:00Z").is_empty());
        assert_eq!(numbers(&mut told, &near, "2026-12-25T00:00:00Z").len(), 1);
        assert_eq!(numbers(&mut told, &near, "2026-12-26T00:00:00Z").len(), 1);
        let off = crypto(Alerts {
            off: true,
            ..Alerts::default()
        });
        assert!(numbers(&mut told, &off, "2026-12-31T00:00:00Z").is_empty());
    }
}
