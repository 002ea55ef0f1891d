//! What a configuration says about trust: whom its trust points vouch for, which identities servers must show. Pure. What was
//! imported into the pool is not configuration and comes beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::api::Service;
use super::certificate::Certificate;
use super::identity::Reference;
use super::path::Anchor;
use super::revocation::Rules;
use crate::config::crypto::{Crypto, Trustpoint, Usage};

/// The picture of one configuration.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// In order of their names.
    pub(super) points: Vec<Point>,
    pub(super) identities: BTreeMap<Arc<str>, Arc<Reference>>,
    /// What is asked about revocation.
    pub(super) rules: Arc<Rules>,
}

/// A trust point that has the certificate of an authority.
#[derive(Debug)]
pub(super) struct Point {
    pub(super) serves: Serves,
    pub(super) anchors: Vec<Anchor>,
}

/// For which connections a trust point counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Serves {
    /// No `validation-usage`, or one that names SSL servers.
    Every,
    /// `no validation-usage`: an authority that was installed for one service vouches for nothing else.
    CallHome,
    /// A `validation-usage` for clients alone.
    None,
}

impl Serves {
    fn of(trustpoint: &Trustpoint) -> Self {
        match &trustpoint.validation_usage {
            None => Self::Every,
            Some(Usage::Nothing) => Self::CallHome,
            Some(usage) if usage.includes_servers() => Self::Every,
            Some(_) => Self::None,
        }
    }

    pub(super) fn includes(self, service: Service) -> bool {
        match self {
            Self::Every => true,
            Self::CallHome => service == Service::CallHome,
            Self::None => false,
        }
    }
}

impl Plan {
    /// What cannot be read vouches for nobody.
    pub(super) fn of(crypto: &Crypto) -> Self {
        let point = |(name, trustpoint): (&Arc<str>, &Arc<Trustpoint>)| {
            let chain = crypto.chains.get(name)?;
            let authorities = chain.certificates.iter().filter(|known| known.ca);
            let anchors = authorities.filter_map(|known| {
                let certificate = Certificate::read(&known.der).ok()?;
                Anchor::new(certificate, Some(name.clone())).ok()
            });
            Some(Point {
                serves: Serves::of(trustpoint),
                anchors: anchors.collect(),
            })
        };
        let identities = crypto.reference_identities.iter().map(|(name, ids)| {
            let reference = Reference {
                name: name.clone(),
                cn_ids: ids.cn_ids.clone(),
                dns_ids: ids.dns_ids.clone(),
                srv_ids: ids.srv_ids.clone(),
                uri_ids: ids.uri_ids.clone(),
            };
            (name.clone(), Arc::new(reference))
        });
        Self {
            points: crypto.trustpoints.iter().filter_map(point).collect(),
            identities: identities.collect(),
            rules: Arc::new(Rules::of(crypto)),
        }
    }

    /// Everybody who vouches for a server of `service`: the trust points that serve it, then the pool.
    pub(super) fn anchors(&self, service: Service, pool: &[Anchor]) -> Arc<[Anchor]> {
        self.points
            .iter()
            .filter(|point| point.serves.includes(service))
            .flat_map(|point| &point.anchors)
            .chain(pool)
            .cloned()
            .collect()
    }
}
