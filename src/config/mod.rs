//! The running configuration: plain data and pure functions. `None` means not configured, never "default"; the effective
//! value comes from a method. A refused command has changed nothing: every arm checks first and changes last.

pub mod call_home;
pub mod clock;
pub mod correlator;
pub mod crypto;
pub mod discriminator;
pub mod dns;
pub mod interfaces;
pub mod logging;
pub mod logging_class;
mod logging_commands;
pub mod logging_defaults;
mod logging_egress;
pub mod logging_form;
mod logging_host;
mod logging_input;
pub mod logging_kept;
pub mod logging_limit;
mod logging_lines;
pub mod logging_list;
pub mod logging_mail;
pub mod logging_message;
pub mod logging_stream;
mod logging_tables;
pub mod masking;
pub mod pattern;
pub mod persistent;
pub mod published;
pub mod refusal;
pub mod render;
pub mod system;
pub mod terminal_lines;
pub mod url;

pub use published::{Published, TakenOver};
pub use refusal::{Notice, Notices, Refusal};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::command::Config;

/// Everything that `show running-config` prints. Sections are `Arc`s, so that a publication clones pointers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunningConfig {
    pub system: Arc<system::System>,
    pub clock: Arc<clock::Clock>,
    pub interfaces: Arc<interfaces::Interfaces>,
    pub dns: Arc<dns::Dns>,
    pub logging: Arc<logging::Logging>,
    pub crypto: Arc<crypto::Crypto>,
    pub users: Arc<BTreeMap<Arc<str>, Arc<system::User>>>,
    pub terminal_lines: Arc<terminal_lines::TerminalLines>,
    pub call_home: Arc<call_home::CallHome>,
}

/// The object that a sub-mode's commands speak of. It may have been removed by another console meanwhile; then its
/// commands are refused with `Refusal::NotDefined`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    #[default]
    Global,
    Interface(Arc<str>),
    DnsServerGroup(Arc<str>),
    CorrelatorRule(Arc<str>),
    Line(terminal_lines::LineRange),
    CallHome,
    Profile(Arc<str>),
    AlertGroupEnvironment,
    AlertGroupSnapshot,
    Trustpoint(Arc<str>),
    Crl(Arc<str>),
    Trustpool,
    ReferenceIdentity(Arc<str>),
    CertificateChain(Arc<str>),
}

/// One command on the configuration; pure. A refusal has changed nothing.
pub fn apply(
    config: &mut RunningConfig,
    scope: &Scope,
    command: &Config,
) -> Result<Notices, Refusal> {
    match command {
        Config::System(command) => system::apply(config, command),
        Config::Clock(command) => clock::apply(config, command),
        Config::Dns(command) => dns::apply(config, scope, command),
        Config::Interface(command) => interfaces::apply(config, scope, command),
        Config::Line(command) => terminal_lines::apply(config, scope, command),
        Config::LoggingFiles(command) => persistent::apply(config.logging_mut(), command),
        Config::Logging(command) => {
            let interfaces = config.interfaces.clone();
            logging_commands::apply(config.logging_mut(), &interfaces, command)
        }
        Config::LoggingForm(command) => logging_form::apply(config, command),
        Config::Correlator(command) => correlator::apply(config.logging_mut(), scope, command),
        Config::LoggingKept(command) => logging_kept::apply(config.logging_mut(), command),
        Config::CallHome(command) => call_home::apply(config, scope, command),
        Config::Crypto(command) => crypto::apply(config, scope, command),
    }
}

impl Scope {
    /// What an `enter` command opens within this scope; `None` for every other command.
    pub fn opened_by(&self, command: &Config) -> Option<Self> {
        match command {
            Config::CallHome(command) => call_home::scope(command),
            Config::Crypto(command) => {
                crypto::scope(command).or_else(|| crypto::crl_scope(self, command))
            }
            Config::Dns(command) => dns::scope(command),
            Config::Interface(command) => interfaces::scope(command),
            Config::Correlator(command) => correlator::scope(command),
            Config::Line(command) => terminal_lines::scope(command),
            Config::System(_)
            | Config::Clock(_)
            | Config::Logging(_)
            | Config::LoggingForm(_)
            | Config::LoggingFiles(_)
            | Config::LoggingKept(_) => None,
        }
    }
}

/// The first keywords of all lines that a configuration can have.
const SECTIONS: [&str; 18] = [
    "call-home",
    "clock",
    "crypto",
    "dns",
    "dns-group",
    "domain-name",
    "enable",
    "hostname",
    "interface",
    "line",
    "logging",
    "name",
    "names",
    "pager",
    "prompt",
    "service",
    "smtp-server",
    "username",
];

/// The section a word stands for: in any case, whole or the beginning of exactly one (D57).
pub fn section(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    if let Some(exact) = SECTIONS.into_iter().find(|section| *section == word) {
        return Some(exact);
    }
    let mut found = SECTIONS
        .into_iter()
        .filter(|section| section.starts_with(&word));
    found.next().filter(|_| found.next().is_none())
}

impl RunningConfig {
    /// `clear configure SECTION`: the section's lines go back to what they are on a device that was never configured.
    /// The section is the first keyword of its lines; one that others refer to is refused.
    pub fn clear(&mut self, section: &str) -> Result<(), Refusal> {
        let new = Self::default();
        match section {
            "hostname" => self.system_mut().hostname = None,
            "enable" => self.system_mut().enable_password = None,
            "pager" => self.system_mut().pager = None,
            "names" => self.system_mut().names_on = false,
            "name" => self.system_mut().names = Arc::default(),
            "prompt" => self.system_mut().prompt = None,
            "smtp-server" => self.system_mut().smtp_servers = None,
            "clock" => self.clock = new.clock,
            "username" => self.users = new.users,
            "dns" => self.dns = self.dns.without_groups(),
            "dns-group" => Arc::make_mut(&mut self.dns).group = None,
            "domain-name" => Arc::make_mut(&mut self.dns).domain_name = None,
            "interface" => self.clear_interfaces()?,
            "line" => self.terminal_lines = new.terminal_lines,
            "logging" => {
                let before = std::mem::replace(&mut self.logging, new.logging);
                let logging = self.logging_mut();
                logging.timestamps.clone_from(&before.timestamps);
                logging.sequence_numbers = before.sequence_numbers;
            }
            "service" => {
                let logging = self.logging_mut();
                logging.timestamps = logging::Timestamps::default();
                logging.sequence_numbers = false;
                Arc::make_mut(&mut self.call_home).service = false;
            }
            "crypto" => crypto::clear(self)?,
            "call-home" => {
                let service = self.call_home.service;
                self.call_home = new.call_home;
                Arc::make_mut(&mut self.call_home).service = service;
                self.system_mut().anonymous = call_home::AnonymousReporting::default();
            }
            _ => {
                return Err(Refusal::NotDefined {
                    kind: refusal::Kind::Section,
                    name: section.into(),
                });
            }
        }
        Ok(())
    }

    fn system_mut(&mut self) -> &mut system::System {
        Arc::make_mut(&mut self.system)
    }

    fn logging_mut(&mut self) -> &mut logging::Logging {
        Arc::make_mut(&mut self.logging)
    }
}
