//! What the device calls itself and who may use it: `hostname`, `enable password`, `pager`, `prompt`, `names`, `username`.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use super::RunningConfig;
use super::call_home::AnonymousReporting;
use super::logging_mail::SmtpServers;
use super::refusal::{Kind, Notice, Notices, Refusal};
use super::render::Lines;
use crate::command::system::{self as typed, Command};

/// The device-wide settings before and after the engines' sections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct System {
    pub hostname: Option<Arc<str>>,
    pub enable_password: Option<Password>,
    /// Lines of a page, 0 for none.
    pub pager: Option<u32>,
    /// `names`: addresses are known by the names of `name`.
    pub names_on: bool,
    pub names: Arc<BTreeMap<IpAddr, Arc<str>>>,
    /// `call-home reporting anonymous` in its three forms.
    pub anonymous: AnonymousReporting,
    /// The words of `prompt`, where they are others than `hostname context`.
    pub prompt: Option<Arc<str>>,
    pub smtp_servers: Option<SmtpServers>,
}

impl System {
    const HOSTNAME: &str = "ciscoasa";

    /// `ciscoasa` unless configured.
    pub fn hostname(&self) -> &str {
        self.hostname.as_deref().unwrap_or(Self::HOSTNAME)
    }

    pub fn pager_lines(&self) -> u32 {
        self.pager.unwrap_or(24)
    }
}

/// A secret as the configuration holds and shows it: `$9$salt$hash`, or a form of another device that is kept and
/// matches nothing (D25). Never the clear text: the exec room seals before it applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(pub Arc<str>);

/// A sealed password and the keyword it is printed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Password {
    pub sealed: Sealed,
    /// `pbkdf2`, an ASA's own form, instead of `encrypted`.
    pub is_pbkdf2: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub password: Password,
    /// 0 to 15; 2 when not configured.
    pub privilege: Option<u8>,
}

/// The commands of this file.
pub(super) fn apply(config: &mut RunningConfig, command: &Command) -> Result<Notices, Refusal> {
    match command {
        Command::Hostname(c) => {
            if !is_hostname(&c.hostname) {
                return Err(Refusal::NotAllowed {
                    why: "% Invalid Hostname",
                });
            }
            // Always printed, so there is no difference between saying the default and saying nothing (D24).
            config.system_mut().hostname =
                Some(c.hostname.clone()).filter(|name| &**name != System::HOSTNAME);
        }
        Command::NoHostname(_) | Command::DefaultHostname(_) => config.system_mut().hostname = None,
        Command::Prompt(c) => config.system_mut().prompt = prompt(c)?,
        Command::NoPrompt => config.system_mut().prompt = None,
        Command::EnablePassword(c) => {
            config.system_mut().enable_password = Some(Password::given(&c.password, c.pbkdf2));
            return Ok(foreign(&c.password));
        }
        Command::NoEnablePassword => config.system_mut().enable_password = None,
        Command::Username(c) => {
            let user = User {
                password: Password::given(&c.password, c.pbkdf2),
                privilege: c.privilege,
            };
            Arc::make_mut(&mut config.users).insert(c.name.clone(), Arc::new(user));
            return Ok(foreign(&c.password));
        }
        Command::NoUsername(c) => {
            if !config.users.contains_key(&c.name) {
                return Err(Refusal::NotDefined {
                    kind: Kind::User,
                    name: c.name.clone(),
                });
            }
            Arc::make_mut(&mut config.users).remove(&c.name);
        }
        Command::Pager(c) => config.system_mut().pager = Some(c.length),
        Command::NoPager => config.system_mut().pager = Some(0),
        Command::DefaultPager => config.system_mut().pager = None,
        Command::Names => config.system_mut().names_on = true,
        Command::NoNames => config.system_mut().names_on = false,
        Command::Name(c) => {
            Arc::make_mut(&mut config.system_mut().names).insert(c.address, c.name.clone());
        }
        Command::NoName(c) => {
            let known = config.system.names.get(&c.address);
            if known.is_none_or(|known| c.name.as_ref().is_some_and(|name| name != known)) {
                return Err(Refusal::NotDefined {
                    kind: Kind::Name,
                    name: c.address.to_string().into(),
                });
            }
            Arc::make_mut(&mut config.system_mut().names).remove(&c.address);
        }
        Command::SmtpServer(c) => config.system_mut().smtp_servers = Some(SmtpServers::new(c)),
        Command::NoSmtpServer(c) => {
            let known = config.system.smtp_servers.as_ref();
            if let Some(name) = SmtpServers::stranger(known, c) {
                return Err(Refusal::NotDefined {
                    kind: Kind::MailServer,
                    name,
                });
            }
            config.system_mut().smtp_servers = None;
        }
    }
    Ok(Notices::new())
}

