//! `call-home`: the switches outside its block, whom to name, what is sent at all. The struct, its effective values, its `apply`
//! function and its text lines; profiles stand in `profile`. Sending is the call-home room's.

pub(super) mod anonymous;
#[cfg(test)]
mod anonymous_tests;
mod ios;
#[cfg(test)]
mod ios_tests;
#[cfg(test)]
mod laws;
mod mail_servers;
mod profile;
mod profile_lines;
#[cfg(test)]
mod profile_tests;
mod profiles;
#[cfg(test)]
pub(crate) mod script;
mod subscription;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use anonymous::{AnonymousReporting, TRUSTPOINT};
pub use ios::IosSettings;
pub use mail_servers::{MailLogin, MailServer};
pub use profile::{CISCO_TAC_1, HttpDestination, Methods, Profile};
pub use subscription::{Subscription, Subscriptions, SyslogSelector};

use super::refusal::Kind;
use super::render::Lines;
use super::{Notice, Notices, Refusal, RunningConfig, Scope};
pub use crate::command::call_home::ios::{PrivacyLevel, Reporting, Secure};
use crate::command::call_home::texts::Quoted;
pub use crate::command::call_home::values::{
    AlertGroup, AlertSeverity, Export, Format, MessageIds, Method, Metric, Periodic, Threshold,
    TimeOfDay, Weekday,
};
use crate::command::call_home::{Command, GroupOrAll};
use crate::command::read_only;

/// The `call-home` section, with the two switches that stand outside its block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallHome {
    /// `service call-home`: the feature as a whole.
    pub service: bool,
    /// `call-home vendor permit`: the vendor's own destinations may be used at all (D19).
    pub vendor_permit: bool,
    /// `contact`: a text that public grammars know beside the name.
    pub contact: Option<Arc<str>>,
    pub contact_name: Option<Arc<str>>,
    pub contact_email_addr: Option<Arc<str>>,
    pub phone_number: Option<Arc<str>>,
    pub street_address: Option<Arc<str>>,
    pub customer_id: Option<Arc<str>>,
    pub site_id: Option<Arc<str>>,
    pub contract_id: Option<Arc<str>>,
    /// By priority, in order of entry where it is equal; five at most.
    pub mail_servers: Vec<MailServer>,
    pub sender_from: Option<Arc<str>>,
    pub sender_reply_to: Option<Arc<str>>,
    /// Messages a minute, 1 to 60.
    pub rate_limit: Option<u8>,
    pub http_proxy: Option<HttpProxy>,
    pub ios: IosSettings,
    /// `no alert-group`: these send nothing, whoever subscribes.
    pub disabled_groups: BTreeSet<AlertGroup>,
    pub environment: Environment,
    /// `add-command`, in order of entry.
    pub snapshot_commands: Vec<Arc<str>>,
    /// By name; `CISCO_TAC_1` is always among them.
    pub profiles: BTreeMap<Arc<str>, Arc<Profile>>,
}

/// Thresholds of the environment group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    pub cpu: Option<Threshold>,
    pub memory: Option<Threshold>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpProxy {
    pub host: Arc<str>,
    pub port: u16,
}

/// The predefined profile exists from the start.
impl Default for CallHome {
    fn default() -> Self {
        Self {
            service: false,
            vendor_permit: false,
            contact: None,
            contact_name: None,
            contact_email_addr: None,
            phone_number: None,
            street_address: None,
            customer_id: None,
            site_id: None,
            contract_id: None,
            mail_servers: Vec::new(),
            sender_from: None,
            sender_reply_to: None,
            rate_limit: None,
            http_proxy: None,
            ios: IosSettings::default(),
            disabled_groups: BTreeSet::new(),
            environment: Environment::default(),
            snapshot_commands: Vec::new(),
            profiles: BTreeMap::from([(CISCO_TAC_1.into(), Arc::new(Profile::cisco_tac_1()))]),
        }
    }
}

/// Effective values: the one place of each default.
impl CallHome {
    pub const DEFAULT_RATE_LIMIT: u8 = 10;
    pub const MOST_MAIL_SERVERS: usize = 5;
    /// Besides the predefined one.
    pub const MOST_PROFILES: usize = 10;
    pub const MOST_SNAPSHOT_COMMANDS: usize = 20;

