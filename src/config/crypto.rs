//! `crypto ca ...`: trust points, the policy of the trust pool, reference identities, certificate chains. Names and bytes as they
//! were typed (D45); what is trusted because of them is decided in the trust room.

mod alerts;
mod chain;
pub(super) mod reference_identity;
#[cfg(test)]
mod tests;
mod trustpoint;
mod trustpool;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use crate::command::crypto::values::{CrlPolicy, CrlProtocol, DayTime, RevocationMethod};
pub use alerts::Alerts;
pub use chain::{Certificate, Chain, bytes_of_hex};
pub use reference_identity::ReferenceIdentity;
pub use trustpoint::{Crl, Enrollment, Fqdn, Trustpoint, Usage};
pub use trustpool::{AutoImport, MatchAction, TrustpoolPolicy};

use super::call_home::anonymous;
use super::refusal::Kind;
use super::render::Lines;
use super::{Notices, Refusal, RunningConfig, Scope};
use crate::command::crypto::{Command, RevocationCheck};

/// The `crypto ca` sections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crypto {
    pub trustpoints: Arc<BTreeMap<Arc<str>, Arc<Trustpoint>>>,
    /// `crypto ca trustpool policy`; `None` until it was entered.
    pub trustpool: Option<Arc<TrustpoolPolicy>>,
    /// By the trust point's name; a chain without certificates is none.
    pub chains: Arc<BTreeMap<Arc<str>, Arc<Chain>>>,
    pub reference_identities: Arc<BTreeMap<Arc<str>, Arc<ReferenceIdentity>>>,
    pub alerts: Alerts,
}

/// The scope that an `enter` command of this section opens, but for `crl configure`, which depends on where it stands.
pub(super) fn scope(command: &Command) -> Option<Scope> {
    Some(match command {
        Command::EnterCaTrustpoint(c) => Scope::Trustpoint(c.name.clone()),
        Command::EnterCaTrustpool => Scope::Trustpool,
        Command::EnterCaRefIdentity(c) => Scope::ReferenceIdentity(c.name.clone()),
        Command::EnterCertChain(c) => Scope::CertificateChain(c.name.clone()),
        _ => return None,
    })
}

/// What `crl configure` opens within `scope`.
pub(super) fn crl_scope(scope: &Scope, command: &Command) -> Option<Scope> {
    match (command, scope) {
        (Command::EnterCaCrl, Scope::Trustpoint(name) | Scope::Crl(name)) => {
            Some(Scope::Crl(name.clone()))
        }
        _ => None,
    }
}

/// The commands of these sections and of their sub-modes.
pub(super) fn apply(
    config: &mut RunningConfig,
    scope: &Scope,
    command: &Command,
) -> Result<Notices, Refusal> {
    match (command, scope) {
        (Command::NoCaRefIdentity(c), _) => remove_identity(config, &c.name),
        (Command::NoCaTrustpoint(c), _) => {
            is_unused(
                Kind::Trustpoint,
                &c.name,
                user_of_trustpoint(config, &c.name),
            )?;
            Arc::make_mut(&mut config.crypto).apply(command)
        }
        (Command::NoCertChain(c), _) => {
            let user = anonymous::user_of_trustpoint(config, &c.name);
            is_unused(Kind::Trustpoint, &c.name, user)?;
            Arc::make_mut(&mut config.crypto).apply(command)
        }
        (
            Command::EnterCaTrustpoint(_)
            | Command::EnterCaTrustpool
            | Command::EnterCaRefIdentity(_)
            | Command::EnterCertChain(_),
            _,
        )
        | (Command::NoCaTrustpool, _)
        | (
            Command::CaAlertsExpiration(_)
            | Command::NoCaAlertsExpiration
            | Command::DefaultCaAlertsExpiration,
            _,
        ) => Arc::make_mut(&mut config.crypto).apply(command),
        (_, Scope::Trustpoint(name) | Scope::Crl(name)) => {
            let trustpoint = Arc::make_mut(&mut config.crypto).trustpoint_mut(name)?;
            trustpoint.apply(command)
        }
        (_, Scope::Trustpool) => {
            // Another console may have removed the policy; a command that is accepted brings it back.
            let mut policy = config
                .crypto
                .trustpool
                .as_deref()
                .cloned()
                .unwrap_or_default();
            let notices = policy.apply(command)?;
            Arc::make_mut(&mut config.crypto).trustpool = Some(Arc::new(policy));
            Ok(notices)
        }
        (_, Scope::ReferenceIdentity(name)) => {
            let identities =
                Arc::make_mut(&mut Arc::make_mut(&mut config.crypto).reference_identities);
            match identities.get_mut(name) {
                Some(identity) => Arc::make_mut(identity).apply(command),
                None => Err(Refusal::NotDefined {
                    kind: Kind::ReferenceIdentity,
                    name: name.clone(),
                }),
            }
        }
        (_, Scope::CertificateChain(name)) => {
            if let Command::NoCertificate(c) = command {
                let user = anonymous::user_of_certificate(config, name, c.serial.as_str());
                is_unused(Kind::Certificate, &c.serial.shared(), user)?;
            }
            Arc::make_mut(&mut config.crypto).apply_to_chain(name, command)
        }
        // The grammar offers the rest in none of the other scopes.
        _ => Err(Refusal::NotAllowed {
            why: "No object is open that this command could change",
        }),
    }
}

