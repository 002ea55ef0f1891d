//! Whether a chain may be believed as far as revocation goes: which certificates are asked about, by which methods in which
//! order, and what the answers come to. Pure; asking is revocation_check.rs's.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::certificate::Certificate;
use super::path::Path;
use crate::config::crypto::{
    CrlPolicy, CrlProtocol, Crypto, RevocationMethod, Trustpoint, TrustpoolPolicy,
};

/// What a trust point, or the policy of the pool, says about revocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// In order; empty checks nothing.
    pub methods: Vec<RevocationMethod>,
    pub policy: CrlPolicy,
    /// Places of lists in their order, beside or instead of those that a certificate names.
    pub places: Vec<Arc<str>>,
    /// `no protocol http` fetches nothing.
    pub is_http_allowed: bool,
    /// Seconds.
    pub cache_time: i64,
    pub enforces_next_update: bool,
}

impl Settings {
    /// Minutes, of trust points and of the pool.
    const CACHE_TIME: u16 = TrustpoolPolicy::DEFAULT_CACHE_TIME;

    fn of_trustpoint(trustpoint: &Trustpoint) -> Self {
        let crl = trustpoint.crl.clone().unwrap_or_default();
        Self {
            methods: trustpoint.revocation_check.clone(),
            policy: crl.policy.unwrap_or(CrlPolicy::Cdp),
            places: crl.urls.values().cloned().collect(),
            is_http_allowed: !crl.protocols_off.contains(&CrlProtocol::Http),
            cache_time: seconds(crl.cache_time.unwrap_or(Self::CACHE_TIME)),
            enforces_next_update: !crl.ignores_next_update,
        }
    }

    fn of_pool(policy: &TrustpoolPolicy) -> Self {
        Self {
            methods: policy.revocation_check.clone(),
            policy: CrlPolicy::Cdp,
            places: Vec::new(),
            is_http_allowed: true,
            cache_time: seconds(policy.crl_cache_time()),
            enforces_next_update: !policy.crl_ignores_next_update,
        }
    }

    /// Whether anything is asked at all.
    pub fn checks(&self) -> bool {
        self.methods
            .first()
            .is_some_and(|first| *first != RevocationMethod::None)
    }

    /// Where lists about `certificate` are looked for, in order.
    pub fn list_places(&self, certificate: &Certificate) -> Vec<Arc<str>> {
        let own = certificate.revocation_lists().iter();
        let own = own.map(|place| Arc::from(place.as_str()));
        let mut places: Vec<Arc<str>> = match self.policy {
            CrlPolicy::Cdp => own.collect(),
            CrlPolicy::Static => self.places.clone(),
            CrlPolicy::Both => own.chain(self.places.iter().cloned()).collect(),
        };
        let mut seen = Vec::new();
        places.retain(|place| {
            let is_new = !seen.contains(place);
            seen.push(place.clone());
            is_new
        });
        places
    }
}

fn seconds(minutes: u16) -> i64 {
    i64::from(minutes) * 60
}

/// The settings of one configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    pool: Settings,
    trustpoints: BTreeMap<Arc<str>, Settings>,
}

impl Default for Rules {
    fn default() -> Self {
        Self::of(&Crypto::default())
    }
}

impl Rules {
    pub fn of(crypto: &Crypto) -> Self {
        let pool = crypto.trustpool.as_deref();
        let trustpoints = crypto.trustpoints.iter();
        Self {
            pool: pool.map_or_else(
                || Settings::of_pool(&TrustpoolPolicy::default()),
                Settings::of_pool,
            ),
            trustpoints: trustpoints
                .map(|(name, trustpoint)| (name.clone(), Settings::of_trustpoint(trustpoint)))
                .collect(),
        }
    }

    /// Those of the anchor that vouched: a trust point's name, or `None` for the pool. A trust point that is gone vouches for
    /// nobody, so that the pool's are as good as any.
    pub fn of_anchor(&self, trustpoint: Option<&str>) -> &Settings {
        trustpoint
            .and_then(|name| self.trustpoints.get(name))
            .unwrap_or(&self.pool)
    }