    pub fn rate_limit(&self) -> u8 {
        self.rate_limit.unwrap_or(Self::DEFAULT_RATE_LIMIT)
    }

    /// The `From` of mails: `sender from`, else the contact's address.
    pub fn from_address(&self) -> Option<&Arc<str>> {
        self.sender_from
            .as_ref()
            .or(self.contact_email_addr.as_ref())
    }

    /// The `Reply-To` of mails: `sender reply-to`, else the contact's address.
    pub fn reply_to_address(&self) -> Option<&Arc<str>> {
        self.sender_reply_to
            .as_ref()
            .or(self.contact_email_addr.as_ref())
    }

    pub fn is_enabled(&self, group: AlertGroup) -> bool {
        !self.disabled_groups.contains(&group)
    }

    pub fn profile(&self, name: &str) -> Option<&Arc<Profile>> {
        self.profiles.get(name)
    }
}

impl Environment {
    pub fn threshold(&self, metric: Metric) -> Threshold {
        match metric {
            Metric::Cpu => self.cpu,
            Metric::Memory => self.memory,
        }
        .unwrap_or(Threshold::DEFAULT)
    }
}

/// The scope that an `enter` command of this section opens.
pub(super) fn scope(command: &Command) -> Option<Scope> {
    Some(match command {
        Command::EnterCallHome => Scope::CallHome,
        Command::EnterCallHomeEnvironment => Scope::AlertGroupEnvironment,
        Command::EnterCallHomeSnapshot => Scope::AlertGroupSnapshot,
        Command::EnterCallHomeProfile(c) => Scope::Profile(c.profile.shared()),
        _ => return None,
    })
}