/// One that a profile refers to stays: without it the profile's servers would be verified by less than was asked for.
fn remove_identity(config: &mut RunningConfig, name: &Arc<str>) -> Result<Notices, Refusal> {
    if !config.crypto.reference_identities.contains_key(name) {
        return Err(Refusal::NotDefined {
            kind: Kind::ReferenceIdentity,
            name: name.clone(),
        });
    }
    is_unused(
        Kind::ReferenceIdentity,
        name,
        user_of_identity(config, name),
    )?;
    Arc::make_mut(&mut Arc::make_mut(&mut config.crypto).reference_identities).remove(name);
    Ok(Notices::new())
}

/// A logging host, or anonymous reporting.
fn user_of_trustpoint(config: &RunningConfig, name: &str) -> Option<String> {
    let host = config.logging.hosts.user_of_trustpoint(name);
    host.or_else(|| anonymous::user_of_trustpoint(config, name))
}

fn user_of_identity(config: &RunningConfig, name: &str) -> Option<String> {
    let mut profiles = config.call_home.profiles.iter();
    match profiles.find(|(_, profile)| profile.uses_identity(name)) {
        Some((profile, _)) => Some(format!("call-home profile {profile}")),
        None => config.logging.hosts.user_of_identity(name),
    }
}

/// That nothing names one of the trust points; those that `clear configure` is to remove.
fn check_trustpoints<'n>(
    config: &RunningConfig,
    mut names: impl Iterator<Item = &'n Arc<str>>,
) -> Result<(), Refusal> {
    names.try_for_each(|name| is_unused(Kind::Trustpoint, name, user_of_trustpoint(config, name)))
}

/// `clear configure crypto`.
pub(super) fn clear(config: &mut RunningConfig) -> Result<(), Refusal> {
    check_trustpoints(config, config.crypto.trustpoints.keys())?;
    for name in config.crypto.reference_identities.keys() {
        is_unused(
            Kind::ReferenceIdentity,
            name,
            user_of_identity(config, name),
        )?;
    }
    config.crypto = Arc::default();
    Ok(())
}

/// `clear configure crypto ca trustpoint`: one with its certificates, or all.
pub fn clear_trustpoints(
    config: &mut RunningConfig,
    name: Option<&Arc<str>>,
) -> Result<(), Refusal> {
    if let Some(name) = name {
        config.crypto.knows_trustpoint(name)?;
    }
    let is = |known: &Arc<str>| name.is_none_or(|name| known == name);
    let names = config.crypto.trustpoints.keys();
    check_trustpoints(config, names.filter(|known| is(known)))?;
    let crypto = Arc::make_mut(&mut config.crypto);
    Arc::make_mut(&mut crypto.trustpoints).retain(|known, _| !is(known));
    Arc::make_mut(&mut crypto.chains).retain(|known, _| !is(known));
    Ok(())
}

/// Refuses with the name of who refers to it.
fn is_unused(kind: Kind, name: &Arc<str>, user: Option<String>) -> Result<(), Refusal> {
    match user {
        None => Ok(()),
        Some(by) => Err(Refusal::InUse {
            kind,
            name: name.clone(),
            by,
        }),
    }
}

