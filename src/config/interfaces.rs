//! `interface NAME`: the names that other commands know this host's interfaces by, and their security levels. Whether the
//! host has such an interface, and which addresses, is not known here.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::refusal::{Kind, Notice, Notices, Refusal};
use super::render::Lines;
use super::{RunningConfig, Scope};
use crate::command::interface::Command;

/// Interfaces by the name that the host gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interfaces {
    pub by_name: BTreeMap<Arc<str>, Interface>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// `nameif`; no two interfaces have the same, in whichever case.
    pub nameif: Option<Arc<str>>,
    /// 0 to 100. Every named interface has one, and it is printed (D61).
    pub security_level: Option<u8>,
}

/// The scope that an `enter` command of this section opens.
pub(super) fn scope(command: &Command) -> Option<Scope> {
    match command {
        Command::EnterInterface(c) => Some(Scope::Interface(c.name.clone())),
        _ => None,
    }
}

/// The commands of this file.
pub(super) fn apply(
    config: &mut RunningConfig,
    scope: &Scope,
    command: &Command,
) -> Result<Notices, Refusal> {
    match (command, scope) {
        (Command::EnterInterface(c), _) => {
            let interfaces = Arc::make_mut(&mut config.interfaces);
            interfaces.by_name.entry(c.name.clone()).or_default();
            Ok(Notices::new())
        }
        (Command::NoInterface(c), _) => {
            let known = config.interfaces.known(&c.name)?;
            config.is_free(known.nameif.as_ref())?;
            Arc::make_mut(&mut config.interfaces)
                .by_name
                .remove(&c.name);
            Ok(Notices::new())
        }
        (_, Scope::Interface(name)) => change(config, name, command),
        // The grammar offers the rest in none of the other scopes.
        _ => Err(Refusal::NotAllowed {
            why: "No object is open that this command could change",
        }),
    }
}

/// What is said in the interface's own mode.
fn change(
    config: &mut RunningConfig,
    name: &Arc<str>,
    command: &Command,
) -> Result<Notices, Refusal> {
    let mut interface = config.interfaces.known(name)?.clone();
    let mut notices = Notices::new();
    match command {
        Command::Nameif(c) => {
            let renamed = interface.nameif.as_ref() != Some(&c.nameif);
            if let Some((other, _)) = config.interfaces.named(&c.nameif)
                && other != name
            {
                return Err(Refusal::Exists {
                    kind: Kind::Nameif,
                    name: c.nameif.clone(),
                });
            }
            if renamed {
                config.is_free(interface.nameif.as_ref())?;
            }
            if interface.security_level.is_none() {
                let level = default_level(&c.nameif);
                interface.security_level = Some(level);
                notices.push(Notice::Info(format!(
                    "Security level for \"{}\" set to {level} by default.",
                    c.nameif
                )));
            }
            interface.nameif = Some(c.nameif.clone());
        }
        Command::NoNameif(c) => {
            if let Some(other) = &c.nameif
                && interface.nameif.as_ref() != Some(other)
            {
                return Err(Refusal::NotDefined {
                    kind: Kind::Nameif,
                    name: other.clone(),
                });
            }
            config.is_free(interface.nameif.as_ref())?;
            interface = Interface::default();
        }
        Command::SecurityLevel(c) => interface.security_level = Some(c.level),
        Command::NoSecurityLevel(_) => {
            interface.security_level = interface.nameif.as_deref().map(default_level);
        }
        Command::EnterInterface(_) | Command::NoInterface(_) => {}
    }
    Arc::make_mut(&mut config.interfaces)
        .by_name
        .insert(name.clone(), interface);
    Ok(notices)
}

/// As an ASA gives it with the name.
fn default_level(nameif: &str) -> u8 {
    if nameif.eq_ignore_ascii_case("inside") {
        100
    } else {
        0
    }
}

impl RunningConfig {
    /// A name that something else refers to stays, like a reference identity in use.
    fn is_free(&self, nameif: Option<&Arc<str>>) -> Result<(), Refusal> {
        match nameif {
            Some(nameif) if self.logging.hosts.leave_by(nameif) => Err(Refusal::NotAllowed {
                why: "The interface name is in use by a logging host",
            }),
            Some(nameif) if self.logging.form.names(nameif) => Err(Refusal::NotAllowed {
                why: "The interface name is in use by logging device-id",
            }),
            Some(nameif) if self.dns.names(nameif) => Err(Refusal::NotAllowed {
                why: "The interface name is in use by dns",
            }),
            _ => Ok(()),
        }
    }

    /// `clear configure interface`.
    pub(super) fn clear_interfaces(&mut self) -> Result<(), Refusal> {
        for interface in self.interfaces.by_name.values() {
            self.is_free(interface.nameif.as_ref())?;
        }
        self.interfaces = Arc::default();
        Ok(())
    }
}

impl Interfaces {
    fn known(&self, name: &Arc<str>) -> Result<&Interface, Refusal> {
        self.by_name.get(name).ok_or_else(|| Refusal::NotDefined {
            kind: Kind::Interface,
            name: name.clone(),
        })
    }

    /// The interface of that `nameif`, by the host's name for it.
    pub fn named(&self, nameif: &str) -> Option<(&Arc<str>, &Interface)> {
        self.by_name.iter().find(|(_, interface)| {
            let known = interface.nameif.as_deref();
            known.is_some_and(|known| known.eq_ignore_ascii_case(nameif))
        })
    }

    /// Every `nameif`, in the order of the interfaces.
    pub fn nameifs(&self) -> impl Iterator<Item = &str> {
        self.by_name
            .values()
            .filter_map(|interface| interface.nameif.as_deref())
    }

    pub(super) fn lines(&self, out: &mut Lines) {
        for (name, interface) in &self.by_name {
            out.line(0, format_args!("interface {name}"));
            match &interface.nameif {
                Some(nameif) => out.line(1, format_args!("nameif {nameif}")),
                None if out.is_all() => out.line(1, format_args!("no nameif")),
                None => {}
            }
            match interface.security_level {
                Some(level) => out.line(1, format_args!("security-level {level}")),
                None if out.is_all() => out.line(1, format_args!("no security-level")),
                None => {}
            }
        }
    }
}