/// The commands of this section and of its sub-modes.
pub(super) fn apply(
    config: &mut RunningConfig,
    scope: &Scope,
    command: &Command,
) -> Result<Notices, Refusal> {
    if let Scope::Profile(name) = scope
        && profile::is_of_a_profile(command)
    {
        return profile::apply(config, name, command);
    }
    let decided = match command {
        Command::ReportingAnonymous(c) => match c.prompt {
            None => return Ok(anonymous::enable(config)),
            Some(left) => Some(AnonymousReporting::Postponed(left)),
        },
        Command::NoReportingAnonymous => Some(AnonymousReporting::Refused),
        _ => None,
    };
    if let Some(decided) = decided {
        anonymous::decide(config, decided);
        return Ok(Notices::new());
    }
    let call_home = Arc::make_mut(&mut config.call_home);
    match command {
        Command::ServiceCallHome => {
            let mut notices = Notices::new();
            if !call_home.service && !call_home.vendor_permit {
                notices.push(vendor_denied());
            }
            let was_on = std::mem::replace(&mut call_home.service, true);
            if !was_on {
                notices.extend(call_home.nameless_registration());
            }
            return Ok(notices);
        }
        Command::NoServiceCallHome => call_home.service = false,
        Command::VendorPermit => call_home.vendor_permit = true,
        Command::NoVendorPermit => call_home.vendor_permit = false,
        Command::NoCallHome => {
            let CallHome {
                service,
                vendor_permit,
                ..
            } = *call_home;
            *call_home = CallHome {
                service,
                vendor_permit,
                ..CallHome::default()
            };
        }
        Command::AlertGroup(c) | Command::DefaultAlertGroup(c) => match c.group {
            GroupOrAll::All => call_home.disabled_groups.clear(),
            GroupOrAll::One(group) => drop(call_home.disabled_groups.remove(&group)),
        },
        Command::NoAlertGroup(c) => match c.group {
            GroupOrAll::All => call_home.disabled_groups.extend(AlertGroup::ALL),
            GroupOrAll::One(group) => drop(call_home.disabled_groups.insert(group)),
        },
        Command::Contact(c) => call_home.contact = Some(c.text.shared()),
        Command::NoContact(_) => call_home.contact = None,
        Command::ContactName(c) => call_home.contact_name = Some(c.text.shared()),
        Command::NoContactName(_) => call_home.contact_name = None,
        Command::ContactEmailAddr(c) => call_home.contact_email_addr = Some(c.address.shared()),
        Command::NoContactEmailAddr(_) => call_home.contact_email_addr = None,
        Command::PhoneNumber(c) => {
            if !is_phone_number(&c.text.shared()) {
                return Err(Refusal::NotAllowed {
                    why: "A phone number has digits, blanks, hyphens, dots, parentheses and a leading +",
                });
            }
            call_home.phone_number = Some(c.text.shared());
        }
        Command::NoPhoneNumber(_) => call_home.phone_number = None,
        Command::StreetAddress(c) => call_home.street_address = Some(c.text.shared()),
        Command::NoStreetAddress(_) => call_home.street_address = None,
        Command::CustomerId(c) => call_home.customer_id = Some(c.text.shared()),
        Command::NoCustomerId(_) => call_home.customer_id = None,
        Command::SiteId(c) => call_home.site_id = Some(c.text.shared()),
        Command::NoSiteId(_) => call_home.site_id = None,
        Command::ContractId(c) => call_home.contract_id = Some(c.text.shared()),
        Command::NoContractId(_) => call_home.contract_id = None,
        Command::SenderFrom(c) => call_home.sender_from = Some(c.address.shared()),
        Command::NoSenderFrom(_) => call_home.sender_from = None,
        Command::SenderReplyTo(c) => call_home.sender_reply_to = Some(c.address.shared()),
        Command::NoSenderReplyTo(_) => call_home.sender_reply_to = None,
        Command::CallHomeRateLimit(c) => call_home.rate_limit = Some(c.messages),
        Command::NoCallHomeRateLimit(_) | Command::DefaultCallHomeRateLimit(_) => {
            call_home.rate_limit = None
        }
        Command::HttpProxy(c) => {
            call_home.http_proxy = Some(HttpProxy {
                host: c.host.clone(),
                port: c.port,
            })
        }
        Command::NoHttpProxy(_) => call_home.http_proxy = None,
        Command::MailServer(c) => call_home.set_mail_server(MailServer {
            host: c.host.clone(),
            priority: c.priority,
            secure: c.secure,
            port: c.port,
            login: c
                .username
                .clone()
                .zip(c.password.clone())
                .map(|(username, password)| MailLogin { username, password }),
        })?,
        Command::NoMailServer(c) => call_home.remove_mail_server(c.host.as_ref())?,
        Command::NoCallHomeEnvironment => call_home.environment = Environment::default(),
        Command::Threshold(c) => *call_home.environment.entry(c.metric) = Some(c.percent),
        Command::NoThreshold(c) | Command::DefaultThreshold(c) => {
            *call_home.environment.entry(c.metric) = None
        }
        Command::NoCallHomeSnapshot => call_home.snapshot_commands.clear(),
        Command::AddCommand(c) => call_home.add_command(c.command.shared())?,
        Command::NoAddCommand(c) | Command::DefaultAddCommand(c) => {
            call_home.remove_command(c.command.as_str())?
        }
        Command::EnterCallHomeProfile(c) => call_home.open_profile(&c.profile.shared())?,
        Command::NoCallHomeProfile(c) => return call_home.remove_profile(c.profile.as_ref()),
        Command::CopyProfile(c) => call_home.copy_profile(&c.profile, c.new_name.shared())?,
        Command::RenameProfile(c) => call_home.rename_profile(&c.profile, c.new_name.shared())?,
        // Entering the block and its two alert groups changes nothing; they are always there.
        other => return Ok(call_home.ios.apply(other)),
    }
    Ok(Notices::new())
}

/// What is said where something may be meant for the vendor and will not go there (D19).
fn vendor_denied() -> Notice {
    Notice::Info("Messages for the vendor's own destinations are dropped until \"call-home vendor permit\" is configured.".into())
}

impl CallHome {
    /// What is said where the device registers with the predefined profile and has not been told whose it is (D199).
    fn nameless_registration(&self) -> Option<Notice> {
        let is_active = |profile: &Arc<Profile>| profile.is_active();
        let registers = self.service && self.profile(CISCO_TAC_1).is_some_and(is_active);
        (registers && self.contact_email_addr.is_none()).then(|| {
            Notice::Info(
                "Registration waits for a contact e-mail address; configure \"contact-email-addr\" in call-home mode."
                    .into(),
            )
        })
    }