/// The words of a prompt in the device's order; `hostname context` is what is printed anyway. A device of one context that is
/// no member of anything has nothing to show for the others, and its name is shown in any case (D24).
fn prompt(c: &typed::Prompt) -> Result<Option<Arc<str>>, Refusal> {
    let words = [
        ("hostname", c.hostname),
        ("context", c.context),
        ("domain", c.domain),
        ("slot", c.slot),
        ("state", c.state),
        ("priority", c.priority),
        ("cluster-unit", c.cluster_unit),
    ];
    let said: Vec<&str> = words
        .into_iter()
        .filter(|(_, said)| *said)
        .map(|(word, _)| word)
        .collect();
    match said.join(" ").as_str() {
        "" => Err(Refusal::Incomplete),
        "hostname context" => Ok(None),
        words => Ok(Some(words.into())),
    }
}

/// As the command's help says: letters, digits and inner hyphens, at most 63 (D24).
fn is_hostname(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// A warning for a password that another kind of device sealed: kept and shown, but nobody can give it (D25).
fn foreign(sealed: &str) -> Notices {
    if sealed.starts_with("$9$") {
        return Notices::new();
    }
    vec![Notice::Unusable]
}

impl Password {
    fn given(text: &Arc<str>, is_pbkdf2: bool) -> Self {
        Self {
            sealed: Sealed(text.clone()),
            is_pbkdf2,
        }
    }
}

impl fmt::Display for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}",
            self.sealed.0,
            if self.is_pbkdf2 {
                "pbkdf2"
            } else {
                "encrypted"
            }
        )
    }
}

impl System {
    /// What stands before the engines' sections.
    pub(super) fn head_lines(&self, out: &mut Lines) {
        out.line(0, format_args!("hostname {}", self.hostname()));
        if let Some(password) = &self.enable_password {
            out.line(0, format_args!("enable password {password}"));
        }
        match self.pager {
            Some(0) => out.line(0, format_args!("no pager")),
            Some(lines) => out.line(0, format_args!("pager lines {lines}")),
            None if out.is_all() => out.line(0, format_args!("pager lines {}", self.pager_lines())),
            None => {}
        }
        if self.names_on {
            out.line(0, format_args!("names"));
        }
        for (address, name) in self.names.iter() {
            out.line(0, format_args!("name {address} {name}"));
        }
    }

    /// What stands between the users and the call-home block, in the order that four public configurations agree on.
    pub(super) fn tail_lines(&self, out: &mut Lines) {
        // The device itself prints a blank behind it.
        match self.prompt.as_deref() {
            Some(prompt) => out.line(0, format_args!("prompt {prompt} ")),
            None => out.line(0, format_args!("prompt hostname context ")),
        }
        if let Some(servers) = &self.smtp_servers {
            out.line(0, format_args!("smtp-server {servers}"));
        }
        self.anonymous.lines(out);
    }
}

pub(super) fn user_lines(users: &BTreeMap<Arc<str>, Arc<User>>, out: &mut Lines) {
    for (name, user) in users {
        let password = &user.password;
        match user.privilege {
            Some(level) => out.line(
                0,
                format_args!("username {name} password {password} privilege {level}"),
            ),
            None => out.line(0, format_args!("username {name} password {password}")),
        }
    }
}
