//! The `logging` commands and the services that shape log lines.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, de};

use super::logging_filters::{
    LevelOrList, LoggingBufferedXml, LoggingClass, LoggingList, LoggingMessage,
    LoggingRateLimitMessages, NoLoggingList, NoSize, Size,
};
pub use super::logging_host::{
    BeepTls, HostFormat, LoggingHost, LoggingHostInterface, Output, Protocol, Secure, SessionId,
    Transport,
};
use super::logging_mail::{FromAddress, NoFromAddress, RecipientAddress};
use super::shared;
use crate::message::Severity;

/// Every command of this section; a negative form is a variant of its own.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Command {
    LoggingOn,
    NoLoggingOn,
    DefaultLoggingOn,
    LoggingEnable,
    NoLoggingEnable,
    LoggingDiscriminator(LoggingDiscriminator),
    NoLoggingDiscriminator(NoLoggingDiscriminator),
    LoggingInput(LoggingInput),
    NoLoggingInput(LoggingInput),
    LoggingStream(LoggingStream),
    NoLoggingStream(NoLoggingStream),
    LoggingFilter(LoggingFilter),
    NoLoggingFilter(NoLoggingFilter),
    LoggingInputUnix(LoggingInputPath),
    NoLoggingInputUnix(LoggingInputPath),
    LoggingInputFile(LoggingInputPath),
    NoLoggingInputFile(LoggingInputPath),
    LoggingInputJournal,
    NoLoggingInputJournal,
    LoggingList(LoggingList),
    NoLoggingList(NoLoggingList),
    LoggingClass(LoggingClass),
    NoLoggingClass(LoggingClass),
    LoggingMessage(LoggingMessage),
    NoLoggingMessage(LoggingMessage),
    LoggingBuffered(LoggingBuffered),
    NoLoggingBuffered(LoggingBuffered),
    DefaultLoggingBuffered(LoggingBuffered),
    LoggingBufferedXml(LoggingBufferedXml),
    NoLoggingBufferedXml(LoggingBufferedXml),
    DefaultLoggingBufferedXml(LoggingBufferedXml),
    LoggingBufferSize(Size),
    NoLoggingBufferSize(NoSize),
    LoggingCount,
    NoLoggingCount,
    LoggingMail(LevelOrList),
    NoLoggingMail(LevelOrList),
    LoggingFromAddress(FromAddress),
    NoLoggingFromAddress(NoFromAddress),
    LoggingRecipientAddress(RecipientAddress),
    NoLoggingRecipientAddress(RecipientAddress),
    LoggingHistory(LevelOrList),
    NoLoggingHistory(LevelOrList),
    DefaultLoggingHistory(LevelOrList),
    LoggingHistorySize(Size),
    NoLoggingHistorySize(NoSize),
    DefaultLoggingHistorySize(NoSize),
    LoggingConsole(LoggingLocal),
    NoLoggingConsole(LoggingLocal),
    DefaultLoggingConsole(LoggingLocal),
    LoggingConsoleGuaranteed,
    NoLoggingConsoleGuaranteed,
    LoggingMonitor(LoggingLocal),
    NoLoggingMonitor(LoggingLocal),
    DefaultLoggingMonitor(LoggingLocal),
    LoggingTrap(LoggingTrap),
    NoLoggingTrap,
    DefaultLoggingTrap,
    LoggingFacility(LoggingFacility),
    NoLoggingFacility(NoLoggingFacility),
    DefaultLoggingFacility(NoLoggingFacility),
    LoggingMessageCounter,
    NoLoggingMessageCounter,
    DefaultLoggingMessageCounter,
    LoggingMessageCounterDebug,
    NoLoggingMessageCounterDebug,
    LoggingMessageCounterLog,
    NoLoggingMessageCounterLog,
    LoggingOriginId(LoggingOriginId),
    NoLoggingOriginId,
    LoggingOriginIdSender,
    NoLoggingOriginIdSender,
    LoggingUserinfo,
    NoLoggingUserinfo,
    LoggingPermitHostdown,
    NoLoggingPermitHostdown,
    LoggingInputSilence(LoggingInputSilence),
    NoLoggingInputSilence(NoLoggingInputSilence),
    LoggingRateLimit(LoggingRateLimit),
    NoLoggingRateLimit,
    LoggingRateLimitConsole(LoggingRateLimit),
    NoLoggingRateLimitConsole,
    LoggingRateLimitMessages(LoggingRateLimitMessages),
    NoLoggingRateLimitMessages(LoggingRateLimitMessages),
    LoggingQueueLimit(LoggingQueueLimit),
    NoLoggingQueueLimit,
    LoggingQueueLimitTrap(Size),
    NoLoggingQueueLimitTrap(NoSize),
    LoggingQueue(Size),
    NoLoggingQueue(NoSize),
    LoggingHost(LoggingHost),
    NoLoggingHost(LoggingHost),
    LoggingHostInterface(LoggingHostInterface),
    NoLoggingHostInterface(LoggingHostInterface),
    LoggingAddress(LoggingHost),
    NoLoggingAddress(LoggingHost),
    ServiceTimestampsLog(ServiceTimestamps),
    NoServiceTimestampsLog,
    DefaultServiceTimestampsLog,
    ServiceTimestampsDebug(ServiceTimestamps),
    NoServiceTimestampsDebug,
    DefaultServiceTimestampsDebug,
    ServiceSequenceNumbers,
    NoServiceSequenceNumbers,
}

