//! How lines look on sessions of an ASA's form, how lines over TCP are told apart, and where sessions leave from. What the
//! other sessions' lines carry stands with the rest of `logging`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::RunningConfig;
use super::refusal::{Kind, Notices, Refusal};
use super::render::Lines;
use crate::command::logging_form::{self as typed, Command};

/// `None` and `false` are what nobody has configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineForm {
    pub timestamp: Option<AsaStamp>,
    /// `logging emblem`: lines inside the device have that form.
    pub emblem: bool,
    pub device_id: Option<DeviceId>,
    /// `logging hide username`; on unless `Some(false)`.
    pub hide_username: Option<bool>,
    pub debug_trace: Option<DebugTrace>,
    /// `logging delimiter tcp`; on unless `Some(false)`.
    pub delimiter: Option<bool>,
    /// `logging source-interface`, by VRF.
    pub sources: BTreeMap<Option<Arc<str>>, Arc<str>>,
}

/// `logging timestamp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsaStamp {
    /// `Aug 15 2019 13:44:38`, of the device's zone.
    Plain,
    /// `2018-06-27T12:17:46Z`.
    Rfc5424,
}

/// `logging device-id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceId {
    Hostname,
    /// The `nameif`, spelled as it is configured.
    Address(Arc<str>),
    Text(Arc<str>),
    /// Kept: there is one context.
    ContextName,
    /// Kept: there is no cluster.
    ClusterId,
}

/// `logging debug-trace`: debug lines are messages 711001.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DebugTrace {
    pub persistent: bool,
}

impl LineForm {
    pub fn has_delimiter(&self) -> bool {
        self.delimiter.unwrap_or(true)
    }

    /// What a message of this device calls a user who failed to log in: what was typed as a name may be a password.
    pub fn named<'a>(&self, user: &'a str, is_known: bool) -> &'a str {
        if is_known || self.hide_username == Some(false) {
            user
        } else {
            HIDDEN
        }
    }

    /// Whether `logging device-id` names that interface.
    pub fn names(&self, nameif: &str) -> bool {
        matches!(&self.device_id, Some(DeviceId::Address(name)) if name.eq_ignore_ascii_case(nameif))
    }

    /// What stands near the head of the section, as on an ASA.
    pub(super) fn asa_lines(&self, out: &mut Lines) {
        match self.timestamp {
            Some(AsaStamp::Plain) => out.line(0, format_args!("logging timestamp")),
            Some(AsaStamp::Rfc5424) => out.line(0, format_args!("logging timestamp rfc5424")),
            None => {}
        }
        if self.emblem {
            out.line(0, format_args!("logging emblem"));
        }
        if let Some(id) = &self.device_id {
            out.line(0, format_args!("logging device-id {id}"));
        }
        match self.hide_username {
            Some(false) => out.line(0, format_args!("no logging hide username")),
            Some(true) => out.line(0, format_args!("logging hide username")),
            None if out.is_all() => out.line(0, format_args!("logging hide username")),
            None => {}
        }
        match self.debug_trace {
            Some(DebugTrace { persistent: false }) => {
                out.line(0, format_args!("logging debug-trace"))
            }
            Some(DebugTrace { persistent: true }) => {
                out.line(0, format_args!("logging debug-trace persistent"))
            }
            None => {}
        }
    }

    /// What stands before the hosts, as in IOS.
    pub(super) fn ios_lines(&self, out: &mut Lines) {
        match self.delimiter {
            Some(false) => out.line(0, format_args!("no logging delimiter tcp")),
            Some(true) => out.line(0, format_args!("logging delimiter tcp")),
            None if out.is_all() => out.line(0, format_args!("logging delimiter tcp")),
            None => {}
        }
        for (vrf, interface) in &self.sources {
            match vrf {
                Some(vrf) => out.line(
                    0,
                    format_args!("logging source-interface {interface} vrf {vrf}"),
                ),
                None => out.line(0, format_args!("logging source-interface {interface}")),
            }
        }
    }
}

/// The commands of this file.
pub(super) fn apply(config: &mut RunningConfig, command: &Command) -> Result<Notices, Refusal> {
    let device_id = match command {
        Command::LoggingDeviceId(c) => Some(device_id(config, &c.id)?),
        _ => None,
    };
    let form = &mut config.logging_mut().form;
    match command {
        Command::LoggingTimestamp(c) => {
            form.timestamp = Some(if c.rfc5424 {
                AsaStamp::Rfc5424
            } else {
                AsaStamp::Plain
            });
        }
        Command::NoLoggingTimestamp(_) => form.timestamp = None,
        Command::LoggingEmblem => form.emblem = true,
        Command::NoLoggingEmblem => form.emblem = false,
        Command::LoggingDeviceId(_) => form.device_id = device_id,
        Command::LoggingDeviceIdKept(c) => {
            form.device_id = Some(match c.id {
                typed::KeptId::ContextName => DeviceId::ContextName,
                typed::KeptId::ClusterId => DeviceId::ClusterId,
            });
        }
        Command::NoLoggingDeviceId(_) | Command::NoLoggingDeviceIdKept(_) => form.device_id = None,
        Command::LoggingHideUsername => form.hide_username = Some(true),
        Command::NoLoggingHideUsername => form.hide_username = Some(false),
        Command::DefaultLoggingHideUsername => form.hide_username = None,
        Command::LoggingDebugTrace(c) => {
            form.debug_trace = Some(DebugTrace {
                persistent: c.persistent,
            });
        }
        Command::NoLoggingDebugTrace(_) => form.debug_trace = None,
        Command::LoggingDelimiterTcp => form.delimiter = Some(true),
        Command::NoLoggingDelimiterTcp => form.delimiter = Some(false),
        Command::DefaultLoggingDelimiterTcp => form.delimiter = None,
        Command::LoggingSourceInterface(c) => {
            let interface = c.interface.as_ref().ok_or(Refusal::Incomplete)?;
            form.sources.insert(c.vrf.clone(), interface.name.clone());
        }
        Command::NoLoggingSourceInterface(c) => {
            form.sources.remove(&c.vrf);
        }
    }
    Ok(Notices::new())
}

fn device_id(config: &RunningConfig, id: &typed::DeviceId) -> Result<DeviceId, Refusal> {
    Ok(match id {
        typed::DeviceId::Hostname => DeviceId::Hostname,
        typed::DeviceId::String { text } => DeviceId::Text(text.0.clone()),
        typed::DeviceId::Ipaddress { interface } => {
            let known = config.interfaces.named(interface);
            let nameif = known.and_then(|(_, known)| known.nameif.clone());
            DeviceId::Address(nameif.ok_or_else(|| Refusal::NotDefined {
                kind: Kind::Nameif,
                name: interface.clone(),
            })?)
        }
    })
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hostname => f.write_str("hostname"),
            Self::Address(interface) => write!(f, "ipaddress {interface}"),
            Self::Text(text) => write!(f, "string {text}"),
            Self::ContextName => f.write_str("context-name"),
            Self::ClusterId => f.write_str("cluster-id"),
        }
    }
}

/// In place of a user's name, as of a password.
const HIDDEN: &str = "*****";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_user_has_no_name_unless_that_is_wanted() {
        let mut form = LineForm::default();
        for (hides, name) in [(None, "*****"), (Some(true), "*****"), (Some(false), "bob")] {
            form.hide_username = hides;
            assert_eq!(form.named("bob", false), name, "{hides:?}");
            assert_eq!(form.named("bob", true), "bob", "{hides:?}");
        }
    }
}