    /// Whether any connection could need a check.
    pub fn check_anything(&self) -> bool {
        self.pool.checks() || self.trustpoints.values().any(Settings::checks)
    }
}

/// The certificates of a path that somebody may have revoked, each with its issuer: all but the anchor, and nothing where an
/// operator has accepted the server's own certificate as it is.
pub fn questions(path: &Path) -> Vec<(Certificate, Certificate)> {
    if path.issuers.first() == Some(&path.server) {
        return Vec::new();
    }
    let certificates = std::iter::once(&path.server).chain(&path.issuers);
    certificates
        .zip(&path.issuers)
        .map(|(certificate, issuer)| (certificate.clone(), issuer.clone()))
        .collect()
}

/// What one method found out about one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Good,
    Revoked,
    /// With the reason, in an operator's words.
    Unknown(String),
}

/// What is to be done next about one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Ask(RevocationMethod),
    /// It is not revoked; or its status is not known, and the last method is `none`.
    Accept(Accepted),
    Refuse(Refused),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    Good,
    /// Nothing was asked.
    Unasked,
    /// Asked in vain, with the reasons.
    Unknown(String),
}

/// Why a certificate is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    Revoked,
    /// Nobody could say, with the reasons.
    Unknown(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revoked => f.write_str("certificate is revoked"),
            Self::Unknown(why) => write!(f, "revocation status is not known ({why})"),
        }
    }
}

/// The next step after the first `found.len()` methods have found what they found. The first that knows decides; `none` last
/// makes what is not known acceptable.
pub fn judge(methods: &[RevocationMethod], found: &[Status]) -> Step {
    if found.contains(&Status::Revoked) {
        return Step::Refuse(Refused::Revoked);
    }
    if found.contains(&Status::Good) {
        return Step::Accept(Accepted::Good);
    }
    let reasons = || {
        let reasons = methods.iter().zip(found).filter_map(|(method, status)| {
            let Status::Unknown(why) = status else {
                return None;
            };
            Some(format!("{}: {why}", method.keyword()))
        });
        reasons.collect::<Vec<_>>().join("; ")
    };
    match methods.get(found.len()) {
        Some(RevocationMethod::None) | None if found.is_empty() => Step::Accept(Accepted::Unasked),
        Some(RevocationMethod::None) => Step::Accept(Accepted::Unknown(reasons())),
        None => Step::Refuse(Refused::Unknown(reasons())),
        Some(method) => Step::Ask(*method),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use RevocationMethod::{Crl, None as Nothing, Ocsp};
    use Status::{Good, Revoked};

    fn unknown() -> Status {
        Status::Unknown("no answer".to_owned())
    }

    #[test]
    fn without_a_method_nothing_is_asked() {
        for methods in [&[][..], &[Nothing]] {
            assert_eq!(judge(methods, &[]), Step::Accept(Accepted::Unasked));
        }
    }

    #[test]
    fn the_first_method_that_knows_decides() {
        for (methods, found, step) in [
            (&[Crl, Ocsp][..], &[][..], Step::Ask(Crl)),
            (&[Crl, Ocsp], &[Good], Step::Accept(Accepted::Good)),
            (&[Crl, Ocsp], &[Revoked], Step::Refuse(Refused::Revoked)),
            (&[Ocsp, Crl, Nothing], &[unknown()], Step::Ask(Crl)),
            (
                &[Ocsp, Crl, Nothing],
                &[unknown(), Revoked],
                Step::Refuse(Refused::Revoked),
            ),
        ] {
            assert_eq!(judge(methods, found), step, "{methods:?} {found:?}");
        }
    }

    #[test]
    fn what_nobody_knows_is_refused_unless_none_is_last() {
        let both = "crl: no answer; ocsp: no answer".to_owned();
        assert_eq!(
            judge(&[Crl, Ocsp], &[unknown(), unknown()]),
            Step::Refuse(Refused::Unknown(both.clone()))
        );
        assert_eq!(
            judge(&[Crl, Ocsp, Nothing], &[unknown(), unknown()]),
            Step::Accept(Accepted::Unknown(both))
        );
    }
}