    fn add_command(&mut self, command: Arc<str>) -> Result<(), Refusal> {
        if self.snapshot_commands.contains(&command) {
            return Ok(());
        }
        if let Err(fault) = read_only::check(&command) {
            return Err(Refusal::NotAllowed { why: fault.why() });
        }
        if self.snapshot_commands.len() >= Self::MOST_SNAPSHOT_COMMANDS {
            return Err(Refusal::Limit {
                kind: Kind::Command,
                most: Self::MOST_SNAPSHOT_COMMANDS,
            });
        }
        self.snapshot_commands.push(command);
        Ok(())
    }

    fn remove_command(&mut self, command: &str) -> Result<(), Refusal> {
        if self
            .snapshot_commands
            .iter()
            .all(|other| &**other != command)
        {
            return Err(Refusal::NotDefined {
                kind: Kind::Command,
                name: command.into(),
            });
        }
        self.snapshot_commands.retain(|other| &**other != command);
        Ok(())
    }

    /// The two switches that stand before the block, and the block.
    pub(super) fn lines(&self, out: &mut Lines) {
        match self.service {
            true => out.line(0, format_args!("service call-home")),
            false if out.is_all() => out.line(0, format_args!("no service call-home")),
            false => {}
        }
        if self.vendor_permit {
            out.line(0, format_args!("call-home vendor permit"));
        }
        out.line(0, format_args!("call-home"));
        self.contact_lines(out);
        self.sending_lines(out);
        for group in AlertGroup::ALL {
            match self.is_enabled(group) {
                false => out.line(1, format_args!("no alert-group {}", group.keyword())),
                true if out.is_all() => {
                    out.line(1, format_args!("alert-group {}", group.keyword()))
                }
                true => {}
            }
        }
        self.environment.lines(out);
        if !self.snapshot_commands.is_empty() {
            out.line(1, format_args!("alert-group-config snapshot"));
        }
        for command in &self.snapshot_commands {
            out.line(2, format_args!("add-command {}", Quoted(command)));
        }
        for (name, profile) in &self.profiles {
            profile.lines(name, out);
        }
    }

    fn contact_lines(&self, out: &mut Lines) {
        let contact = [
            ("contact", &self.contact),
            ("contact-name", &self.contact_name),
            ("contact-email-addr", &self.contact_email_addr),
            ("phone-number", &self.phone_number),
            ("street-address", &self.street_address),
            ("customer-id", &self.customer_id),
            ("site-id", &self.site_id),
            ("contract-id", &self.contract_id),
        ];
        for (keyword, text) in contact {
            if let Some(text) = text {
                out.line(1, format_args!("{keyword} {}", Quoted(text)));
            }
        }
    }

    fn sending_lines(&self, out: &mut Lines) {
        self.mail_server_lines(out);
        if let Some(address) = &self.sender_from {
            out.line(1, format_args!("sender from {address}"));
        }
        if let Some(address) = &self.sender_reply_to {
            out.line(1, format_args!("sender reply-to {address}"));
        }
        if self.rate_limit.is_some() || out.is_all() {
            out.line(1, format_args!("rate-limit {}", self.rate_limit()));
        }
        if let Some(HttpProxy { host, port }) = &self.http_proxy {
            out.line(1, format_args!("http-proxy {host} port {port}"));
        }
        self.ios.lines(out);
    }
}

impl Environment {
    fn entry(&mut self, metric: Metric) -> &mut Option<Threshold> {
        match metric {
            Metric::Cpu => &mut self.cpu,
            Metric::Memory => &mut self.memory,
        }
    }

    fn lines(&self, out: &mut Lines) {
        let shown = |configured: Option<Threshold>| configured.is_some() || out.is_all();
        let (cpu, memory) = (shown(self.cpu), shown(self.memory));
        if cpu || memory {
            out.line(1, format_args!("alert-group-config environment"));
        }
        for (metric, shown) in [(Metric::Cpu, cpu), (Metric::Memory, memory)] {
            if shown {
                out.line(
                    2,
                    format_args!("threshold {} {}", metric.keyword(), self.threshold(metric)),
                );
            }
        }
    }
}

/// Digits at least; IOS wants a leading `+`, ASA examples have none.
fn is_phone_number(text: &str) -> bool {
    let rest = text.strip_prefix('+').unwrap_or(text);
    let is_filler = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')');
    rest.contains(|c: char| c.is_ascii_digit())
        && rest.chars().all(|c| c.is_ascii_digit() || is_filler(c))
}
