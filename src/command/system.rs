//! Commands that name the device and its users.

use std::net::IpAddr;
use std::sync::Arc;

use serde::Deserialize;

use super::logging_mail::{NoSmtpServer, SmtpServer};

/// Every command of this section; a negative form is a variant of its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Command {
    Hostname(Hostname),
    NoHostname(NoHostname),
    DefaultHostname(NoHostname),
    Prompt(Prompt),
    NoPrompt,
    EnablePassword(Password),
    NoEnablePassword,
    Username(Username),
    NoUsername(NoUsername),
    Pager(Pager),
    NoPager,
    DefaultPager,
    Names,
    NoNames,
    Name(Name),
    NoName(NoName),
    SmtpServer(SmtpServer),
    NoSmtpServer(NoSmtpServer),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Hostname {
    pub hostname: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoHostname {
    pub hostname: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Prompt {
    #[serde(default)]
    pub hostname: bool,
    #[serde(default)]
    pub context: bool,
    #[serde(default)]
    pub domain: bool,
    #[serde(default)]
    pub slot: bool,
    #[serde(default)]
    pub state: bool,
    #[serde(default)]
    pub priority: bool,
    #[serde(default)]
    pub cluster_unit: bool,
}

/// `enable password`. A clear text is sealed by the exec room before the command is applied.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Password {
    pub password: Arc<str>,
    #[serde(default)]
    pub encrypted: bool,
    #[serde(default)]
    pub pbkdf2: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Username {
    pub name: Arc<str>,
    pub password: Arc<str>,
    #[serde(default)]
    pub encrypted: bool,
    #[serde(default)]
    pub pbkdf2: bool,
    pub privilege: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoUsername {
    pub name: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pager {
    /// The optional keyword; it changes nothing.
    #[serde(default)]
    pub lines: bool,
    pub length: u32,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Name {
    pub address: IpAddr,
    pub name: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoName {
    pub address: IpAddr,
    pub name: Option<Arc<str>>,
}