impl Crypto {
    /// Commands of global configuration: whole objects come and go.
    fn apply(&mut self, command: &Command) -> Result<Notices, Refusal> {
        match command {
            Command::EnterCaTrustpoint(c) => drop(
                Arc::make_mut(&mut self.trustpoints)
                    .entry(c.name.clone())
                    .or_default(),
            ),
            Command::NoCaTrustpoint(c) => {
                self.knows_trustpoint(&c.name)?;
                Arc::make_mut(&mut self.trustpoints).remove(&c.name);
                Arc::make_mut(&mut self.chains).remove(&c.name);
            }
            Command::EnterCaTrustpool => drop(self.trustpool.get_or_insert_default()),
            Command::NoCaTrustpool => {
                let imported = self
                    .trustpool
                    .take()
                    .is_some_and(|policy| policy.auto_import.is_some());
                return Ok(if imported {
                    vec![trustpool::auto_import_is_off()]
                } else {
                    Notices::new()
                });
            }
            Command::EnterCaRefIdentity(c) => {
                Arc::make_mut(&mut self.reference_identities)
                    .entry(c.name.clone())
                    .or_default();
            }
            Command::CaAlertsExpiration(c) => {
                self.alerts = Alerts {
                    off: false,
                    begin: c.begin,
                    repeat: c.repeat,
                }
            }
            Command::NoCaAlertsExpiration => {
                self.alerts = Alerts {
                    off: true,
                    ..Alerts::default()
                }
            }
            Command::DefaultCaAlertsExpiration => self.alerts = Alerts::default(),
            Command::EnterCertChain(c) => self.knows_trustpoint(&c.name)?,
            Command::NoCertChain(c) => {
                self.knows_trustpoint(&c.name)?;
                Arc::make_mut(&mut self.chains).remove(&c.name);
            }
            _ => {}
        }
        Ok(Notices::new())
    }

    fn knows_trustpoint(&self, name: &Arc<str>) -> Result<(), Refusal> {
        match self.trustpoints.contains_key(name) {
            true => Ok(()),
            false => Err(Refusal::NotDefined {
                kind: Kind::Trustpoint,
                name: name.clone(),
            }),
        }
    }

    fn trustpoint_mut(&mut self, name: &Arc<str>) -> Result<&mut Trustpoint, Refusal> {
        let known = Arc::make_mut(&mut self.trustpoints).get_mut(name);
        known.map(Arc::make_mut).ok_or_else(|| Refusal::NotDefined {
            kind: Kind::Trustpoint,
            name: name.clone(),
        })
    }

    /// Trust points come before what refers to them.
    pub(super) fn lines(&self, out: &mut Lines) {
        for (name, trustpoint) in self.trustpoints.iter() {
            trustpoint.lines(name, out);
        }
        match &self.trustpool {
            Some(policy) => policy.lines(out),
            None if out.is_all() => TrustpoolPolicy::default().lines(out),
            None => {}
        }
        self.alerts.lines(out);
        for (name, chain) in self.chains.iter() {
            chain.lines(name, out);
        }
        for (name, identity) in self.reference_identities.iter() {
            identity.lines(name, out);
        }
    }
}

/// The methods in order, or what is wrong with them.
fn revocation_methods(command: &RevocationCheck) -> Result<Vec<RevocationMethod>, Refusal> {
    let methods: Vec<_> = [Some(command.first), command.second, command.third]
        .into_iter()
        .flatten()
        .collect();
    let repeats = methods
        .iter()
        .enumerate()
        .any(|(place, method)| methods.iter().take(place).any(|other| other == method));
    let goes_on = methods
        .iter()
        .rev()
        .skip(1)
        .any(|method| *method == RevocationMethod::None);
    if repeats || goes_on {
        return Err(Refusal::Value {
            expected: "each method once, and none as the last".into(),
        });
    }
    Ok(methods)
}

fn revocation_line(methods: &[RevocationMethod], out: &mut Lines) {
    if !methods.is_empty() {
        let words: Vec<_> = methods.iter().map(|method| method.keyword()).collect();
        out.line(1, format_args!("revocation-check {}", words.join(" ")));
    }
}
