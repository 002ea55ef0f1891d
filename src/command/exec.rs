//! EXEC commands and those that speak of the Session itself.

use std::net::IpAddr;
use std::sync::Arc;

use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShowClock {
    #[serde(default)]
    pub detail: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShowRunningConfig {
    #[serde(default)]
    pub all: bool,
    pub section: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShowStartupConfig {
    #[serde(default)]
    pub errors: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShowMemory {
    #[serde(default)]
    pub detail: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShowInterface {
    /// As the host calls it, or a `nameif`.
    pub name: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShowPerfmon {
    #[serde(default)]
    pub detail: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShowFailover {
    /// There is nothing that it would leave out.
    #[serde(default)]
    pub state: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShowTechSupport {
    #[serde(default)]
    pub no_config: bool,
}

/// `show call-home registered-module status`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShowRegisteredModules {
    #[serde(default)]
    pub all: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShowLoggingLast {
    pub lines: u32,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WriteMemory {
    /// The optional keyword; it changes nothing.
    #[serde(default)]
    pub memory: bool,
}

/// `logging savelog`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingSavelog {
    pub file: Option<Arc<str>>,
}

/// `disk0:NAME`, as typed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DiskFile {
    pub file: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Dir {
    /// The only folder there is; saying it changes nothing.
    #[serde(default, rename = "disk0:")]
    pub disk0: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShowLoggingMessage {
    pub message: Option<u32>,
    #[serde(default)]
    pub all: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClearConfigure {
    pub section: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClearLogging {
    /// The only thing there is to clear; saying it changes nothing.
    #[serde(default)]
    pub buffer: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SendLog {
    pub severity: Option<u8>,
    pub facility: Option<Arc<str>>,
    pub mnemonics: Option<Arc<str>>,
    pub text: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PingTcp {
    /// A `nameif`.
    pub interface: Option<Arc<str>>,
    pub host: Arc<str>,
    pub port: u16,
    /// Tries.
    pub repeat: Option<u16>,
    /// Seconds.
    pub timeout: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShowLoggingDiscriminator {
    pub name: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TestLoggingDiscriminator {
    pub name: Arc<str>,
    /// The peer that the message is taken to come from.
    pub from: Option<IpAddr>,
    pub text: Arc<str>,
}

/// `test logging discriminator NAME buffer`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TestLoggingDiscriminatorBuffer {
    pub name: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Enable {
    pub level: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TerminalPager {
    /// The optional keyword; it changes nothing.
    #[serde(default)]
    pub lines: bool,
    pub length: u32,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TerminalWidth {
    pub width: u16,
}
