//! `logging correlator`: rules that tell symptoms with their cause (docs/PROMISES.md). What a rule does to messages is
//! decided in the syslog room.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Scope;
use super::logging::Logging;
use super::refusal::{Kind, Notices, Refusal};
use super::render::Lines;
use crate::command::correlator::{self as typed, Command};

/// Rules by name.
pub type CorrelatorRules = BTreeMap<Arc<str>, CorrelatorRule>;

/// A cause and its symptoms; without one of either it does nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorrelatorRule {
    /// Seconds, 1 to 600.
    pub timeout: Option<u16>,
    pub cause: Option<Header>,
    /// In order of entry.
    pub symptoms: Vec<Header>,
    /// `logging correlator apply rule`.
    pub applied: bool,
}

/// What a message is recognised by; spelled as in its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub facility: Arc<str>,
    pub mnemonic: Arc<str>,
}

impl CorrelatorRule {
    /// IOS XR's own (D76).
    const DEFAULT_TIMEOUT: u16 = 30;

    pub fn effective_timeout(&self) -> u16 {
        self.timeout.unwrap_or(Self::DEFAULT_TIMEOUT)
    }
}

impl From<&typed::Header> for Header {
    fn from(c: &typed::Header) -> Self {
        Self {
            facility: c.facility.clone(),
            mnemonic: c.mnemonic.clone(),
        }
    }
}

/// The scope that an `enter` command of this section opens.
pub(super) fn scope(command: &Command) -> Option<Scope> {
    match command {
        Command::EnterCorrelatorRule(c) => Some(Scope::CorrelatorRule(c.name.clone())),
        _ => None,
    }
}

/// The commands of this file.
pub(super) fn apply(
    logging: &mut Logging,
    scope: &Scope,
    command: &Command,
) -> Result<Notices, Refusal> {
    match (command, scope) {
        (Command::EnterCorrelatorRule(c), _) => {
            if !logging.correlator.contains_key(&c.name) {
                rules(logging).insert(c.name.clone(), CorrelatorRule::default());
            }
        }
        (Command::NoCorrelatorRule(c), _) => {
            known(logging, &c.name)?;
            rules(logging).remove(&c.name);
        }
        (Command::CorrelatorApply(c), _) => change(logging, &c.name, |rule| rule.applied = true)?,
        (Command::NoCorrelatorApply(c), _) => {
            change(logging, &c.name, |rule| rule.applied = false)?
        }
        (_, Scope::CorrelatorRule(name)) => change(logging, name, |rule| set(rule, command))?,
        // The grammar offers the rest in none of the other scopes.
        _ => {
            return Err(Refusal::NotAllowed {
                why: "No object is open that this command could change",
            });
        }
    }
    Ok(Notices::new())
}

fn set(rule: &mut CorrelatorRule, command: &Command) {
    match command {
        Command::CorrelatorTimeout(c) => rule.timeout = Some(c.seconds),
        Command::NoCorrelatorTimeout(_) | Command::DefaultCorrelatorTimeout(_) => {
            rule.timeout = None;
        }
        Command::Rootcause(c) => rule.cause = Some(c.into()),
        Command::NoRootcause(_) => rule.cause = None,
        Command::Nonrootcause(c) => {
            let symptom = Header::from(c);
            if !rule.symptoms.contains(&symptom) {
                rule.symptoms.push(symptom);
            }
        }
        Command::NoNonrootcause(c) => {
            let symptom = Header::from(c);
            rule.symptoms.retain(|known| *known != symptom);
        }
        Command::EnterCorrelatorRule(_)
        | Command::NoCorrelatorRule(_)
        | Command::CorrelatorApply(_)
        | Command::NoCorrelatorApply(_) => {}
    }
}

fn rules(logging: &mut Logging) -> &mut CorrelatorRules {
    Arc::make_mut(&mut logging.correlator)
}

fn known(logging: &Logging, name: &Arc<str>) -> Result<(), Refusal> {
    let is_known = logging.correlator.contains_key(name);
    is_known.then_some(()).ok_or_else(|| Refusal::NotDefined {
        kind: Kind::CorrelatorRule,
        name: name.clone(),
    })
}

fn change(
    logging: &mut Logging,
    name: &Arc<str>,
    change: impl FnOnce(&mut CorrelatorRule),
) -> Result<(), Refusal> {
    known(logging, name)?;
    if let Some(rule) = rules(logging).get_mut(name) {
        change(rule);
    }
    Ok(())
}

impl Logging {
    pub(super) fn correlator_lines(&self, out: &mut Lines) {
        for (name, rule) in self.correlator.iter() {
            out.line(0, format_args!("logging correlator rule {name}"));
            match rule.timeout {
                Some(seconds) => out.line(1, format_args!("timeout {seconds}")),
                None if out.is_all() => {
                    out.line(1, format_args!("timeout {}", rule.effective_timeout()));
                }
                None => {}
            }
            if let Some(Header { facility, mnemonic }) = &rule.cause {
                out.line(1, format_args!("rootcause {facility} {mnemonic}"));
            }
            for Header { facility, mnemonic } in &rule.symptoms {
                out.line(1, format_args!("nonrootcause {facility} {mnemonic}"));
            }
        }
        for (name, _) in self.correlator.iter().filter(|(_, rule)| rule.applied) {
            out.line(0, format_args!("logging correlator apply rule {name}"));
        }
    }
}