/// A severity by keyword or number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level(pub Severity);

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Severity::from_keyword(&text)
            .map(Self)
            .ok_or_else(|| de::Error::custom("a severity"))
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingDiscriminator {
    #[serde(deserialize_with = "shared")]
    pub name: Arc<str>,
    pub facility: Option<Criterion>,
    pub mnemonics: Option<Criterion>,
    pub msg_body: Option<Criterion>,
    pub severity: Option<SeverityCriterion>,
    pub sender: Option<Criterion>,
    pub duplicates: Option<u16>,
    pub flapping: Option<u16>,
    /// Behind `flapping` alone.
    pub within: Option<u16>,
    pub rate_limit: Option<u16>,
    /// Behind `rate-limit` alone.
    pub except: Option<Level>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Criterion {
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    Drops {
        #[serde(deserialize_with = "shared")]
        pattern: Arc<str>,
    },
    Includes {
        #[serde(deserialize_with = "shared")]
        pattern: Arc<str>,
    },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SeverityCriterion {
    pub action: SeverityAction,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SeverityAction {
    Drops {
        #[serde(deserialize_with = "shared")]
        severities: Arc<str>,
    },
    Includes {
        #[serde(deserialize_with = "shared")]
        severities: Arc<str>,
    },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoLoggingDiscriminator {
    pub name: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingInput {
    pub transport: InputTransport,
    /// All local addresses.
    #[serde(default)]
    pub any: bool,
    pub address: Option<IpAddr>,
    pub port: Option<u16>,
    pub from: Option<Ipv4Addr>,
    pub mask: Option<Ipv4Addr>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingInputPath {
    pub path: Arc<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputTransport {
    Udp,
    Tcp,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingStream {
    pub stream: u16,
    pub discriminator: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoLoggingStream {
    pub stream: u16,
    pub discriminator: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingFilter {
    pub url: Arc<str>,
    /// From 1.
    pub position: Option<u16>,
    pub args: Option<Arc<str>>,
}

/// Position and arguments may stand there and change nothing.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoLoggingFilter {
    pub url: Arc<str>,
    pub position: Option<u16>,
    pub args: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingBuffered {
    pub discriminator: Option<Arc<str>>,
    #[serde(default)]
    pub filtered: bool,
    pub size: Option<u32>,
    pub level: Option<Level>,
    pub list: Option<Arc<str>>,
}

/// `logging console` and `logging monitor`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingLocal {
    pub discriminator: Option<Arc<str>>,
    #[serde(default)]
    pub filtered: bool,
    #[serde(default)]
    pub xml: bool,
    pub level: Option<Level>,
    pub list: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingTrap {
    pub level: Option<Level>,
    pub list: Option<Arc<str>>,
    pub format: Option<SyslogFormat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub enum SyslogFormat {
    #[serde(rename = "rfc5424")]
    Rfc5424,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingFacility {
    pub facility: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoLoggingFacility {
    pub facility: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingOriginId {
    pub origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Origin {
    Hostname,
    Ip,
    Ipv6,
    String { text: Arc<str> },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingRateLimit {
    #[serde(default)]
    pub all: bool,
    pub limit: u16,
    pub except: Option<Level>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingInputSilence {
    pub minutes: u16,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoLoggingInputSilence {
    pub minutes: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LoggingQueueLimit {
    pub limit: u32,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ServiceTimestamps {
    pub style: Option<TimestampStyle>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum TimestampStyle {
    Uptime,
    Datetime {
        #[serde(default)]
        msec: bool,
        #[serde(default)]
        localtime: bool,
        #[serde(default)]
        show_timezone: bool,
        #[serde(default)]
        year: bool,
    },
}
